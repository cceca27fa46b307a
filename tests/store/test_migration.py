"""Records that version 0.1 has written are brought up, and nothing in them is lost."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.records import Records

MADE = Path(__file__).parent / "version_0_1"  # by make_records.py there


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copy(MADE / "whole.sqlite", tmp_path / "records.sqlite"))


def _rows(path: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_answers_decisions_runs_and_events_are_all_there(old: Path) -> None:
    answers = _rows(old, "SELECT content, key, outcome, thumbnail FROM answer ORDER BY content")
    events = _rows(old, "SELECT id, at, who, event, content, key, details, undoes FROM audit")
    runs = _rows(old, "SELECT * FROM run")
    assert (len(answers), len(events), len(runs)) == (3, 7, 2)
    for _ in range(2):  # the second time it is up already
        records = Records(old, "tester")
        assert records.set_aside is None
        for content, key, said, thumbnail in answers:
            (result,) = records.find(content, key)
            assert (result.label or "reason") in said
            assert records.thumbnail(content, key) == thumbnail
        decided = {content for _, _, _, event, content, *_ in events if event == "decided"}
        assert set(records.decisions()) == decided
        assert set(records.decisions().values()) == {
            Decision("agree", "notumor", "Clear."),
            Decision("unsure", "", "Ask Dr K."),
        }
        assert records.last_run() == ([Path("/data/slices")], False)
        assert all(event["whole"] for event in records.audit())
        assert (records.answers_lost, records.decisions_lost) == (0, 0)
        records.close()
    sql = "SELECT id, at, who, event, content, key, details, undoes FROM audit"
    assert _rows(old, sql) == events
    assert _rows(old, "SELECT * FROM run") == runs
    sql = "SELECT content, key, result, thumbnail FROM answer ORDER BY content"
    assert _rows(old, sql) == answers


def test_the_audit_trail_still_refuses_to_be_changed(old: Path) -> None:
    Records(old, "tester").close()
    connection = sqlite3.connect(old)
    for sql in ("DELETE FROM audit", "UPDATE audit SET who = 'nobody'"):
        with pytest.raises(sqlite3.IntegrityError, match="only appended to"):
            connection.execute(sql)
    connection.close()


def test_an_old_answer_that_contradicts_itself_is_given_anew(old: Path) -> None:
    content = old.read_bytes()
    assert content.count(b'"label": "notumor"') > 1  # the answer's, and the audit's
    place = content.index(b'{"label": "notumor", "probabilities"')
    old.write_bytes(content[: place + 11] + b"motumor" + content[place + 18 :])
    records = Records(old, "tester")
    ((content_of, key),) = _rows(old, "SELECT content, key FROM answer WHERE checksum IS NULL")
    assert records.find(content_of, key) == []
    assert records.answers_lost == 1
    records.close()


def test_what_a_kill_left_in_the_log_is_brought_up_too(tmp_path: Path) -> None:
    for end in ("", "-wal"):
        shutil.copy(MADE / f"killed.sqlite{end}", tmp_path / f"records.sqlite{end}")
    records = Records(tmp_path / "records.sqlite", "tester")
    assert records.set_aside is None
    assert list(records.decisions().values()) == [Decision("unsure", "", "Ask Dr K.")]
    records.close()


def test_a_migration_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from braintumor_desktop.store import database
    from braintumor_desktop.store.database import RecordsError

    before = old.read_bytes()
    spoilt = (*database.MIGRATIONS, "CREATE TABLE note (text); CREATE TABLE note (text);")
    monkeypatch.setattr(database, "MIGRATIONS", spoilt)
    with pytest.raises(RecordsError, match="cannot be opened"):
        Records(old, "tester")
    monkeypatch.undo()
    assert _rows(old, "SELECT count(*) FROM audit") == [(7,)]
    assert len(old.read_bytes()) == len(before)
    records = Records(old, "tester")
    assert len(records.decisions()) == 2
    records.close()
