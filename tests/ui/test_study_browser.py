"""The browser, the strip and the walk through a series, on real slices."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from pydicom.uid import generate_uid
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.series_answer import SeriesFinding
from braintumor_desktop.ui.browser.slice_model import State
from braintumor_desktop.ui.browser.study_tree import LineRole
from braintumor_desktop.ui.main_window import MainWindow

WAIT = 60_000
Opener = Callable[..., MainWindow]
Opened = Callable[..., None]


@pytest.fixture
def study(data_folder: Path, tmp_path: Path) -> Path:
    """Two series of one patient, eight slices and four, in no order of names, and a disc's rest."""
    folder = tmp_path / "study"
    folder.mkdir()
    uids = [generate_uid() for _ in range(3)]
    files = sorted((data_folder / "dicom-series").iterdir())[12:20]
    for place, path in enumerate(files):
        for number, name in enumerate(("AX T1", "AX T1 +C")):
            if number and place % 2:
                continue
            dataset = pydicom.dcmread(path)
            dataset.ImageType = ["ORIGINAL", "PRIMARY"]
            dataset.PatientName, dataset.PatientID = "HERNÁNDEZ^ANA", "MX-42"
            dataset.SpecificCharacterSet = "ISO_IR 192"
            dataset.SeriesDescription, dataset.SeriesNumber = name, number + 1
            dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uids[2], uids[number]
            dataset.SOPInstanceUID = generate_uid()
            dataset.save_as(folder / f"{number}-{90 - place}.dcm")
    (folder / "Thumbs.db").write_bytes(b"x" * 300)
    (folder / "AUTORUN.INF").write_text("[autorun]")
    (folder / "broken.dcm").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 40)
    return folder


def lines(window: MainWindow) -> list[tuple[int, str]]:
    """What the tree says, with its depth."""
    model = window.browser.tree
    said: list[tuple[int, str]] = []

    def walk(parent: QModelIndex, depth: int) -> None:
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            said.append((depth, index.data()))
            walk(index, depth + 1)

    walk(QModelIndex(), 0)
    return said


def test_patient_study_and_series_then_what_was_refused_and_one_line_for_the_rest(
    open_window: Opener, opened: Opened, study: Path
) -> None:
    window = open_window()
    opened(window, window.open_paths, [study])
    said = lines(window)
    assert said[0] == (0, "HERNÁNDEZ, ANA  1966  F")
    assert said[1][0] == 1
    assert said[1][1].startswith("2013-07-17")
    assert said[2:4] == [(2, "AX T1"), (2, "AX T1 +C")]
    assert (0, "1 file refused") in said
    assert (1, "broken.dcm") in said
    assert said[-1] == (0, "2 other files")
    assert window.bench.slices.rowCount() == 13
    assert "MX-42" in window.windowTitle()


def _wheel(window: MainWindow, notches: int) -> None:
    canvas = window.views.active.canvas
    middle = QPointF(canvas.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(canvas.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, -120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def _at(window: MainWindow) -> int:
    series, entry = window.bench.series, window.bench.selected
    assert series is not None
    assert entry is not None
    return series.index[entry.key]


def test_wheel_keys_and_strip_walk_in_order_of_position_and_stop_at_the_ends(
    qtbot: QtBot, open_window: Opener, opened: Opened, study: Path
) -> None:
    window = open_window()
    opened(window, window.open_paths, [study])
    series = window.bench.shelf.series[0]
    heights = [one.geometry.position_mm for one in series.series.instances if one.geometry]
    assert heights == sorted(heights)
    assert len(heights) == 8
    window.bench.select(series.keys[0])
    _wheel(window, 1)
    assert _at(window) == 1
    window.activateWindow()
    window.list.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Down)
    assert _at(window) == 2
    for _ in range(20):
        qtbot.keyClick(window, Qt.Key.Key_Down)
    assert _at(window) == 7, "and not on in another series"
    assert window.bench.series is series
    strip = window.answer.series.strip
    assert strip.isVisible()
    where = strip.place_of(3).toPoint()
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=where)
    assert _at(window) == 3
    qtbot.keyClick(window, Qt.Key.Key_PageDown)
    assert window.bench.series is window.bench.shelf.series[1]
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    assert window.bench.series is series


def test_a_series_is_judged_once_all_of_it_is_answered_with_its_denominator(
    qtbot: QtBot, open_window: Opener, opened: Opened, study: Path
) -> None:
    window = open_window()
    opened(window, window.open_paths, [study])
    series = window.bench.shelf.series[0]
    window.bench.select(series.keys[4])
    qtbot.waitUntil(lambda: window.bench.judgement(series) is not None, timeout=WAIT)
    answer = window.bench.judgement(series)
    assert answer is not None
    assert len(answer.usable) == 8
    window.stage.show_series()
    words = window.answer.series.counts.text()
    assert f"of {answer.usable_count} usable slice" in words
    if answer.finding is SeriesFinding.NOT_ANSWERED:
        assert window.answer.series.headline.text() == "No statement about this series"


def test_a_click_goes_to_a_series_where_it_was_left(
    qtbot: QtBot, open_window: Opener, opened: Opened, study: Path
) -> None:
    window = open_window()
    opened(window, window.open_paths, [study])
    first, second = window.bench.shelf.series[:2]
    window.bench.select(first.keys[6])
    view, tree = window.list, window.browser.tree

    def click(key: tuple[Path, int]) -> None:
        index = tree.line_of(key)
        view.scrollTo(index)
        place = view.visualRect(index).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)

    click(second.keys[0])
    assert window.bench.series is second
    assert _at(window) == len(second) // 2, "the middle, which its thumbnail shows"
    assert view.currentIndex().data(LineRole).series is second
    click(first.keys[0])
    assert _at(window) == 6


def test_what_was_closed_is_held_no_longer(
    qtbot: QtBot, open_window: Opener, opened: Opened, study: Path
) -> None:
    window = open_window()
    opened(window, window.open_paths, [study])
    held = [weakref.ref(series) for series in window.bench.shelf.series]
    assert len(held) >= 2
    window.bench.close_all()

    def gone() -> bool:
        gc.collect()
        return all(one() is None for one in held)

    qtbot.waitUntil(gone)


def test_only_slices_around_the_one_on_screen_are_held_and_read_ahead(
    qtbot: QtBot,
    open_window: Opener,
    opened: Opened,
    study: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from braintumor_desktop.ui.session import pixel_store, reading_order

    monkeypatch.setattr(pixel_store, "SLICES_IN_MEMORY", 3)
    monkeypatch.setattr(reading_order, "AHEAD", 1)
    window = open_window()
    opened(window, window.open_paths, [study])
    series = window.bench.shelf.series[0]
    window.bench.select(series.keys[3])
    wanted = {series.keys[place] for place in (2, 3, 4)}
    qtbot.waitUntil(lambda: all(window.bench.look(key) is not None for key in wanted), timeout=WAIT)
    assert window.bench.slices_in_memory <= 3
    entry = window.bench.slices.entry(series.keys[0])
    assert entry is not None
    assert entry.prediction is not None, "the answer stays"
    window.bench.select(series.keys[0])
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    loaded = window.bench.loaded
    assert loaded is not None
    assert loaded.prediction is entry.prediction, "and is not given twice"


def test_a_derived_series_is_answered_when_asked(
    qtbot: QtBot, open_window: Opener, opened: Opened, study: Path
) -> None:
    for path in sorted(study.glob("1-*.dcm")):
        dataset = pydicom.dcmread(path)
        dataset.ImageType = ["DERIVED", "SECONDARY", "PROJECTION IMAGE", "MIP"]
        dataset.save_as(path)
    window = open_window()
    opened(window, window.open_paths, [study])
    derived = next(s for s in window.bench.shelf.series if not s.answered_unasked)
    states = [window.bench.slices.entry(key).state for key in derived.keys]  # type: ignore[union-attr]
    assert State.ANSWERED not in states
    opened(window, window.bench.select, derived.keys[0])
    assert window.answer.headline == "No answer"
    assert window.answer.ask_series.isVisible()
    opened(window, window.answer.ask_series.click)
    states = [window.bench.slices.entry(key).state for key in derived.keys]  # type: ignore[union-attr]
    assert set(states) == {State.ANSWERED}
    assert not window.answer.ask_series.isVisible()


def test_the_same_study_opened_twice_is_there_once(
    open_window: Opener, opened: Opened, study: Path
) -> None:
    window = open_window()
    opened(window, window.open_paths, sorted(study.glob("0-*.dcm"))[:3])
    opened(window, window.open_paths, [study])
    assert window.bench.slices.rowCount() == 13
    assert [len(series) for series in window.bench.shelf.series] == [8, 4]
    opened(window, window.open_paths, [study])
    assert window.bench.slices.rowCount() == 13


def test_four_panes_show_the_study_s_series_and_nothing_of_another_patient(
    open_window: Opener, opened: Opened, study: Path, demo_slice: Path
) -> None:
    window = open_window()
    opened(window, window.open_paths, [study, demo_slice])
    viewer = window.views
    first, second = [one for one in window.bench.shelf.series if not one.is_picture]
    window.bench.select(first.keys[0])
    list(viewer.actions_.layouts.values())[2].trigger()
    shown = [pane.slices for pane in viewer.grid.visible_panes]
    assert [one.key for one in shown if one is not None] == [first.key, second.key]
    assert sum(one is None for one in shown) == 2, "the picture is of nobody known"
    assert "Click here" in viewer.grid.panes[2].scene().note
    window.bench.select((demo_slice, 0))
    beside = [pane.slices for pane in viewer.grid.visible_panes if pane is not viewer.active]
    assert beside == [None, None, None]


def test_keys_decide_about_what_was_opened_or_clicked_on(
    qtbot: QtBot, open_review: Opener, meningioma: Path, study: Path
) -> None:
    window = open_review()
    window.open_paths([meningioma, study])
    agree = window.actions_.agree
    qtbot.waitUntil(lambda: agree.isEnabled() and not window.bench.scans.going, timeout=WAIT)

    def by_key() -> str:
        focused = window.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_U)
        return window.answer.decisions.decided.text()

    assert "Unsure" in by_key(), "nothing was clicked on before"
    series = next(one for one in window.bench.shelf.series if not one.is_picture)
    place = window.list.visualRect(window.browser.tree.line_of(series.keys[0])).center()
    qtbot.mouseClick(window.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.bench.series is series
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    assert not window.answer.decisions.decided.text()
    assert "Unsure" in by_key()


def test_nothing_is_said_of_a_series_by_some_of_its_slices(
    qtbot: QtBot, open_window: Opener, opened: Opened, study: Path
) -> None:
    window = open_window()
    bench = window.bench
    first = sorted(study.glob("0-*.dcm"))
    opened(window, window.open_paths, first[:6])
    qtbot.waitUntil(lambda: bench.judgement(bench.shelf.series[0]) is not None, timeout=WAIT)
    said: list[tuple[int, int]] = []

    def look() -> None:
        for series in bench.shelf.series:
            if (answer := bench.judgement(series)) is not None:
                said.append((len(answer.usable), len(series)))

    bench.shown_changed.connect(look)
    bench.progress_changed.connect(look)
    opened(window, window.open_paths, first)
    qtbot.waitUntil(lambda: (look(), (8, 8) in said)[1], timeout=WAIT)
    assert {judged for judged, whole in said if whole == 8} == {8}
