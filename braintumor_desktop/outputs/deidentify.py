"""De-identified copies by the Basic Application Confidentiality Profile (PS3.15, annex E).

What is done with which attribute comes from the standard's table, as `dicom-anonymizer` carries it.
On top of it dates are shifted by one number of days a patient (Retain Longitudinal Temporal
Information with Modified Dates), private attributes go, and no text that is left may hold what
names the patient.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

import pydicom
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2024b as profile
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code
from pydicom.tag import BaseTag
from pydicom.uid import UID

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.outputs.pseudonyms import Pseudonyms

_PROFILE = Code("113100", "DCM", "Basic Application Confidentiality Profile")
_DATES = Code("113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option")
_TEXT_VRS = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
_DUMMIES = {"PN": "REMOVED", "DA": "19000101", "TM": "000000", "DT": "19000101000000"}
_SHORTEST = 4  # characters: a shorter piece of a name stands in other words by chance


class BurnedInError(BraintumorError):
    """The pixels may name the patient, and nobody has confirmed that they do not."""

    kind = "burned_in"

    def __init__(self) -> None:
        super().__init__(
            "The pixels may name the patient: look at them, and confirm that they do not."
        )


def deidentified(data: bytes, pseudonyms: Pseudonyms, pixels_confirmed: bool = False) -> bytes:
    """Return a DICOM file's de-identified copy.

    Parameters
    ----------
    data
        The file's bytes.
    pseudonyms
        Where new UIDs, the patient's new name and the shift of dates come from.
    pixels_confirmed
        Whether a person has seen that the pixels name nobody.

    Raises `BurnedInError` where the pixels may name the patient and that is not confirmed.

    """
    dataset = pydicom.dcmread(BytesIO(data), force=True)
    if not pixels_confirmed and may_name_the_patient(dataset):
        raise BurnedInError()
    patient = pseudonyms.patient(
        str(dataset.get("PatientID", "")), str(dataset.get("IssuerOfPatientID", ""))
    )
    names = _names_in(dataset)
    _clean(dataset, pseudonyms.uid, timedelta(days=patient.shift_days))
    dataset.PatientID = dataset.PatientName = patient.pseudonym
    dataset.PatientBirthDate = dataset.PatientSex = ""
    _drop_names(dataset, names)
    _declare(dataset)
    dataset.file_meta = _file_meta(dataset)
    dataset.preamble = b"\0" * 128
    buffer = BytesIO()
    pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()


def may_name_the_patient(dataset: Dataset) -> bool:
    """Whether the pixels may hold text: burned in, a screen save, or a capture of any kind."""
    burned_in = str(dataset.get("BurnedInAnnotation", "")).upper()
    kinds = [str(kind).upper() for kind in dataset.get("ImageType", []) or []]
    capture = str(dataset.get("SOPClassUID", "")).startswith("1.2.840.10008.5.1.4.1.1.7")
    return burned_in == "YES" or "SCREEN SAVE" in kinds or (capture and burned_in != "NO")


def write_deidentified(
    data: bytes, pseudonyms: Pseudonyms, folder: Path, pixels_confirmed: bool = False
) -> Path:
    """Write the copy of a file's bytes into `folder`, under a name made of its new UID."""
    copy = deidentified(data, pseudonyms, pixels_confirmed)
    uid = str(pydicom.dcmread(BytesIO(copy), specific_tags=["SOPInstanceUID"]).SOPInstanceUID)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{uid.rsplit('.', 1)[-1][:24]}.dcm"
    beside = target.with_suffix(".part")
    beside.write_bytes(copy)
    beside.replace(target)
    return target


def _clean(dataset: Dataset, new_uid: Callable[[str], str], shift: timedelta) -> None:
    dataset.remove_private_tags()
    for element in list(dataset):
        if element.VR == "UI" and element.tag in _actions()["U"]:
            _map_uids(element, new_uid)
        elif element.VR in ("DA", "DT"):
            _shift(dataset, element, shift)
        elif _in_repeating_group(element.tag) or element.tag in _actions()["X"]:
            del dataset[element.tag]
        elif element.tag in _actions()["Z"]:
            element.value = Sequence() if element.VR == "SQ" else None
        elif element.tag in _actions()["D"]:
            _replace(element)
        elif element.VR == "SQ":
            for item in element.value:
                _clean(item, new_uid, shift)


@cache
def _actions() -> dict[str, frozenset[BaseTag]]:
    """The standard's actions: U maps a UID, X removes, Z empties, D puts a dummy value."""
    lists = {
        "U": profile.U_TAGS + profile.X_Z_U_STAR_TAGS,
        "X": profile.X_TAGS,
        "Z": profile.Z_TAGS + profile.X_Z_TAGS,
        "D": profile.D_TAGS + profile.X_D_TAGS + profile.Z_D_TAGS + profile.X_Z_D_TAGS,
    }
    return {
        name: frozenset(BaseTag((tag[0] << 16) | tag[1]) for tag in tags if len(tag) == 2)
        for name, tags in lists.items()
    }


def _in_repeating_group(tag: BaseTag) -> bool:
    """Curves (50xx), and the comments and data of overlays (60xx,4000), (60xx,3000)."""
    overlay = tag.group & 0xFF00 == 0x6000 and tag.element in (0x3000, 0x4000)
    return tag.group & 0xFF00 == 0x5000 or overlay


def _map_uids(element: DataElement, new_uid: Callable[[str], str]) -> None:
    values = [element.value] if isinstance(element.value, str) else list(element.value or [])
    mapped = [new_uid(str(value)) for value in values if value]
    element.value = mapped[0] if len(mapped) == 1 else mapped


def _shift(dataset: Dataset, element: DataElement, shift: timedelta) -> None:
    """Move a date; what is no date goes."""
    text = str(element.value or "")
    try:
        moved = datetime.strptime(text[:8], "%Y%m%d") + shift
    except (ValueError, OverflowError):
        if text:
            del dataset[element.tag]
        return
    element.value = moved.strftime("%Y%m%d") + text[8:]


def _replace(element: DataElement) -> None:
    if element.VR == "SQ":
        element.value = Sequence()
    elif element.VR in _TEXT_VRS or element.VR in _DUMMIES:
        element.value = _DUMMIES.get(element.VR, "REMOVED")
    elif element.VR == "UN" or element.VR.startswith("O"):
        element.value = b""
    else:
        element.value = 0 if element.VR not in ("DS", "IS") else "0"


def _names_in(dataset: Dataset) -> frozenset[str]:
    """What names the patient, in lower case: identifiers whole, names by their parts."""
    found = {
        str(dataset.get(key, "")) for key in ("PatientID", "AccessionNumber", "OtherPatientIDs")
    }
    for key in ("PatientName", "PatientBirthName", "PatientMotherBirthName", "OtherPatientNames"):
        name = str(dataset.get(key, ""))
        found |= set(name.replace("=", "^").replace("^", " ").split())
    return frozenset(one.casefold() for one in found if len(one) >= _SHORTEST)


def _drop_names(dataset: Dataset, names: frozenset[str]) -> None:
    """Take away texts that still hold what names the patient, however deep."""
    for element in list(dataset):
        if element.VR == "SQ":
            for item in element.value:
                _drop_names(item, names)
        elif element.VR in _TEXT_VRS and any(one in str(element.value).casefold() for one in names):
            del dataset[element.tag]


def _declare(dataset: Dataset) -> None:
    dataset.PatientIdentityRemoved = "YES"
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"
    dataset.DeidentificationMethod = "PS3.15 Annex E Basic Profile, modified dates"
    items = []
    for code in (_PROFILE, _DATES):
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = code.value, code.scheme_designator
        item.CodeMeaning = code.meaning
        items.append(item)
    dataset.DeidentificationMethodCodeSequence = Sequence(items)


def _file_meta(dataset: Dataset) -> pydicom.dataset.FileMetaDataset:
    """New file meta: the old may name the application and the place."""
    meta = pydicom.dataset.FileMetaDataset()
    meta.TransferSyntaxUID = UID(dataset.file_meta.TransferSyntaxUID)
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    return meta
