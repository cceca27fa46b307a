"""How long a frame takes while window and level are dragged, and while a series is walked through.

Off-screen, on a slice of 1024 x 1024 pixels with outline and heat map over it, in a viewer of
1366 x 768 and of 2560 x 1440 screen pixels. A frame goes from the mouse's event to the painted
picture; the slices are a real one, enlarged. Judged is the work of the interface's thread, which
does not depend on what else the machine does; the clock's time stands beside it.

    python tests/benchmarks/bench_viewer.py [SLICE]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from braintumor_desktop.domain.answer import HeatMap, ModelInfo, Prediction, SliceAnswer
from braintumor_desktop.domain.image import MRISlice, SliceSource
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.sources.demo import write_demo_slice
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer.slices import LoadedSlices
from braintumor_desktop.ui.viewer.viewer import Viewer

SIDE, COUNT, FRAMES = 1024, 40, 200
BUDGET_MS, LEAST_RATE = 16.0, 30.0


def main() -> int:
    """Print the figures; 1 where one is beyond its bound."""
    app = QApplication(sys.argv[:1])
    theme.apply(app)
    slices = LoadedSlices(answers(), "series", "patient")
    good = True
    for width, height in ((1366, 768), (2560, 1440)):
        viewer = Viewer()
        viewer.resize(width, height)
        viewer.show()
        viewer.show_slices(slices, 0)
        viewer.actions_.heat.setChecked(True)
        viewer.actions_.outline.setChecked(True)
        app.processEvents()
        drags = [frame(app, viewer, drag_event(viewer, number)) for number in range(FRAMES)]
        release(app, viewer)
        walks = [frame(app, viewer, wheel_event(viewer, number)) for number in range(FRAMES)]
        print(f"{width} x {height}")
        drag, walk = said("window and level", drags), said("walking", walks)
        good = good and drag <= BUDGET_MS and walk <= 1000 / LEAST_RATE
        viewer.close()
    return 0 if good else 1


def said(name: str, frames: list[tuple[float, float]]) -> float:
    """Print the figures of some frames; the median of the thread's work in ms."""
    work, clock = (np.array(times) * 1000 for times in zip(*frames, strict=True))
    middle = float(np.median(work))
    print(
        f"  {name}: {middle:.1f} ms a frame (95 of 100 within {np.percentile(work, 95):.1f} ms), "
        f"{1000 / middle:.0f} a second; by the clock {np.median(clock):.1f} ms"
    )
    return middle


def answers() -> list[SliceAnswer]:
    """Slices that differ, so that nothing is painted from a cache, with marks on them."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else write_demo_slice(Path(tempfile.mkdtemp()))
    head = cv2.resize(read_slice(path).pixels, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    result = []
    for number in range(COUNT):
        pixels = np.ascontiguousarray(np.roll(head, 4 * number, axis=1), np.float32)
        mri = MRISlice(pixels, SliceSource(Path(f"{number}.png"), "PNG", sha256=str(number)))
        prepared = prepare(mri, 224)
        values = np.zeros((14, 14), np.float32)
        values[5:8, 6:9] = 6
        turn = np.linspace(0, 2 * np.pi, 120)
        outline = np.stack(
            [SIDE * (0.5 + 0.1 * np.cos(turn)), SIDE * (0.4 + 0.1 * np.sin(turn))], 1
        )
        shares = {"glioma": 0.9, "meningioma": 0.05, "pituitary": 0.03, "notumor": 0.02}
        heat = HeatMap(values, prepared.crop)
        said = Prediction(
            shares, ("glioma",), False, heat, (outline,), None, ModelInfo("bench", "0" * 64)
        )
        result.append(SliceAnswer(mri, prepared, said))
    return result


def frame(app: QApplication, viewer: Viewer, event: QEvent) -> tuple[float, float]:
    """Seconds from an event to the painted picture: of the thread's work, and by the clock."""
    work, clock = time.thread_time(), time.perf_counter()
    QApplication.sendEvent(viewer.active.canvas, event)
    app.processEvents()
    return time.thread_time() - work, time.perf_counter() - clock


def drag_event(viewer: Viewer, number: int) -> QMouseEvent:
    """A press at first, then moves with the left button held."""
    kind = QEvent.Type.MouseMove if number else QEvent.Type.MouseButtonPress
    return mouse_event(viewer, kind, QPoint(200 + number % 97, 200 + number % 61))


def release(app: QApplication, viewer: Viewer) -> None:
    """Let the button go."""
    frame(app, viewer, mouse_event(viewer, QEvent.Type.MouseButtonRelease, QPoint(300, 300)))


def mouse_event(viewer: Viewer, kind: QEvent.Type, at: QPoint) -> QMouseEvent:
    """An event of the left button."""
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    held = none if kind is QEvent.Type.MouseButtonRelease else left
    place = QPointF(viewer.active.canvas.mapToGlobal(at))
    keys = Qt.KeyboardModifier.NoModifier
    return QMouseEvent(kind, QPointF(at), place, left, held, keys)


def wheel_event(viewer: Viewer, number: int) -> QWheelEvent:
    """One notch, forwards through the series and back again."""
    forwards = (number // (COUNT - 1)) % 2 == 0
    return QWheelEvent(
        QPointF(200, 200),
        QPointF(viewer.active.canvas.mapToGlobal(QPoint(200, 200))),
        QPoint(),
        QPoint(0, -120 if forwards else 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )


if __name__ == "__main__":
    sys.exit(main())
