from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from braintumor_desktop.ui.system.recent import MOST, RecentPaths


def test_the_newest_come_first_and_no_more_than_ten(settings: QSettings, tmp_path: Path) -> None:
    recent = RecentPaths(settings)
    assert recent.paths() == []
    files = [tmp_path / f"{i}.png" for i in range(12)]
    for file in files:
        recent.add([file])
    assert recent.paths() == files[::-1][:MOST]
    recent.add([files[5]])
    assert recent.paths()[0] == files[5]
    assert len(recent.paths()) == len(set(recent.paths())) == MOST


def test_one_path_survives_the_settings_file(settings: QSettings, tmp_path: Path) -> None:
    RecentPaths(settings).add([tmp_path / "a, b.png"])
    settings.sync()
    again = QSettings(settings.fileName(), QSettings.Format.IniFormat)
    assert RecentPaths(again).paths() == [tmp_path / "a, b.png"]
    RecentPaths(again).clear()
    assert RecentPaths(again).paths() == []


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux only")
def test_a_name_that_the_settings_cannot_hold_is_not_kept_as_another(
    settings: QSettings, tmp_path: Path
) -> None:
    odd = tmp_path / os.fsdecode(b"bad\xff\xfe.jpg")
    RecentPaths(settings).add([odd, tmp_path / "山田.jpg"])
    settings.sync()
    again = QSettings(settings.fileName(), QSettings.Format.IniFormat)
    assert RecentPaths(again).paths() == [tmp_path / "山田.jpg"]
