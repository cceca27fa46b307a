"""A folder with everything a batch can meet, and a fresh file of records."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from braintumor_desktop import paths
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.store.records import Records


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load(paths.model_bundle())


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.sqlite", "tester")
    yield opened
    opened.close()


@pytest.fixture
def mixed(tmp_path: Path, demo_slice: Path) -> Path:
    """Fifteen slices, a copy, an archive, a truncated file, a letter, something hidden."""
    folder = tmp_path / "mixed"
    (folder / "b").mkdir(parents=True)
    pixels = cv2.imdecode(np.fromfile(demo_slice, np.uint8), cv2.IMREAD_UNCHANGED)
    encoded = [
        cv2.imencode(".png", np.ascontiguousarray(np.rot90(pixels, i)[3 * i :]))[1].tobytes()
        for i in range(15)
    ]
    for i, data in enumerate(encoded[:10]):
        (folder / f"a{i}.png").write_bytes(data)
    (folder / "b" / "copy.png").write_bytes(encoded[0])
    (folder / "b" / "cut.png").write_bytes(encoded[1][:900])
    (folder / "b" / "letter.txt").write_text("Dear colleague")
    (folder / ".DS_Store").write_bytes(b"x")
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        for i, data in enumerate(encoded[10:]):
            archive.writestr(f"in/z{i}.png", data)
        archive.writestr(".hidden", b"x")
    return folder
