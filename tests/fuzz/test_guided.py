"""A few seconds of the fuzzing that coverage leads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import told_by

COMMAND = Path(__file__).with_name("guided.py")


@pytest.mark.parametrize("target", ["bundle", "dicom"])
def test_what_reaches_a_new_line_is_foreseen(target: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    found = told_by(COMMAND, target, "--seconds", 3, "--keep", tmp_path)
    assert found["faults"] == []
    assert found["fed"] > 10
    assert found["places"] >= found["places_of_seeds"] > 20
