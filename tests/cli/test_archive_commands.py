"""`pacs`, `export` and `deidentify`, as somebody types them."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from braintumor_desktop.cli import main
from braintumor_desktop.network.servers import Archive
from tests.network.conftest import orthanc, receiver_port, write_study

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
