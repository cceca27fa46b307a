"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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
