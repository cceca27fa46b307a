"""The window keeps its records encrypted where that is set, and says where it cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from braintumor_desktop.cli import main
from braintumor_desktop.screening.records_opening import open_records
from braintumor_desktop.store.cipher import key_name
from braintumor_desktop.ui.main_window import MainWindow

Opener = Callable[..., MainWindow]
WAIT = 60_000
MARK = "MarkedComment"


class InMemory(keyring.backend.KeyringBackend):  # type: ignore[misc]
    """A keyring as of an unlocked desktop."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def unlocked() -> Iterator[InMemory]:
    before, backend = keyring.get_keyring(), InMemory()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


@pytest.fixture
def locked() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def folder(slices: list[Path], tmp_path: Path) -> Path:
    """Slices in a folder whose name says whose they are; the records remember what was reviewed."""
    folder = tmp_path / MARK
    folder.mkdir()
    for path in slices[:2]:
        path.rename(folder / path.name)
    return folder


def _review(qtbot: QtBot, window: MainWindow, folder: Path) -> None:
    window.reviewing.start([folder])
    qtbot.waitUntil(lambda: (one := window.session.review) is not None and one.over, timeout=WAIT)


def _bytes(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.glob("records*"))


def _told(window: MainWindow) -> list[str]:
    return [box.text() for box in window.findChildren(QMessageBox)]


def test_records_of_the_window_are_encrypted_where_that_is_set(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path, unlocked: InMemory
) -> None:
    plain = open_review()
    _review(qtbot, plain, folder)
    assert MARK.encode() in _bytes(tmp_path), "this test would not notice"
    plain.close()

    window = open_review(encryption="encrypted")
    _review(qtbot, window, folder)
    path = tmp_path / "records.sqlite"
    assert (tmp_path / "records.sqlite-wal").stat().st_size > 0, "while it is open"
    assert MARK.encode() not in _bytes(tmp_path)
    assert [name for _, name in unlocked.kept] == [key_name(path)]
    assert _told(window) == []
    window.close()
    with closing(open_records(path, "tester")) as records:
        last = records.last_run()
        assert last == ([folder], True)


def test_without_a_keyring_the_window_says_so_once_and_works_on(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path, locked: None
) -> None:
    window = open_review(encryption="encrypted")
    _review(qtbot, window, folder)
    said = "The records are kept as they were: The system has no keyring that can be used."
    assert _told(window) == [said]
    window.close()
    with closing(open_records(tmp_path / "records.sqlite", "tester")) as records:
        assert records.last_run() == ([folder], True)


def test_the_command_encrypts_and_decrypts_and_says_which(
    tmp_path: Path, unlocked: InMemory, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "records.sqlite"
    given = ["--records", str(path)]
    assert main(["records", "status", *given]) == 0
    assert capsys.readouterr().out == "There are no records.\n"
    with closing(open_records(path, MARK)) as records:
        records.begin_run([tmp_path], "key")
    assert main(["records", "encrypt", *given]) == 0
    assert main(["records", "status", *given]) == 0
    assert capsys.readouterr().out == 2 * "The records are encrypted.\n"
    assert main(["records", "decrypt", *given]) == 0
    assert capsys.readouterr().out == "The records are in clear.\n"
    assert unlocked.kept == {}


def test_the_command_says_why_it_cannot(
    tmp_path: Path, locked: None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "records.sqlite"
    open_records(path, MARK).close()
    before = path.read_bytes()
    assert main(["records", "encrypt", "--records", str(path)]) == 1
    said = "braintumor-desktop: The system has no keyring that can be used.\n"
    assert capsys.readouterr().err == said
    assert path.read_bytes() == before
