"""DICOM headers: to whom, which study and series, and where each frame belongs; no pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydicom.dataset import FileDataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian

from braintumor_desktop.domain.geometry import SliceGeometry
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.study import Patient
from braintumor_desktop.errors import NotAnImageError, SliceReadError, TruncatedFileError
from braintumor_desktop.imaging.dicom import cautions
from braintumor_desktop.imaging.dicom.acquisition import SequenceFamily, acquisition_of
from braintumor_desktop.imaging.dicom.attributes import number, text, texts
from braintumor_desktop.imaging.dicom.file import DicomFile, read_file, refuse_twice
from braintumor_desktop.imaging.dicom.frames import SliceHeader, slice_headers
from braintumor_desktop.imaging.dicom.identifiers import identifiers_of
from braintumor_desktop.imaging.dicom.object_kinds import class_name, object_name
from braintumor_desktop.imaging.dicom.transfer_syntax import LOSSY

FIRST_BYTES = 1 << 16
"""Most headers end within them, and reading them costs about what opening the file does."""

_SERIES = Tag("SeriesInstanceUID")
_PIXELS = frozenset({(0x7FE0, 0x0008), (0x7FE0, 0x0009), (0x7FE0, 0x0010)})


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

    `index` counts the slices of the file from 0. `image_type` is in capitals, of the frame where it
    has its own; times are in milliseconds, `b_value` in s/mm², `temporal_position` and
    `acquisition` numbers of the scanner's, `acquisition_time` and `sequence_name` as they stand.
    `sequence` is the family, "" where it is not known.
    """

    index: int = 0

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
    inversion_time_ms: float | None = None
    echo_number: float | None = None
    acquisition_time: str = ""
    sequence_name: str = ""
    sequence: str = ""
    cautions: tuple[ReadWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectHeader:
    """One DICOM file. `object_name` says what it is where it is no picture: it has no frames."""

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
    return _header(_read_until(peek, _at_pixels))


def read_series(peek: Callable[[int], bytes]) -> str:
    """The SeriesInstanceUID of a DICOM file, "" where it names none, in a fraction of the time.

    `peek` and what is raised as in `read_header`, which judges the rest of the header, too.
    """

    def behind(file: DicomFile) -> bool:  # so that it is not cut
        return max(file.dataset.keys(), default=_SERIES) > _SERIES or _at_pixels(file)

    return text(_read_until(peek, behind).dataset, "SeriesInstanceUID")


def _read_until(peek: Callable[[int], bytes], enough: Callable[[DicomFile], bool]) -> DicomFile:
    """As much of the file as is enough, or all of it."""
    count = FIRST_BYTES
    while True:
        head = peek(count)
        whole = len(head) < count
        try:
            file = read_file(head, header_only=True)
        except SliceReadError:
            if whole:
                raise
        else:
            if whole or enough(file):
                return file
        count *= 8


def _at_pixels(file: DicomFile) -> bool:
    """Whether the pixels stand behind what was read."""
    behind = file.body[file.end : file.end + 4]
    order = ">HH" if file.syntax == ExplicitVRBigEndian else "<HH"
    return len(behind) == 4 and struct.unpack(order, behind) in _PIXELS


def _header(file: DicomFile) -> ObjectHeader:
    dataset = file.dataset
    sop_class = text(dataset, "SOPClassUID")
    name = object_name(sop_class)
    if file.cut:
        raise TruncatedFileError("The DICOM file ends before its pixels.")
    if not _at_pixels(file) and not name:
        if not sop_class:
            raise NotAnImageError("The file is of no image format that is read here.")
        if "Rows" in dataset:
            raise TruncatedFileError("The DICOM file ends before its pixels.")
        name = class_name(sop_class)
    refuse_twice(file)
    said = identifiers_of(dataset)
    return ObjectHeader(
        patient=Patient(
            patient_id=said.patient_id,
            issuer_of_patient_id=said.issuer_of_patient_id,
            name=said.patient_name.rstrip("^"),
            birth_date=text(dataset, "PatientBirthDate"),
            sex=text(dataset, "PatientSex"),
        ),
        study=StudyHeader(
            study_instance_uid=said.study_instance_uid,
            date=text(dataset, "StudyDate"),
            description=text(dataset, "StudyDescription"),
            accession_number=text(dataset, "AccessionNumber"),
        ),
        series=SeriesHeader(
            series_instance_uid=said.series_instance_uid,
            number=_whole(dataset, "SeriesNumber"),
            description=text(dataset, "SeriesDescription"),
            modality=said.modality,
        ),
        sop_instance_uid=said.sop_instance_uid,
        instance_number=_whole(dataset, "InstanceNumber"),
        object_name=name,
        frames=() if name else _frames(file, said.modality),
    )


def _frames(file: DicomFile, modality: str) -> tuple[FrameHeader, ...]:
    lossy = file.syntax in LOSSY
    found: list[FrameHeader] = []
    alike: dict[object, tuple[str, tuple[ReadWarning, ...]]] = {}
    for header in slice_headers(file.dataset):
        frame = _frame(header)
        # What is said of frames of one kind is said once: it takes longer than all the rest.
        key = frame.image_type, frame.echo_time_ms, frame.b_value, frame.slice_thickness_mm
        if key not in alike:
            acquisition = acquisition_of(header.attributes)
            known = acquisition.family != SequenceFamily.UNKNOWN
            about = cautions.of_frame(header.attributes, modality, acquisition, lossy)
            alike[key] = str(acquisition.family) if known else "", tuple(about)
        sequence, about_frame = alike[key]
        found.append(replace(frame, sequence=sequence, cautions=about_frame))
    return tuple(found)


def _frame(header: SliceHeader) -> FrameHeader:
    attributes = header.attributes
    return FrameHeader(
        index=header.index,
        geometry=header.geometry,
        rows=header.rows,
        columns=header.columns,
        spacing_mm=header.spacing_mm,
        image_type=_image_type(attributes),
        echo_time_ms=_first(attributes, "EffectiveEchoTime", "EchoTime"),
        repetition_time_ms=number(attributes, "RepetitionTime"),
        slice_thickness_mm=number(attributes, "SliceThickness"),
        b_value=number(attributes, "DiffusionBValue"),
        temporal_position=_first(attributes, "TemporalPositionIndex", "TemporalPositionIdentifier"),
        acquisition=_first(attributes, "FrameAcquisitionNumber", "AcquisitionNumber"),
        trigger_time_ms=_first(attributes, "TriggerTime"),
        inversion_time_ms=_first(attributes, "InversionTime", "InversionTimes"),
        echo_number=_first(attributes, "EchoNumbers"),
        acquisition_time=text(attributes, "AcquisitionTime"),
        sequence_name=text(attributes, "SequenceName"),
    )


def _image_type(attributes: Any) -> tuple[str, ...]:
    """FrameType, or ImageType where the file has no other, and the part of a complex image."""
    try:
        said = texts(attributes, "FrameType") or texts(attributes, "ImageType")
        more = texts(attributes, "ComplexImageComponent")
    except TruncatedFileError:
        return ()
    return said + tuple(word for word in more if word not in said)


def _first(attributes: Any, *keywords: str) -> float | None:
    """The number of the first of these attributes that has one."""
    found = (number(attributes, keyword) for keyword in keywords)
    return next((value for value in found if value is not None), None)


def _whole(dataset: FileDataset, keyword: str) -> int | None:
    value = number(dataset, keyword)
    return None if value is None else int(value)
