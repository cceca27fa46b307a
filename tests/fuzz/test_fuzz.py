"""A short run of the damage that `fuzz_readers.py` does by the ten thousand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import told_by

COMMAND = Path(__file__).with_name("fuzz_readers.py")


@pytest.mark.parametrize(("kind", "count"), [("raster", 500), ("dicom", 200)])
def test_damage_is_refused_or_read_as_another_reader_does(kind: str, count: int) -> None:
    pytest.importorskip("tifffile")
    found = told_by(COMMAND, kind, "--count", count, "--seed", 7)
    assert found["faults"] == []
    assert found["refused, truncated"] > count / 3
    assert found["read, as the second reader does"] > count / 8
    assert found["peak_mib"] < 1024
