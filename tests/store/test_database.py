"""Whose file it is, who else opens it, and what its file system refuses."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.records import Records, RecordsError


@pytest.mark.parametrize("state", ["closed", "in its log alone", "another id", "a later version"])
def test_another_program_s_database_is_left_as_it_is(tmp_path: Path, state: str) -> None:
    path = tmp_path / "records.sqlite"
    theirs = sqlite3.connect(path, isolation_level=None)
    if state == "in its log alone":
        theirs.execute("PRAGMA journal_mode = WAL")
    if state == "another id":
        theirs.execute("PRAGMA application_id = 7")
    else:
        theirs.execute("CREATE TABLE run (song TEXT)")
    if state == "a later version":
        theirs.execute("PRAGMA user_version = 9")
    if state != "in its log alone":
        theirs.close()
    before = {
        item: item.read_bytes() for item in tmp_path.iterdir() if item.suffix != ".sqlite-shm"
    }
    with pytest.raises(RecordsError, match="another program's database and was left as it is"):
        Records(path, "tester")
    assert {item: item.read_bytes() for item in before} == before
    theirs.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "records.sqlite"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case _:
            path.mkdir()
    with pytest.raises(RecordsError, match="is no regular file and was left as it is"):
        Records(path, "tester")
    assert [item.name for item in tmp_path.iterdir()] == ["records.sqlite"]


FIRST_RUN = """
import sys
from pathlib import Path
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.records import Records
sys.stdin.readline()
records = Records(Path(sys.argv[1]), "tester")
for number in range(5):
    records.decide(f"{sys.argv[2]}-{number}", "model", Decision("unsure"))
records.close()
"""


def test_first_runs_at_once_on_new_records_lose_nothing(tmp_path: Path) -> None:
    for attempt in range(3):
        path = tmp_path / f"{attempt}.sqlite"
        running = [
            subprocess.Popen(
                [sys.executable, "-c", FIRST_RUN, str(path), str(number)],
                stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for number in range(4)
        ]  # fmt: skip
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.communicate()[1] for process in running] == [""] * 4
        records = Records(path, "tester")
        assert len(records.decisions()) == 20
        records.close()


OnAShare = Callable[..., str]

SHARED = """
import sys
from pathlib import Path
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.records import Records
try:
    records = Records(Path(sys.argv[1]), "tester")
    records.decide("content", "model", Decision("unsure"))
    records.close()
    records = Records(Path(sys.argv[1]), "tester")
    print(records.decision("content").verdict)
    records.close()
except RecordsError as error:
    print(error)
"""


@pytest.mark.parametrize("fault", ["flock", "chmod", "shm", "fsync", "shm,fsync"])
def test_decisions_are_kept_on_a_share_that_refuses(
    on_a_share: OnAShare, tmp_path: Path, fault: str
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    path = folder / "records.sqlite"
    assert on_a_share(fault, "-c", SHARED, str(path)) == "unsure\n"
    records = Records(path, "tester")  # and elsewhere they are read
    assert records.decision("content") == Decision("unsure")
    records.close()
    assert on_a_share(fault, "-c", SHARED, str(path)) == "unsure\n"


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("posixlock", "the file system there cannot lock files."),
        ("stale", "Stale file handle"),
        ("eacces", "Permission denied"),
        ("hostdown", "Host is down"),
    ],
)
def test_where_nothing_can_be_kept_the_cause_is_said(
    on_a_share: OnAShare, tmp_path: Path, fault: str, said: str
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    (line,) = on_a_share(fault, "-c", SHARED, str(folder / "records.sqlite")).splitlines()
    assert said in line
    assert "records.sqlite" in line
