"""`pacs`, `export` and `deidentify`, as somebody types them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pydicom
import pytest

from braintumor_desktop.cli import main
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.network import dimse
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.receiver import StorageReceiver
from braintumor_desktop.network.refusals import ArchiveAnswerError
from braintumor_desktop.network.servers import Archive
from braintumor_desktop.outputs.stored_persons import group_subject
from braintumor_desktop.screening.groups import By, groups
from braintumor_desktop.screening.series_answering import answer_whole
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.store.records import Records
from tests.network.conftest import RECEIVER, free_port, orthanc, receiver_port, write_study

__all__ = ["orthanc", "receiver_port"]


def test_a_study_goes_to_the_archive_and_its_answer_after_it(
    orthanc: tuple[Archive, Archive],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    by_dimse = f"dimse://ORTHANC@127.0.0.1:{orthanc[0].port}"
    files = write_study(tmp_path / "study", 6, "CLI-1", seed=9)
    uid = str(pydicom.dcmread(files[0]).StudyInstanceUID)
    assert main(["pacs", "echo", by_dimse]) == 0
    assert main(["pacs", "send", by_dimse, str(tmp_path / "study")]) == 0
    assert main(["export", str(tmp_path / "study"), "--out", str(tmp_path / "out"), "--sr"]) == 0
    assert main(["pacs", "send", by_dimse, str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert main(["pacs", "find", by_dimse, "--patient-id", "CLI-1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.split("\t")[0] == uid
    assert "MR" in line.split("\t")[5]
    assert "SR" in line.split("\t")[5]
    assert main(["pacs", "get", orthanc[1].url, uid, "--out", str(tmp_path / "back")]) == 0
    assert len(list((tmp_path / "back").rglob("*.dcm"))) == 7


def test_the_export_says_who_decided_as_the_records_have_it(
    tmp_path: Path, classifier: Classifier, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study(tmp_path / "study", 3, "CLI-3", seed=10)
    path = tmp_path / "records.sqlite"
    (patient,) = scan([tmp_path / "study"]).patients
    whole = answer_whole(patient.studies[0].series[0], classifier)
    assert whole is not None
    (group,) = groups([one.result for one in whole.slices], By.SERIES)
    with closing(Records(path, "López")) as records:
        records.decide(group_subject(group), "model", Decision("unsure"))

    def report(name: str, *more: str) -> pydicom.Dataset:
        given = ["export", str(tmp_path / "study"), "--out", str(tmp_path / name), "--sr", *more]
        assert main(given) == 0
        return pydicom.dcmread(next((tmp_path / name).iterdir()))

    assert report("without").VerificationFlag == "UNVERIFIED"
    decided = report("with", "--records", str(path))
    assert decided.VerificationFlag == "VERIFIED"
    assert decided.VerifyingObserverSequence[0].VerifyingObserverName == "López^"
    capsys.readouterr()
    missing = ["export", str(tmp_path / "study"), "--out", str(tmp_path / "no"), "--records"]
    assert main([*missing, str(tmp_path / "none.sqlite")]) == 1
    assert "There are no records in none.sqlite." in capsys.readouterr().err
    assert not (tmp_path / "none.sqlite").exists()


def test_what_is_no_dicom_file_is_not_sent_and_said(
    orthanc: tuple[Archive, Archive], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by_dimse = f"dimse://ORTHANC@127.0.0.1:{orthanc[0].port}"
    folder = tmp_path / "study"
    files = write_study(folder, 2, "CLI-2", seed=21)
    (folder / "letter.txt").write_text("Dear colleague")
    (folder / ".hidden").write_bytes(files[0].read_bytes())
    with ZipFile(folder / "more.zip", "w") as packed:
        packed.write(files[0], "IM1")
    assert main(["pacs", "send", by_dimse, str(folder)]) == 1
    said = capsys.readouterr()
    assert "Files sent: 2." in said.out
    assert "letter.txt: It is no DICOM file." in said.err
    assert "more.zip/IM1: It lies in an archive: unpack it, to send it." in said.err
    assert ".hidden" not in said.err


def test_copies_are_written_and_what_is_left_out_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study(tmp_path / "study", 2, "00012345")
    (tmp_path / "study" / "letter.txt").write_text("Dear colleague")
    command = ["deidentify", str(tmp_path / "study"), "--out", str(tmp_path / "out")]
    assert main([*command, "--pseudonyms", str(tmp_path / "who.json")]) == 1
    said = capsys.readouterr()
    assert "Copies written: 2; files left out: 1." in said.out
    assert "letter.txt: It is no DICOM file." in said.err
    assert all(b"00012345" not in path.read_bytes() for path in (tmp_path / "out").iterdir())


def test_an_archive_that_nobody_has_named_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["pacs", "echo", "nowhere"]) == 1
    assert "no archive nowhere in the settings" in capsys.readouterr().err


MARKS = ("MarkedPerson", "MarkedNumber", "1.2.826.0.1.77665544", "MarkedFolder", "MarkedFile")


def test_a_marked_patient_is_in_no_log_and_in_no_copy(
    orthanc: tuple[Archive, Archive], tmp_path: Path
) -> None:
    """Sent, found, retrieved, answered and copied by both protocols, and named nowhere else."""
    folder, home = tmp_path / "MarkedFolder", tmp_path / "home"
    home.mkdir()
    files = write_study(folder, 3, "MarkedNumber", "MarkedPerson", seed=11)  # of one component
    for number, path in enumerate(files):
        dataset = pydicom.dcmread(path)
        dataset.StudyInstanceUID = "1.2.826.0.1.77665544.1"
        dataset.SeriesInstanceUID = "1.2.826.0.1.77665544.2"
        dataset.SOPInstanceUID = f"1.2.826.0.1.77665544.3.{number + 1}"
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.private_block(0x0029, "MarkedPerson", create=True).add_new(1, "LO", "MarkedNumber")
        dataset.save_as(folder / f"MarkedFile{number}.dcm")
        path.unlink()
    uid, retrieved = "1.2.826.0.1.77665544.1", tmp_path / "retrieved"
    names = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    environment = {**os.environ, **dict.fromkeys(names, str(home))}

    def logged(*arguments: str) -> str:
        program = [sys.executable, "-m", "braintumor_desktop", *arguments]
        done = subprocess.run(program, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stderr

    logs = []
    for archive in (f"dimse://ORTHANC@127.0.0.1:{orthanc[0].port}", orthanc[1].url):
        logs.append(logged("pacs", "echo", archive))
        logs.append(logged("pacs", "send", archive, str(folder)))
        logs.append(logged("pacs", "find", archive, "--patient-id", "MarkedNumber"))
        logs.append(logged("pacs", "get", archive, uid, "--out", str(retrieved)))
    logs.append(logged("export", str(folder), "--out", str(tmp_path / "answers")))
    copies = tmp_path / "copies"
    who = ("--pseudonyms", str(tmp_path / "who.json"))
    logs.append(logged("deidentify", str(retrieved), "--out", str(copies), *who))
    assert not [mark for mark in MARKS if mark in "".join(logs)]
    written = [path for path in copies.rglob("*") if path.is_file()]
    assert len(written) == 3
    looked_at = [*written, *(path for path in home.rglob("*") if path.is_file())]
    for path in looked_at:
        assert not [mark for mark in MARKS if mark.encode() in path.read_bytes()], path.name
    for path in [*looked_at, *retrieved.rglob("*")]:
        assert not [mark for mark in MARKS if mark in path.name]


def test_the_receiver_logs_no_marked_patient(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = write_study(tmp_path / "study", 2, "MarkedNumber", "MarkedPerson^Ana", seed=12)
    other = write_study(tmp_path / "other", 1, "MarkedNumber", "MarkedPerson^Ana", seed=13)
    port = free_port()
    writer = Cache(tmp_path / "cache").open_study(str(pydicom.dcmread(files[0]).StudyInstanceUID))
    peer = Archive("peer", host="127.0.0.1", port=port, ae_title=RECEIVER, calling_ae_title="PEER")
    with (
        caplog.at_level(logging.DEBUG, "braintumor_desktop"),
        StorageReceiver("127.0.0.1", port, RECEIVER, ["PEER"], writer),
    ):
        dimse.send(peer, files)
        with pytest.raises(ArchiveAnswerError):
            dimse.send(peer, other)
    said = caplog.text
    assert not [mark for mark in MARKS if mark in said]
    assert str(pydicom.dcmread(files[0]).StudyInstanceUID) not in said
