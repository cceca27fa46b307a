"""How long the window keeps a person waiting while 500 slices are dropped on it; prints JSON.

The real window off-screen, the bundled network, a real drop event. A timer beats every
millisecond from before the drop until all slices are answered; `gap_ms` is the time between two
beats: the most, and how the rest spread. `max_own` is the most of what is left of a gap when the
time that this process did not run is taken off, so that a busy machine is told from a busy app.
Each round is a fresh window; nothing is asserted.

- `warm`: the network is loaded before the drop.
- `idle`: nothing is dropped and no window is open: the noise of the machine.
- `cold`: the drop comes as soon as the window shows, while the worker still loads the network.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import time
from itertools import pairwise
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QMimeData, QPoint, QPointF, QSettings, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from timing import machine

from braintumor_desktop import paths
from braintumor_desktop.sources.demo import write_demo_slice
from braintumor_desktop.ui import app, theme


def drop(window: QWidget, files: list[Path]) -> None:
    """Send the events of files that are dragged over the window and let go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    how = Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(300, 300), *how))
    QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), *how))


class Beats:
    """A timer that beats every millisecond, and how evenly it did."""

    def __init__(self) -> None:
        self._moments: list[tuple[float, float]] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def _beat(self) -> None:
        self._moments.append((time.perf_counter(), time.process_time()))

    def stop(self) -> dict[str, float]:
        """The gaps between two beats in milliseconds, and how long it all took in seconds."""
        self._timer.stop()
        steps = [(1000 * (b - a), 1000 * (d - c)) for (a, c), (b, d) in pairwise(self._moments)]
        gaps = sorted(gap for gap, _ in steps)
        own = max(min(step) for step in steps)
        shares = {"median": 0.5, "p99": 0.99, "p999": 0.999}
        result = {name: round(gaps[int(share * len(gaps))], 1) for name, share in shares.items()}
        result |= {"max": round(gaps[-1], 1), "max_own": round(own, 1)}
        result["above_50"] = sum(gap > 50 for gap in gaps)
        return {**result, "seconds": round(sum(gaps) / 1000, 2)}


def measure(files: list[Path], home: Path, warm: bool) -> dict[str, float]:
    """Drop `files` on a fresh window; the beats until all are answered."""
    settings = QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat)
    window = app.build_window(settings, lambda: app.load_engine(paths.model_bundle()))
    window.show()
    loop = QEventLoop()
    if warm:
        window.bench.idle.connect(loop.quit, Qt.ConnectionType.SingleShotConnection)
        loop.exec()
    beats = Beats()
    QTimer.singleShot(20, lambda: drop(window, files))
    slices = window.bench.slices

    def end_when_all_are_answered() -> None:
        if slices.rowCount() == len(files):
            loop.quit()

    window.bench.idle.connect(end_when_all_are_answered)
    loop.exec()
    result = beats.stop()
    window.close()
    return result


def measure_idle(seconds: float) -> dict[str, float]:
    """The beats of a process that does nothing else: what the machine itself does to them."""
    loop = QEventLoop()
    beats = Beats()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
    return beats.stop()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="take the files from here, not the demo slice")
    options = parser.parse_args()
    application = QApplication([])
    theme.apply(application)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        if options.folder is None:
            demo = write_demo_slice(home)
            files = [home / f"{i:04}.png" for i in range(options.files)]
            for file in files:
                shutil.copyfile(demo, file)
        else:
            found = sorted(path for path in options.folder.rglob("*") if path.is_file())
            files = found[: options.files]
        # The cold rounds first: from then on ONNX Runtime is imported.
        result = {
            "files": len(files),
            "gap_ms": {
                "cold": measure(files, home, warm=False),
                "idle": measure_idle(5),
                "warm": [measure(files, home, warm=True) for _ in range(options.repeats)],
            },
            "machine": machine(),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
