"""Each output is a sink of its own: one that fails costs no other, and names its own cause."""

from __future__ import annotations

import csv
import errno
import io
import json
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import openpyxl
import pytest

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.outputs import sinks
from braintumor_desktop.outputs.atomic import ExportError, names_device, whole_file
from braintumor_desktop.outputs.table import CsvWriter
from braintumor_desktop.outputs.workbook import (
    MOST_CHARACTERS,
    WorkbookWriter,
    check_earlier_workbook,
)
from braintumor_desktop.screening.pipeline import Screened
from braintumor_desktop.text.language import Language, speaking

CLASSES = ("glioma", "notumor")
ROW = FileResult(
    name="a.dcm",
    content="ab" * 32,
    label="glioma",
    probabilities=(("glioma", 0.9), ("notumor", 0.1)),
    possible=("glioma",),
    identifiers=DicomIdentifiers(patient_id="00012345", series_instance_uid="1.2.3"),
    frame=4,
    position_mm=-12.5,
)


def _cells(path: Path) -> list[dict[str, object]]:
    """The sheet as a spreadsheet reads it: with the types that the file gives its cells."""
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize(
    "text",
    ["00012345", "12345", "1E5", "1234567890123456789", "1/2", "0012.50", "=1+1", "http://x"],
)
def test_an_identifier_in_a_workbook_stays_text(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.xlsx"
    row = replace(ROW, identifiers=DicomIdentifiers(patient_id=text, study_instance_uid="1.2"))
    with WorkbookWriter(path, CLASSES) as book:
        book.write(row, Decision("unsure", "", text))
    (line,) = _cells(path)
    assert line["Patient ID"] == line["Comment"] == text
    assert line["Study"] == "1.2"
    assert (line["Probability"], line["Frame"], line["Position, mm"]) == (0.9, 4, -12.5)
    assert line["Needs a look"] == "no"


def test_the_workbook_speaks_the_chosen_language_and_the_csv_its_own(tmp_path: Path) -> None:
    path, stream = tmp_path / "a.xlsx", io.StringIO(newline="")
    with speaking(Language.of("es_MX")):
        with WorkbookWriter(path, CLASSES) as book:
            book.write(ROW, Decision("disagree", "notumor"))
        CsvWriter(stream, CLASSES).write(ROW, Decision("disagree", "notumor"))
    (line,) = _cells(path)
    assert line["Respuesta de la IA"] == "Sospechoso: glioma"
    assert line["ID del paciente"] == "00012345"
    assert (line["Decisión"], line["Clase decidida"]) == ("en desacuerdo", "Sin tumor")
    assert ",verdict," in stream.getvalue()
    assert ",disagree,notumor," in stream.getvalue()


def test_the_same_rows_give_the_same_workbook(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        with WorkbookWriter(tmp_path / name, CLASSES) as book:
            book.write(ROW, Decision())
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_a_workbook_takes_any_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with WorkbookWriter(path, CLASSES) as book:
        book.write(replace(ROW, name="\udcff\x01.png"), Decision("unsure", "", "x" * 40_000))
    (line,) = _cells(path)
    assert str(line["File"]).startswith("\\udcff")
    assert len(str(line["Comment"])) == MOST_CHARACTERS


def test_only_an_earlier_workbook_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    check_earlier_workbook(path)
    with WorkbookWriter(path, CLASSES) as book:
        book.write(ROW, Decision())
    check_earlier_workbook(path)
    openpyxl.Workbook().save(path)
    before = path.read_bytes()
    for content in (before, b"a letter"):
        path.write_bytes(content)
        with pytest.raises(ExportError, match=r"a\.xlsx is there and was not written by this app"):
            check_earlier_workbook(path)
    path.write_bytes(before)
    openpyxl.load_workbook(path).save(path)


@pytest.mark.parametrize(
    "evil", ["seen;=1+1", "seen; @SUM(1)", "seen\n=1+1", "seen\r\n-1", "seen\t+1", 'seen;"=1+1"']
)
def test_no_part_of_a_cell_runs_in_a_spreadsheet(evil: str) -> None:
    stream = io.StringIO(newline="")
    CsvWriter(stream, CLASSES).write(ROW, Decision("unsure", "", evil))
    text = stream.getvalue().removeprefix("\ufeff")
    (line,) = csv.DictReader(io.StringIO(text, newline=""))
    assert line["comment"].replace("'", "") == evil
    for separator in ",;\t":  # as spreadsheets split it, by the language of the system
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in cells:
                for part in cell.splitlines():
                    runs = part.lstrip("\"' ").startswith(("=", "+", "-", "@"))
                    assert not runs or "'" in part or part == "-12.5", "the position is a number"
    assert "'" in line["comment"]


def test_frames_and_series_stand_in_every_table(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("w", newline="", encoding="utf-8") as stream:
        CsvWriter(stream, CLASSES).write(ROW, Decision())
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8-sig") as stream:
        (line,) = csv.DictReader(stream)
    assert (line["series_instance_uid"], line["frame"], line["position_mm"]) == (
        "1.2.3",
        "4",
        "-12.5",
    )
    with sinks.json_lines(tmp_path / "a.jsonl") as sink:
        sink.write(Screened(ROW))
    record = json.loads((tmp_path / "a.jsonl").read_text())
    assert (record["series_instance_uid"], record["frame"]) == ("1.2.3", 4)


class _Failing:
    pictures = False

    def __init__(self, error: Exception) -> None:
        self._error = error

    def write(self, screened: Screened) -> None:
        raise self._error


def test_an_output_that_fails_costs_no_other(tmp_path: Path) -> None:
    from contextlib import contextmanager

    @contextmanager
    def failing(name: str, error: Exception):
        with whole_file(tmp_path / name):
            yield _Failing(error)

    table = tmp_path / "a.csv"
    full = OSError(errno.ENOSPC, "No space left on device")
    openers = [
        partial(failing, "full.pdf", full),
        partial(sinks.csv_table, table, CLASSES),
        partial(failing, "broken.pdf", ZeroDivisionError()),
    ]
    with sinks.Outputs(openers) as outputs:
        for _ in range(3):
            outputs.write(Screened(ROW))
    assert table.read_text(encoding="utf-8").count("a.dcm") == 3
    said = [str(error) for error in outputs.errors]
    assert said == [
        "full.pdf cannot be written: No space left on device.",
        "An output could not be made (ZeroDivisionError).",
    ]
    assert [item.name for item in tmp_path.iterdir()] == ["a.csv"]


def test_a_run_that_ends_early_leaves_no_output(tmp_path: Path) -> None:
    openers = [
        partial(sinks.csv_table, tmp_path / "a.csv", CLASSES),
        partial(sinks.workbook, tmp_path / "a.xlsx", CLASSES),
    ]

    def interrupted() -> None:
        with sinks.Outputs(openers) as outputs:
            outputs.write(Screened(ROW))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_what_another_file_is_to_blame_for_is_not_said_of_this_one(tmp_path: Path) -> None:
    other = tmp_path / "gone" / "slice.png"
    with pytest.raises(FileNotFoundError) as raised, whole_file(tmp_path / "a.csv"):
        other.read_bytes()
    assert raised.value.filename == str(other)
    with pytest.raises(BrokenPipeError), whole_file(tmp_path / "a.csv"):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no such faults there")
@pytest.mark.parametrize("fault", ["flock", "chmod", "fsync", "shm,fsync,flock"])
def test_the_table_is_written_to_a_share_that_refuses(
    on_a_share, demo_slice: Path, tmp_path: Path, fault: str
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    arguments = ["-m", "braintumor_desktop", "batch", str(demo_slice), "--out"]
    arguments += [str(folder / "a.csv"), "--records", str(folder / "r.sqlite")]
    for _ in range(2):
        said = on_a_share(fault, *arguments)
        assert "1 files" in said
        assert "cannot" not in said
    names = {item.name for item in folder.iterdir()}
    assert names - {"r.sqlite-shm"} == {"a.csv", "a.xlsx", "r.sqlite"}


@pytest.mark.parametrize(
    ("name", "device"),
    [("CON", True), ("aux.csv", True), ("com1.xlsx", True), ("nul .pdf", True),
     ("console.csv", False), ("com10.csv", False), ("results.aux", False)],
)  # fmt: skip
def test_names_that_windows_keeps_for_devices_are_known(name: str, device: bool) -> None:
    assert names_device(name) is device


def test_on_windows_no_output_goes_to_a_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from braintumor_desktop.outputs import atomic

    monkeypatch.setattr(atomic.sys, "platform", "win32")
    with pytest.raises(ExportError, match=r"aux\.csv is a name that Windows keeps for a device"):
        atomic.check_regular(tmp_path / "aux.csv")
