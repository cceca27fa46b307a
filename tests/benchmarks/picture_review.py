"""Pictures of the review: the worklist, what needs a look, and the groups.

python tests/benchmarks/picture_review.py VOLUME OUT

Those in docs/ were made of Colin Holmes' head, the average of 27 scans of one healthy man, which
Debian's package mricron-data holds as /usr/share/mricron/templates/ch2.nii.gz; no slice of the data
set may stand in the repository. Needs `pip install -e '.[bench]'`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

import cv2
import nibabel
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from braintumor_desktop import paths
from braintumor_desktop.screening.groups import By
from braintumor_desktop.ui import app, theme

Image = NDArray[np.uint8]


def main(volume: Path, target: Path) -> None:
    """Review the slices of a head as files and as a series, decide some, and save the window."""
    application = QApplication([])
    theme.apply(application)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "clinic"
        write_slices(volume, folder)
        settings = QSettings(str(Path(name) / "settings.ini"), QSettings.Format.IniFormat)
        bundle = paths.model_bundle()
        window = app.build_window(
            settings,
            lambda: app.load_engine(bundle),
            lambda: app.open_records(Path(name) / "records.sqlite"),
        )
        window.resize(1440, 960)
        window.show()
        window.reviewing.start([folder])
        assert window.reviewing.dock is not None
        page = window.reviewing.dock.page
        _until(lambda: page.settled)
        page.view.table.selectRow(1)
        for verdict in ("agree", "agree", "unsure", "agree"):
            _until(lambda: page.desk.on_screen(page.view.lines.current()))
            page.decisions.decide(verdict)
        _until(lambda: page.desk.on_screen(page.view.lines.current()))
        page.decisions.decide("disagree", page.review.classes[1])
        _until(lambda: page.desk.on_screen(page.view.lines.current()))
        window.grab().save(str(target / "worklist.png"))
        page.view.bar.needs_look.setChecked(True)
        application.processEvents()
        window.grab().save(str(target / "worklist-needs-look.png"))
        page.view.bar.needs_look.setChecked(False)
        page.view.bar.grouping.setCurrentIndex(page.view.bar.grouping.findData(By.SERIES))
        application.processEvents()
        window.grab().save(str(target / "worklist-groups.png"))
        window.close()


def write_slices(volume: Path, folder: Path) -> None:
    """A head of 1 mm cells as PNG files in three planes, as a DICOM series, and one cut file."""
    head = nibabel.as_closest_canonical(nibabel.load(volume))  # right, front, top
    cells = np.asarray(head.dataobj, np.uint8)
    planes = {
        "axial": (np.rot90(cells[:, :, z]) for z in range(20, 150, 10)),
        "coronal": (np.rot90(cells[:, y, :]) for y in range(40, 190, 15)),
        "sagittal": (np.rot90(cells[x, ::-1, :]) for x in range(50, 140, 10)),
    }
    for plane, slices in planes.items():
        (folder / plane).mkdir(parents=True)
        for number, pixels in enumerate(slices):
            (folder / plane / f"{plane}-{number:02}.png").write_bytes(_png(pixels))
    cut = folder / "axial" / "axial-00.png"
    cut.write_bytes(cut.read_bytes()[:4000])
    (folder / "series").mkdir()
    uids = [generate_uid() for _ in range(2)]
    for number, z in enumerate(range(40, 140, 8)):
        _write_dicom(
            folder / "series" / f"IM{number:04}.dcm", np.rot90(cells[:, :, z]), uids, number
        )


def _png(pixels: Image) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(pixels))[1].tobytes()


def _write_dicom(path: Path, pixels: Image, uids: list[str], number: int) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uids
    dataset.PatientID, dataset.PatientName = "EXAMPLE-1", "Example^Colin"
    dataset.Modality, dataset.SeriesDescription = "MR", "T1, axial"
    dataset.InstanceNumber = number + 1
    dataset.PixelSpacing, dataset.SliceThickness = [1, 1], 1
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PixelData = np.ascontiguousarray(pixels).tobytes()
    dataset.save_as(path, enforce_file_format=True)


def _until(done) -> None:  # type: ignore[no-untyped-def]
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: done() and loop.quit())
    timer.start(100)
    loop.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
