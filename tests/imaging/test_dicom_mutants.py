"""A short run of the damage that `tests/benchmarks/dicom_mutants.py` does by the thousand."""

from __future__ import annotations

from pathlib import Path

from tests.commands import told_by

COMMAND = Path(__file__).resolve().parents[1] / "benchmarks" / "dicom_mutants.py"


def test_no_damage_is_a_crash() -> None:
    found = told_by(COMMAND, "--count", 300, "--seed", 3)
    assert found["faults"] == []
    assert sum(found.get(name, 0) for name in found if name.startswith("re")) == 300
    assert found["refused (truncated)"] > 100
    assert found["read, the same picture"] > 30
