from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMessageBox

from braintumor_desktop.ui import app
from braintumor_desktop.ui.settings import open_settings

INI = QSettings.Format.IniFormat


def settings_of(content: bytes, folder: Path) -> QSettings:
    file = folder / "settings.ini"
    file.write_bytes(content)
    return QSettings(str(file), INI)


@pytest.mark.parametrize(
    "content",
    [b"[General", b"\0\xff\0\x17 nothing to read\n", b"[General]\nheat_map=true\nrec"],
    ids=repr,
)
def test_damaged_settings_are_kept_under_another_name(content: bytes, tmp_path: Path) -> None:
    damaged = settings_of(content, tmp_path)
    fresh, aside = open_settings(damaged)
    assert aside is not None
    assert aside.read_bytes() == content
    assert aside.name.startswith("settings.ini.damaged-")
    fresh.setValue("heat_map", True)
    fresh.sync()
    assert fresh.status() is QSettings.Status.NoError
    assert QSettings(fresh.fileName(), INI).value("heat_map", False, bool) is True


def test_the_second_damage_does_not_overwrite_the_first(tmp_path: Path) -> None:
    names = {open_settings(settings_of(b"[General", tmp_path))[1] for _ in range(3)}
    assert len(names) == 3
    assert all(name is not None and name.is_file() for name in names)


def test_sound_settings_stay(tmp_path: Path) -> None:
    sound = settings_of(b"[General]\nheat_map=false\n", tmp_path)
    opened, aside = open_settings(sound)
    assert aside is None
    assert opened is sound
    assert opened.value("heat_map", True, bool) is False


def test_the_window_says_where_damaged_settings_are(open_window, tmp_path: Path) -> None:
    window = open_window()
    app._say_set_aside(window, tmp_path / "settings.ini.damaged-1")
    (box,) = window.findChildren(QMessageBox)
    assert box.isVisible()
    assert "settings.ini.damaged-1" in box.text()
