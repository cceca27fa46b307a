"""No identifier of a marked patient is left in a copy: tags, private tags, names of files, UIDs."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from braintumor_desktop.imaging.read import decode_slice
from braintumor_desktop.outputs.deidentify import BurnedInError, deidentified, write_deidentified
from braintumor_desktop.outputs.pseudonyms import Pseudonyms
from tests.network.conftest import write_study

MARK = "ZZMARKED"


def _marked(path: Path) -> bytes:
    """The file with the mark in every text that it may have, nested and private ones too."""
    dataset = pydicom.dcmread(path)
    dataset.PatientName, dataset.PatientID = f"{MARK}^Name", f"{MARK}-ID"
    dataset.OtherPatientIDs = [f"{MARK}-other"]
    for keyword in (
        *("AccessionNumber", "StudyDescription", "SeriesDescription", "InstitutionName"),
        *("ReferringPhysicianName", "OperatorsName", "ProtocolName", "PatientComments"),
        *("ImageComments", "StationName", "PatientAddress", "RequestingService", "StudyID"),
        *("SequenceName", "PatientInsurancePlanCodeSequence", "DerivationDescription"),
    ):
        if keyword.endswith("Sequence"):
            continue
        setattr(dataset, keyword, f"{MARK}"[:16])
    item = Dataset()
    item.PatientName = f"{MARK}^Nested"
    item.CodeMeaning = f"{MARK} nested"
    item.ReferencedSOPInstanceUID = dataset.SOPInstanceUID
    dataset.ReferencedImageSequence = Sequence([item])
    dataset.ProcedureCodeSequence = Sequence([item])
    block = dataset.private_block(0x0029, "TESTS", create=True)
    block.add_new(0x10, "LO", f"{MARK} private")
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def test_nothing_of_a_marked_patient_is_left(tmp_path: Path) -> None:
    files = write_study(tmp_path / "study", 2)
    old = [pydicom.dcmread(path) for path in files]
    pseudonyms = Pseudonyms(tmp_path / "mine" / "pseudonyms.json")
    out = tmp_path / "out"
    for path in files:
        write_deidentified(_marked(path), pseudonyms, out)
    written = sorted(out.iterdir())
    assert len(written) == 2
    for path in written:
        data = path.read_bytes()
        assert MARK.encode() not in data
        for one in old:
            for keyword in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
                assert str(one[keyword].value).encode() not in data
            assert one.StudyDate.encode() not in data
            assert str(one[keyword].value) not in path.name
    copies = [pydicom.dcmread(path) for path in written]
    assert len({one.SeriesInstanceUID for one in copies}) == 1, "one series stays one"
    assert len({one.SOPInstanceUID for one in copies}) == 2
    assert copies[0].PatientIdentityRemoved == "YES"
    codes = [item.CodeValue for item in copies[0].DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113107"]


def test_pixels_and_places_stay_as_they_are(tmp_path: Path) -> None:
    (path,) = write_study(tmp_path / "study", 1)
    copy = deidentified(path.read_bytes(), Pseudonyms(tmp_path / "p.json"))
    before, after = (decode_slice(data, path) for data in (path.read_bytes(), copy))
    assert (before.pixels == after.pixels).all()
    assert before.spacing_mm == after.spacing_mm


def test_one_patient_s_dates_move_together_and_the_next_export_agrees(tmp_path: Path) -> None:
    first, second = write_study(tmp_path / "study", 2)
    moved = pydicom.dcmread(second)
    moved.StudyDate = "20260311"  # ten days later
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, moved, enforce_file_format=True)
    early = deidentified(first.read_bytes(), Pseudonyms(tmp_path / "p.json"))
    late = deidentified(buffer.getvalue(), Pseudonyms(tmp_path / "p.json"))
    one, other = (pydicom.dcmread(BytesIO(data)) for data in (early, late))
    assert one.PatientID == other.PatientID
    assert one.StudyInstanceUID == other.StudyInstanceUID
    days = [int(data.StudyDate) for data in (one, other)]
    assert days[0] != 20260301
    from datetime import datetime

    dates = [datetime.strptime(str(day), "%Y%m%d") for day in days]
    assert (dates[1] - dates[0]).days == 10


def test_pixels_that_may_name_the_patient_are_held_back(tmp_path: Path) -> None:
    (path,) = write_study(tmp_path / "study", 1)
    dataset = pydicom.dcmread(path)
    dataset.BurnedInAnnotation = "YES"
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    pseudonyms = Pseudonyms(tmp_path / "p.json")
    with pytest.raises(BurnedInError, match="may name the patient"):
        deidentified(buffer.getvalue(), pseudonyms)
    assert deidentified(buffer.getvalue(), pseudonyms, pixels_confirmed=True)


@pytest.mark.skipif(sys.platform == "win32", reason="a user's own folders are private there")
def test_the_list_of_pseudonyms_is_for_its_user_alone(tmp_path: Path) -> None:
    pseudonyms = Pseudonyms(tmp_path / "p.json")
    pseudonyms.patient("1")
    assert (tmp_path / "p.json").stat().st_mode & 0o077 == 0
