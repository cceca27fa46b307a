"""The pictures of docs/features.md: the real window on a phantom, no person's head.

Three series of a three-dimensional Shepp-Logan phantom (axial, axial with other contrast, sagittal)
are written as DICOM files to a temporary folder, opened, and shown feature by feature.

    python tests/benchmarks/picture_features.py [FOLDER]      # docs/features by default
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from braintumor_desktop import paths
from braintumor_desktop.domain.measurement import Measurement, MeasurementKind, SliceNotes
from braintumor_desktop.store.records import Records
from braintumor_desktop.ui import app, theme
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.viewer import looking
from braintumor_desktop.ui.viewer.viewport import Turn

SIDE, SLICES = 256, 48
SIZE = 1280, 800

# Kak and Slaney (1988), table 3.1 in three dimensions, contrasts of Toft (1996): value, half axes,
# centre, turn about z in degrees.
ELLIPSOIDS = (
    (1.0, (0.69, 0.92, 0.81), (0.0, 0.0, 0.0), 0),
    (-0.8, (0.6624, 0.874, 0.78), (0.0, -0.0184, 0.0), 0),
    (-0.2, (0.11, 0.31, 0.22), (0.22, 0.0, 0.0), -18),
    (-0.2, (0.16, 0.41, 0.28), (-0.22, 0.0, 0.0), 18),
    (0.1, (0.21, 0.25, 0.41), (0.0, 0.35, -0.15), 0),
    (0.1, (0.046, 0.046, 0.05), (0.0, 0.1, 0.25), 0),
    (0.1, (0.046, 0.046, 0.05), (0.0, -0.1, 0.25), 0),
    (0.1, (0.046, 0.023, 0.05), (-0.08, -0.605, 0.0), 0),
    (0.1, (0.023, 0.046, 0.05), (0.06, -0.605, 0.0), 0),
)


def main() -> int:
    """Make them all."""
    named = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    target = named or Path(__file__).resolve().parents[2] / "docs" / "features"
    target.mkdir(parents=True, exist_ok=True)
    run = QApplication(sys.argv[:1])
    theme.apply(run)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_study(root / "phantom")
        settings = QSettings(str(root / "settings.ini"), QSettings.Format.IniFormat)
        window = app.build_window(
            settings,
            lambda: app.load_engine(paths.model_bundle()),
            lambda: Records(root / "records.sqlite", "pictures"),
        )
        window.resize(*SIZE)
        window.show()
        wait(run, lambda: window.bench.model_settled)
        window.views.shared.update(network_view=True)
        window.open_paths([root / "phantom"])
        wait(run, lambda: not window.bench.scans.going and len(window.bench.shelf.series) == 3)
        for name, do in features(window):
            do()
            wait(run, lambda: window.bench.loaded is not None, 0.6)
            save(window, target / f"{name}.png")
            print(f"{name}.png")
        window.close()
    return 0


def save(window: MainWindow, path: Path) -> None:
    """Save the window in 128 colours, which are enough for it and a third of the size."""
    window.grab().save(str(path))
    picture = Image.open(path).convert("RGB").quantize(128, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)


def features(window: MainWindow) -> list[tuple[str, Callable[[], None]]]:
    """Each picture's name, and what is done for it beside what was done before."""
    bench, viewer = window.bench, window.views
    actions = viewer.actions_
    layouts = list(actions.layouts.values())

    def series(number: int, index: int) -> None:
        bench.select(bench.shelf.series[number].keys[index])

    def beside() -> None:
        layouts[1].trigger()
        viewer.grid.activate(viewer.grid.panes[1])
        series(2, SIDE // 12)
        viewer.grid.activate(viewer.grid.panes[0])

    def four() -> None:
        layouts[2].trigger()
        viewer.grid.activate(viewer.grid.panes[2])
        series(1, SLICES // 2)
        viewer.grid.activate(viewer.grid.panes[0])
        viewer.active.scroll(3)

    def alone() -> None:
        layouts[0].trigger()
        series(0, SLICES // 2)

    def measured() -> None:
        alone()
        kinds = MeasurementKind
        notes = SliceNotes(
            (
                Measurement(kinds.LENGTH, ((52.0, 128.0), (204.0, 128.0))),
                Measurement(kinds.ANGLE, ((80.0, 200.0), (128.0, 224.0), (170.0, 190.0))),
                Measurement(kinds.ELLIPSE, ((110.0, 66.0), (146.0, 100.0))),
                Measurement(kinds.VALUE, ((100.5, 140.5),)),
            ),
            key_image=True,
        )
        assert viewer.active.current is not None
        viewer.shared.edit_notes(viewer.active.current.slice, lambda _notes: notes)

    def turned() -> None:
        pane = viewer.active
        pane.scroll(2)
        looking.turn(pane, Turn(1, True))
        pane.look(inverted=True)

    def magnified() -> None:
        looking.reset(viewer.active)
        viewer.active.scroll(-2)
        viewer.shared.update(magnifier=True)
        viewer.active.set_view(replace(viewer.active.view, cursor=(122.0, 205.0)))

    def nameless() -> None:
        viewer.shared.update(magnifier=False, names=False)

    return [
        ("studies", lambda: series(0, SLICES // 2)),
        ("linked-series", beside),
        ("four-panes", four),
        ("measuring", measured),
        ("turned-inverted", turned),
        ("magnifier", magnified),
        ("without-names", nameless),
    ]


def write_study(folder: Path) -> None:
    """Write three series of the phantom, as a scanner would."""
    head = phantom()
    study, frame, patient = generate_uid(), generate_uid(), "PHANTOM^SHEPP LOGAN"
    mm = 240 / SIDE
    gap = 180 / SLICES
    level = np.linspace(-1, 1, SLICES)
    axial = [head(None, None, z) for z in level]
    where = [(-120.0, -120.0, -90.0 + gap * number) for number in range(SLICES)]
    along = [1, 0, 0, 0, 1, 0]
    for name, made in (("AX T1", axial), ("AX T2", [1.05 - pixels for pixels in axial])):
        write_series(folder / name, name, patient, study, frame, made, where, along, (mm, mm), gap)
    columns = np.linspace(-1, 1, SIDE // 6)
    sagittal = [head(x, None, None) for x in columns]
    where = [(float(120 * x), -120.0, 90.0) for x in columns]
    write_series(
        folder / "SAG T1", "SAG T1", patient, study, frame, sagittal, where,
        [0, 1, 0, 0, 0, -1], (180 / SIDE, mm), 240 * 6 / SIDE,
    )  # fmt: skip


def phantom() -> Callable[[float | None, float | None, float | None], np.ndarray]:
    """A function that gives a slice at one coordinate, in [-1, 1]; the other two are None."""
    grid = np.linspace(-1, 1, SIDE)

    def cut(x: float | None, y: float | None, z: float | None) -> np.ndarray:
        if z is not None:
            xs, ys, zs = grid[np.newaxis], grid[:, np.newaxis], np.full((1, 1), z)
        else:
            xs, ys, zs = np.full((1, 1), x or 0.0), grid[np.newaxis], -grid[:, np.newaxis]
        values = np.zeros((SIDE, SIDE))
        for value, half, middle, degrees in ELLIPSOIDS:
            turn = np.radians(degrees)
            dx, dy = xs - middle[0], ys + middle[1]
            along = (dx * np.cos(turn) - dy * np.sin(turn)) / half[0]
            down = (dx * np.sin(turn) + dy * np.cos(turn)) / half[1]
            inside = along**2 + down**2 + ((zs - middle[2]) / half[2]) ** 2 <= 1
            values += value * inside
        return np.clip(values, 0, None)

    return cut


def write_series(
    folder: Path, name: str, patient: str, study: str, frame: str, made: list[np.ndarray],
    where: list[tuple[float, float, float]], along: list[int], mm: tuple[float, float], gap: float,
) -> None:  # fmt: skip
    """Write slices as MR images."""
    folder.mkdir(parents=True)
    uid = generate_uid()
    for number, (pixels, place) in enumerate(zip(made, where, strict=True)):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        one = pydicom.Dataset()
        one.file_meta = meta
        one.SOPClassUID, one.SOPInstanceUID = MRImageStorage, meta.MediaStorageSOPInstanceUID
        one.PatientName, one.PatientID, one.PatientSex = patient, "PH-1", "O"
        one.PatientBirthDate, one.StudyDate = "19740101", "20260301"
        one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, uid, frame
        one.Modality, one.SeriesDescription, one.StudyDescription = "MR", name, "Phantom"
        one.SeriesNumber, one.InstanceNumber = 1 + ("T2" in name) + 2 * ("SAG" in name), number + 1
        one.ImageType = ["ORIGINAL", "PRIMARY", "M"]
        one.ScanningSequence, one.SequenceVariant = "SE", "NONE"
        one.RepetitionTime, one.EchoTime = (4200, 96) if "T2" in name else (550, 11)
        one.ImagePositionPatient, one.ImageOrientationPatient = list(place), along
        one.PixelSpacing, one.SliceThickness, one.SpacingBetweenSlices = list(mm), gap, gap
        one.Rows, one.Columns = pixels.shape
        one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
        one.BitsAllocated, one.BitsStored, one.HighBit, one.PixelRepresentation = 16, 12, 11, 0
        one.PixelData = np.rint(1000 * pixels).astype("<u2").tobytes()
        one.save_as(folder / f"{number:03}.dcm", enforce_file_format=True)


def wait(run: QApplication, met: Callable[[], bool], beyond: float = 0.0) -> None:
    """Handle events until something is the case, and for some seconds beyond."""
    while not met():
        run.processEvents()
        time.sleep(0.005)
    end = time.monotonic() + beyond
    while time.monotonic() < end:
        run.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    sys.exit(main())
