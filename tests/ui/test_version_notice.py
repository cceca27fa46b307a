"""Help → Check for a newer version: one sentence for whatever comes of it, and only when asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from braintumor_desktop import __version__
from braintumor_desktop.text.language import Language, speaking
from braintumor_desktop.ui.dialogs.settings_dialog import SettingsDialog
from braintumor_desktop.ui.main_window import MainWindow
from tests.network.conftest import free_port
from tests.network.version_server import VersionServer, version_server

__all__ = ["version_server"]

Opener = Callable[..., MainWindow]


def _ask(qtbot: QtBot, window: MainWindow, until: str) -> None:
    """Choose it from the menu, wait for a box that says so, and close that."""
    window.actions_.newer_version.trigger()
    (box,) = (one for one in window.findChildren(QMessageBox) if one.isVisible())
    qtbot.waitUntil(lambda: until in box.text(), timeout=60_000)
    box.close()
    qtbot.waitUntil(lambda: not window.findChildren(QMessageBox))


def test_each_outcome_is_one_sentence(
    qtbot: QtBot, open_window: Opener, version_server: VersionServer
) -> None:
    window = open_window()
    _ask(qtbot, window, "No address that tells of newer versions is set")
    window.preferences.set("version_address", version_server.address)
    assert version_server.asked == [], "nothing is asked before somebody wants it"
    version_server.body = b"99.0\n"
    _ask(qtbot, window, f"Version 99.0 is available; this is version {__version__}.")
    version_server.body = __version__.encode()
    _ask(qtbot, window, f"There is no newer version than this one, {__version__}.")
    version_server.body = b"<html>"
    _ask(qtbot, window, "is no version number")
    window.preferences.set("version_address", f"https://localhost:{free_port()}/")
    _ask(qtbot, window, "Nobody answers at the address")
    assert len(version_server.asked) == 3


def test_it_is_said_in_spanish(
    qtbot: QtBot, open_window: Opener, settings: QSettings, version_server: VersionServer
) -> None:
    settings.setValue("version_address", version_server.address)
    version_server.body = b"99.0"
    with speaking(Language.of("es")):
        _ask(qtbot, open_window(), "Está disponible la versión 99.0")


def test_the_address_is_set_in_the_settings(qtbot: QtBot, open_window: Opener) -> None:
    window = open_window()
    dialog = SettingsDialog(window, window.preferences)
    field = dialog.controls["version_address"]
    assert isinstance(field, QLineEdit)
    field.setText(" https://example.org/newest ")
    field.editingFinished.emit()
    assert window.preferences.value("version_address") == "https://example.org/newest"
    dialog.close()


def test_a_window_that_is_closed_meanwhile_waits_for_nobody_and_says_nothing(
    qtbot: QtBot,
    open_window: Opener,
    version_server: VersionServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("braintumor_desktop.network.newest_version._MOST_S", 1.0)
    version_server.dripping = True
    window = open_window()
    window.preferences.set("version_address", version_server.address)
    window.actions_.newer_version.trigger()
    qtbot.waitUntil(lambda: len(version_server.asked) == 1, timeout=60_000)
    window.close()
    assert not window.version_notice.busy
