"""The public DICOM files with known values, and files made for a test."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.uid import generate_uid

MakeSlice = Callable[..., Path]


@pytest.fixture(scope="session")
def series_cases(dicom_cases: Path) -> list[dict[str, Any]]:
    cases = json.loads((dicom_cases / "cases.json").read_text("utf-8"))
    return [case for case in cases if case["kind"] == "series"]


@pytest.fixture
def make_slice(tmp_path: Path) -> MakeSlice:
    """Writes a small slice at a height of its series; keywords set further attributes."""
    study, frame = generate_uid(), generate_uid()
    series: dict[str, str] = {}

    def make(name: str, height: float = 0.0, series_name: str = "a", **more: Any) -> Path:
        dataset = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
        assert isinstance(dataset, FileDataset)
        dataset.PatientID, dataset.PatientName = "7", "Test^One"
        dataset.PatientBirthDate = "19610101"
        dataset.StudyInstanceUID, dataset.FrameOfReferenceUID = study, frame
        dataset.SeriesInstanceUID = series.setdefault(series_name, generate_uid())
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        dataset.ImagePositionPatient = [0, 0, height]
        for keyword, value in more.items():
            if value is None:
                del dataset[keyword]
            else:
                setattr(dataset, keyword, value)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset.save_as(path)
        return path

    return make
