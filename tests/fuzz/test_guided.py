"""A few seconds of the fuzzing that coverage leads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(__file__).with_name("guided.py")


@pytest.mark.parametrize("target", ["bundle", "dicom"])
def test_what_reaches_a_new_line_is_foreseen(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    done = subprocess.run(
        [sys.executable, COMMAND, target, "--seconds", "3", "--keep", tmp_path, "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["faults"] == []
    assert found["fed"] > 10
    assert found["places"] >= found["places_of_seeds"] > 20
