"""Damages DICOM files at random, seeded, and counts what becomes of them.

    python tests/benchmarks/dicom_mutants.py --count 10000 [--seed 1] [--json]

The files are pydicom's own and, where `../shared/dicom-cases` is, those of public collections;
half of them are compressed. Every mutant is read as the app reads it. What counts as a fault: an
exception that is no `SliceReadError`, a read over 3 s of processor time here and in the decoding
process (over 30 s by the clock: the machine may be busy), a decoding process over its memory. A
crash of this process ends the run with a signal, which is a fault of its own.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
from pydicom.uid import DeflatedExplicitVRLittleEndian

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzz"))
import mutate

from braintumor_desktop.errors import SliceReadError
from braintumor_desktop.imaging import decoder_process, process_usage
from braintumor_desktop.imaging.read import decode_frames

SECONDS = 3.0
_BY_THE_CLOCK = 30.0
_FRAMES = 3  # of each file: what is true of three is true of all

_OWN = (
    "MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "JPEG2000.dcm", "JPGExtended.dcm",
    "SC_rgb_jpeg_gdcm.dcm", "SC_rgb_small_odd_jpeg.dcm", "examples_palette.dcm", "CT_small.dcm",
    "JPEG-lossy.dcm", "rtdose.dcm",
)  # fmt: skip
_COLLECTED = (
    "neurolabusc+dcm_qa_ts/In/5.dcm", "neurolabusc+dcm_qa_ts/In/8.dcm",
    "neurolabusc+dcm_qa_ts/In/9.dcm", "FNNDSC+data/dicom/adi_brain/36747043",
    "pydicom+pydicom-data/data_store/data/emri_small.dcm",
    "pydicom+pydicom-data/data_store/data/emri_small_jpeg_ls_lossless.dcm",
    "orthanc-mirrors+orthanc-tests/Database/Formats/Jpeg.dcm",
    "orthanc-mirrors+orthanc-tests/Database/Formats/Rle.dcm",
    "robyoung+dicom-test-files/data/WG04/JPLY/MR4_JPLY",
    "icometrix+dicom2nifti/tests/data/generic/compressed/001/IM-0001-0001-0001.dcm",
)  # fmt: skip


def main() -> int:
    """Run as the module says; returns how many faults there were, 1 at most."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    seeds = load()
    found = run(seeds, options.count, options.seed)
    if options.json:
        print(json.dumps(found))
    else:
        print(f"{options.count} mutants of {len(seeds)} files, seed {options.seed}:")
        for name, value in found.items():
            print(f"  {name}: {value}")
    return bool(found["faults"])


def load() -> list[bytes]:
    """The files that are damaged."""
    folder = Path(pydicom.data.__file__).parent / "test_files"
    found = [(folder / name).read_bytes() for name in _OWN if (folder / name).is_file()]
    shared = os.environ.get("BRAINTUMOR_SHARED") or Path(__file__).resolve().parents[3] / "shared"
    collected = Path(shared) / "dicom-cases"
    found += [
        (collected / name).read_bytes() for name in _COLLECTED if (collected / name).is_file()
    ]
    dataset = pydicom.dcmread(folder / "MR_small.dcm")
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    stream = io.BytesIO()
    dataset.save_as(stream)
    return [*found, stream.getvalue()]


def run(seeds: list[bytes], count: int, seed: int) -> dict[str, object]:
    """Read `count` mutants of `seeds`; what became of them, and the faults."""
    chance = random.Random(seed)
    plain = {index: _values(data) for index, data in enumerate(seeds)}
    outcomes: Counter[str] = Counter()
    faults: list[str] = []
    slowest, longest, most = 0.0, 0.0, 0
    for number in range(count):
        index = chance.randrange(len(seeds))
        mutant, how = mutate.mutated(seeds[index], chance, absurd_length)
        start, before = time.monotonic(), _processor_time()
        try:
            outcome = _compared(_values(mutant), plain[index])
        except SliceReadError as error:
            outcome = f"refused ({error.kind})"
        except Exception as error:
            outcome = "exception"
            faults.append(f"mutant {number} ({how}): {type(error).__name__}")
        seconds, waited = _processor_time() - before, time.monotonic() - start
        slowest, longest = max(slowest, seconds), max(longest, waited)
        if seconds > SECONDS or waited > _BY_THE_CLOCK:
            faults.append(f"mutant {number} ({how}): {seconds:.1f} s, {outcome}")
        most = max(most, _decoder_memory())
        outcomes[outcome] += 1
    if most > decoder_process.MEMORY_BYTES:
        faults.append(f"the decoding process had {most} bytes")
    return {
        "count": count,
        **dict(sorted(outcomes.items())),
        "slowest_s": round(slowest, 2),
        "by_the_clock_s": round(longest, 2),
        "decoder_peak_mib": most // 2**20,
        "faults": faults,
    }


def _processor_time() -> float:
    """What this process and those that decode for it have had so far, in seconds."""
    spent = [process_usage.cpu_seconds(one.process) or 0.0 for one in decoder_process.waiting()]
    return time.process_time() + sum(spent)


def _values(data: bytes) -> tuple[list[np.ndarray], set[str]]:
    """The pixels of the first frames, and what is said of them."""
    frames = decode_frames(data, Path("mutant.dcm"))
    read = [frames[index] for index in range(min(_FRAMES, len(frames)))]
    said = {warning.kind for mri in read for warning in mri.warnings}
    return [mri.pixels for mri in read], said


def _compared(
    found: tuple[list[np.ndarray], set[str]], plain: tuple[list[np.ndarray], set[str]]
) -> str:
    same = len(found[0]) == len(plain[0]) and all(map(np.array_equal, found[0], plain[0]))
    if same:
        return "read, the same picture"
    return "read, another picture, said" if found[1] - plain[1] else "read, another picture"


def _decoder_memory() -> int:
    """The most that a waiting decoding process ever had, in bytes; 0 where there is no /proc."""
    most = 0
    for process in decoder_process.waiting():
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        except OSError:
            continue
        peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmPeak")]
        most = max([most, *(1024 * int(peak) for peak in peaks)])
    return most


def absurd_length(data: bytearray, chance: random.Random) -> None:
    """Write a length at an even place, where one may stand."""
    place = chance.randrange(min(len(data), 4096)) & ~1
    data[place : place + 4] = chance.choice((b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\1"))


if __name__ == "__main__":
    sys.exit(main())
