from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from braintumor_desktop import paths, versions
from braintumor_desktop.domain.answer import ModelInfo
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers, ReadWarning
from braintumor_desktop.domain.result import FileResult, from_json, refused, to_json
from braintumor_desktop.errors import TruncatedFileError
from braintumor_desktop.inference.bundle import read_bundle
from braintumor_desktop.store import database
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.records import (
    DecidedMeanwhileError,
    Records,
    user_name,
    user_records,
)
from braintumor_desktop.store.subject import series_subject, slice_subject

GLIOMA = FileResult(
    label="glioma",
    probabilities=(("glioma", 0.9), ("notumor", 0.1)),
    possible=("glioma", "notumor"),
    unlike_training=True,
    area_mm2=12.5,
    peak=(3.0, 4.5),
    format="DICOM",
    identifiers=DicomIdentifiers(patient_id="7", series_instance_uid="1.2"),
    warnings=(ReadWarning("odd", "It has {n} colours.", (("n", 3),)),),
    model=ModelInfo("net 1", "ab" * 32),
)


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.sqlite", "tester")
    yield opened
    opened.close()


def test_an_result_survives_its_text() -> None:
    broken = refused(TruncatedFileError("Ends after {n} bytes.", n=5))
    assert broken.reason is not None
    assert str(broken.reason) == "Ends after 5 bytes."
    for result in (GLIOMA, broken):
        assert from_json(to_json(result)) == result


def test_answers_are_found_by_content_and_model_only(records: Records) -> None:
    records.add("model", [replace(GLIOMA, content="content", thumbnail=b"jpeg")])
    assert records.find("content", "model") == [GLIOMA]
    assert records.thumbnail("content", "model") == b"jpeg"
    assert records.find("content", "another model") == []
    assert records.find("other", "model") == []


def test_the_first_answer_stays_and_is_logged_once(records: Records) -> None:
    for result in (GLIOMA, FileResult(label="notumor")):
        records.add("model", [replace(result, content="content")])
    assert records.find("content", "model") == [GLIOMA]
    (event,) = records.audit()
    assert (event["event"], event["who"]) == ("answered", "tester")
    assert event["details"]["label"] == "glioma"
    assert event["details"]["model"]["sha256"] == "ab" * 32


def test_an_answer_takes_the_place_of_a_refusal(records: Records) -> None:
    refusal = FileResult(reason=ReadWarning("truncated", "The file was cut."))
    for result in (refusal, GLIOMA, refusal):
        records.add("model", [replace(result, content="content")])
    assert records.find("content", "model") == [GLIOMA]
    assert [event["event"] for event in records.audit()] == ["answered", "answered"]


def test_a_decision_and_its_undoing_are_events(records: Records) -> None:
    records.add("model", [replace(GLIOMA, content="content")])
    agree, other = Decision("agree", "glioma"), Decision("disagree", "notumor", "artefact")
    records.decide("content", "model", agree)
    event = records.decide("content", "model", other)
    assert records.decisions() == {"content": other}
    assert records.undo(event) == agree
    assert records.decision("content") == agree
    kinds = [(item["event"], item["undoes"]) for item in records.audit()]
    assert kinds == [("answered", None), ("decided", None), ("decided", None), ("undone", event)]


def test_a_decision_that_nobody_here_has_seen_is_not_overwritten(
    records: Records, tmp_path: Path
) -> None:
    event = records.decide("content", "model", Decision("unsure"), Decision())
    other = Records(tmp_path / "records.sqlite", "another")
    theirs = Decision("agree", "glioma", "biopsy")
    other.decide("content", "model", theirs)
    other.close()
    with pytest.raises(DecidedMeanwhileError) as raised:
        records.decide("content", "model", Decision("unsure"), Decision("unsure"))
    assert raised.value.stands == theirs
    with pytest.raises(DecidedMeanwhileError):
        records.undo(event)
    assert records.decision("content") == theirs
    assert [item["who"] for item in records.audit()] == ["tester", "another"]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be renamed there")
def test_nothing_is_written_into_a_file_that_was_renamed(records: Records, tmp_path: Path) -> None:
    path, aside = tmp_path / "records.sqlite", tmp_path / "aside.sqlite"
    path.rename(aside)
    with pytest.raises(RecordsError, match=r"records\.sqlite cannot be found now") as raised:
        records.decide("content", "model", Decision("unsure"))
    assert "restart" not in str(raised.value), "it may come back"
    aside.rename(path)
    records.decide("content", "model", Decision("unsure"))
    assert records.decision("content") == Decision("unsure")
    path.rename(aside)
    Records(path, "another").close()
    with pytest.raises(RecordsError, match=r"was replaced while it was open.*restarted"):
        records.decide("other", "model", Decision("unsure"))


def test_records_named_from_a_folder_are_the_same_file_in_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    records = Records(Path("records.sqlite"), "tester")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    records.decide("content", "model", Decision("unsure"))
    assert records.decision("content") == Decision("unsure")
    records.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")
def test_only_the_user_may_read_the_records(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    records = Records(folder / "records.sqlite", "tester")
    records.begin_run([tmp_path / "Smith_John"], "model")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    names = ("records.sqlite", "records.sqlite-wal", "records.sqlite-shm")
    assert modes == dict.fromkeys(names, 0o600)
    records.close()


@pytest.mark.parametrize("sql", ["DELETE FROM audit", "UPDATE audit SET who = 'nobody'"])
def test_the_audit_trail_refuses_to_be_changed(records: Records, tmp_path: Path, sql: str) -> None:
    records.decide("content", "model", Decision("unsure"))
    other = sqlite3.connect(tmp_path / "records.sqlite")
    with pytest.raises(sqlite3.IntegrityError, match="only appended to"):
        other.execute(sql)
    other.close()
    (event,) = records.audit()
    assert event["who"] == "tester"


def test_records_that_cannot_be_written_are_a_plain_sentence(records: Records) -> None:
    records._file.connection.execute("PRAGMA query_only = ON")  # as a full or read-only disk does
    with pytest.raises(RecordsError, match="cannot be read or written"):
        records.decide("content", "model", Decision("unsure"))
    records._file.connection.execute("PRAGMA query_only = OFF")
    records.decide("content", "model", Decision("unsure"))
    assert records.decision("content") == Decision("unsure")


def test_a_run_that_did_not_end_goes_on(records: Records, tmp_path: Path) -> None:
    assert records.last_run() is None
    number, resumed = records.begin_run([tmp_path], "model")
    assert not resumed
    assert records.begin_run([tmp_path], "model") == (number, True)
    assert records.begin_run([tmp_path], "another model")[1] is False
    assert records.last_run() == ([tmp_path], False)
    records.end_run(number)
    assert records.begin_run([tmp_path], "model")[1] is False


def test_the_last_run_is_the_one_begun_last(records: Records, tmp_path: Path) -> None:
    first, second = [tmp_path / "first"], [tmp_path / "second"]
    records.begin_run(first, "model")  # and cut off
    number, _ = records.begin_run(second, "model")
    records.end_run(number)
    number, resumed = records.begin_run(first, "model")
    assert resumed
    assert records.last_run() == (first, False)
    records.end_run(number)
    assert records.last_run() == (first, True)


@pytest.mark.parametrize("damage", ["text", "middle"])
def test_a_damaged_file_is_set_aside_whole(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "records.sqlite"
    first = Records(path, "tester")
    first.add(
        "model", [replace(GLIOMA, content=f"content {i}", thumbnail=b"x" * 3000) for i in range(50)]
    )
    first.close()
    content = bytearray(path.read_bytes())
    if damage == "text":
        content = bytearray(b"not a database" * 1000)
    else:
        content[4096 : 4096 * 12] = b"\xff" * (4096 * 11)
    path.write_bytes(content)
    second = Records(path, "tester")
    assert second.set_aside is not None
    assert second.set_aside.read_bytes() == content
    assert second.find("content 1", "model") == []
    second.decide("content", "model", Decision("unsure"))
    second.close()
    third = Records(path, "tester")
    assert third.set_aside is None
    third.close()


def test_a_file_that_is_something_else_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "slice.jpg"
    path.write_bytes(b"a slice" * 1000)
    with pytest.raises(RecordsError, match=r"slice\.jpg holds no records and was left as it is"):
        Records(path, "tester")
    assert [item.name for item in tmp_path.iterdir()] == ["slice.jpg"]
    assert path.read_bytes() == b"a slice" * 1000


def test_older_records_are_brought_up_and_newer_ones_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "records.sqlite"
    old = Records(path, "tester")
    old.decide("content", "model", Decision("agree", "glioma"))
    old.close()
    monkeypatch.setattr(
        database, "MIGRATIONS", (*database.MIGRATIONS, "ALTER TABLE run ADD COLUMN note TEXT")
    )
    new = Records(path, "tester")
    assert new.decision("content") == Decision("agree", "glioma")
    new.close()
    monkeypatch.undo()
    with pytest.raises(RecordsError, match="newer version"):
        Records(path, "tester")
    assert [item.name for item in tmp_path.iterdir()] == ["records.sqlite"]


KILLED = """
import os, sys
from pathlib import Path
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.records import Records
from braintumor_desktop.domain.result import FileResult
records = Records(Path(sys.argv[1]), "tester")
records.decide("content", "model", Decision("unsure"))
with records._file.writing():
    records._log("decided", "content", 0, "", "model", {"half": True})
    os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_kill_in_the_middle_of_a_write_leaves_the_last_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)])
    assert done.returncode == -9
    records = Records(path, "tester")
    assert records.set_aside is None
    assert records.decision("content") == Decision("unsure")
    assert len(list(records.audit())) == 1
    records.close()


def test_an_area_of_nothing_is_not_an_unknown_area() -> None:
    for area in (0.0, None):
        result = replace(GLIOMA, area_mm2=area)
        assert from_json(to_json(result)) == result


def test_a_decision_stands_beside_another_answer_as_what_it_says() -> None:
    agreed = Decision("agree", "glioma", "Seen.")
    assert agreed.beside("glioma") == agreed
    assert agreed.beside("notumor") == Decision("disagree", "glioma", "Seen.")
    assert agreed.beside("notumor").beside("glioma") == agreed
    assert Decision("unsure").beside("glioma") == Decision("unsure")
    assert Decision().beside("glioma") == Decision()


def test_answers_of_another_order_of_classes_are_not_found() -> None:
    description, _ = read_bundle(paths.model_bundle())
    turned = replace(description, classes=description.classes[::-1])
    assert turned.answering_key != description.answering_key


@pytest.mark.parametrize("number", ["READER", "PREPARE", "CLASSIFIER"])
def test_answers_by_another_version_of_the_code_are_not_found(
    number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    description, _ = read_bundle(paths.model_bundle())
    before = description.answering_key
    monkeypatch.setattr(versions, number, getattr(versions, number) + 1)
    assert description.answering_key != before


def test_frames_of_a_file_are_kept_and_decided_each_for_itself(records: Records) -> None:
    frames = [replace(GLIOMA, content="content", frame=n, thumbnail=bytes([n])) for n in range(3)]
    records.add("model", frames)
    assert [result.frame for result in records.find("content", "model")] == [0, 1, 2]
    assert records.thumbnail(slice_subject("content", 2), "model") == b"\2"
    third = slice_subject("content", 2)
    records.decide(third, "model", Decision("unsure"))
    event = records.decide(slice_subject("content"), "model", Decision("agree", "glioma"))
    assert records.decision(third) == Decision("unsure")
    assert records.decisions().keys() == {"content", third}
    assert records.undo(event) == Decision()
    assert records.decision(third) == Decision("unsure")
    decided = [item for item in records.audit() if item["event"] == "decided"]
    assert [(item["content"], item["frame"]) for item in decided] == [
        ("content", 2),
        ("content", 0),
    ]
    assert decided[0]["details"]["answer"]["label"] == "glioma"


def test_a_decision_about_a_series_goes_to_the_audit_as_such(records: Records) -> None:
    series, echo = series_subject("1.2.840.1"), series_subject("1.2.840.1", "echo 2")
    records.decide(series, "model", Decision("agree", "glioma"))
    records.decide(echo, "model", Decision("unsure"))
    assert records.decisions() == {series: Decision("agree", "glioma"), echo: Decision("unsure")}
    first, second = records.audit()
    assert (first["subject"], first["series"], first["content"]) == (series, "1.2.840.1:", "")
    assert second["subject"] == echo
    pictures = series_subject("", contents=["a", "b"])
    assert pictures != series_subject("", contents=["b", "a"])
    records.decide(pictures, "model", Decision("unsure"))
    assert records.decision(pictures) == Decision("unsure")


def _spoil(path: Path, before: bytes, after: bytes) -> None:
    """Change bytes in the file itself, as a failing disk does."""
    content = path.read_bytes()
    assert before in content
    path.write_bytes(content.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"label": "glioma"', b'"label": "flioma"'),
        (b'["glioma", 0.9]', b'["glioma", 0.1]'),
        (b'"area_mm2": 12.5', b'"area_mm2": 92.5'),
        (b'"label": ', b'"label":\xff'),
        (b"a picture", b"b picture"),
    ],
)
def test_an_answer_with_one_changed_byte_is_given_anew(
    tmp_path: Path, before: bytes, after: bytes
) -> None:
    path = tmp_path / "records.sqlite"
    records = Records(path, "tester")
    records.add("model", [replace(GLIOMA, content="content", thumbnail=b"a picture")])
    records.close()
    _spoil(path, before, after)
    records = Records(path, "tester")
    assert records.find("content", "model") == []
    assert records.answers_lost == 1
    assert records.thumbnail("content", "model") is None
    records.add("model", [replace(GLIOMA, content="content", thumbnail=b"a picture")])
    assert records.find("content", "model") == [GLIOMA]
    assert records.thumbnail("content", "model") == b"a picture"
    records.close()


def test_copies_in_one_batch_are_kept_once(records: Records) -> None:
    copies = [replace(GLIOMA, content=content) for content in ("a", "a", "b", "a", "b")]
    records.add("model", copies)
    assert records.find("a", "model") == records.find("b", "model") == [GLIOMA]
    assert len(list(records.audit())) == 2


def test_frames_that_are_not_all_there_are_answered_anew(records: Records) -> None:
    records.add("model", [replace(GLIOMA, content="content", frame=n) for n in range(3)])
    records._file.connection.execute("DELETE FROM answer WHERE frame = 2")
    assert records.find("content", "model") == []
    assert records.answers_lost == 1


def test_a_decision_with_one_changed_byte_counts_as_not_made(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    records = Records(path, "tester")
    records.decide("content", "model", Decision("agree", "glioma"))
    records.decide("other", "model", Decision("unsure"))
    records.close()
    _spoil(path, b'"class_name": "glioma"', b'"class_name": "flioma"')
    records = Records(path, "tester")
    assert records.decisions() == {"other": Decision("unsure")}
    assert records.decision("content") == Decision()
    assert records.decisions_lost == 1
    assert [event["whole"] for event in records.audit()] == [False, True]
    records.decide("content", "model", Decision("agree", "glioma"), Decision())
    assert records.decision("content") == Decision("agree", "glioma")
    records.close()


def test_a_user_without_account_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_name()
    for error in (KeyError("uid not found"), OSError("no username set")):

        def raising(error: Exception = error) -> str:
            raise error

        monkeypatch.setattr("getpass.getuser", raising)
        assert user_name().startswith("uid ") or sys.platform == "win32"


def test_without_a_home_folder_the_records_must_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    where = Path("~/.local/share/braintumor-desktop")  # as the system leaves it then
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: where)
    with pytest.raises(RecordsError, match="no home folder"):
        user_records()
