"""The pictures in the real window: panes supplied, notes kept from one start to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from braintumor_desktop.store.records import Records
from braintumor_desktop.ui import app
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.picture_links import PictureLinks
from braintumor_desktop.ui.session.answering_thread import Engine
from braintumor_desktop.ui.viewer.state import Tool
from tests.ui.conftest import out_of_reach

LEFT = Qt.MouseButton.LeftButton
Opened = Callable[..., None]


@pytest.fixture
def start(
    qtbot: QtBot,
    settings: QSettings,
    tmp_path: Path,
    fake_engine: Callable[..., Callable[[], Engine]],
) -> Iterator[Callable[[], MainWindow]]:
    """Starts the window with a store in a temporary folder."""
    windows: list[MainWindow] = []

    def opener() -> MainWindow:
        window = app.build_window(
            settings, fake_engine(), lambda: Records(tmp_path / "records.sqlite", "tester")
        )
        windows.append(window)
        window.show()
        qtbot.waitUntil(lambda: window.bench.model_settled)
        return window

    yield opener
    for window in windows:
        window.close()
        window.deleteLater()


def measure(window: MainWindow, qtbot: QtBot) -> None:
    viewer = window.views
    viewer.actions_.tools[Tool.LENGTH].trigger()
    canvas = viewer.active.canvas
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(120, 120))
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(180, 120))


def test_what_was_measured_is_there_at_the_next_start_under_any_name(
    start: Callable[[], MainWindow], opened: Opened, data_folder: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file = sorted((data_folder / "dicom-series").glob("*.dcm"))[12]
    window = start()
    opened(window, window.open_paths, [file])
    measure(window, qtbot)
    window.views.actions_.key_image.trigger()
    (drawn,) = window.views.active.scene().measurements
    assert drawn.words.endswith(" mm")
    window.close()
    elsewhere = tmp_path / "another name.dcm"
    elsewhere.write_bytes(file.read_bytes())
    again = start()
    opened(again, again.open_paths, [elsewhere])
    qtbot.waitUntil(lambda: len(again.views.active.scene().measurements) == 1)
    (found,) = again.views.active.scene().measurements
    assert found.words == drawn.words
    assert again.views.active.scene().key_image


def test_notes_that_cannot_be_kept_are_said_once_and_are_not_lost(
    start: Callable[[], MainWindow], opened: Opened, slices: list[Path], tmp_path: Path,
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    said: list[str] = []
    monkeypatch.setattr(PictureLinks, "say", lambda _links, error: said.append(str(error)))
    window = start()
    opened(window, window.open_paths, slices[:1])
    assert window.session.notes is not None
    window.views.actions_.key_image.trigger()
    qtbot.waitUntil(lambda: window.session.notes.unkept == 0)
    store = tmp_path / "records.sqlite"
    with out_of_reach(store):
        window.views.actions_.key_image.trigger()
        qtbot.waitUntil(lambda: len(said) == 1, timeout=60_000)
        measure(window, qtbot)
    window.views.actions_.key_image.trigger()
    qtbot.waitUntil(lambda: window.session.notes.unkept == 0)
    assert len(said) == 1
    kept = Records(store, "reader")
    (notes,) = kept.notes.of(window.bench.loaded.slice.source.sha256).values()
    assert notes.key_image
    assert len(notes.measurements) == 1
    kept.close()


def test_a_series_beside_another_is_read_and_the_answer_follows_the_active_pane(
    start: Callable[[], MainWindow], opened: Opened, data_folder: Path, qtbot: QtBot
) -> None:
    window = start()
    opened(window, window.open_paths, [data_folder / "dicom-series"])
    viewer = window.views
    left, right = viewer.grid.panes[:2]
    viewer.actions_.layouts[list(viewer.actions_.layouts)[1]].trigger()
    qtbot.mouseClick(right.canvas, LEFT, pos=QPoint(40, 40))
    window.bench.select(window.bench.series.keys[20])
    qtbot.waitUntil(lambda: right.scene().picture is not None)
    qtbot.mouseClick(left.canvas, LEFT, pos=QPoint(40, 40))
    assert window.bench.selected.key == window.bench.series.keys[left.index]
    # Left before it was read, a pane's slice is read all the same.
    viewer.grid.activate(right)
    window.bench._pixels.clear()
    window.bench.select(window.bench.series.keys[0])
    viewer.grid.activate(left)
    qtbot.waitUntil(lambda: right.index == 0 and right.scene().picture is not None)
    # The same series twice, linked by position: both walk, also where nothing was read ahead.
    left.go_to(1)
    qtbot.waitUntil(lambda: right.index == 1 and right.scene().picture is not None)
    assert window.bench.selected.key == window.bench.series.keys[1]


def test_one_window_for_the_series_is_that_of_all_its_values(
    start: Callable[[], MainWindow], opened: Opened, data_folder: Path, qtbot: QtBot
) -> None:
    window = start()
    opened(window, window.open_paths, [data_folder / "dicom-series"])
    series = window.bench.series
    assert series is not None
    assert series.window is not None
    window.views.refresh()
    assert window.views.window_now == series.window
    window.bench.step(5)
    qtbot.waitUntil(lambda: window.views.active.scene().picture is not None)
    assert window.views.window_now == series.window


def test_closing_asks_before_measurements_are_lost(
    start: Callable[[], MainWindow], opened: Opened, slices: list[Path], tmp_path: Path,
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(PictureLinks, "say", lambda _links, error: None)
    window = start()
    opened(window, window.open_paths, slices[:1])
    assert window.session.notes is not None
    window.views.actions_.key_image.trigger()
    qtbot.waitUntil(lambda: window.session.notes.unkept == 0)
    with out_of_reach(tmp_path / "records.sqlite"):
        measure(window, qtbot)
        window.close()
        assert window.isVisible()
        box = window.findChild(QMessageBox)
        assert "Measurements and key images: on 1 slice" in box.informativeText()
        box.close()
    window.views.actions_.key_image.trigger()  # kept with what was to be kept before
    window.close()
    assert not window.isVisible()
