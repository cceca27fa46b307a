from __future__ import annotations

import sqlite3
from pathlib import Path

from braintumor_desktop.domain.measurement import Measurement, MeasurementKind, SliceNotes
from braintumor_desktop.store.records import Records

LENGTH = Measurement(MeasurementKind.LENGTH, ((10.25, 20.5), (30.0, 20.5)))
CONTENT = "ab" * 32


def test_notes_are_there_when_the_records_are_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    records = Records(path, "tester")
    records.notes.keep(CONTENT, 3, SliceNotes((LENGTH,), key_image=True))
    records.notes.keep("cd" * 32, 0, SliceNotes((), key_image=True))
    records.close()
    again = Records(path, "other")
    assert again.notes.of(CONTENT) == {3: SliceNotes((LENGTH,), key_image=True)}
    assert again.notes.of("ef" * 32) == {}
    again.close()


def test_what_was_deleted_is_gone_from_the_picture_and_stays_in_the_audit(records: Records) -> None:
    records.notes.keep(CONTENT, 0, SliceNotes((LENGTH,)))
    records.notes.keep(CONTENT, 0, SliceNotes())
    assert records.notes.of(CONTENT) == {}
    said = [event["details"]["measurements"] for event in records.audit()]
    assert [len(measurements) for measurements in said] == [1, 0]


def test_notes_that_are_not_whole_are_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    records = Records(path, "tester")
    records.notes.keep(CONTENT, 0, SliceNotes((LENGTH,)))
    records.close()
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TRIGGER audit_stays")
        raw.execute("UPDATE audit SET details = replace(details, '10.25', '90.25')")
        raw.execute(
            "CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN "
            "SELECT RAISE(ABORT, 'the audit trail is only appended to'); END"
        )
    raw.close()
    again = Records(path, "tester")
    assert again.notes.of(CONTENT) == {}
    again.close()


def test_decisions_are_not_touched_by_notes(records: Records) -> None:
    records.notes.keep(CONTENT, 0, SliceNotes((LENGTH,)))
    assert records.decisions() == {}
    assert [event["event"] for event in records.audit()] == ["noted"]
