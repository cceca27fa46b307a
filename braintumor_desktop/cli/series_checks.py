"""What the installation makes of a series: answers, table, workbook, DICOM objects, copies.

Each runs this program again, as a person would, since what a packaged app lacks shows only there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import EnhancedMRImageStorage, ExplicitVRLittleEndian

from braintumor_desktop.cli.installation_checks import SelfTestError, mr_slice, written
from braintumor_desktop.imaging.read import decode_frames, read_slice
from braintumor_desktop.network import installed
from braintumor_desktop.sources.demo import write_demo_slice
from braintumor_desktop.text.language import LANGUAGES, Language

SECONDS = 120
_UID_ROOT = "1.2.826.0.1.3680043.8.498."
_SLICES = 3
_SPACING = 5.0  # mm


def make(target: Path, failed: str, *arguments: str) -> str:
    """Run this program with other arguments, which make `target`; returns what it printed.

    Raises `SelfTestError` that says what `failed`.
    """
    program = [sys.executable]
    if not getattr(sys, "frozen", False):
        program += ["-m", "braintumor_desktop"]
    done = subprocess.run(
        [*program, *arguments],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS,
    )
    if done.returncode != 0 or not target.exists():
        raise SelfTestError(
            "{failed} (status {status}): {said}",
            failed=failed,
            status=done.returncode,
            said=done.stderr.strip()[-500:],
        )
    return done.stdout


def multi_frame() -> dict[str, Any]:
    """Read an enhanced MR file of two frames that lie one above the other."""
    pixels = _demo_pixels()
    dataset = _mr(pixels, 1)
    dataset.SOPClassUID = EnhancedMRImageStorage
    dataset.NumberOfFrames = 2
    dataset.PixelData = dataset.PixelData + (pixels // 2).astype("<u2").tobytes()
    for keyword in ("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient"):
        del dataset[keyword]
    dataset.SharedFunctionalGroupsSequence = Sequence([_shared()])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([_at(0), _at(_SPACING)])
    frames = decode_frames(written(dataset, ExplicitVRLittleEndian), Path("sample"))
    if len(frames) != 2 or not np.array_equal(frames[1].pixels, pixels // 2):
        raise SelfTestError("The pixels differ from what was written.")
    return {"frames": len(frames)}


def series() -> dict[str, Any]:
    """Let the program answer a series of three slices."""
    with tempfile.TemporaryDirectory() as name:
        folder = _write_series(Path(name, "series"))
        said = make(folder, "The series was not answered", "series", "--json", str(folder))
    (line,) = said.splitlines()
    found = json.loads(line)
    if found["frames"] != _SLICES or not all(one["probabilities"] for one in found["slices"]):
        raise SelfTestError("The series was not read as it was written.")
    return {"frames": found["frames"], "spacing_mm": found["spacing_mm"]}


def objects() -> dict[str, Any]:
    """Let the program write its answer as DICOM objects, with a DICOMDIR."""
    with tempfile.TemporaryDirectory() as name:
        folder, out = _write_series(Path(name, "series")), Path(name, "objects")
        make(out, "No objects were made", "export", str(folder), "--out", str(out), "--dicomdir")
        files = [path for path in out.rglob("*") if path.is_file() and path.name != "DICOMDIR"]
        kinds = sorted({str(dcmread(path, stop_before_pixels=True).Modality) for path in files})
        if not (out / "DICOMDIR").is_file() or "SR" not in kinds:
            raise SelfTestError("The report is not among the objects.")
    return {"modalities": kinds}


def copies() -> dict[str, Any]:
    """Let the program write copies that do not name the patient."""
    with tempfile.TemporaryDirectory() as name:
        folder, out = _write_series(Path(name, "series")), Path(name, "copies")
        who = ("--pseudonyms", str(Path(name, "who")), "--pixels-confirmed")
        make(out, "No copies were made", "deidentify", str(folder), "--out", str(out), *who)
        data = [path.read_bytes() for path in out.rglob("*.dcm")]
    if len(data) != _SLICES or any(b"SELFTEST" in one for one in data):
        raise SelfTestError("The copies name the patient, or some are missing.")
    return {"copies": len(data)}


def workbook() -> dict[str, Any]:
    """Let a batch make a table of the series and the workbook beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder, book = _write_series(Path(name, "series")), Path(name, "table.xlsx")
        kept = ("--records", str(Path(name, "records")))
        table = str(book.with_suffix(".csv"))
        make(book, "The batch made no workbook", "batch", str(folder), "--out", table, *kept)
        with zipfile.ZipFile(book) as parts:
            sheet = parts.read("xl/worksheets/sheet1.xml")
    if sheet.count(b"<row ") <= _SLICES:
        raise SelfTestError("The workbook lacks rows.")
    return {"rows": sheet.count(b"<row ")}


def languages() -> dict[str, Any]:
    """Look into the catalogue of each language but the templates' own."""
    template = "Nothing leaves this computer unless you send it."
    for code in LANGUAGES:
        if code != "en" and Language.of(code).catalogue.gettext(template) == template:
            raise SelfTestError("There is no catalogue for {code}.", code=code)
    return {"languages": list(LANGUAGES)}


def archive() -> dict[str, Any]:
    """Look for what an archive is talked to with; nobody is asked."""
    return dict(installed.parts_found())


CHECKS = {
    "read enhanced MR": multi_frame,
    "languages": languages,
    "archive": archive,
    "series": series,
    "workbook": workbook,
    "DICOM objects": objects,
    "copies without names": copies,
}


def _demo_pixels() -> NDArray[np.uint16]:
    with tempfile.TemporaryDirectory() as name:
        return read_slice(write_demo_slice(Path(name))).pixels.astype(np.uint16)


def _write_series(folder: Path) -> Path:
    folder.mkdir()
    pixels = _demo_pixels()
    for number in range(1, _SLICES + 1):
        data = written(_mr(pixels, number), ExplicitVRLittleEndian)
        (folder / f"{number}.dcm").write_bytes(data)
    return folder


def _mr(pixels: NDArray[np.uint16], number: int) -> Dataset:
    """Return an axial slice of a series, with a patient of no hospital's."""
    dataset = mr_slice(pixels, "little")
    dataset.SOPInstanceUID = f"{_UID_ROOT}1.{number}"
    dataset.PatientName = dataset.PatientID = "SELFTEST"
    dataset.PatientBirthDate, dataset.PatientSex = "19700101", "O"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{_UID_ROOT}2", f"{_UID_ROOT}3"
    dataset.FrameOfReferenceUID = f"{_UID_ROOT}4"
    dataset.StudyDate, dataset.StudyTime = "20260101", "120000"
    dataset.StudyID = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.Manufacturer, dataset.ImageType = "", ["ORIGINAL", "PRIMARY"]
    dataset.SeriesNumber, dataset.InstanceNumber = 1, number
    dataset.PixelSpacing, dataset.SliceThickness = [1.0, 1.0], _SPACING
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.ImagePositionPatient = [0, 0, number * _SPACING]
    return dataset


def _shared() -> Dataset:
    measures, plane, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [1.0, 1.0], _SPACING
    plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([plane])
    return shared


def _at(height: float) -> Dataset:
    position, frame = Dataset(), Dataset()
    position.ImagePositionPatient = [0, 0, height]
    frame.PlanePositionSequence = Sequence([position])
    return frame
