"""`info`: what this installation is made of, and how it reads files."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from braintumor_desktop import __version__, paths, versions
from braintumor_desktop.cli.classify_command import printable
from braintumor_desktop.domain.image import FloatImage, MRISlice
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.file_bytes import read_bytes
from braintumor_desktop.imaging.read import decode_frames, stored_values
from braintumor_desktop.inference.bundle import read_signed_bundle
from braintumor_desktop.inference.bundle_signature import BundleTrust
from braintumor_desktop.sources.files import files_below
from braintumor_desktop.text import _
from braintumor_desktop.text.bidi import without_isolates
from braintumor_desktop.text.card_summary import summary
from braintumor_desktop.text.numbers import integer, significant
from braintumor_desktop.text.reading import plain_sentence, sentence
from braintumor_desktop.text.signature_words import signed_by


def run(named: Sequence[Path]) -> int:
    """Print the versions and the model, then how each file that `named` lead to is read.

    Returns how much failed: files that are refused, and 1 where there is no usable model.
    """
    print(f"braintumor-desktop {__version__}, Python {platform.python_version()}")
    print(", ".join(f"{name} {versions.version_of(name)}" for name in versions.SHOWN))
    failed = 0
    try:
        lines = list(_model())
    except BraintumorError as error:
        failed += 1
        lines = [_("Model: none. {reason}").format(reason=sentence(error))]
    for line in lines:
        print(printable(without_isolates(line)))
    for path, refusal in files_below(named):
        try:
            if refusal:
                raise refusal
            frames = decode_frames(read_bytes(path), path)
            facts = [f"{len(frames)} slices, of which the first:"] if len(frames) > 1 else []
            facts += _slice(frames[0])
        except BraintumorError as error:
            failed += 1
            facts = [
                _("refused ({kind}): {reason}").format(kind=error.kind, reason=sentence(error))
            ]
        print()
        for line in (str(path), *(f"  {fact}" for fact in facts)):
            print(printable(without_isolates(line)), flush=True)
    return failed


def run_hashes(named: Sequence[Path], *, as_json: bool = False) -> int:
    """Print what each slice of each file has for values, to be held against another reader's.

    They are those after the modality transform: MONOCHROME1 is not turned, padding is as stored.
    The SHA-256 is of the array as little-endian float32, row after row. With `as_json`, a line is
    an object of a file: `path`, `transfer_syntax` (null where there is none), `frames` with
    `index`, `shape`, `min`, `max`, `mean` and `sha256` of each, or `error`. Returns how many files
    were refused.
    """
    failed = 0
    for path, refusal in files_below(named):
        said: dict[str, Any] = {"path": str(path)}
        try:
            if refusal:
                raise refusal
            syntax, values = stored_values(read_bytes(path), path)
            frames = [_hashed(index, frame) for index, frame in enumerate(values)]
            said |= {"transfer_syntax": syntax or None, "frames": frames}
        except BraintumorError as error:
            failed += 1
            reason = str(error) if as_json else plain_sentence(error)
            said |= {"error": reason, "kind": error.kind}
        print(json.dumps(said) if as_json else _hash_text(said), flush=True)
    return failed


def _hashed(index: int, values: FloatImage) -> dict[str, Any]:
    return {
        "index": index,
        "shape": list(values.shape),
        "min": float(values.min()),
        "max": float(values.max()),
        "mean": float(values.mean(dtype=np.float64)),
        "sha256": hashlib.sha256(values.astype("<f4").tobytes()).hexdigest(),
    }


def _hash_text(said: dict[str, Any]) -> str:
    lines = [said["path"]]
    if "error" in said:
        refused = _("refused ({kind}): {reason}")
        lines.append("  " + refused.format(kind=said["kind"], reason=said["error"]))
    elif said["transfer_syntax"]:
        syntax = _("transfer syntax {uid}").format(uid=said["transfer_syntax"])
        lines.append(f"  {syntax}")
    for frame in said.get("frames", ()):
        height, width = frame["shape"]
        line = _(
            "{index}: {width} x {height} pixels, {least} to {most}, mean {mean}, SHA-256 {hash}"
        ).format(
            index=frame["index"],
            width=width,
            height=height,
            least=significant(frame["min"], 6),
            most=significant(frame["max"], 6),
            mean=significant(frame["mean"], 6),
            hash=frame["sha256"],
        )
        lines.append(f"  {line}")
    return "\n".join(map(printable, lines))


def _model() -> Iterator[str]:
    folder = paths.model_bundle()
    description, _network, signature = read_signed_bundle(folder, BundleTrust.installed())
    yield _("Model: {name}, SHA-256 {hash}").format(name=description.name, hash=description.sha256)
    yield "  " + signed_by(signature)
    yield "  " + _("in {folder}").format(folder=folder)
    yield "  " + _("classes: {classes}").format(classes=", ".join(description.classes))
    yield "  " + _(
        "{parameters} parameters, input {size} x {size}, preprocessing {preprocessing}"
    ).format(
        parameters=integer(description.parameters),
        size=description.input_size,
        preprocessing=description.preprocessing,
    )
    counts = description.training_data.get("different_slices", {})
    yield from (
        f"  {said}" for said in summary(counts, description.metrics, description.parameters)
    )


def _slice(mri: MRISlice) -> Iterator[str]:
    height, width = mri.pixels.shape
    yield _("{format}, {width} x {height} pixels").format(
        format=mri.source.format, width=width, height=height
    )
    yield _("values {least} to {most}").format(
        least=significant(float(mri.pixels.min()), 6), most=significant(float(mri.pixels.max()), 6)
    )
    if mri.spacing_mm is None:
        yield _("spacing not known")
    else:
        rows, columns = mri.spacing_mm
        yield _("spacing {columns} x {rows} mm").format(
            columns=significant(columns, 6), rows=significant(rows, 6)
        )
    if mri.window is not None:
        yield _("window {width}, level {level}").format(
            width=significant(mri.window.width, 6), level=significant(mri.window.center, 6)
        )
    yield from (
        _("warning: {warning}").format(warning=sentence(warning)) for warning in mri.warnings
    )
