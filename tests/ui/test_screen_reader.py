"""What a screen reader is told: names and states of all controls, answers and decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from braintumor_desktop.network.cache import Cache
from braintumor_desktop.ui.archive.answers_dialog import AnswersDialog
from braintumor_desktop.ui.archive.query_dialog import QueryDialog
from braintumor_desktop.ui.dialogs import about
from braintumor_desktop.ui.dialogs.crash_report import CrashReport
from braintumor_desktop.ui.dialogs.settings_dialog import SettingsDialog
from braintumor_desktop.ui.main_window import MainWindow
from tests.ui.selecting import select_row

WAIT = 30_000
Opener = Callable[..., MainWindow]
Opened = Callable[..., None]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is announced, in order."""
    said: list[str] = []
    update = QAccessible.updateAccessibility

    def spy(event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            assert event.politeness() is QAccessible.AnnouncementPoliteness.Polite
            said.append(event.message())
        update(event)  # type: ignore[arg-type]

    monkeypatch.setattr(QAccessible, "updateAccessibility", spy)
    return said


def _review(qtbot: QtBot, window: MainWindow, *roots: Path) -> None:
    window.reviewing.start(list(roots))
    qtbot.waitUntil(
        lambda: window.reviewing.dock is not None and window.reviewing.dock.page.settled,
        timeout=WAIT,
    )
    assert window.reviewing.dock is not None
    page = window.reviewing.dock.page
    qtbot.waitUntil(
        lambda: page.desk.on_screen(page.view.lines.current()) and window.bench.loaded is not None,
        timeout=WAIT,
    )


def test_answers_are_said_as_they_come_and_for_each_slice(
    open_window: Opener, opened: Opened, slices: list[Path], no_image: Path, heard: list[str]
) -> None:
    window = open_window()
    opened(window, window.open_paths, [*slices[:1], no_image])
    select_row(window, 0)
    assert any(said.startswith(window.answer.headline) for said in heard)
    heard.clear()
    select_row(window, 1)
    assert any("letter.png" in said for said in heard), "why it was refused"
    heard.clear()
    select_row(window, 0)
    assert any(said.startswith(window.answer.headline) for said in heard), "another slice's"


def test_a_withheld_answer_is_not_said_aloud_either(
    qtbot: QtBot, open_review: Opener, meningioma: Path, heard: list[str]
) -> None:
    window = open_review()
    window.preferences.set("decide_first", True)
    _review(qtbot, window, meningioma)
    assert any(said.startswith("Decide first") for said in heard)
    assert not any("eningioma" in said for said in heard)


def test_decisions_are_said_and_that_they_were_taken_back(
    qtbot: QtBot, open_review: Opener, slices: list[Path], heard: list[str]
) -> None:
    window = open_review()
    _review(qtbot, window, slices[0])
    heard.clear()
    window.actions_.agree.trigger()
    assert "Agreed: no tumour (Ctrl+Z)" in heard
    window.actions_.undo.trigger()
    assert "Nothing decided" in heard


def test_what_is_said_of_a_series_is_said_aloud(
    qtbot: QtBot, open_window: Opener, opened: Opened, data_folder: Path, heard: list[str]
) -> None:
    window = open_window()
    opened(window, window.open_paths, [data_folder / "dicom-series"])
    qtbot.waitUntil(lambda: any("not usable" in said for said in heard), timeout=WAIT)


def _controls(top: QWidget) -> Iterator[QWidget]:
    """What can be reached by Tab or acted on, and is on screen."""
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or _inside_a_control(widget, top):
            continue
        reached = widget.focusPolicy() is not Qt.FocusPolicy.NoFocus
        if reached or isinstance(widget, QAbstractButton):
            yield widget


def _inside_a_control(widget: QWidget, top: QWidget) -> bool:
    """A combo box's list, a spin box's line, a header's corner: parts, named by their whole."""
    parent = widget.parentWidget()
    while parent is not None and parent is not top:
        if isinstance(parent, QComboBox | QLineEdit) or parent.inherits("QAbstractSpinBox"):
            return True
        if parent.inherits("QAbstractItemView") or parent.inherits("QMenuBar"):
            return True
        parent = parent.parentWidget()
    return False


def _unnamed(top: QWidget) -> list[str]:
    found = []
    for widget in _controls(top):
        told = QAccessible.queryAccessibleInterface(widget)
        assert told is not None
        name = told.text(QAccessible.Text.Name).strip()
        if not name or name == "PySide6":
            found.append(f"{type(widget).__name__} {widget.objectName()}")
        state = told.state()
        if isinstance(widget, QAbstractButton) and widget.isCheckable():
            assert bool(state.checkable)
            assert bool(state.checked) == widget.isChecked(), name
        assert bool(state.disabled) != widget.isEnabled(), name
    return found


def test_every_control_of_the_window_has_a_name_and_tells_its_state(
    qtbot: QtBot, open_review: Opener, data_folder: Path
) -> None:
    window = open_review()
    assert _unnamed(window) == []
    with qtbot.waitSignal(window.bench.idle, timeout=WAIT):
        window.open_paths([data_folder / "dicom-series"])
    assert _unnamed(window) == []
    window.views.actions_.layouts["2x2"].trigger()
    assert _unnamed(window) == []
    _review(qtbot, window, data_folder / "dicom-series")
    assert _unnamed(window) == []
    for action in (*window.actions_.all(), *window.actions_.review_menu.actions()):
        assert action.text() or action.isSeparator()


def test_every_control_of_the_dialogs_has_a_name_and_tells_its_state(
    qtbot: QtBot, open_review: Opener, tmp_path: Path, slices: list[Path]
) -> None:
    window = open_review()
    dialogs: list[Callable[[], QDialog]] = [
        lambda: SettingsDialog(window, window.preferences),
        lambda: about.about(window, window.bench.model),
        lambda: about.notice(window, "Words."),
        lambda: about.losing(window, [("a", "b")], lambda: None),
        lambda: about.licences(window, "Texts."),
        lambda: about.shortcuts(window, window.actions_.by_group()),
        lambda: CrashReport(window, "Report."),
        lambda: QueryDialog(tmp_path / "archives.json", Cache(tmp_path / "cache"), window),
        lambda: AnswersDialog(slices, tmp_path / "a.json", window.session.classifier, window),
    ]
    for make in dialogs:
        dialog = make()
        dialog.open()
        assert _unnamed(dialog) == [], dialog.windowTitle()
        assert dialog.windowTitle() or dialog.inherits("QMessageBox")
        dialog.done(0)
    assert QApplication.activeModalWidget() is None
