"""The report of a screening over data sets that stand for the months of a hospital.

    python tests/benchmarks/drift_report.py DATA OUT [--slices N]

DATA is the folder of the training data (`README.md` there says what it has). Slices of figshare and
whole heads of each set in `volumes` become DICOM series, each set a scanner, a hospital and a
month; `screen` answers them, and its report lies in OUT. Patients' names are none. Figshare's
slices and the sets for training are known to the network; `external` is not.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections import defaultdict
from pathlib import Path

import cv2
import pydicom
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

from braintumor_desktop.cli import main as app

Slice = tuple[Path, str, str]
"""A picture, its series and its sequence."""


def sets(data: Path, slices: int) -> dict[str, list[Slice]]:
    """Return about so many slices of each set, whole series where it has some."""
    found: dict[str, list[Slice]] = defaultdict(list)
    with (data / "index.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["source"] == "figshare"]
    for row in rows[:: max(1, len(rows) // slices)]:
        found["figshare"].append((data / "brain-tumor-mri" / row["path"], row["slice_id"], "T1+C"))
    with (data / "volumes" / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        manifest = list(csv.DictReader(stream))
    series: dict[tuple[str, str], list[Slice]] = defaultdict(list)
    for row in manifest:
        name = f"{row['set']} {row['sequence']}"
        series[name, row["series"]].append(
            (data / "volumes" / row["path"], row["series"], row["sequence"])
        )
    for (name, _), own in sorted(series.items()):
        if len(found[name]) < slices:
            found[name] += own
    return found


def write_series(folder: Path, name: str, month: int, slices: list[Slice]) -> None:
    """Write pictures as DICOM, in series; the set is the scanner and the hospital."""
    uids: dict[str, str] = defaultdict(generate_uid)
    places: dict[str, int] = defaultdict(int)
    for number, (path, series, sequence) in enumerate(slices):
        grey = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        one = pydicom.Dataset()
        one.file_meta = FileMetaDataset()
        one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        one.SOPClassUID, one.SOPInstanceUID = MRImageStorage, generate_uid()
        one.PatientID, one.PatientName = series, ""
        one.StudyInstanceUID = uids["study " + series]
        one.SeriesInstanceUID = uids[series]
        one.FrameOfReferenceUID = uids["frame " + series]
        one.StudyDate = f"{2025 + month // 12}{month % 12 + 1:02}15"
        one.Modality, one.Manufacturer, one.ManufacturerModelName = "MR", name, ""
        one.InstitutionName = name.split()[0]
        one.SeriesDescription, one.SeriesNumber = f"AX {sequence}", 1
        one.InstanceNumber = places[series] + 1
        one.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
        one.PixelSpacing, one.SliceThickness = [0.9, 0.9], "5"
        one.ImagePositionPatient = [-115.0, -115.0, 5.0 * places[series]]
        one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        one.Rows, one.Columns = grey.shape
        one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
        one.BitsAllocated, one.BitsStored, one.HighBit = 8, 8, 7
        one.PixelRepresentation = 0
        pixels = grey.tobytes()
        one.PixelData = pixels + b"\0" * (len(pixels) % 2)
        places[series] += 1
        pydicom.dcmwrite(folder / f"{number:05}.dcm", one, enforce_file_format=True)


def main() -> int:
    """Write the archive and screen it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--slices", type=int, default=120, help="of each set (default: 120)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for month, (which, slices) in enumerate(sets(options.data, options.slices).items(), 1):
            folder = Path(name, f"{month:02}")
            folder.mkdir()
            write_series(folder, which, month, slices)
        return app(["screen", name, "--out", str(options.out), "--workers", "1"])


if __name__ == "__main__":
    raise SystemExit(main())
