"""Transfer syntax x photometric interpretation x bits: read as others read it, or refused by name.

    python tests/benchmarks/dicom_table.py [FOLDER …]

Without folders: pydicom's own test files and, where `../shared/dicom-cases` is, the public
collections with their known values. A row is a kind of pixels; its files are `equal` (the SHA-256
of the first frame's values is the one that is known, or the values are those that pydicom reads by
whatever decoders it finds), `close` (lossy or in colour, within a few levels), `read` (nothing to
hold it against), `refused` by name, or `differs`, which ends the command with 1.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.data
from pydicom.uid import UID

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.read import stored_values

_COLOUR_LEVELS = 3.0  # decoders round chroma, and enlarge it, in ways of their own
_OUTCOMES = ("equal", "close", "read", "refused", "differs")


def main(folders: list[Path]) -> int:
    """Print the table; 1 where a file is read as something else."""
    table: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    differing = []
    for path, case in files(folders):
        kind = kind_of(path)
        if kind is None:
            continue
        outcome, why = judged(path, case)
        table[kind][outcome] += 1
        reasons[why] += bool(why)
        if outcome == "differs":
            differing.append(path)
    print_table(table, reasons)
    for path in differing:
        print(f"differs: {path}")
    return bool(differing)


def files(folders: list[Path]) -> list[tuple[Path, dict[str, Any]]]:
    """The files, each with what is known of it."""
    known: dict[Path, dict[str, Any]] = {}
    if not folders:
        folders = [Path(pydicom.data.__file__).parent / "test_files"]
        named = os.environ.get("BRAINTUMOR_SHARED")
        shared = Path(named) if named else Path(__file__).resolve().parents[3] / "shared"
        cases = shared / "dicom-cases"
        if cases.is_dir():
            folders.append(cases)
            listed = json.loads((cases / "cases.json").read_text(encoding="utf-8"))
            known = {cases / case["file"]: case for case in listed if case["kind"] != "series"}
    found = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return [(path, known.get(path, {})) for path in found]


def kind_of(path: Path) -> tuple[str, ...] | None:
    """Transfer syntax, photometric interpretation and bits; None where there are no pixels."""
    try:
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        syntax = dataset.file_meta.get("TransferSyntaxUID", "")
        if "Rows" not in dataset or dataset.get("PhotometricInterpretation") is None:
            return None
    except Exception:
        return None
    sign = "signed" if dataset.get("PixelRepresentation") == 1 else "unsigned"
    bits = f"{dataset.get('BitsStored')} of {dataset.get('BitsAllocated')} {sign}"
    return UID(syntax).name or "none", str(dataset.PhotometricInterpretation), bits


def judged(path: Path, case: dict[str, Any]) -> tuple[str, str]:
    """What became of a file, and why where it is refused."""
    try:
        syntax, values = stored_values(path.read_bytes(), path)
        frames = list(values)
    except BraintumorError as error:
        return "refused", error.template
    known = [frame for frame in case.get("frames", [case]) if "sha256_f32le" in frame]
    if known:
        place = known[0].get("frame", known[0].get("tile", 0))
        if _sha256(frames[place]) == known[0]["sha256_f32le"]:
            return "equal", ""
        off = abs(float(frames[place].mean(dtype=np.float64)) - known[0]["mean"])
        return ("close" if off < 0.02 and "4.5" in syntax else "differs"), ""
    return _against_pydicom(path, frames), ""


def _against_pydicom(path: Path, frames: list[np.ndarray]) -> str:
    """Against pydicom's decoders, which are not ours but for RLE and JPEG 2000."""
    dataset = pydicom.dcmread(path)
    grey = dataset.PhotometricInterpretation in ("MONOCHROME1", "MONOCHROME2")
    try:
        stored = dataset.pixel_array
    except Exception:  # no decoder, or a file that pydicom does not read
        return "read"
    if dataset.SamplesPerPixel == 3:
        first = stored[0] if stored.ndim == 4 else stored
        off = float(np.abs(first @ np.array([0.299, 0.587, 0.114]) - frames[0]).max())
        exact = max(0.01, 1e-6 * float(first.max()))  # as far as float32 goes
        return "equal" if off < exact else "close" if off <= _COLOUR_LEVELS else "differs"
    if not grey or "ModalityLUTSequence" in dataset or len(frames) not in (1, len(stored)):
        return "read"
    first = stored[0] if len(frames) > 1 else stored
    slope, intercept = (
        dataset.get("Rescale" + part, none) for part, none in (("Slope", 1), ("Intercept", 0))
    )
    if slope is None or intercept is None:
        return "read"
    expected = (first * float(slope) + float(intercept)).astype(np.float32)
    if expected.shape != frames[0].shape:
        return "differs"
    return "equal" if np.array_equal(expected, frames[0]) else "differs"


def _sha256(values: np.ndarray) -> str:
    return hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()


def print_table(table: dict[tuple[str, ...], Counter[str]], reasons: Counter[str]) -> None:
    """As Markdown, and below it why files are refused."""
    print("| transfer syntax | photometric interpretation | bits | " + " | ".join(_OUTCOMES) + " |")
    print("| --- | --- | --- |" + " ---: |" * len(_OUTCOMES))
    for kind in sorted(table):
        counts = (str(table[kind][outcome] or "") for outcome in _OUTCOMES)
        print("| " + " | ".join((*kind, *counts)) + " |")
    total = sum(table.values(), Counter())
    print("| all | | | " + " | ".join(str(total[outcome]) for outcome in _OUTCOMES) + " |")
    for reason, count in reasons.most_common():
        print(f"{count} refused: {reason}")


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
