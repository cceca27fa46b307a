from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.sources.files import files_below
from braintumor_desktop.sources.walk import walk


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_folders_are_walked_in_order_without_what_is_hidden(tmp_path: Path) -> None:
    _touch(tmp_path, "b.png", "a/2.png", "a/1.png", ".DS_Store", ".git/config", "c.png")
    found = list(files_below([tmp_path]))
    names = [path.relative_to(tmp_path).as_posix() for path, _ in found]
    assert names == ["a/1.png", "a/2.png", "b.png", "c.png"]
    assert all(error is None for _, error in found)


def test_named_paths_keep_their_order_and_are_never_hidden(tmp_path: Path) -> None:
    _touch(tmp_path, "z.png", ".hidden.png")
    named = [tmp_path / "z.png", tmp_path / ".hidden.png", tmp_path / "missing.png"]
    assert list(files_below(named)) == [(path, None) for path in named]


def test_an_empty_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    ((path, error),) = files_below([tmp_path])
    assert path == tmp_path
    assert error is not None
    assert error.kind == "not_found"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_pipes_are_passed_over_and_links_to_folders_not_followed(tmp_path: Path) -> None:
    _touch(tmp_path, "folder/1.png")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.png").symlink_to(tmp_path / "folder" / "1.png")
    os.mkfifo(tmp_path / "pipe")
    found = {
        path.relative_to(tmp_path).as_posix(): error for path, error in files_below([tmp_path])
    }
    assert list(found) == ["folder/1.png", "link.png", "loop"]
    assert str(found.pop("loop")) == "It is a link to a folder, which is not followed."
    assert set(found.values()) == {None}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such links")
def test_links_that_lead_nowhere_are_files_that_cannot_be_read(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png", "z.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "share" / "gone.png")
    (tmp_path / "itself.zip").symlink_to(tmp_path / "itself.zip")
    names = [path.name for path, _ in files_below([tmp_path])]
    assert names == ["a.png", "gone.png", "itself.zip", "z.png"]
    items = list(walk([tmp_path]))
    assert [item.name for item in items] == names
    for item in items[1:3]:
        assert item.read is not None
        with pytest.raises(BraintumorError):
            item.read()


def test_a_folder_that_cannot_be_listed_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(tmp_path, "closed/1.png", "open/2.png")
    scandir = os.scandir

    def refusing(folder: Path) -> object:  # as root, permissions would not refuse anything
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    closed, opened = files_below([tmp_path])
    assert closed[1] is not None
    assert (closed[0].name, closed[1].kind) == ("closed", "no_access")
    assert opened == (tmp_path / "open" / "2.png", None)
