"""What keeps the interface's thread for more than a frame, found by watching every event.

A real window with the bundled network goes through what a reader does: opens a series and a folder
of pictures, walks, drags window and level, zooms, turns, measures, shows panes side by side, and
closes all. The watcher is that of the tests (`pytest --watch-interface FILE`).

    PYTHONPATH=. python tests/benchmarks/bench_interface.py SERIES_FOLDER PICTURE...
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from braintumor_desktop import paths
from braintumor_desktop.store.records import Records
from braintumor_desktop.ui import app, theme
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.viewer.state import Tool
from tests.ui.watcher import BUDGET_MS, InterfaceWatcher


def main() -> int:
    """Go through it all; 1 where something kept the thread for more than a frame."""
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    application = QApplication(sys.argv[:1])
    theme.apply(application)
    watcher = InterfaceWatcher()
    watcher.watch_calls()
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "settings.ini"), QSettings.Format.IniFormat)
        window = app.build_window(
            settings,
            lambda: app.load_engine(paths.model_bundle()),
            lambda: Records(Path(folder) / "records.sqlite", "watcher"),
        )
        window.resize(1366, 768)
        window.show()
        until(application, lambda: window.bench.model_settled)
        watcher.collect()
        watcher.slow.clear()
        watcher.watch_events(application)
        for phase, do in scenes(application, window, [Path(name) for name in sys.argv[1:]]):
            watcher.test = lambda phase=phase: phase  # type: ignore[misc]
            do()
            settle(application, window)
            watcher.collect()
        window.close()
    print(f"{watcher.seen} events and calls; {len(watcher.slow)} of them over {BUDGET_MS:.0f} ms")
    for one in watcher.slow:
        print(f"  {one['milliseconds']:6.1f} ms  {one['test']}: {one['what']}, {one['stack']}")
    return 1 if watcher.slow else 0


def scenes(
    watched: QApplication, window: MainWindow, files: list[Path]
) -> list[tuple[str, Callable[[], None]]]:
    """What is done, by name."""
    viewer = window.views
    pictures = viewer.actions_

    def walk() -> None:
        for number in range(60):
            wheel(watched, viewer.active.canvas, -120 if number % 40 < 20 else 120)

    def everything() -> None:
        for group in ("&Window", "&Zoom and turn"):
            for action in pictures.list.groups[group]:
                action.trigger()
                watched.processEvents()

    def measure() -> None:
        for tool in (Tool.LENGTH, Tool.ANGLE, Tool.ELLIPSE):
            pictures.tools[tool].trigger()
            drag(watched, viewer.active.canvas)
        pictures.tools[Tool.WINDOW].trigger()

    def panes() -> None:
        for action in (*list(pictures.layouts.values())[::-1], pictures.heat, pictures.outline):
            action.trigger()
            watched.processEvents()

    return [
        ("opening a series", lambda: window.open_paths(files[:1])),
        ("walking", walk),
        ("window and level", lambda: drag(watched, viewer.active.canvas)),
        ("windows, zoom and turns", everything),
        ("measuring", measure),
        ("layouts and marks", panes),
        ("copying the picture", pictures.list.groups["P&icture"][1].trigger),
        ("opening pictures", lambda: window.open_paths(files[1:])),
        ("from picture to picture", lambda: [window.bench.step(1) for _ in range(20)] and None),
        ("closing all", window.bench.close_all),
    ]


def settle(watched: QApplication, window: MainWindow) -> None:
    """Let everything come that is on its way, for half a second after the last answer."""
    done: list[float] = []
    window.bench.idle.connect(lambda: done.append(time.monotonic()))
    last = time.monotonic()
    until(watched, lambda: time.monotonic() - max([last, *done]) > 0.5)
    until(watched, lambda: not window.bench.scans.going)


def until(watched: QApplication, met: Callable[[], bool]) -> None:
    """Handle events until something is the case."""
    while not met():
        watched.processEvents()
        time.sleep(0.001)


def drag(watched: QApplication, canvas: QObject) -> None:
    """Drag with the left button through forty places."""
    left, kinds = Qt.MouseButton.LeftButton, QEvent.Type
    for number in range(42):
        kind = kinds.MouseMove
        if number in (0, 41):
            kind = kinds.MouseButtonPress if number == 0 else kinds.MouseButtonRelease
        at = QPointF(120 + 2 * number, 120 + number)
        event = QMouseEvent(kind, at, at, left, left, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas, event)
        watched.processEvents()


def wheel(watched: QApplication, canvas: QObject, turned: int) -> None:
    """Turn the wheel by one notch."""
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        QPointF(99, 99), QPointF(99, 99), QPoint(), QPoint(0, turned), none,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)
    watched.processEvents()


if __name__ == "__main__":
    sys.exit(main())
