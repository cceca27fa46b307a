"""DICOM objects that are no pictures to be answered, by their SOP class (PS3.4, B.5)."""

from __future__ import annotations

from pydicom.uid import UID

from braintumor_desktop.errors import NoPixelDataError, gettext_noop

_STORAGE = "1.2.840.10008.5.1.4.1.1."

# The longest beginning that fits counts.
_NAMES = {
    _STORAGE + "4.2": gettext_noop("MR spectroscopy"),
    _STORAGE + "9.": gettext_noop("waveform"),
    _STORAGE + "11.": gettext_noop("presentation state"),
    _STORAGE + "66": gettext_noop("raw data"),
    _STORAGE + "66.1": gettext_noop("spatial registration"),
    _STORAGE + "66.2": gettext_noop("spatial fiducials"),
    _STORAGE + "66.3": gettext_noop("deformable spatial registration"),
    _STORAGE + "66.4": gettext_noop("segmentation"),
    _STORAGE + "66.5": gettext_noop("surface segmentation"),
    _STORAGE + "66.6": gettext_noop("tractography results"),
    _STORAGE + "66.7": gettext_noop("label map segmentation"),
    _STORAGE + "67": gettext_noop("real world value mapping"),
    _STORAGE + "68.": gettext_noop("surface scan"),
    _STORAGE + "78.": gettext_noop("ophthalmic measurements"),
    _STORAGE + "88.": gettext_noop("structured report"),
    _STORAGE + "88.59": gettext_noop("key object selection"),
    _STORAGE + "104.": gettext_noop("encapsulated document"),
    _STORAGE + "104.1": gettext_noop("encapsulated PDF"),
    _STORAGE + "200.": gettext_noop("procedure record"),
    _STORAGE + "481.3": gettext_noop("radiotherapy structure set"),
    _STORAGE + "481.4": gettext_noop("radiotherapy treatment record"),
    _STORAGE + "481.5": gettext_noop("radiotherapy plan"),
    _STORAGE + "481.6": gettext_noop("radiotherapy treatment record"),
    _STORAGE + "481.7": gettext_noop("radiotherapy treatment record"),
    _STORAGE + "481.8": gettext_noop("radiotherapy ion plan"),
    _STORAGE + "481.9": gettext_noop("radiotherapy treatment record"),
    "1.2.840.10008.5.1.4.34.": gettext_noop("radiotherapy worklist item"),
    "1.2.840.10008.5.1.4.38.": gettext_noop("hanging protocol"),
    "1.2.840.10008.5.1.4.39.": gettext_noop("colour palette"),
    "1.3.12.2.1107.5.9.1": gettext_noop("Siemens raw data"),  # CSA Non-Image Storage
}


def object_name(sop_class_uid: str) -> str:
    """What an object of this SOP class is in words, "" where it is a picture or not known."""
    fitting = [begin for begin in _NAMES if _begins(sop_class_uid, begin)]
    return _NAMES[max(fitting, key=len)] if fitting else ""


def no_picture(object_name: str) -> NoPixelDataError:
    """Why there is no answer to a DICOM object of this name."""
    return NoPixelDataError("The DICOM file is no picture: {name}.", name=object_name)


def class_name(sop_class_uid: str) -> str:
    """The name of a SOP class as the standard has it, the UID where it has none."""
    uid = UID(sop_class_uid)
    return uid.name.removesuffix(" Storage") if uid.is_valid else sop_class_uid


def _begins(uid: str, begin: str) -> bool:
    """Whole components alone: 1.2.66 is no beginning of 1.2.660."""
    return uid == begin or uid.startswith(begin if begin.endswith(".") else begin + ".")
