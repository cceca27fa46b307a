"""How a series of 384 slices comes into the real window, off-screen; prints JSON.

    python tests/benchmarks/bench_series_384.py FOLDER [--slices N] [--rounds N]

FOLDER has the DICOM files of one real series, whose slices are written over and over as one long
series, one millimetre from each other. Each round, in a fresh window that has loaded the network:

- `first_ms`: from the drop of the folder to the first slice's picture painted on the canvas;
- `walked`: then at once the wheel from one end to the other, notch after notch, each when the slice
  before has been painted, while the series is answered behind it: slices a second, and the longest
  that one was waited for;
- `answered`: in another fresh window, from the drop until every slice has its answer, with nobody
  walking: slices a second, beside those of the batch on the same folder with one worker and with
  as many as there are cores, in the same round.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pydicom
from bench_batch import pipeline
from bench_drop import drop
from pydicom.uid import generate_uid
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, QSettings, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from timing import machine, summary

from braintumor_desktop import paths
from braintumor_desktop.ui import app, theme
from braintumor_desktop.ui.browser.slice_model import State
from braintumor_desktop.ui.main_window import MainWindow

_PATIENCE_S = 600.0


def write_series(folder: Path, source: Path, count: int) -> None:
    """Write `count` slices of one series, made of the files in `source`."""
    given = [pydicom.dcmread(path) for path in sorted(source.glob("*.dcm"))]
    folder.mkdir()
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for place in range(count):
        one = given[place % len(given)]
        one.ImageType = ["ORIGINAL", "PRIMARY"]
        one.StudyInstanceUID, one.SeriesInstanceUID = study, series
        one.FrameOfReferenceUID = frame
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        one.InstanceNumber = place + 1
        one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        one.ImagePositionPatient = [0, 0, float(place)]
        one.save_as(folder / f"{place:04}.dcm")


class Painted(QObject):
    """Knows which slice the canvas painted last."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.key: object = None
        window.views.active.canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Note the slice that is about to be painted."""
        if event.type() is QEvent.Type.Paint and self._window.bench.loaded is not None:
            self.key = self._window.bench.selected.key
        return False


def opened(home: Path) -> MainWindow:
    """A fresh window whose network is loaded."""
    settings = QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat)
    window = app.build_window(settings, lambda: app.load_engine(paths.model_bundle()))
    window.resize(1366, 768)
    window.show()
    wait(lambda: window.bench.model_settled)
    return window


def wait(until: Callable[[], bool]) -> float:
    """Let the window work until something is so; the seconds that it took."""
    began = time.perf_counter()
    waking = QTimer()
    waking.start(100)  # so that what never comes is given up
    while not until():
        if time.perf_counter() - began > _PATIENCE_S:
            raise SystemExit("what was waited for did not come")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    return time.perf_counter() - began


def wheel(window: MainWindow) -> None:
    """One notch onwards."""
    canvas = window.views.active.canvas
    at = QPointF(canvas.rect().center())
    where = QPointF(canvas.mapToGlobal(at.toPoint()))
    none, no_keys = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    down, phase = QPoint(0, -120), Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        canvas, QWheelEvent(at, where, QPoint(), down, none, no_keys, phase, False)
    )


def walked(folder: Path, home: Path, count: int) -> dict[str, float]:
    """Drop the series and walk through it."""
    window = opened(home)
    bench, painted = window.bench, Painted(window)
    drop(window, [folder])
    first = wait(lambda: painted.key is not None)
    wait(lambda: not bench.scans.going)
    bench.select(bench.shelf.series[0].keys[0])
    wait(lambda: painted.key == bench.selected.key)
    steps = []
    for _ in range(count - 1):
        before = bench.selected.key
        wheel(window)
        assert bench.selected.key != before
        steps.append(wait(lambda: painted.key == bench.selected.key))
    window.close()
    return {
        "first_ms": 1000 * first,
        "slices_a_second": len(steps) / sum(steps),
        "longest_ms": 1000 * max(steps),
    }


def answered(folder: Path, home: Path, count: int) -> float:
    """Slices a second that are answered behind a dropped series."""
    window = opened(home)
    slices = window.bench.slices
    drop(window, [folder])
    seconds = wait(lambda: slices.count(State.ANSWERED) == count)
    window.close()
    return count / seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=384)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    application = QApplication([])
    theme.apply(application)
    rounds: list[dict[str, Any]] = []
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        folder = home / "series"
        write_series(folder, options.folder, options.slices)
        for _ in range(options.rounds):
            batch = {jobs: pipeline(folder, jobs) for jobs in {1, cores}}
            rate = {jobs: run["files"] / run["seconds"] for jobs, run in batch.items()}
            own = answered(folder, home, options.slices)
            rounds.append(
                walked(folder, home, options.slices)
                | {"answered_a_second": own}
                | {f"batch_{jobs}": value for jobs, value in rate.items()}
                | {f"of_batch_{jobs}": own / value for jobs, value in rate.items()}
            )
    figures = {key: summary([one[key] for one in rounds], 2) for key in rounds[0]}
    print(json.dumps({"slices": options.slices, **figures, **machine()}, indent=2))


if __name__ == "__main__":
    main()
