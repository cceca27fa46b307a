"""DICOM headers: to whom, which study and series, and where each frame belongs; no pixels."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_partial
from pydicom.multival import MultiValue

from braintumor_desktop.domain.geometry import SliceGeometry, Vector
from braintumor_desktop.domain.study import Patient
from braintumor_desktop.errors import (
    NotAnImageError,
    SliceReadError,
    TruncatedFileError,
    UnsupportedImageError,
)
from braintumor_desktop.imaging.dicom.object_kinds import class_name, object_name

FIRST_BYTES = 1 << 16
"""Most headers end within them, and reading them costs about what opening the file does."""

_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_SHARED = "SharedFunctionalGroupsSequence"
_PER_FRAME = "PerFrameFunctionalGroupsSequence"
_MACROS = (
    "PixelMeasuresSequence",
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "FrameContentSequence",
    "MRImageFrameTypeSequence",
    "MRTimingAndRelatedParametersSequence",
    "MREchoSequence",
    "MRDiffusionSequence",
    "TemporalPositionSequence",
)
_UNIT = 0.02  # how far a direction's length may be from 1, and a cosine of two from 0


@dataclass(frozen=True, slots=True)
class StudyHeader:
    """What all objects of a study share; empty where the file does not say."""

    study_instance_uid: str = ""
    date: str = ""
    description: str = ""
    accession_number: str = ""


@dataclass(frozen=True, slots=True)
class SeriesHeader:
    """What all objects of a series share; empty where the file does not say."""

    series_instance_uid: str = ""
    number: int | None = None
    description: str = ""
    modality: str = ""


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """One frame, and what tells it from others at its place.

    `image_type` is in capitals, of the frame where it has its own; times are in milliseconds,
    `b_value` in s/mm², `temporal_position` and `acquisition` whole numbers of the scanner's.
    """

    geometry: SliceGeometry | None = None
    rows: int = 0
    columns: int = 0
    spacing_mm: tuple[float, float] | None = None
    image_type: tuple[str, ...] = ()
    echo_time_ms: float | None = None
    repetition_time_ms: float | None = None
    slice_thickness_mm: float | None = None
    b_value: float | None = None
    temporal_position: float | None = None
    acquisition: float | None = None
    trigger_time_ms: float | None = None


@dataclass(frozen=True, slots=True)
class ObjectHeader:
    """One DICOM file. `object_name` says what it is where it is no picture; it has no frames then.

    `contrast` is whether the file names a contrast agent.
    """

    patient: Patient
    study: StudyHeader
    series: SeriesHeader
    sop_instance_uid: str = ""
    instance_number: int | None = None
    object_name: str = ""
    frames: tuple[FrameHeader, ...] = ()


def read_header(peek: Callable[[int], bytes]) -> ObjectHeader:
    """The header of a DICOM file of which `peek(count)` gives the first bytes.

    No more of the file is asked for than its header has, but for a few times as much at most.
    Raises SliceReadError's kinds where the file is cut in its header, or its pixels are missing.
    """
    count = FIRST_BYTES
    while True:
        head = peek(count)
        whole = len(head) < count
        try:
            dataset, at_pixels = _before_pixels(head)
        except SliceReadError:
            if whole:
                raise
        else:
            if at_pixels or whole:
                return _header(dataset, at_pixels)
        count *= 8


def _before_pixels(head: bytes) -> tuple[Dataset, bool]:
    """The elements before the pixels, and whether the pixels were reached."""
    reached = False

    def stop(tag: int, _vr: str | None, _length: int) -> bool:
        nonlocal reached
        reached = reached or tag in _PIXELS
        return reached or tag in (0, 0xFFFFFFFF)  # what fills a file up

    try:
        return read_partial(BytesIO(head), stop_when=stop, force=True), reached
    except MemoryError:  # says nothing of the file
        raise
    except Exception as error:  # pydicom raises whatever its readers meet
        raise TruncatedFileError("The DICOM file's elements are cut or damaged.") from error


def _header(dataset: Dataset, at_pixels: bool) -> ObjectHeader:
    sop_class = _text(dataset, "SOPClassUID")
    name = object_name(sop_class)
    if not at_pixels and not name:
        if not sop_class:
            raise NotAnImageError("The file is of no image format that is read here.")
        if "Rows" in dataset:
            raise TruncatedFileError("The DICOM file ends before its pixels.")
        name = class_name(sop_class)
    return ObjectHeader(
        patient=Patient(
            patient_id=_text(dataset, "PatientID"),
            issuer_of_patient_id=_text(dataset, "IssuerOfPatientID"),
            name=_text(dataset, "PatientName").rstrip("^"),
            birth_date=_text(dataset, "PatientBirthDate"),
            sex=_text(dataset, "PatientSex"),
        ),
        study=StudyHeader(
            study_instance_uid=_text(dataset, "StudyInstanceUID"),
            date=_text(dataset, "StudyDate"),
            description=_text(dataset, "StudyDescription"),
            accession_number=_text(dataset, "AccessionNumber"),
        ),
        series=SeriesHeader(
            series_instance_uid=_text(dataset, "SeriesInstanceUID"),
            number=_whole(dataset, "SeriesNumber"),
            description=_text(dataset, "SeriesDescription"),
            modality=_text(dataset, "Modality"),
        ),
        sop_instance_uid=_text(dataset, "SOPInstanceUID"),
        instance_number=_whole(dataset, "InstanceNumber"),
        object_name=name,
        frames=() if name else _frames(dataset),
    )


def _frames(dataset: Dataset) -> tuple[FrameHeader, ...]:
    frames = _whole(dataset, "NumberOfFrames") or 1
    own = _value(dataset, _PER_FRAME) or ()
    shared = tuple(_value(dataset, _SHARED) or ())[:1]
    if own and len(own) != frames:
        raise UnsupportedImageError(
            "The DICOM file has {frames} frames by NumberOfFrames (0028,0008) and {groups} by "
            "PerFrameFunctionalGroupsSequence (5200,9230).",
            frames=frames,
            groups=len(own),
        )
    if not own:
        return (_frame(_Attributes(dataset, shared)),) * frames
    return tuple(_frame(_Attributes(dataset, (*shared, group))) for group in own)


class _Attributes:
    """One frame's attributes: of its functional groups, else the shared, else the file's."""

    def __init__(self, dataset: Dataset, groups: Iterable[Dataset]) -> None:
        self._places = [dataset]
        for group in groups:
            for name in _MACROS:
                self._places += (_value(group, name) or ())[:1]

    def get(self, keyword: Any) -> Any:
        """The value, of the frame's own before others'; None where it is absent."""
        for place in reversed(self._places):
            if keyword in place:
                return place.get(keyword)
        return None


def _frame(attributes: _Attributes) -> FrameHeader:
    spacing = _numbers(attributes, "PixelSpacing")
    return FrameHeader(
        geometry=_geometry(attributes),
        rows=_whole(attributes, "Rows") or 0,
        columns=_whole(attributes, "Columns") or 0,
        spacing_mm=(spacing[0], spacing[1]) if len(spacing) == 2 and min(spacing) > 0 else None,
        image_type=_image_type(attributes),
        echo_time_ms=_first(attributes, "EffectiveEchoTime", "EchoTime"),
        repetition_time_ms=_first(attributes, "RepetitionTime"),
        slice_thickness_mm=_first(attributes, "SliceThickness"),
        b_value=_b_value(attributes),
        temporal_position=_first(attributes, "TemporalPositionIndex", "TemporalPositionIdentifier"),
        acquisition=_first(attributes, "FrameAcquisitionNumber", "AcquisitionNumber"),
        trigger_time_ms=_first(attributes, "TriggerTime"),
    )


def _geometry(attributes: _Attributes) -> SliceGeometry | None:
    """The place by PS3.3, C.7.6.2.1.1; None without it, or where it is none."""
    directions = _numbers(attributes, "ImageOrientationPatient")
    position = _numbers(attributes, "ImagePositionPatient")
    if len(directions) != 6 or len(position) != 3:
        return None
    (a, b, c, d, e, f), (x, y, z) = directions, position
    rows: Vector = (a, b, c)
    columns: Vector = (d, e, f)
    across = abs(sum(r * s for r, s in zip(rows, columns, strict=True)))
    lengths = (math.hypot(*rows), math.hypot(*columns))
    if across > _UNIT or any(abs(length - 1) > _UNIT for length in lengths):
        return None
    return SliceGeometry((x, y, z), rows, columns, _text(attributes, "FrameOfReferenceUID"))


def _image_type(attributes: _Attributes) -> tuple[str, ...]:
    value = _value(attributes, "FrameType") or _value(attributes, "ImageType") or ()
    values = [value] if isinstance(value, str) else value
    said = [str(item).strip().upper() for item in values]
    for keyword in ("ComplexImageComponent",):
        more = _text(attributes, keyword).upper()
        said += [more] if more and more not in said else []
    return tuple(said)


def _b_value(attributes: _Attributes) -> float | None:
    """By the standard's attribute, else by those of Siemens, GE and Philips."""
    found = _first(attributes, "DiffusionBValue")
    if found is not None:
        return found
    for tag in (0x0019100C, 0x00431039, 0x20011003):
        for value in _values(_raw(attributes, tag))[:1]:
            number = _number(value)
            if math.isfinite(number):
                return number % 1e9  # GE adds 10^9 to the value
    return None


def _raw(attributes: _Attributes, tag: int) -> Any:
    found = attributes.get(tag)
    value = getattr(found, "value", None)
    return value.decode("latin-1").strip("\0 ") if isinstance(value, bytes) else value


def _first(attributes: Any, *keywords: str) -> float | None:
    """The first number of the first of these attributes that has one."""
    for keyword in keywords:
        for number in _numbers(attributes, keyword)[:1]:
            return number
    return None


def _numbers(attributes: Any, keyword: str) -> tuple[float, ...]:
    """All of them, () where one is none."""
    found = tuple(_number(item) for item in _values(_value(attributes, keyword)))
    return found if all(map(math.isfinite, found)) else ()


def _number(item: Any) -> float:
    try:
        return float(item.replace(",", ".") if isinstance(item, str) else item)
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _whole(attributes: Any, keyword: str) -> int | None:
    number = _first(attributes, keyword)
    return None if number is None else int(number)


def _values(value: Any) -> list[Any]:
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]


def _text(attributes: Any, keyword: str) -> str:
    raw = attributes.get_item(keyword) if isinstance(attributes, Dataset) else None
    value = _value(attributes, keyword)
    if isinstance(value, MultiValue):
        value = "\\".join(map(str, value))
    said = "" if value is None else str(value).strip()
    if "\ufffd" in said and isinstance(raw, RawDataElement):
        # Not of the character set that the file names: two patients' would be the same.
        return (raw.value or b"").decode("ascii", "backslashreplace").strip("\0 ")
    return said


def _value(attributes: Any, keyword: str) -> Any:
    try:
        return attributes.get(keyword)
    except MemoryError:
        raise
    except Exception:  # pydicom's converters raise whatever they meet: no value
        return None
