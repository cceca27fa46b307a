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

    def text(keyword: str) -> str:
        raw = dataset.get_item(keyword)
        value = attribute(dataset, keyword)
        if isinstance(value, MultiValue):
            value = "\\".join(map(str, value))
        said = "" if value is None else str(value).strip()
        if "\ufffd" in said and isinstance(raw, RawDataElement):
            # Not of the character set that the file names: two patients' would be the same.
            return (raw.value or b"").decode("ascii", "backslashreplace").strip("\0 ")
        return said

    return DicomIdentifiers(
        patient_id=text("PatientID"),
        patient_name=text("PatientName"),
        study_instance_uid=text("StudyInstanceUID"),
        series_instance_uid=text("SeriesInstanceUID"),
        sop_instance_uid=text("SOPInstanceUID"),
        modality=text("Modality"),
        issuer_of_patient_id=text("IssuerOfPatientID"),
        study_date=text("StudyDate"),
        series_description=text("SeriesDescription"),
    )


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
