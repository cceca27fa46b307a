"""What every test may ask for."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from braintumor_desktop import paths
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.store.records import Records

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The data set: `BRAINTUMOR_DATA`, else `../shared/data`; skips the test where neither is."""
    named = os.environ.get("BRAINTUMOR_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if (folder / "index.csv").is_file():
        return folder
    reason = f"no data set in {folder}; BRAINTUMOR_DATA can name its folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def demo_slice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo slice as a file: a sagittal T1 head, 256x256 pixels, 16-bit PNG."""
    from braintumor_desktop.sources.demo import write_demo_slice

    return write_demo_slice(tmp_path_factory.mktemp("demo"))


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
