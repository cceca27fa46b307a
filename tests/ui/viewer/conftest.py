"""A viewer with a real series: 24 slices of a de-faced head, and a reformat across them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.answer import HeatMap, ModelInfo, Prediction, SliceAnswer
from braintumor_desktop.domain.geometry import SliceGeometry, Vector
from braintumor_desktop.domain.study import Patient, Series, Study
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.ui.viewer.slices import Caption, LoadedSlices
from braintumor_desktop.ui.viewer.viewer import Viewer

CAPTION = Caption(
    Patient("P-17", "", "HERNÁNDEZ^ANA", "19610412", "F"),
    Study("1.1", "20260301", "MR BRAIN"),
    Series(
        "1.2",
        (),
        description="AX T1",
        slice_thickness_mm=5.0,
        repetition_time_ms=2200.0,
        echo_time_ms=4.62,
    ),
)


def vector(values: object) -> Vector:
    x, y, z = (float(value) for value in values)  # type: ignore[attr-defined]
    return x, y, z


def geometry_of(path: Path) -> SliceGeometry:
    header = pydicom.dcmread(path, stop_before_pixels=True)
    turned = header.ImageOrientationPatient
    return SliceGeometry(
        vector(header.ImagePositionPatient),
        vector(turned[:3]),
        vector(turned[3:]),
        str(header.FrameOfReferenceUID),
    )


@pytest.fixture(scope="session")
def head(data_folder: Path) -> list[SliceAnswer]:
    """The series in its order, with what a network of 128 pixels would see and a made-up answer."""
    answers = []
    for path in (data_folder / "dicom-series").glob("*.dcm"):
        mri = dataclasses.replace(read_slice(path), geometry=geometry_of(path))
        prepared = prepare(mri, 128)
        values = np.zeros((8, 8), np.float32)
        values[2, 5] = 8
        corner = np.array(prepared.crop.to_source(40.0, 50.0, 128))
        square = corner + np.array([[0, 0], [40, 0], [40, 40], [0, 40]], float)
        named = {"glioma": 0.9, "meningioma": 0.05, "pituitary": 0.03, "notumor": 0.02}
        said = Prediction(
            named,
            ("glioma",),
            False,
            HeatMap(values, prepared.crop),
            (square,),
            None,
            ModelInfo("made up", "ab" * 32),
        )
        answers.append(SliceAnswer(mri, prepared, said))
    return sorted(answers, key=lambda one: one.slice.geometry.position_mm)  # type: ignore[union-attr]


@pytest.fixture
def series(head: list[SliceAnswer]) -> LoadedSlices:
    return LoadedSlices(head, "axial", "P-17", CAPTION)


@pytest.fixture(scope="session")
def sagittal(head: list[SliceAnswer]) -> LoadedSlices:
    """Cuts through the same head at right angles, made from its pixels."""
    first, second, last = (head[i].slice for i in (0, 1, -1))
    assert first.geometry is not None
    assert second.geometry is not None
    assert last.geometry is not None
    assert first.spacing_mm is not None
    volume = np.stack([one.slice.pixels for one in head])
    step = np.array(second.geometry.position) - np.array(first.geometry.position)
    gap = float(np.linalg.norm(step))
    cuts = []
    for column in range(0, volume.shape[2], 16):
        along = np.array(first.geometry.row_direction) * column * first.spacing_mm[1]
        place = SliceGeometry(
            vector(np.array(last.geometry.position) + along),
            first.geometry.column_direction,
            vector(-step / gap),
            first.geometry.frame_of_reference_uid,
        )
        pixels = np.ascontiguousarray(volume[::-1, :, column])
        source = dataclasses.replace(first.source, sha256=f"sagittal {column}")
        cuts.append(
            SliceAnswer(
                dataclasses.replace(
                    first,
                    pixels=pixels,
                    geometry=place,
                    spacing_mm=(gap, first.spacing_mm[0]),
                    source=source,
                )
            )
        )
    return LoadedSlices(cuts, "sagittal", "P-17", CAPTION)


@pytest.fixture
def viewer(qtbot: QtBot) -> Viewer:
    """An empty viewer, on screen, of 1000 x 700 pixels."""
    shown = Viewer()
    shown.resize(1000, 700)
    shown.actions_.list.add_to(shown)
    qtbot.addWidget(shown)
    with qtbot.waitActive(shown):
        shown.show()
        shown.activateWindow()
    return shown


@pytest.fixture
def looking(viewer: Viewer, series: LoadedSlices) -> Viewer:
    """The viewer with the middle of the series on screen."""
    viewer.show_slices(series, 12)
    return viewer


@pytest.fixture
def wheel() -> Callable[..., None]:
    """Turns the wheel over a canvas, by 120 a notch."""

    def turn(canvas: QWidget, turned: int, at: QPointF | None = None, *, control: bool = False):
        place = at or QPointF(canvas.width() / 2, canvas.height() / 2)
        keys = Qt.KeyboardModifier
        event = QWheelEvent(
            place,
            QPointF(canvas.mapToGlobal(place.toPoint())),
            QPoint(),
            QPoint(0, turned),
            Qt.MouseButton.NoButton,
            keys.ControlModifier if control else keys.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(canvas, event)

    return turn


@pytest.fixture
def hover() -> Callable[..., None]:
    """Moves the mouse over a canvas; at once, which QTest's own moves are not always."""

    def move(canvas: QWidget, at: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton) -> None:
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(at),
            QPointF(canvas.mapToGlobal(at)),
            Qt.MouseButton.NoButton,
            held,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(canvas, event)

    return move


@pytest.fixture
def drag(qtbot: QtBot, hover: Callable[..., None]) -> Callable[..., None]:
    """Drags over a canvas with a button, in steps."""

    def move(canvas: QWidget, start: QPoint, end: QPoint, button: Qt.MouseButton) -> None:
        qtbot.mousePress(canvas, button, pos=start)
        for step in (1, 2, 3, 4):
            hover(canvas, start + (end - start) * step / 4, button)
        qtbot.mouseRelease(canvas, button, pos=end)

    return move


def rgb(image: QImage) -> np.ndarray:
    """An image's pixels, int (height, width, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height = plain.width(), plain.height()
    flat = np.frombuffer(plain.constBits(), np.uint8).reshape(height, plain.bytesPerLine())
    return flat[:, : 3 * width].reshape(height, width, 3).astype(int)


@pytest.fixture
def screen() -> Callable[..., np.ndarray]:
    """What a canvas shows, without its words, int (height, width, 3)."""

    def grab(viewer: Viewer) -> np.ndarray:
        words = viewer.shared.display.captions
        viewer.shared.update(captions=False)
        seen = rgb(viewer.active.canvas.sheet().paint())
        viewer.shared.update(captions=words)
        return seen

    return grab
