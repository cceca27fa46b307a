"""By what a DICOM file is told from others: its patient, study, series and object."""

from __future__ import annotations

from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue

from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.imaging.dicom.attributes import attribute
from braintumor_desktop.imaging.dicom.file import (
    has_prefix,
    may_lack_prefix,
    read_file,
    without_cut,
)


def identifiers_of(dataset: Any) -> DicomIdentifiers:
    """The identifiers of a data set; raises TruncatedFileError where one is damaged."""
    return DicomIdentifiers(
        patient_id=identifier(dataset, "PatientID"),
        patient_name=identifier(dataset, "PatientName"),
        study_instance_uid=identifier(dataset, "StudyInstanceUID"),
        series_instance_uid=identifier(dataset, "SeriesInstanceUID"),
        sop_instance_uid=identifier(dataset, "SOPInstanceUID"),
        modality=identifier(dataset, "Modality"),
        issuer_of_patient_id=identifier(dataset, "IssuerOfPatientID"),
        study_date=identifier(dataset, "StudyDate"),
        series_description=identifier(dataset, "SeriesDescription"),
    )


def identifier(dataset: Any, keyword: str) -> str:
    """One of them, "" where it is absent; raises TruncatedFileError where it is damaged."""
    raw = dataset.get_item(keyword)
    if raw is None:
        return ""
    value = attribute(dataset, keyword)
    if isinstance(value, MultiValue):
        value = "\\".join(map(str, value))
    said = "" if value is None else str(value).strip()
    if "\ufffd" in said and isinstance(raw, RawDataElement):
        # Not of the character set that the file names: two patients' would be the same.
        return (raw.value or b"").decode("ascii", "backslashreplace").strip("\0 ")
    return said


def read_identifiers(data: bytes) -> DicomIdentifiers | None:
    """Those of a file that is refused as a slice, None where it has no DICOM header to be read.

    An identifier at which the file is cut off is left empty: a part of it is another patient's.
    """
    if not (has_prefix(data) or may_lack_prefix(data)):
        return None
    try:
        return identifiers_of(without_cut(read_file(data, header_only=True).dataset))
    except Exception:  # whatever it is, the file has its reason already
        return None
