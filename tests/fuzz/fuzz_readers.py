"""Damages image files at random, seeded, and reads them beside a second reader.

    python tests/fuzz/fuzz_readers.py raster --count 40000 [--seed 1] [--json]
    python tests/fuzz/fuzz_readers.py dicom --count 50000

Raster files are made of the demo slice: PNG, JPEG, BMP and TIFF in every variant that is read. The
second reader is Pillow, for 16-bit PNG imagecodecs, for TIFF tifffile. DICOM files are those of
`dicom_mutants.py`, the second reader is GDCM where python-gdcm is installed, else pydicom's own.

A fault is an exception that is no `SliceReadError`, a read over 2 s, and a picture that is another
than the second reader's although nothing is said of it. Where the second reader fails, the first
stands alone, and that is counted. A crash of this process is a fault of its own; the seed and the
number of the mutant make it again (`--only NUMBER`).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import mutate
import second_readers
import seeds

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.errors import SliceReadError
from braintumor_desktop.imaging.read import decode_slice

SECONDS = 2.0
_SAME = {"JPEG": 3.0}  # levels that two JPEG decoders may differ by; others by a rounded luma
_ROUNDED = 1.5


def main() -> int:
    """Run as the module says; returns 1 where there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=("raster", "dicom"))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the one mutant to read again")
    parser.add_argument("--keep", type=Path, help="a folder for the mutants that show a fault")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    found = run(options.kind, options.count, options.seed, options.only, options.keep)
    if options.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name}: {value}")
    return bool(found["faults"])


def run(
    kind: str, count: int, seed: int, only: int | None = None, keep: Path | None = None
) -> dict[str, object]:
    """Read `count` mutants; what became of them, and the faults."""
    files = seeds.raster() if kind == "raster" else seeds.dicom()
    second = second_readers.raster if kind == "raster" else second_readers.dicom()
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    slowest = 0.0
    for number in range(count) if only is None else (only,):
        chance = random.Random(f"{seed}-{kind}-{number}")
        name = chance.choice(sorted(files))
        mutant, how = mutate.mutated(files[name], chance)
        start = time.process_time()
        outcome, mri = _read(mutant)
        seconds = time.process_time() - start
        slowest = max(slowest, seconds)
        fault = "exception" in outcome or seconds > SECONDS
        if mri is not None:
            outcome = _beside(mri, mutant, second)
            fault |= outcome == "read, differs, nothing said"
        outcomes[outcome] += 1
        if fault:
            faults.append(f"{number}: {name}, {how}: {outcome}, {seconds:.2f} s")
            if keep is not None:
                (keep / f"{kind}-{seed}-{number}").write_bytes(mutant)
    return {
        "mutants": count,
        "files": len(files),
        **dict(sorted(outcomes.items())),
        "slowest_s": round(slowest, 2),
        "peak_mib": _peak_mib(),
        "faults": faults,
    }


def _peak_mib() -> int:
    """The most memory of this program, in MiB.

    Not `getrusage`: what it says outlives `exec`, so that it counts the program that started this.
    """
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def _read(data: bytes) -> tuple[str, MRISlice | None]:
    try:
        return "read", decode_slice(data, Path("mutant"))
    except SliceReadError as error:
        return f"refused, {error.kind}", None
    except Exception as error:
        return f"exception {type(error).__name__}", None


def _beside(mri: MRISlice, data: bytes, second: Callable[[bytes, str], np.ndarray | None]) -> str:
    """How the slice compares with what the second reader makes of the same bytes."""
    other = None
    with contextlib.suppress(Exception):  # whatever it raises: it does not read the file
        other = second(data, mri.source.format)
    if other is None:
        return "read, the second reader does not"
    same = other.shape == mri.pixels.shape and bool(
        np.abs(other - mri.pixels).max() <= _SAME.get(mri.source.format, _ROUNDED)
    )
    if same:
        return "read, as the second reader does"
    return "read, differs, said so" if mri.warnings else "read, differs, nothing said"


if __name__ == "__main__":
    sys.exit(main())
