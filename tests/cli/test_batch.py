from __future__ import annotations

import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from braintumor_desktop import paths
from braintumor_desktop.cli import main
from braintumor_desktop.cli.batch_command import bar
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.screening.progress import Progress
from braintumor_desktop.store.records import Records

COMMAND = [sys.executable, "-m", "braintumor_desktop"]


@pytest.fixture
def folder(tmp_path: Path, demo_slice: Path) -> Path:
    folder = tmp_path / "slices"
    folder.mkdir()
    pixels = cv2.imdecode(np.fromfile(demo_slice, np.uint8), cv2.IMREAD_UNCHANGED)
    for i in range(60):
        turned = np.ascontiguousarray(np.rot90(pixels, i)[i:])
        cv2.imencode(".png", turned)[1].tofile(folder / f"{i:03}.png")
    (folder / "010.png").write_bytes((folder / "011.png").read_bytes()[:700])
    (folder / "=evil.png").write_text("Dear colleague")
    return folder


def _batch(folder: Path, out: Path, *more: str) -> list[str]:
    records = out.with_suffix(".sqlite")
    return ["batch", str(folder), "--out", str(out), "--records", str(records), *more]


def test_a_folder_becomes_a_table_with_a_summary(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "results.csv"
    assert main(_batch(folder, out, "--jobs", "2", "--jsonl", str(tmp_path / "a.jsonl"))) == 1
    with out.open(newline="", encoding="utf-8-sig") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["file"] for line in lines] == [f"{i:03}.png" for i in range(60)] + ["'=evil.png"]
    assert [line["status"] for line in lines].count("refused") == 2
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 61
    said = capsys.readouterr().out
    assert "61 files" in said
    assert "Incomplete file (1)" in said
    assert "Not an image (1)" in said
    first = out.read_bytes()
    assert first.startswith(b"\xef\xbb\xbffile,")  # by this Excel knows that it is UTF-8
    assert main(_batch(folder, out)) == 1
    assert out.read_bytes() == first
    assert main(_batch(folder, out, "--no-resume")) == 1
    assert out.read_bytes() == first


def test_a_table_that_cannot_be_written_is_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = _batch(folder, tmp_path / "results.csv")
    arguments[3] = str(tmp_path / "none" / "results.csv")
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert "cannot be written" in error
    assert "Traceback" not in error


def test_the_bar_says_how_far_it_is() -> None:
    assert bar(Progress(50, 200, 25.0), 8) == "[##......] 50 of 200, 25/s, 0:06 left"
    assert bar(Progress(50, None, 25.0)) == "50 files, 25/s, counting"
    assert bar(Progress(0, 0, 0.0), 8) == "[........] 0 of 0, 0/s"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_and_resumed_it_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole.csv"
    subprocess.run([*COMMAND, *_batch(folder, whole)], capture_output=True)
    expected = whole.read_bytes()
    out = tmp_path / "cut.csv"
    chance = random.Random(4)
    said = ""
    for _ in range(3):
        _kill_after(chance.randrange(1, 60), [*COMMAND, *_batch(folder, out)], out)
        assert not out.exists()
    done = subprocess.run([*COMMAND, *_batch(folder, out)], capture_output=True, text=True)
    said = done.stderr
    assert "goes on where it was" in said
    assert out.read_bytes() == expected


def _kill_after(answers: int, command: list[str], out: Path) -> None:
    """Kill the process once its records hold so many more answers; by number, not by time."""
    hook = (
        "import os, signal, sys\n"
        "from braintumor_desktop.store import records as r\n"
        "from braintumor_desktop.cli import main\n"
        "left = int(sys.argv[1])\n"
        "log = r.Records._log\n"
        "def dying(self, *given):\n"
        "    global left\n"
        "    left -= 1\n"
        "    if left <= 0: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return log(self, *given)\n"
        "r.Records._log = dying\n"
        "main(sys.argv[2:])\n"
    )
    given: list[Any] = [sys.executable, "-c", hook, str(answers), *command[3:]]
    done = subprocess.run(given, capture_output=True, env=dict(os.environ))
    assert done.returncode in (-signal.SIGKILL, 0)


def _lines(out: Path) -> dict[str, dict[str, str]]:
    with out.open(newline="", encoding="utf-8-sig") as stream:
        return {line["file"]: line for line in csv.DictReader(stream)}


def test_what_other_code_has_said_is_not_taken_for_what_this_code_says(
    tmp_path: Path, demo_slice: Path
) -> None:
    folder, out, app = tmp_path / "slices", tmp_path / "out.csv", tmp_path / "app"
    folder.mkdir()
    shutil.copy(demo_slice, folder / "a.png")
    (folder / "b.png").write_text("Dear colleague")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(paths.PACKAGE, app / "braintumor_desktop", ignore=ignored)
    shutil.copytree(paths.model_bundle(), app / "resources" / "model")
    command = [*COMMAND, *_batch(folder, out)]
    subprocess.run(command, cwd=app, capture_output=True)
    assert "is of no image format" in _lines(out)["b.png"]["reason"]
    read = app / "braintumor_desktop" / "imaging" / "read.py"
    text = read.read_text(encoding="utf-8")
    read.write_text(text.replace("is of no image format", "is perhaps a letter"), encoding="utf-8")
    subprocess.run(command, cwd=app, capture_output=True)
    assert "is of no image format" in _lines(out)["b.png"]["reason"], "kept by the same version"
    numbers = app / "braintumor_desktop" / "versions.py"
    text = numbers.read_text(encoding="utf-8")
    numbers.write_text(
        re.sub(r"^READER = \d+", "READER = 999", text, flags=re.MULTILINE), encoding="utf-8"
    )
    subprocess.run(command, cwd=app, capture_output=True)
    assert "is perhaps a letter" in _lines(out)["b.png"]["reason"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such links, no pipes in folders")
def test_nothing_but_an_earlier_result_is_written_over(
    tmp_path: Path, demo_slice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "slices"
    folder.mkdir()
    scan, other = folder / "scan.png", tmp_path / "other.dcm"
    shutil.copy(demo_slice, scan)
    shutil.copy(str(get_testdata_file("MR_small.dcm")), other)
    records, fifo, link = (tmp_path / name for name in ("r.sqlite", "fifo", "link.csv"))
    Records(records, "tester").close()
    os.mkfifo(fifo)
    link.symlink_to("/dev/null")
    before = {path: path.read_bytes() for path in (scan, other, records)}
    for target in (scan, other, records, fifo, link, folder, tmp_path / "new.sqlite"):
        kept = target if target.suffix == ".sqlite" else records
        for named, option in ((folder, "--out"), (scan, "--report"), (folder, "--jsonl")):
            arguments = ["batch", str(named), "--records", str(kept), option, str(target)]
            if option != "--out":
                arguments += ["--out", str(tmp_path / "table.csv")]
            assert main(arguments) == 1
            (said,) = capsys.readouterr().err.splitlines()
            assert said.endswith("it was left as it is.")
            assert target.name in said
    assert {path: path.read_bytes() for path in before} == before
    assert fifo.is_fifo()
    assert link.is_symlink()
    assert not (tmp_path / "table.csv").exists()
    assert not (tmp_path / "new.sqlite").exists()


def test_what_the_run_writes_is_not_among_the_slices(tmp_path: Path, demo_slice: Path) -> None:
    shutil.copy(demo_slice, tmp_path / "a.png")
    out, report = tmp_path / "results.csv", tmp_path / "report.pdf"
    more = ("--jsonl", str(tmp_path / "results.jsonl"), "--report", str(report))
    for _ in range(2):
        assert main(_batch(tmp_path, out, *more)) == 0
        assert list(_lines(out)) == ["a.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such links")
def test_records_behind_a_link_are_not_among_the_slices(tmp_path: Path, demo_slice: Path) -> None:
    folder, link = tmp_path / "slices", tmp_path / "link.sqlite"
    folder.mkdir()
    shutil.copy(demo_slice, folder / "a.png")
    kept, out = folder / "kept.sqlite", tmp_path / "out.csv"
    Records(kept, "tester").close()
    link.symlink_to(kept)
    for _ in range(2):
        assert main(["batch", str(folder), "--out", str(out), "--records", str(link)]) == 0
        assert list(_lines(out)) == ["a.png"]
    before = kept.read_bytes()
    assert main(["batch", str(folder), "--out", str(kept), "--records", str(link)]) == 1
    assert kept.read_bytes() == before


def test_a_table_that_a_spreadsheet_saved_again_gives_way(tmp_path: Path, demo_slice: Path) -> None:
    out = tmp_path / "out.csv"
    assert main(_batch(demo_slice, out)) == 0
    first = out.read_bytes()
    with out.open(newline="", encoding="utf-8-sig") as stream:
        lines = list(csv.reader(stream))
    for encoding in ("utf-8", "utf-8-sig"):
        with out.open("w", newline="", encoding=encoding) as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(lines)
        assert main(_batch(demo_slice, out)) == 0
        assert out.read_bytes() == first
    out.write_text('"filed","elsewhere"\n')
    assert main(_batch(demo_slice, out)) == 1
    assert out.read_text() == '"filed","elsewhere"\n'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such links")
def test_what_is_behind_a_link_is_said_to_be_missing(
    tmp_path: Path, demo_slice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patient = tmp_path / "patient"
    patient.mkdir()
    shutil.copy(demo_slice, patient / "scout.png")
    (patient / "T1").symlink_to(demo_slice.parent, target_is_directory=True)
    assert main(_batch(patient, tmp_path / "out.csv")) == 1
    line = _lines(tmp_path / "out.csv")["T1"]
    assert (line["status"], line["needs_look"]) == ("refused", "yes")
    assert line["reason"] == "It is a link to a folder, which is not followed."
    assert "Not followed: a link (1)" in capsys.readouterr().out


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler is not installed")
def test_a_decision_about_a_slice_without_answer_gets_its_page(
    tmp_path: Path, demo_slice: Path
) -> None:
    cut = tmp_path / "cut.png"
    cut.write_bytes(demo_slice.read_bytes()[:900])
    (tmp_path / "letter.txt").write_text("Dear colleague")
    out, report = tmp_path / "out.csv", tmp_path / "report.pdf"
    assert main(_batch(tmp_path, out)) == 1
    records = Records(out.with_suffix(".sqlite"), "tester")
    records.decide(_lines(out)["cut.png"]["sha256"], "", Decision("unsure", "", "Ask Dr K."))
    records.close()
    assert main(_batch(tmp_path, out, "--report", str(report))) == 1
    done = subprocess.run(["pdftotext", str(report), "-"], capture_output=True, text=True)
    assert "Ask Dr K." in done.stdout
    assert "cut.png" in done.stdout
    assert "letter.txt" not in done.stdout, "nobody has said anything of it"
