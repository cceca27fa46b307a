from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from braintumor_desktop.ui.walker import BATCH, Walker, files_below


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b/2.png", "b/1.dcm", "a/note.txt", ".git/x", "b/.DS_Store", "c.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def test_folders_are_walked_in_order_without_what_is_hidden(tree: Path) -> None:
    names = [path.relative_to(tree.resolve()).as_posix() for path in files_below([tree])]
    assert names == ["a/note.txt", "b/1.dcm", "b/2.png", "c.png"]


def test_files_keep_their_order_and_missing_ones_are_reported(tree: Path) -> None:
    asked = [tree / "gone.png", tree / "b", tree / "c.png"]
    assert [path.name for path in files_below(asked)] == ["gone.png", "1.dcm", "2.png", "c.png"]


def test_a_named_hidden_file_is_opened(tree: Path) -> None:
    assert [path.name for path in files_below([tree / "b" / ".DS_Store"])] == [".DS_Store"]


def test_links_to_folders_are_not_followed(tree: Path) -> None:
    try:
        (tree / "a" / "loop").symlink_to(tree, target_is_directory=True)
    except OSError:
        pytest.skip("this system gives no links")
    assert len(list(files_below([tree]))) == 4


def test_the_thread_reports_in_batches_and_ends(tmp_path: Path, qtbot: QtBot) -> None:
    for i in range(BATCH + 1):
        (tmp_path / f"{i:03}").touch()
    walker = Walker()
    batches: list[int] = []
    walker.found.connect(lambda request, found: batches.append(len(found)))
    walker.start()
    try:
        with qtbot.waitSignal(walker.finished_walk) as end:
            walker.walk(7, [tmp_path])
        assert end.args == [7]
        assert batches == [BATCH, 1]
    finally:
        walker.stop()
        assert walker.wait(5000)
