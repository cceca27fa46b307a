"""`info --hash`: the values of each slice, to be held against another reader's."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pydicom.data
import pytest

from braintumor_desktop.cli import main

FILES = Path(pydicom.data.__file__).parent / "test_files"


def sha256(values: np.ndarray) -> str:
    return hashlib.sha256(values.astype("<f4").tobytes()).hexdigest()


def test_values_are_hashed_as_they_are_stored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After the modality transform: MONOCHROME1 is not turned, padding stays."""
    dataset = pydicom.dcmread(FILES / "MR_small.dcm")
    dataset.PhotometricInterpretation = "MONOCHROME1"
    dataset.add_new("PixelPaddingValue", "SS", int(dataset.pixel_array.min()))
    dataset.RescaleSlope, dataset.RescaleIntercept = "0.5", "-3"
    dataset.save_as(tmp_path / "slice.dcm")
    expected = (dataset.pixel_array * 0.5 - 3).astype(np.float32)
    assert main(["info", "--hash", "--json", str(tmp_path / "slice.dcm")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "path": str(tmp_path / "slice.dcm"),
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "frames": [
            {
                "index": 0,
                "shape": [64, 64],
                "min": float(expected.min()),
                "max": float(expected.max()),
                "mean": pytest.approx(expected.mean(dtype=np.float64)),
                "sha256": sha256(expected),
            }
        ],
    }


def test_a_file_a_line_and_the_refused_ones_count(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = np.arange(1200, dtype=np.uint16).reshape(30, 40)
    cv2.imwrite(str(tmp_path / "a.png"), picture)
    (tmp_path / "b.dcm").write_bytes((FILES / "MR_truncated.dcm").read_bytes())
    frames = pydicom.dcmread(FILES / "rtdose.dcm")
    frames.save_as(tmp_path / "c.dcm")
    assert main(["info", "--hash", "--json", str(tmp_path)]) == 1
    png, cut, dose = map(json.loads, capsys.readouterr().out.splitlines())
    assert png["transfer_syntax"] is None
    assert png["frames"][0]["sha256"] == sha256(picture)
    assert "ends inside its pixels" in cut["error"]
    assert "frames" not in cut
    assert [frame["index"] for frame in dose["frames"]] == list(range(15))
    assert main(["info", "--hash", str(tmp_path)]) == 1
    text = capsys.readouterr().out
    assert f"SHA-256 {sha256(picture)}" in text
    assert "refused (truncated): The DICOM file ends" in text
