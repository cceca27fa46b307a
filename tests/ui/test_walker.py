from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from braintumor_desktop.ui.session.walker import BATCH, Walker


def test_the_thread_finds_what_is_dropped_in_order(tmp_path: Path, qtbot: QtBot) -> None:
    for name in ("b/2.png", "b/1.dcm", ".git/x", "c.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    walker = Walker()
    found: list[str] = []
    walker.found.connect(lambda request, paths: found.extend(path.name for path in paths))
    walker.start()
    try:
        with qtbot.waitSignal(walker.finished_walk):
            walker.walk(1, [tmp_path / "gone.png", tmp_path])
        assert found == ["gone.png", "1.dcm", "2.png", "c.png"]
    finally:
        walker.stop()
        assert walker.wait(5000)


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


def test_a_link_to_a_folder_is_said_not_to_be_followed(tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "scout.png").touch()
    link = tmp_path / "clinic" / "T1"
    link.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    walker = Walker()
    refused: list[tuple[Path, str]] = []
    walker.refused.connect(lambda request, path, error: refused.append((path, str(error))))
    walker.start()
    try:
        with qtbot.waitSignal(walker.finished_walk):
            walker.walk(1, [tmp_path / "clinic"])
        assert refused == [(link, "It is a link to a folder, which is not followed.")]
    finally:
        walker.stop()
        assert walker.wait(5000)
