"""Records are encrypted and brought back whole, or stay as they were; a key is never guessed."""

from __future__ import annotations

import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from braintumor_desktop import policy
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import KeyringError
from braintumor_desktop.screening.records_opening import CLEAR, ENCRYPTED, open_records
from braintumor_desktop.store import encryption
from braintumor_desktop.store.cipher import key_name
from braintumor_desktop.store.database import RecordsError, logs_of
from braintumor_desktop.store.records import Records

MARK = "Marked^Name"
KEY = "1.1.1-key"


class Keys:
    """A keyring that is there, as of a desktop that is unlocked."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> str:
        return self.kept.get(name, "")

    def put(self, name: str, secret: str) -> None:
        self.kept[name] = secret

    def remove(self, name: str) -> None:
        self.kept.pop(name, None)


class NoKeys(Keys):
    """A system without a keyring, or one that stays locked."""

    def get(self, name: str) -> str:
        raise KeyringError("The system has no keyring that can be used.")

    def put(self, name: str, secret: str) -> None:
        self.get(name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Records with answers, decisions, comments, a run and notes, all of which hold a name."""
    path = tmp_path / "records.sqlite"
    with closing(Records(path, MARK)) as records:
        number, _ = records.begin_run([tmp_path / MARK], KEY)
        records.add(KEY, [_result(number) for number in range(300)])
        for number in range(0, 300, 7):
            records.decide(f"{number:064x}", KEY, Decision("agree", None, f"{MARK} {number}"))
        records.undo(records.decide(f"{1:064x}", KEY, Decision("disagree", "glioma", "")))
        records.end_run(number)
    return path


def _result(number: int) -> FileResult:
    return FileResult(
        content=f"{number:064x}",
        label="glioma",
        probabilities=(("glioma", 0.987), ("meningioma", 0.009), ("notumor", 0.004)),
        possible=("glioma",),
        format="PNG",
        thumbnail=os.urandom(900),
    )


def dump(path: Path, keys: Keys | None = None) -> list[object]:
    """All that the records hold, as any SQLite would tell it."""
    with closing(Records(path, "tester", keys)) as records:
        connection = records._file.connection
        schema = "SELECT sql FROM sqlite_master ORDER BY name"
        rows: list[object] = connection.execute(schema).fetchall()
        for table in ("answer", "audit", "run", "sqlite_sequence"):
            rows += connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
        rows += connection.execute("PRAGMA user_version").fetchall()
        rows += connection.execute("PRAGMA application_id").fetchall()
    return rows


def bytes_of(path: Path) -> bytes:
    """The file and whatever lies beside it."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()) if file.is_file())


def test_there_and_back_loses_nothing_and_the_name_is_in_no_byte(path: Path) -> None:
    before, keys = dump(path), Keys()
    assert MARK.encode() in bytes_of(path)
    open_records(path, "tester", ENCRYPTED, keys).close()
    assert key_name(path) in keys.kept
    assert not [one for one in path.parent.iterdir() if one != path], "no copy in clear is left"
    assert MARK.encode() not in bytes_of(path)
    assert dump(path, keys) == before

    with closing(open_records(path, MARK, keys=keys)) as records:  # wanted as they are
        records.decide(f"{2:064x}", KEY, Decision("agree", None, MARK))
        assert logs_of(path)[0].stat().st_size > 0, "what is new is in the log"
        assert MARK.encode() not in bytes_of(path)
        assert records.find(f"{2:064x}", KEY) == [_with_picture(records, 2)]
    after = dump(path, keys)
    assert len(after) == len(before) + 1

    open_records(path, "tester", CLEAR, keys).close()
    assert dump(path) == after
    assert path.read_bytes().startswith(b"SQLite format 3")
    assert keys.kept == {}, "a key without a file is forgotten"


def _with_picture(records: Records, number: int) -> FileResult:
    (found,) = records.find(f"{number:064x}", KEY)
    assert found.label == "glioma"
    assert records.thumbnail(f"{number:064x}", KEY)
    return found


def test_without_a_keyring_they_stay_as_they_were_and_it_is_said(path: Path) -> None:
    before = dump(path)
    with closing(open_records(path, "tester", ENCRYPTED, NoKeys())) as records:
        assert str(records.not_as_wanted) == "The system has no keyring that can be used."
        records.decide(f"{2:064x}", KEY, Decision("agree"))
    assert len(dump(path)) == len(before) + 1
    assert key_name(path) == ""


@pytest.mark.parametrize("lost", ["keyring", "key", "wrong key", "nobody asked"])
def test_without_the_key_nothing_is_overwritten_or_set_aside(path: Path, lost: str) -> None:
    keys = Keys()
    open_records(path, "tester", ENCRYPTED, keys).close()
    whole = path.read_bytes()
    other = {
        "keyring": NoKeys(),
        "key": Keys(),
        "wrong key": Keys(),
        "nobody asked": None,
    }[lost]
    if lost == "wrong key":
        other.put(key_name(path), "ab" * 32)  # type: ignore[union-attr]
    with pytest.raises(RecordsError, match=r"left as they\s*are|left as they were") as said:
        Records(path, "tester", other)
    assert "keyring" in str(said.value)
    assert MARK not in str(said.value)
    assert path.read_bytes() == whole
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert dump(path, keys)


def test_a_damaged_encrypted_file_is_left_where_it_is(
    path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    keys = Keys()
    open_records(path, "tester", ENCRYPTED, keys).close()
    damaged = bytearray(path.read_bytes())
    damaged[3000] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(RecordsError, match="cannot be read with the key in the keyring, or are"):
        open_records(path, "tester", CLEAR, keys)
    assert path.read_bytes() == damaged
    assert capfd.readouterr() == ("", ""), "SQLCipher logs to the terminal by itself"


def test_records_that_are_open_elsewhere_are_not_brought_over(path: Path) -> None:
    keys = Keys()
    with closing(Records(path, "other")) as open_elsewhere:
        _refused_in_another_process(path)
        open_elsewhere.decide(f"{2:064x}", KEY, Decision("agree"))
    with closing(open_records(path, "tester", ENCRYPTED, keys)) as records:
        assert records.not_as_wanted is None
        assert records.decision(f"{2:064x}") == Decision("agree")


def _refused_in_another_process(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from test_encryption import Keys, open_records, ENCRYPTED\n"
        "records = open_records(Path(sys.argv[1]), 'x', ENCRYPTED, Keys())\n"
        "print(records.not_as_wanted); records.close()"
    )
    here = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", script, str(path), here], capture_output=True, text=True
    )
    assert "open in another window or program" in done.stdout, done.stderr
    assert key_name(path) == ""


@pytest.mark.parametrize("step", ["_export", "_compare", "_flushed", "_kept_as"])
def test_what_breaks_off_on_the_way_changes_nothing(
    path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, keys = dump(path), Keys()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(encryption, step, fail)
    with closing(open_records(path, "tester", ENCRYPTED, keys)) as records:
        assert "No space left on device" in str(records.not_as_wanted)
    monkeypatch.undo()
    assert keys.kept == {}
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert dump(path) == before


@pytest.mark.parametrize("step", ["_compare", "_flushed", "_kept_as", "_check"])
@pytest.mark.parametrize("wanted", [ENCRYPTED, CLEAR])
def test_a_kill_on_the_way_loses_nothing_and_leaves_no_copy(
    path: Path, tmp_path: Path, step: str, wanted: str
) -> None:
    before, keys, store = dump(path), Keys(), tmp_path.parent / f"{tmp_path.name}-keys.json"
    if wanted == CLEAR:
        open_records(path, "tester", ENCRYPTED, keys).close()
    store.write_text(json.dumps(keys.kept))
    script = (
        "import json, os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[3])\n"
        "from test_encryption import Keys, encryption, open_records\n"
        "class Kept(Keys):\n"
        "    def put(self, *given): super().put(*given); self.write()\n"
        "    def remove(self, *given): super().remove(*given); self.write()\n"
        "    def write(self): Path(sys.argv[4]).write_text(json.dumps(self.kept))\n"
        "keys = Kept(); keys.kept = json.loads(Path(sys.argv[4]).read_text())\n"
        "setattr(encryption, sys.argv[5], lambda *_: os._exit(9))\n"
        "open_records(Path(sys.argv[1]), 'x', sys.argv[2], keys)"
    )
    given = [str(path), wanted, str(Path(__file__).parent), str(store), step]
    assert subprocess.run([sys.executable, "-c", script, *given]).returncode == 9
    keys.kept = json.loads(store.read_text())
    open_records(path, "tester", keys=keys).close()
    assert dump(path, keys) == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    with closing(open_records(path, "tester", wanted, keys)) as records:
        assert records.not_as_wanted is None
    assert bool(key_name(path)) == (wanted == ENCRYPTED)


def test_a_copy_that_differs_is_not_taken(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, export = dump(path), encryption._export

    def forget_one(source: sqlite3.Connection, copy: Path, new: object) -> None:
        export(source, copy, new)  # type: ignore[arg-type]
        with closing(encryption.connect(copy, new)) as written:  # type: ignore[arg-type]
            written.execute("DELETE FROM answer WHERE content = ?", (f"{5:064x}",))

    monkeypatch.setattr(encryption, "_export", forget_one)
    with closing(open_records(path, "tester", ENCRYPTED, Keys())) as records:
        assert "the copy differs" in str(records.not_as_wanted)
    assert dump(path) == before


def test_new_records_are_encrypted_from_the_first_row_where_the_policy_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, keys = tmp_path / "etc" / "policy.json", Keys()
    file.parent.mkdir()
    file.write_text(json.dumps({"records_encryption": "encrypted"}))
    monkeypatch.setattr("braintumor_desktop.screening.records_opening.policy_file", lambda: file)
    assert policy.RECORDS_ENCRYPTION in json.loads(file.read_text())
    path = tmp_path / "new" / "records.sqlite"
    with closing(open_records(path, MARK, CLEAR, keys)) as records:  # the policy goes before it
        records.decide(f"{2:064x}", KEY, Decision("agree", None, MARK))
    assert key_name(path) in keys.kept
    assert MARK.encode() not in bytes_of(path)


def test_records_of_version_0_1_are_brought_up_and_encrypted(tmp_path: Path) -> None:
    first = next((Path(__file__).parent / "version_0_1").glob("*.sqlite*"))
    path, plain, keys = tmp_path / "a" / "r.sqlite", tmp_path / "b" / "r.sqlite", Keys()
    for copy in (path, plain):
        copy.parent.mkdir()
        copy.write_bytes(first.read_bytes())
    with closing(open_records(path, "tester", ENCRYPTED, keys)) as records:
        assert records.not_as_wanted is None
    assert dump(path, keys) == dump(plain)


@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="no TensorFlow")
def test_another_sqlite_in_place_of_the_encrypting_one_writes_nothing(path: Path) -> None:
    before = path.read_bytes()
    script = """
import sys, tensorflow
from pathlib import Path
from braintumor_desktop.store.cipher import connect, new_key
from braintumor_desktop.store.encryption import encrypt
from tests.store.test_encryption import Keys
for act in (
    lambda: encrypt(Path(sys.argv[1]), Keys()),
    lambda: connect(Path(sys.argv[2]), new_key()),
):
    try:
        act()
    except Exception as error:
        print(error)
"""
    new = path.with_name("new.sqlite")
    given = [sys.executable, "-c", script, str(path), str(new)]
    said = subprocess.run(given, capture_output=True, text=True, check=True).stdout
    if "another SQLite" in said:  # else the loader keeps the two apart, and it is encrypted
        assert len(said.splitlines()) == 2
        assert path.read_bytes() == before
        assert not new.exists() or not new.stat().st_size
    else:
        assert key_name(path)
