"""`series` and `classify` over series, as a person or a program calls them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from braintumor_desktop.cli import main

FIELDS = {
    *("path", "patient_id", "study_instance_uid", "series_instance_uid", "description"),
    *("modality", "plane", "frames", "usable", "spacing_mm", "affine", "gaps", "cautions"),
    *("answer", "slices"),
}
SLICE = {
    *("index", "path", "frame", "sop_instance_uid", "position_mm", "probabilities"),
    "unlike_training",
}


def _run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    status = main(list(arguments))
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def head(tmp_path: Path, demo_slice: Path) -> Path:
    """Six coronal slices of a head in a folder, named against their order, and a report."""
    pixels = cv2.imdecode(np.fromfile(demo_slice, np.uint8), cv2.IMREAD_UNCHANGED)
    series, study, frame = generate_uid(), generate_uid(), generate_uid()
    folder = tmp_path / "head"
    folder.mkdir()
    for place in range(7):
        dataset = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
        dataset.PatientID, dataset.SeriesDescription = "0007", "COR T1"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
        dataset.SeriesInstanceUID, dataset.StudyInstanceUID = series, study
        dataset.FrameOfReferenceUID, dataset.SOPInstanceUID = frame, generate_uid()
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.Rows, dataset.Columns, dataset.PixelSpacing = 256, 256, [0.9, 0.8]
        dataset.PixelRepresentation = 0
        dataset.SmallestImagePixelValue = dataset.LargestImagePixelValue = None
        dataset.PixelData = pixels.astype("<u2").tobytes()
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
        dataset.ImagePositionPatient = [-100, 6 * place - 20, 90]
        dataset.SliceThickness = 6
        dataset.save_as(folder / f"IM{9 - place}")
    del dataset.PixelData
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"
    dataset.SeriesInstanceUID, dataset.SOPInstanceUID = generate_uid(), generate_uid()
    dataset.save_as(folder / "IM0")
    return folder


def test_a_series_is_one_object_with_its_slices_in_order(
    head: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, records = _run(capsys, "series", "--json", str(head))
    assert status == 0
    images, report = records
    assert set(images) >= FIELDS
    assert (images["patient_id"], images["description"]) == ("0007", "COR T1")
    assert (images["plane"], images["frames"], images["gaps"]) == ("coronal", 7, [])
    assert images["spacing_mm"] == [6.0, 0.9, 0.8]
    assert np.allclose(
        images["affine"], [[0, 0, 0.8, -100], [6, 0, 0, -20], [0, -0.9, 0, 90], [0, 0, 0, 1]]
    )
    assert images["path"] == str(head)
    slices = images["slices"]
    assert [one["index"] for one in slices] == list(range(7))
    assert [Path(one["path"]).name for one in slices] == [f"IM{9 - place}" for place in range(7)]
    assert [one["position_mm"] for one in slices] == [6.0 * place - 20 for place in range(7)]
    assert [one for one in slices if set(one) != SLICE] == []
    assert all(sum(one["probabilities"].values()) == pytest.approx(1, abs=1e-5) for one in slices)
    assert images["usable"] == sum(not one["unlike_training"] for one in slices)
    assert images["answer"]["finding"] in ("suspicious", "nothing_flagged", "not_answered")

    assert report["frames"] == 0
    assert report["slices"] == []
    assert report["error"]["message"] == "The DICOM file is no picture: structured report."


def test_classify_names_each_slice_s_place_in_its_series(
    head: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, records = _run(capsys, "classify", "--json", str(head))
    assert status == 1  # for the report
    by_name = {Path(one["path"]).name: one for one in records}
    assert by_name["IM0"]["error"]["kind"] == "no_pixel_data"
    for place in range(7):
        record = by_name[f"IM{9 - place}"]
        assert (record["index"], record["frame"]) == (place, 0)
        assert record["position_mm"] == 6.0 * place - 20
        assert record["series_instance_uid"]


def test_a_gap_is_said_and_no_matrix_is_given(
    head: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (head / "IM6").unlink()
    _, (images, _) = _run(capsys, "series", "--json", str(head))
    assert images["gaps"] == [12.0]
    assert images["affine"] is None
    assert any("not evenly spaced" in caution for caution in images["cautions"])


def test_what_is_refused_is_an_object_with_its_reason(
    head: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = head / "IM5"
    cut.write_bytes(cut.read_bytes()[:500])
    (head / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    status, records = _run(capsys, "series", "--json", str(head))
    assert status == 1
    assert records[-1]["path"] == str(cut)
    assert records[-1]["error"]["kind"] == "truncated"
    assert len(records) == 3


def test_people_get_words(head: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (head / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0")
    assert main(["series", str(head)]) == 0
    said = capsys.readouterr().out
    assert "COR T1" in said
    assert "Coronal, 7 slices" in said
    assert "The DICOM file is no picture: structured report." in said
    assert said.splitlines()[-1] == "1 other file"


def test_localisers_are_answered_when_asked(head: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in head.iterdir():
        dataset = pydicom.dcmread(path)
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
        dataset.save_as(path)
    (head / "IM0").unlink()
    _, (images,) = _run(capsys, "series", "--json", str(head))
    assert (images["kind"], images["answer"], images["usable"]) == ("localizer", None, None)
    assert all(one["probabilities"] is None for one in images["slices"])
    _, (images,) = _run(capsys, "series", "--json", "--all", str(head))
    assert images["answer"] is not None


def test_every_frame_of_a_file_is_answered(
    dicom_cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = dicom_cases / "neurolabusc+dcm_qa_enh/In/Philips/IM_0027_fMAP.dcm"
    _, records = _run(capsys, "classify", "--json", str(path))
    assert [one["frame"] for one in records] == list(range(64))
    assert [one["index"] for one in records] == [*range(32), *range(32)]
    _, (magnitude, phase) = _run(capsys, "series", "--json", str(path))
    assert (magnitude["kind"], phase["kind"]) == ("images", "phase")
    assert [one["frame"] for one in magnitude["slices"]] == list(range(32))
    assert [one["frame"] for one in phase["slices"]] == list(range(32, 64))


def test_numbered_pictures_are_a_series_when_a_person_says_so(
    demo_slice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in (10, 9, 1, 2, 3):
        shutil.copy(demo_slice, tmp_path / f"slice{number}.png")
    _, records = _run(capsys, "series", "--json", str(tmp_path))
    assert [one["frames"] for one in records] == [1] * 5
    _, (one,) = _run(capsys, "series", "--json", "--as-series", str(tmp_path))
    names = [Path(each["path"]).name for each in one["slices"]]
    assert names == [f"slice{number}.png" for number in (1, 2, 3, 9, 10)]
    assert any("missing" in caution and "5" in caution for caution in one["cautions"])
    assert one["affine"] is None
