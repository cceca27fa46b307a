"""Part of what `inject.py` does: nothing is read otherwise in silence, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).with_name("inject.py")


@pytest.mark.parametrize(
    ("word", "rows"),
    [
        *(("Records", 4), ("Bundle", 13), ("TIFF", 5), ("JPEG", 4), ("twice", 3)),
        ("System", 4 if sys.platform == "win32" else 6),  # no pipes, no numbers
    ],
)
def test_every_fault_is_refused_or_said(word: str, rows: int) -> None:
    done = subprocess.run(
        [sys.executable, COMMAND, "--only", word],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    table = [line for line in done.stderr.splitlines() if line.startswith("| ")]
    assert len(table) == rows, done.stderr
    assert all(" | 0 | “" in line or "nothing amiss" in line for line in table), done.stderr
