"""What was retrieved is bounded in age and size, is its user's alone, and goes by a command."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from braintumor_desktop.network import at_rest
from braintumor_desktop.network.cache import Cache

DAY = 86_400


def _study(cache: Cache, uid: str, size: int, days_ago: float) -> Path:
    writer = cache.open_study(uid)
    writer.add(uid, f"{uid}.1", bytes(size))
    folder = writer.finish()
    moment = time.time() - days_ago * DAY
    os.utime(folder, (moment, moment))
    return folder


def test_what_is_too_old_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", most_days=14)
    old, new = _study(cache, "1.2", 10, 15), _study(cache, "1.3", 10, 13)
    cache.trim()
    assert list(cache.folder.iterdir()) == [new]
    assert not old.exists()


def test_what_is_too_much_goes_the_oldest_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", most_bytes=250)
    kept = [_study(cache, f"1.{days}", 100, days) for days in (3, 1, 2)]
    cache.trim()
    assert not kept[0].exists()
    assert kept[1].exists()
    assert kept[2].exists()


def test_clearing_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    _study(cache, "1.2", 10, 0)
    cache.open_study("1.3")  # broken off
    cache.clear()
    assert not cache.folder.exists()
    cache.clear()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has access lists, not modes")
def test_nobody_else_can_look_in(tmp_path: Path) -> None:
    folder = _study(Cache(tmp_path / "cache"), "1.2", 10, 0)
    assert stat.S_IMODE(folder.stat().st_mode) & 0o077 == 0
    assert not at_rest.encrypt_folder(folder), "no flag of a folder encrypts it here"


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows encrypts a folder by a flag")
def test_windows_encrypts_what_is_retrieved_where_it_can(tmp_path: Path) -> None:
    if not at_rest.encrypt_folder(tmp_path):
        pytest.skip("this edition of Windows or this volume has no EFS")
    (file,) = _study(Cache(tmp_path / "cache"), "1.2", 10, 0).iterdir()
    assert file.stat().st_file_attributes & stat.FILE_ATTRIBUTE_ENCRYPTED
