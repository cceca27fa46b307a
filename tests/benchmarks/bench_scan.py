"""How long a folder of many DICOM files takes to be scanned, and what memory its series take.

    python tests/benchmarks/bench_scan.py [--files 10000]

Writes small slices, 250 a series, into a temporary folder.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
import warnings
from pathlib import Path

import pydicom
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from braintumor_desktop.sources.catalogue import scan

SLICES = 250


def main() -> None:
    """Make the folder, scan it, print a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=10_000)
    files = parser.parse_args().files
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as name:
        _write(Path(name), files)
        scan([Path(name, "0")])  # what is imported the first time
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.perf_counter()
        found = scan([Path(name)])
        seconds = time.perf_counter() - began
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"{files:,} files, {len(found.series):,} series: {seconds:.1f} s "
        f"({seconds / files * 1000:.2f} ms each), {grown / 1024:.0f} MiB more"
    )


def _write(folder: Path, files: int) -> None:
    dataset = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    for number in range(files):
        series, place = divmod(number, SLICES)
        if place == 0:
            dataset.SeriesInstanceUID, dataset.StudyInstanceUID = generate_uid(), generate_uid()
            dataset.PatientID = str(series)
            (folder / str(series)).mkdir()
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.ImagePositionPatient = [0, 0, place]
        dataset.save_as(folder / str(series) / f"IM{place:05}")


if __name__ == "__main__":
    main()
