"""`batch` over what clinics have: every output of one run, by the command line."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import openpyxl
import pydicom
import pytest
from pydicom.data import get_testdata_file

from braintumor_desktop.cli import main
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.records import Records
from braintumor_desktop.store.subject import slice_subject


def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        return list(csv.DictReader(stream))


def _workbook(path: Path) -> list[dict[str, object]]:
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    return [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]


def _batch(folder: Path, out: Path, *more: str) -> list[str]:
    records = out.with_suffix(".sqlite")
    return ["batch", str(folder), "--out", str(out), "--records", str(records), *more]


def test_no_identifier_changes_in_a_workbook_and_no_two_become_one(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    main(_batch(cases / "tables", out))
    named = {path.name: pydicom.dcmread(path) for path in (cases / "tables").iterdir()}
    lines = _workbook(tmp_path / "out.xlsx")
    assert len(lines) == len(named) == 10
    for line in lines:
        dataset = named[str(line["File"])]
        assert line["Patient ID"] == dataset.PatientID
        assert line["Study"] == dataset.StudyInstanceUID
    assert len({line["Patient ID"] for line in lines}) == len({d.PatientID for d in named.values()})
    assert [line["patient_id"] for line in _csv(out)] == [line["Patient ID"] for line in lines]
    assert "out.csv is for programs, out.xlsx for people." in capsys.readouterr().out


@pytest.fixture
def mixed_clinic(tmp_path: Path, mixed: Path, cases: Path) -> Path:
    """Pictures, a ZIP, a cut file, a letter, a file of three frames, four patients' slices."""
    dataset = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    pixels = dataset.pixel_array
    dataset.NumberOfFrames = 3
    dataset.PixelData = b"".join(np.roll(pixels, 5 * frame, axis=0).tobytes() for frame in range(3))
    dataset.save_as(mixed / "b" / "frames.dcm")
    shutil.copytree(cases / "names", mixed / "names")
    return mixed


def test_every_output_has_every_frame_and_resumes_from_the_records(
    mixed_clinic: Path, tmp_path: Path
) -> None:
    out, lines_out, report = (tmp_path / name for name in ("out.csv", "out.jsonl", "out.pdf"))
    more = ("--jsonl", str(lines_out), "--jobs", "2")
    assert main(_batch(mixed_clinic, out, *more, "--report", str(report))) == 1
    lines = _csv(out)
    frames = [line for line in lines if line["file"] == "b/frames.dcm"]
    assert [line["frame"] for line in frames] == [str(number) for number in range(3)]
    assert len({line["sha256"] for line in frames}) == 1
    assert all(line["status"] in ("answered", "refused") for line in frames)
    records = [json.loads(line) for line in lines_out.read_text().splitlines()]
    assert [record["file"] for record in records] == [line["file"] for line in lines]
    assert [str(row["File"]) for row in _workbook(tmp_path / "out.xlsx")] == [
        line["file"].removeprefix("'") for line in lines
    ]
    assert report.read_bytes().startswith(b"%PDF")
    first = [path.read_bytes() for path in (out, lines_out, tmp_path / "out.xlsx")]
    kept = Records(out.with_suffix(".sqlite"), "tester")
    assert len(kept.find(frames[0]["sha256"], _key())) == 3
    kept.close()
    assert main(_batch(mixed_clinic, out, *more)) == 1  # from the records
    assert [path.read_bytes() for path in (out, lines_out, tmp_path / "out.xlsx")] == first


def test_a_decision_about_a_frame_stands_in_its_line_alone(
    mixed_clinic: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    file = mixed_clinic / "b" / "frames.dcm"
    main(_batch(file, out))
    content = _csv(out)[0]["sha256"]
    records = Records(out.with_suffix(".sqlite"), "tester")
    records.decide(slice_subject(content, 2), _key(), Decision("unsure", "", "Ask Dr K."))
    records.close()
    main(_batch(file, out))
    decided = [line["frame"] for line in _csv(out) if line["decision"]]
    assert decided == ["2"]


def _key() -> str:
    from braintumor_desktop import paths
    from braintumor_desktop.inference.bundle import read_bundle

    return read_bundle(paths.model_bundle())[0].answering_key


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_the_report_counts_with_denominators_and_names_no_patient_unasked(
    cases: Path, tmp_path: Path
) -> None:
    out, report = tmp_path / "out.csv", tmp_path / "out.pdf"
    main(_batch(cases / "names", out, "--report", str(report)))
    said = subprocess.run(["pdftotext", str(report), "-"], capture_output=True, text=True).stdout
    assert said.count("usable slice") == 4, "a page for each of the four series"
    assert "12-345" not in said
    assert "أحمد" not in said


def test_an_output_that_cannot_be_written_costs_no_other(
    demo_slice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from braintumor_desktop.outputs.workbook import WorkbookWriter

    def full(self: WorkbookWriter, *_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(WorkbookWriter, "write", full)
    out = tmp_path / "out.csv"
    assert main(_batch(demo_slice, out)) == 1
    assert len(_csv(out)) == 1
    assert not (tmp_path / "out.xlsx").exists()
    assert "out.xlsx cannot be written: No space left on device." in capsys.readouterr().err


def test_answers_that_cannot_be_kept_are_written_to_the_table(
    demo_slice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from braintumor_desktop.store.database import RecordsError

    def away(*_: object) -> None:
        raise RecordsError("{file} cannot be found now.", file="out.sqlite")

    for name in ("add", "find"):
        monkeypatch.setattr(Records, name, away)
    out = tmp_path / "out.csv"
    assert main(_batch(demo_slice, out)) == 1
    assert [line["status"] for line in _csv(out)] == ["answered"]
    assert "out.sqlite cannot be found now." in capsys.readouterr().err


@pytest.mark.parametrize("jobs", ["0", "99999999999", "-1", "many"])
def test_a_number_of_cores_that_nobody_has_is_refused(
    demo_slice: Path, tmp_path: Path, jobs: str
) -> None:
    with pytest.raises(SystemExit) as raised:
        main(_batch(demo_slice, tmp_path / "out.csv", "--jobs", jobs))
    assert raised.value.code == 2


def test_an_answer_that_is_not_whole_is_given_anew_and_said(
    demo_slice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    main(_batch(demo_slice, out))
    first = out.read_bytes()
    kept = out.with_suffix(".sqlite")
    content = kept.read_bytes()
    assert content.count(b'"label": "notumor", "probabilities') == 1
    kept.write_bytes(
        content.replace(
            b'"label": "notumor", "probabilities', b'"label": "motumor", "probabilities'
        )
    )
    main(_batch(demo_slice, out))
    assert out.read_bytes() == first
    assert (
        "Answers in the records that were not whole, and were made anew" in capsys.readouterr().err
    )
