"""Deciding about a picture that is open without the worklist: by keys, by buttons, and undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from braintumor_desktop.sources.demo import write_demo
from braintumor_desktop.store.records import Records
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.ui.main_window import MainWindow

WAIT = 30_000
Opener = Callable[..., MainWindow]


@pytest.fixture
def window(qtbot: QtBot, open_review: Opener, tmp_path: Path) -> MainWindow:
    """The demo, open; the worklist was never shown."""
    window = open_review(*write_demo(tmp_path / "demo"))
    qtbot.waitUntil(lambda: window.actions_.agree.isEnabled(), timeout=WAIT)
    qtbot.waitUntil(lambda: not window.bench.scans.going, timeout=WAIT)
    assert window.reviewing.dock is None
    return window


def _said(window: MainWindow) -> str:
    bar = window.answer.decisions
    return bar.decided.text() if bar.decided.isVisible() else ""


def _notices(window: MainWindow) -> list[str]:
    return [box.text() for box in window.findChildren(QMessageBox) if box.isVisible()]


def _button(window: MainWindow, words: str) -> QPushButton:
    buttons = window.answer.decisions.findChildren(QPushButton)
    (found,) = [one for one in buttons if one.text() == words]
    return found


def test_keys_on_the_picture_decide_about_it_and_it_is_kept(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    canvas = window.views.active.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_A)
    assert _said(window) == "Agreed: meningioma (Ctrl+Z)"
    qtbot.keyClick(canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert _said(window) == ""
    qtbot.keyClick(canvas, Qt.Key.Key_1)
    assert _said(window) == "No, glioma (Ctrl+Z)"
    assert window.bench.loaded is not None
    source = window.bench.loaded.slice.source
    kept = Records(tmp_path / "records.sqlite", "somebody else")
    try:
        decision = kept.decision(slice_subject(source.sha256, source.frame))
    finally:
        kept.close()
    assert (decision.verdict, decision.class_name) == ("disagree", "glioma")


def test_buttons_do_the_same_and_what_was_decided_is_seen_again(
    qtbot: QtBot, window: MainWindow
) -> None:
    qtbot.mouseClick(_button(window, "Unsure"), Qt.MouseButton.LeftButton)
    assert _said(window) == "Unsure (Ctrl+Z)"
    first = window.bench.selected
    assert first is not None
    window.bench.step_series(-1)
    assert window.bench.selected is not first
    assert _said(window) == "", "it is about the other slice"
    window.bench.select(first.key)
    assert _said(window) == "Unsure (Ctrl+Z)"


def test_an_answer_that_is_withheld_cannot_be_agreed_with(qtbot: QtBot, window: MainWindow) -> None:
    window.bench.step_series(-1)
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    assert window.answer.headline == "Not answered on this sequence: T1"
    window.actions_.agree.trigger()
    assert _said(window) == ""
    assert _notices(window) == [
        "There is no answer on screen to agree with: say what it is, or unsure."
    ]
    window.actions_.unsure.trigger()
    assert _said(window) == "Unsure (Ctrl+Z)"


def test_a_comment_is_kept_beside_the_decision(qtbot: QtBot, window: MainWindow) -> None:
    window.actions_.agree.trigger()
    window.actions_.comment.trigger()
    (dialog,) = window.findChildren(QInputDialog)
    dialog.setTextValue("Seen with Dr K.")
    dialog.accept()
    assert _said(window) == "Agreed: meningioma (Ctrl+Z)\nSeen with Dr K."


def test_nothing_of_a_slice_that_is_closed_is_taken_back_unseen(
    qtbot: QtBot, window: MainWindow, slices: list[Path]
) -> None:
    window.actions_.agree.trigger()
    entry = window.bench.selected
    assert entry is not None
    window.bench.close_all()
    with qtbot.waitSignal(window.bench.idle, timeout=WAIT):
        window.open_paths(slices[:1])
    window.actions_.undo.trigger()
    (notice,) = _notices(window)
    assert "demo-lesion-painted-in.dcm" in notice
    window.open_paths([entry.path])
    qtbot.waitUntil(lambda: _said(window) == "Agreed: meningioma (Ctrl+Z)", timeout=WAIT)
    window.actions_.undo.trigger()
    assert _said(window) == ""


def test_decide_first_holds_here_too(qtbot: QtBot, window: MainWindow) -> None:
    window.preferences.set("decide_first", True)
    assert window.answer.headline == "Decide first"
    window.actions_.agree.trigger()
    assert window.answer.headline == "Decide first", "an answer that is not seen"
    window.actions_.classes_menu.actions()[1].trigger()
    assert window.answer.headline == "AI: suspicious for tumour, most like meningioma"
    assert "meningioma" in _said(window)


def test_the_worklist_shows_what_was_decided_about_the_picture(
    qtbot: QtBot, window: MainWindow
) -> None:
    window.actions_.unsure.trigger()
    entry = window.bench.selected
    assert entry is not None
    window.reviewing.start([entry.path.parent])
    assert window.reviewing.dock is not None
    page = window.reviewing.dock.page
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    page.view.bar.grouping.setCurrentIndex(0)
    marks = [page.view.model.index(line, 0).data() for line in range(page.view.model.rowCount())]
    assert marks.count("?") == 1
    assert len(window.actions_.classes_menu.actions()) == 4
    assert page.view.bar.labels.count() > 4, "the classes can be filtered by"


def test_the_buttons_are_in_sight_however_long_the_answer(
    open_review: Opener, opened: Callable[..., None], meningioma: Path, qtbot: QtBot
) -> None:
    window = open_review()
    window.resize(1366, 768)
    opened(window, window.open_paths, [meningioma])
    qtbot.waitUntil(window.actions_.agree.isEnabled, timeout=WAIT)
    window.answer._limits.setChecked(True)
    bar = window.answer.decisions

    def whole() -> bool:
        return bool(bar.visibleRegion().boundingRect() == bar.rect())

    qtbot.waitUntil(lambda: window.answer.verticalScrollBar().maximum() > 0)
    assert whole()
    before = bar.height()
    window.deciding.decide("unsure")
    qtbot.waitUntil(lambda: bar.height() > before, timeout=WAIT)
    assert whole(), "with what was decided over them"
    window.resize(1366, 440)  # as at 200 %: they scroll with the rest
    qtbot.waitUntil(lambda: not whole())
    window.resize(1366, 768)
    qtbot.waitUntil(whole)
