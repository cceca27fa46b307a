"""A short run of the damage that `tests/benchmarks/dicom_mutants.py` does by the thousand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(__file__).resolve().parents[1] / "benchmarks" / "dicom_mutants.py"


def test_no_damage_is_a_crash() -> None:
    done = subprocess.run(
        [sys.executable, COMMAND, "--count", "300", "--seed", "3", "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["faults"] == []
    assert sum(found.get(name, 0) for name in found if name.startswith("re")) == 300
    assert found["refused (truncated)"] > 100
    assert found["read, the same picture"] > 30
