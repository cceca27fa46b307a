from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from braintumor_desktop.domain.answer import HeatMap, ModelInfo, Prediction
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import (
    Crop,
    DicomIdentifiers,
    MRISlice,
    ReadWarning,
    SliceSource,
)
from braintumor_desktop.domain.result import FileResult, answered, refused
from braintumor_desktop.errors import TruncatedFileError
from braintumor_desktop.outputs.atomic import ExportError, whole_file, whole_folder
from braintumor_desktop.outputs.table import CsvWriter, write_json_line

CLASSES = ("glioma", "notumor")
ROW = FileResult(
    name='a "b", c.dcm',
    path=Path("a.dcm"),
    content="ab" * 32,
    label="glioma",
    probabilities=(("glioma", 0.9), ("notumor", 0.1)),
    possible=CLASSES,
    peak=(1.0, 2.5),
    identifiers=DicomIdentifiers(patient_id="=1+1", series_instance_uid="1.2"),
    warnings=(ReadWarning("odd", "It has {n} colours.", (("n", 3),)),),
    model=ModelInfo("net 1", "cd" * 32),
)


def _csv(*rows: tuple[FileResult, Decision]) -> str:
    stream = io.StringIO(newline="")
    CsvWriter(stream, CLASSES).write_all(rows)
    return stream.getvalue().removeprefix("\ufeff")


def test_the_table_has_everything() -> None:
    (line,) = csv.DictReader(io.StringIO(_csv((ROW, Decision("agree", "glioma", "two\nlines")))))
    assert line["file"] == ROW.name
    assert (line["status"], line["verdict"], line["probability"]) == ("answered", "glioma", "0.9")
    assert (line["p_glioma"], line["p_notumor"]) == ("0.9", "0.1")
    assert (line["possible"], line["needs_look"]) == ("glioma; notumor", "yes")
    assert (line["peak_x"], line["peak_y"]) == ("1", "2.5")
    assert line["warnings"] == "It has 3 colours."
    assert (line["decision"], line["decided_class"]) == ("agree", "glioma")
    assert line["comment"] == "two\nlines"
    assert line["model_sha256"] == "cd" * 32


@pytest.mark.parametrize(
    ("share", "written", "look"), [(0.7999998, "0.799999", "yes"), (0.9999998, "0.999999", "no")]
)
def test_no_probability_is_rounded_to_a_sure_or_certain_one(
    share: float, written: str, look: str
) -> None:
    heat = HeatMap(np.ones((1, 1), np.float32), Crop(0, 0, 8, 8, 8, 8))
    named = {"glioma": share, "notumor": 1 - share}
    said = Prediction(named, ("glioma",), False, heat, (), None, ModelInfo("net 1", "cd" * 32))
    mri = MRISlice(np.zeros((8, 8), np.float32), SliceSource(Path("a.png"), "PNG"))
    row = answered(mri, said)
    (line,) = csv.DictReader(io.StringIO(_csv((row, Decision()))))
    assert said.improbable is (look == "yes")  # as the window says
    assert (line["probability"], line["needs_look"]) == (written, look)
    assert float(line["p_notumor"]) > 0


def test_lines_end_and_quote_as_rfc_4180_says() -> None:
    text = _csv((ROW, Decision()), (replace(ROW, name="b"), Decision()))
    assert text.count("\r\n") == 3
    assert '"a ""b"", c.dcm"' in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_runs_in_a_spreadsheet(start: str) -> None:
    evil = f"{start}HYPERLINK(1)"
    comment = Decision("unsure", "", evil)
    (line,) = csv.DictReader(io.StringIO(_csv((replace(ROW, name=evil), comment)), newline=""))
    assert line["file"] == line["comment"] == f"'{evil}"
    assert line["patient_id"] == "'=1+1"


def test_a_refusal_has_its_reason() -> None:
    row = refused(TruncatedFileError("Ends after {n} bytes.", n=5))
    (line,) = csv.DictReader(io.StringIO(_csv((row, Decision()))))
    assert (line["status"], line["reason"]) == ("refused", "Ends after 5 bytes.")
    assert line["probability"] == line["p_glioma"] == ""


def test_json_lines_hold_the_same() -> None:
    stream = io.StringIO()
    write_json_line(stream, replace(ROW, name="\udcff"), Decision("unsure"))
    record = json.loads(stream.getvalue())
    assert record["probabilities"] == {"glioma": 0.9, "notumor": 0.1}
    assert record["decision"] == "unsure"
    assert stream.getvalue().isascii()


def test_a_file_is_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    with pytest.raises(ZeroDivisionError), whole_file(target) as path:
        path.write_text(f"half {1 // 0}")
    assert list(tmp_path.iterdir()) == []
    target.write_text("old")
    with whole_file(target) as path:
        path.write_text("new")
        assert target.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.csv"]
    assert target.read_text() == "new"
    with pytest.raises(ExportError), whole_file(tmp_path / "none" / "a.csv") as path:
        path.write_text("x")


def test_a_file_that_another_run_writes_is_left_to_it(tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    (tmp_path / ".a.csv.part").write_text("of a run that was killed")
    with whole_file(target) as path:
        assert path.read_text() == ""
        path.write_text("the first")
        for _ in range(2):
            with (
                pytest.raises(ExportError, match=r"a\.csv is being written by another run"),
                whole_file(target),
            ):
                pass
        assert path.read_text() == "the first"
    assert target.read_text() == "the first"
    with whole_file(target) as path:
        path.write_text("the second")
    assert [item.name for item in tmp_path.iterdir()] == ["a.csv"]
    assert target.read_text() == "the second"


def test_a_folder_is_whole_or_absent(tmp_path: Path) -> None:
    target = tmp_path / "export"
    with pytest.raises(ZeroDivisionError), whole_folder(target) as folder:
        (folder / "a.csv").write_text(f"half {1 // 0}")
    assert list(tmp_path.iterdir()) == []
    with whole_folder(target) as folder:
        (folder / "a.csv").write_text("whole")
        assert not target.exists()
    assert (target / "a.csv").read_text() == "whole"
    with pytest.raises(ExportError, match="exists already"), whole_folder(target):
        pass
