"""The model bundle: `model.onnx` and the `model.json` that says what it is.

The bundle is data, not code: the network is read only after both files have been checked, and
nothing in it is ever unpickled.

Format 3, as `training.release.export` writes it with `named_network` and `write_description`.
`model.json` is a JSON object in UTF-8 with the fields of `BundleDescription`, and two more:

- `format`: 3.
- `bundle_sha256`: the SHA-256, in hex, of the object without this field, as JSON with sorted keys,
  without spaces and in ASCII. As `sha256` is that of `model.onnx`, it covers both files.

`model.onnx` says in its own metadata what its outputs mean: `classes` is the JSON list of the class
names in the order of its logits, `preprocessing` the version of `imaging.prepare`. Both must be
what `model.json` says. It holds all its data itself, and no loop, condition or function.

`model.json.minisig` may stand beside them: whose the bundle is (`bundle_signature`).
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.imaging import prepare
from braintumor_desktop.inference.bundle_signature import (
    MOST_SIGNATURE_BYTES,
    SIGNATURE_FILE,
    BundleTrust,
    Signature,
    check_signature,
)
from braintumor_desktop.inference.onnx_file import metadata, with_metadata
from braintumor_desktop.versions import answering_key

FORMAT = 3
NETWORK_FILE = "model.onnx"
DESCRIPTION_FILE = "model.json"
SEAL = "bundle_sha256"

MOST_BYTES = {
    NETWORK_FILE: 512 * 2**20,
    DESCRIPTION_FILE: 4 * 2**20,
    SIGNATURE_FILE: MOST_SIGNATURE_BYTES,
}

# Outside these a number is a slip or a forgery: with a temperature of 0.01 every answer is certain,
# with a threshold of 1 every class but the first is excluded, and with an endless distance
# everything is like the training data.
TEMPERATURES = (0.1, 10.0)
SET_THRESHOLDS = (0.0, 0.95)
UNLIKE_THRESHOLDS = (0.5, 50.0)
TUMOUR_FROM = (0.0, 1.0)
INPUT_SIZES = (16, 1024)
MOST_CLASSES = 32


@dataclass(frozen=True)
class BundleDescription:
    """What `model.json` says.

    `classes` are in the order of the network's outputs, `input_size` is the side of the prepared
    slice in pixels, `preprocessing` the version of `imaging.prepare` that it was trained with,
    `sha256` that of `model.onnx` in hex. The logits are divided by `temperature` before they become
    probabilities; a class cannot be excluded from its entry in `set_thresholds` upwards; a
    tumour cannot be where all types together have `tumour_from`, and below it all can (with 1 the
    entries alone count); a slice whose distance exceeds `unlike_threshold` is unlike the training
    data.
    On the sequences `abstain_on` it does not hold, so that it says nothing of them. `series_rule`
    has the fields of `series.SeriesRule`, or nothing where it was not measured on volumes.
    `training_data` holds what it saw (counts and a fingerprint), `metrics` what was measured.
    """

    name: str
    classes: tuple[str, ...]
    input_size: int
    preprocessing: str
    parameters: int
    sha256: str
    temperature: float
    set_thresholds: dict[str, float]
    unlike_threshold: float
    tumour_from: float = 1.0
    abstain_on: tuple[str, ...] = ()
    series_rule: dict[str, float] = field(default_factory=dict)
    training_data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """A SHA-256, in hex, over the network and all that decides what is said of its outputs."""
        deciding = {
            "classes": self.classes,
            "network": self.sha256,
            "preprocessing": self.preprocessing,
            "temperature": self.temperature,
            "thresholds": self.set_thresholds,
            "unlike": self.unlike_threshold,
        }
        if self.abstain_on:  # bundles that answer for every sequence keep their key
            deciding["abstain_on"] = self.abstain_on
        if self.tumour_from < 1:
            deciding["tumour_from"] = self.tumour_from
        return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()

    @property
    def answering_key(self) -> str:
        """What an answer depends on besides the file (`versions.answering_key`)."""
        return answering_key(self.fingerprint)


class Bundle(NamedTuple):
    """A checked bundle: what it is, the bytes of its network, and whose it is."""

    description: BundleDescription
    network: bytes
    signature: Signature


def named_network(network: bytes, classes: tuple[str, ...], preprocessing: str) -> bytes:
    """Return the bytes of a network with what its outputs mean in its metadata."""
    names = {"classes": json.dumps(classes), "preprocessing": preprocessing}
    return with_metadata(network, names)


def write_description(description: BundleDescription, folder: Path) -> None:
    """Write `model.json` into `folder`, sealed. The network stands there already, named.

    A signature that stands there is removed: it was over what stood there before.
    """
    (folder / SIGNATURE_FILE).unlink(missing_ok=True)
    values = asdict(description)
    text = json.dumps(values | {SEAL: seal(values)}, indent=2, ensure_ascii=False)
    (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def seal(values: dict[str, Any]) -> str:
    """Return the SHA-256, in hex, of a description's values but for the seal itself."""
    sealed = {name: value for name, value in values.items() if name != SEAL}
    text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_bundle(folder: Path) -> tuple[BundleDescription, bytes]:
    """Return the description and the checked bytes of the network in `folder`.

    Raises `ModelBundleError` as `read_signed_bundle`, by the trust that is installed.
    """
    return read_signed_bundle(folder, BundleTrust.installed())[:2]


def read_signed_bundle(folder: Path, trust: BundleTrust) -> Bundle:
    """Return what is in `folder`, checked, and whose it is.

    Raises
    ------
    ModelBundleError
        Where a file is missing, unreadable, too large or no regular file; the description is not
        one that this app understands, or was changed after it was written or signed; it is not
        signed by whom `trust` wants; the network was trained on another preprocessing than this
        app has; its SHA-256 is not the one in the description; or it says something else of its
        outputs than the description.

    """
    description, signature = read_description(folder, trust)
    if description.preprocessing != prepare.VERSION:
        raise ModelBundleError(
            "The model was trained on preprocessing {theirs}, but this app prepares slices by "
            "{ours}.",
            theirs=description.preprocessing,
            ours=prepare.VERSION,
        )
    network = _read_bytes(folder / NETWORK_FILE)
    if hashlib.sha256(network).hexdigest() != description.sha256:
        raise ModelBundleError(
            "{file} is damaged or was exchanged: its SHA-256 is not the one in {description}.",
            file=NETWORK_FILE,
            description=DESCRIPTION_FILE,
        )
    names = metadata(network)
    said = {"classes": json.dumps(description.classes), "preprocessing": description.preprocessing}
    if {name: names.get(name) for name in said} != said:
        raise ModelBundleError(
            "{file} says other class names or another preprocessing than {description}.",
            file=NETWORK_FILE,
            description=DESCRIPTION_FILE,
        )
    return Bundle(description, network, signature)


def read_description(folder: Path, trust: BundleTrust) -> tuple[BundleDescription, Signature]:
    """Return what `model.json` says, checked, and whose it is.

    Raises `ModelBundleError` as `read_signed_bundle`.
    """
    written = _read_bytes(folder / DESCRIPTION_FILE)
    beside = folder / SIGNATURE_FILE
    own = (lambda: _read_bytes(beside)) if os.path.lexists(beside) else None
    signature = check_signature(written, own, trust)
    try:
        values = json.loads(
            written,
            object_pairs_hook=_once,
            parse_constant=_no_number,
        )
        if values["format"] != FORMAT:
            raise ModelBundleError(
                "The model bundle has format {theirs}; this app reads format {ours}.",
                theirs=values["format"],
                ours=FORMAT,
            )
        if values[SEAL] != seal(values):
            raise ModelBundleError(
                "{file} was changed after it was written: its SHA-256 is not the one that it "
                "names.",
                file=DESCRIPTION_FILE,
            )
        values["classes"] = tuple(values["classes"])
        values["abstain_on"] = tuple(values.get("abstain_on", ()))
        known = {item.name for item in fields(BundleDescription)}
        description = BundleDescription(**{k: v for k, v in values.items() if k in known})
        sound = _sound(description)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelBundleError("{file} is damaged.", file=DESCRIPTION_FILE) from error
    if not sound:
        raise ModelBundleError(
            "{file} names no usable classes, input size, thresholds or figures.",
            file=DESCRIPTION_FILE,
        )
    return description, signature


def _sound(description: BundleDescription) -> bool:
    classes, thresholds = description.classes, description.set_thresholds
    return (
        all(
            isinstance(name, str) and 0 < len(name) <= 64 and name.isprintable() for name in classes
        )
        and 1 < len(set(classes)) == len(classes) <= MOST_CLASSES
        and NO_TUMOUR in classes
        and _within(description.input_size, INPUT_SIZES)
        and isinstance(description.input_size, int)
        and _within(description.temperature, TEMPERATURES)
        and thresholds.keys() == set(classes)
        and all(_within(share, SET_THRESHOLDS) for share in thresholds.values())
        and _within(description.unlike_threshold, UNLIKE_THRESHOLDS)
        and isinstance(description.parameters, int)
        and isinstance(description.name, str)
        and 0 < len(description.name) <= 200
        and all(isinstance(name, str) and name for name in description.abstain_on)
        and _sound_rule(description.series_rule)
        and _within(description.tumour_from, TUMOUR_FROM)
        and isinstance(description.metrics, dict)
        and isinstance(description.training_data, dict)
    )


def _sound_rule(rule: dict[str, float]) -> bool:
    if rule == {}:
        return True
    return (
        rule.keys() == {"suspicious_from", "threshold", "least_usable"}
        and _within(rule["suspicious_from"], (0.0, 1.0))
        and _within(rule["threshold"], (0.0, 1.0))
        and _within(rule["least_usable"], (1, 1000))
    )


def _within(value: object, limits: tuple[float, float]) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return limits[0] <= value <= limits[1]  # compared as it is: a whole number may fit no float


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object whose names all differ: of two values, readers take different ones."""
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a name stands twice")
    return values


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _read_bytes(path: Path) -> bytes:
    try:
        found = path.stat()  # before it is opened: a pipe would wait for its other end
        if not stat.S_ISREG(found.st_mode):
            raise ModelBundleError("{file} is no regular file.", file=path.name)
        if found.st_size > MOST_BYTES[path.name]:
            raise ModelBundleError("{file} is larger than a model can be.", file=path.name)
        return path.read_bytes()
    except OSError as error:
        raise ModelBundleError(
            "{file} is missing from the model bundle or cannot be read.", file=path.name
        ) from error
