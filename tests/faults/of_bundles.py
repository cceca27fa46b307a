"""Faults of the model bundle: what would change every answer."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from outcome import Outcome

from braintumor_desktop import paths
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.bundle import (
    DESCRIPTION_FILE,
    NETWORK_FILE,
    SEAL,
    read_bundle,
    read_signed_bundle,
    seal,
)
from braintumor_desktop.inference.bundle_signature import SIGNATURE_FILE, BundleTrust
from braintumor_desktop.text.signature_words import signed_by

Change = Callable[[Path, dict[str, Any]], None]


def _unsigned(folder: Path) -> Path:
    """A copy of the bundled model, as nobody has signed it."""
    ignore = shutil.ignore_patterns(SIGNATURE_FILE)
    return Path(shutil.copytree(paths.model_bundle(), folder / "bundle", ignore=ignore))


def changed(change: Change, *, sealed: bool = False) -> Callable[[Path], Iterator[Outcome]]:
    """Load a bundle with a changed description or network; `sealed` with a seal of its own."""

    def inject(folder: Path) -> Iterator[Outcome]:
        bundle = _unsigned(folder)
        before = dataclasses.asdict(read_bundle(bundle)[0])
        values = json.loads((bundle / DESCRIPTION_FILE).read_text("utf-8"))
        change(bundle, values)
        if sealed:
            values[SEAL] = seal(values)
        (bundle / DESCRIPTION_FILE).write_text(json.dumps(values), encoding="utf-8")
        try:
            after = dataclasses.asdict(read_bundle(bundle)[0])
        except BraintumorError as error:
            yield Outcome("refused", str(error))
            return
        yield Outcome("as before" if after == before else "silent")

    return inject


def _exchange(bundle: Path, values: dict[str, Any]) -> None:
    values["classes"] = [*values["classes"][1:], values["classes"][0]]


def _set(name: str, value: object) -> Change:
    def change(bundle: Path, values: dict[str, Any]) -> None:
        values[name] = value

    return change


def _flip(bundle: Path, values: dict[str, Any]) -> None:
    network = bytearray((bundle / NETWORK_FILE).read_bytes())
    network[len(network) // 2] ^= 1
    (bundle / NETWORK_FILE).write_bytes(network)


def pipe(folder: Path) -> Iterator[Outcome]:
    """`model.json` is a pipe that nobody writes into."""
    if not hasattr(os, "mkfifo"):
        return
    bundle = _unsigned(folder)
    (bundle / DESCRIPTION_FILE).unlink()
    os.mkfifo(bundle / DESCRIPTION_FILE)
    try:
        read_bundle(bundle)
    except BraintumorError as error:
        yield Outcome("refused", str(error))
    else:
        yield Outcome("silent")


def signed(change: Callable[[Path], None]) -> Callable[[Path], Iterator[Outcome]]:
    """Load a signed bundle that was changed since, or whose signature was."""

    def inject(folder: Path) -> Iterator[Outcome]:
        bundle = Path(shutil.copytree(paths.model_bundle(), folder / "bundle"))
        change(bundle)
        try:
            whose = read_signed_bundle(bundle, BundleTrust.installed()).signature
        except BraintumorError as error:
            yield Outcome("refused", str(error))
        else:
            said = signed_by(dataclasses.replace(whose, key_id="…"))
            yield Outcome("silent" if whose.signer else "caution", said)

    return inject


def _temperature(bundle: Path) -> None:
    values = json.loads((bundle / DESCRIPTION_FILE).read_text("utf-8")) | {"temperature": 1.9}
    text = json.dumps(values | {SEAL: seal(values)})
    (bundle / DESCRIPTION_FILE).write_text(text, encoding="utf-8")


def _signature(bundle: Path) -> None:
    lines = (bundle / SIGNATURE_FILE).read_bytes().split(b"\n")
    lines[1] = lines[1][:60] + (b"A" if lines[1][60:61] != b"A" else b"B") + lines[1][61:]
    (bundle / SIGNATURE_FILE).write_bytes(b"\n".join(lines))


def _foreign(bundle: Path) -> None:
    import minisign

    signature = minisign.KeyPair.generate().secret_key.sign(
        (bundle / DESCRIPTION_FILE).read_bytes()
    )
    (bundle / SIGNATURE_FILE).write_bytes(bytes(signature))


def network(spoil: Callable[[Any, Any], None]) -> Callable[[Path], Iterator[Outcome]]:
    """The network has a part that it should not have, and the description is sealed over it."""

    def change(bundle: Path, values: dict[str, Any]) -> None:
        import onnx

        model = onnx.load(bundle / NETWORK_FILE)
        spoil(onnx, model)
        (bundle / NETWORK_FILE).write_bytes(model.SerializeToString())
        values["sha256"] = hashlib.sha256((bundle / NETWORK_FILE).read_bytes()).hexdigest()

    def inject(folder: Path) -> Iterator[Outcome]:
        if importlib.util.find_spec("onnx"):
            yield from changed(change, sealed=True)(folder)

    return inject


def _outside(onnx: Any, model: Any) -> None:
    tensor = model.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")


def _loops(onnx: Any, model: Any) -> None:
    body = onnx.helper.make_graph([], "body", [], [])
    model.graph.node.append(onnx.helper.make_node("Loop", ["", ""], [], body=body))


FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    ("Bundle: classes in another order", changed(_exchange)),
    ("Bundle: the same, with a seal of its own", changed(_exchange, sealed=True)),
    ("Bundle: temperature 0.01, sealed", changed(_set("temperature", 0.01), sealed=True)),
    (
        "Bundle: no slice is unlike the training, sealed",
        changed(_set("unlike_threshold", 1e9), sealed=True),
    ),
    ("Bundle: a signed description changed, with a seal of its own", signed(_temperature)),
    ("Bundle: one letter of the signature", signed(_signature)),
    ("Bundle: signed by somebody else", signed(_foreign)),
    ("Bundle: another preprocessing, sealed", changed(_set("preprocessing", "0"), sealed=True)),
    ("Bundle: one bit of the network", changed(_flip)),
    ("Bundle: weights that lie in another file, sealed", network(_outside)),
    ("Bundle: a network that loops, sealed", network(_loops)),
    (
        "Bundle: a temperature too large for a float, sealed",
        changed(_set("temperature", 10**400), sealed=True),
    ),
    ("Bundle: the description is a pipe", pipe),
)
