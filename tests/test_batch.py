from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from braintumor_desktop.cli import main
from braintumor_desktop.cli.batch import bar
from braintumor_desktop.review.progress import Progress

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
    with out.open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["file"] for line in lines] == [f"{i:03}.png" for i in range(60)] + ["'=evil.png"]
    assert [line["status"] for line in lines].count("refused") == 2
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 61
    said = capsys.readouterr().out
    assert "61 files" in said
    assert "truncated 1" in said
    assert "not_an_image 1" in said
    first = out.read_bytes()
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
        "from braintumor_desktop.review import records as r\n"
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
