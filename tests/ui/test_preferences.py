"""What can be set: one schema, one dialog, and a policy that goes before it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSettings, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from braintumor_desktop.policy import read_policy
from braintumor_desktop.rendering.palette import SUSPICIOUS
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.dialogs.settings_dialog import SettingsDialog
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.preferences import PREFERENCES, Preferences
from braintumor_desktop.ui.system.private import make_private
from braintumor_desktop.ui.system.window_geometry import bounded
from braintumor_desktop.ui.viewer.state import Tool

Opener = Callable[..., MainWindow]


def test_a_damaged_value_is_the_default(settings: QSettings) -> None:
    settings.setValue("mouse", "three-handed")
    settings.setValue("theme", 7)
    settings.setValue("decide_first", "perhaps")
    preferences = Preferences(settings)
    assert preferences.value("mouse") == "radiology"
    assert preferences.value("theme") == ""
    for one in PREFERENCES:
        assert one.sound(preferences.value(one.key))


def test_the_dialog_has_a_control_for_everything_that_can_be_set_and_it_holds_at_once(
    qtbot: QtBot, open_window: Opener, settings: QSettings
) -> None:
    window = open_window()
    dialog = SettingsDialog(window, window.preferences)
    dialog.show()
    assert dialog.controls.keys() == {one.key for one in PREFERENCES}
    assert all(control.accessibleName() for control in dialog.controls.values())
    names, mouse = dialog.controls["names"], dialog.controls["mouse"]
    assert isinstance(names, QCheckBox)
    assert isinstance(mouse, QComboBox)
    names.click()
    assert not window.views.shared.display.names
    mouse.setCurrentIndex(mouse.findData("zooming_wheel"))
    assert window.views.shared.mouse.wheel is Tool.ZOOM
    outline = dialog.controls["outline"]
    assert isinstance(outline, QCheckBox)
    outline.click()
    assert window.views.actions_.outline.isChecked()
    assert settings.value("outline", False, bool)
    dialog.close()


def test_what_an_administrator_has_set_cannot_be_changed(
    qtbot: QtBot, settings: QSettings, tmp_path: Path
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"decide_first": True, "theme": "pink", "unknown": 1}))
    policy, sound = read_policy(file)
    assert sound
    preferences = Preferences(settings, policy)
    assert preferences.value("decide_first") is True
    assert preferences.fixed("decide_first")
    assert not preferences.fixed("theme"), "which is no colour of ours"
    preferences.set("decide_first", False)
    assert preferences.value("decide_first") is True
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = SettingsDialog(parent, preferences)
    control = dialog.controls["decide_first"]
    assert not control.isEnabled()
    assert "administrator" in control.accessibleDescription()
    dialog.close()


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, "\x00" * 70_000])
def test_a_policy_that_makes_no_sense_is_said_and_does_not_hold(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(text)
    assert read_policy(file) == ({}, False)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such pipes")
def test_a_policy_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "policy.json")
    assert read_policy(tmp_path / "policy.json") == ({}, False)
    assert read_policy(tmp_path / "none.json") == ({}, True)


def test_no_recent_paths_are_kept_where_nobody_wants_them(
    open_window: Opener, slices: list[Path], settings: QSettings
) -> None:
    window = open_window()
    window.open_paths(slices[:1])
    assert settings.contains("recent")
    window.preferences.set("keep_recent", False)
    assert not settings.contains("recent")
    window.open_paths(slices[1:2])
    assert not settings.contains("recent")


@pytest.mark.parametrize("colours", [theme.DARK, theme.LIGHT], ids=["dark", "light"])
def test_text_and_controls_stand_out(colours: theme.Colours) -> None:
    """WCAG 2.2: 4.5:1 for text, 3:1 for what makes a control seen."""
    for behind in (colours.panel, colours.base, colours.raised, colours.hover):
        for text in (colours.text, colours.quiet):
            assert theme.contrast(text, behind) >= 4.5, (text, behind)
        for mark in (colours.edge, colours.accent, colours.faint):
            assert theme.contrast(mark, behind) >= 3, (mark, behind)
    assert theme.contrast(colours.on_accent, colours.accent) >= 4.5
    assert theme.contrast(SUSPICIOUS, theme.DARK.raised) >= 3


def test_black_on_white_has_the_contrast_that_the_standard_says() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_the_theme_follows_what_is_chosen(qapp: QApplication, qtbot: QtBot) -> None:
    try:
        theme.apply(qapp, "light")
        assert theme.colours() is theme.LIGHT
        assert theme.LIGHT.panel in qapp.styleSheet()
        theme.apply(qapp, "dark")
        assert theme.colours() is theme.DARK
        assert theme.LIGHT.panel not in qapp.styleSheet()
    finally:
        theme.apply(qapp)


def test_a_window_is_kept_on_its_screen() -> None:
    room = QRect(0, 24, 683, 360)  # 1366x768 at 200 %
    for wanted in (QRect(0, 0, 1280, 800), QRect(-900, 5000, 400, 300), QRect(600, 300, 400, 300)):
        assert room.contains(bounded(wanted, room))
    inside = QRect(10, 30, 400, 300)
    assert bounded(inside, room) == inside


def test_the_window_can_be_as_small_as_a_laptop_s_screen_at_200_percent(
    qtbot: QtBot, open_window: Opener, opened: Callable[..., None], slices: list[Path]
) -> None:
    window = open_window()
    opened(window, window.open_paths, slices[:2])

    def fits() -> bool:
        window.resize(683, 360)
        return window.width() <= 683 and window.height() <= 360

    qtbot.waitUntil(fits)  # with all panels
    window.actions_.browser.setChecked(False)
    qtbot.waitUntil(lambda: window.views.active.canvas.width() > 400)


def test_f11_is_the_whole_screen_and_panels_go_and_come(
    qtbot: QtBot, open_window: Opener, opened: Callable[..., None], slices: list[Path]
) -> None:
    window = open_window()
    opened(window, window.open_paths, slices[:2])
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()
    for key, panel in ((Qt.Key.Key_F9, window.browser), (Qt.Key.Key_F10, window.answer)):
        assert panel.isVisible()
        qtbot.keyClick(window, key)
        assert not panel.isVisible()
        qtbot.keyClick(window, key)
        assert panel.isVisible()


@pytest.mark.skipif(sys.platform == "win32", reason="there the user's folders are private")
def test_what_holds_paths_is_the_user_s_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "settings.ini"
    make_private(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    file.chmod(0o644)
    make_private(file)
    assert file.stat().st_mode & 0o777 == 0o600
    make_private(Path("/proc/nowhere/x"))  # which says nothing


def test_every_control_has_a_name_for_a_screen_reader(
    qtbot: QtBot, open_review: Opener, slices: list[Path]
) -> None:
    window = open_review()
    window.reviewing.start([slices[0].parent])
    assert window.reviewing.dock is not None
    page = window.reviewing.dock.page
    qtbot.waitUntil(lambda: page.settled, timeout=60_000)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QAbstractItemView)
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in window.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.isVisible()
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not (widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip())
    ]
    assert nameless == []
