"""Patients, studies, series and their instances, as headers tell them; no pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from unicodedata import normalize

from braintumor_desktop.domain.geometry import Plane, SliceGeometry
from braintumor_desktop.domain.image import ReadWarning

_NUMBER = re.compile(r"(\d+)")
_NOBODY = frozenset(
    {
        *("x", "xx", "xxx", "id", "na", "none", "null", "noid", "unknown", "patient", "patientid"),
        *("anon", "anonym", "anonymous", "anonymised", "anonymized", "anonimo", "anonyme"),
        *("deidentified", "removed", "test", "phantom"),
    }
)


@dataclass(frozen=True, slots=True)
class Patient:
    """Who was scanned; empty fields where the files do not say.

    `name` is as DICOM writes it, parts divided by ^ (PS3.5, 6.2.1). `birth_date` is YYYYMMDD;
    `sex` is "M", "F", "O" or "". `told_by` is the study, or the folder, that the files stand in
    where they do not say who this is: such patients of two studies are not taken for one.
    """

    patient_id: str = ""
    issuer_of_patient_id: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    told_by: str = ""

    @property
    def identified(self) -> bool:
        """Whether there is an identifier that tells this patient from others.

        What anonymisers put in its place, ANON or 0, is the same for all whom they went over.
        """
        plain = "".join(sign for sign in self.patient_id.casefold() if sign.isalnum())
        return bool(plain.strip("0")) and plain not in _NOBODY

    @property
    def key(self) -> tuple[str, ...]:
        """What tells patients apart: the one rule for it.

        An identifier alone does not: two hospitals give the same, and some devices give all
        patients the same one. One patient whose name is spelt in two ways stands twice, which is
        seen; two patients in one line would not be. Letter case, accents' encoding, the empty
        parts of a name and, where it is written in letters, its ideographs do not count.
        """
        alphabetic = self.name.partition("=")[0].strip("^ ") or self.name
        name = normalize("NFC", alphabetic).casefold().replace("^", " ")
        parts = self.patient_id, self.issuer_of_patient_id, " ".join(name.split()), self.birth_date
        return (*parts, self.told_by)

    @property
    def said(self) -> bool:
        """Whether the files say anything by which this patient is told from others."""
        return any(self.key)


@dataclass(frozen=True, slots=True)
class Instance:
    """One frame of one file: what a slice is read from.

    Attributes
    ----------
    path
        The file, or the member of an archive as `archive.zip/folder/file.dcm`.
    frame
        The frame, tile or slice in the file, counting from 0.
    sop_instance_uid
        That of the file; empty where it is no DICOM file.
    instance_number
        As the file says; None where it does not.
    geometry
        The frame's place in the patient; None where the file does not say.
    rows, columns
        The frame's size in pixels; 0 where it is not known before the pixels are read.
    spacing_mm
        (between rows, between columns), or None.

    """

    path: Path
    frame: int = 0
    sop_instance_uid: str = ""
    instance_number: int | None = None
    geometry: SliceGeometry | None = None
    rows: int = 0
    columns: int = 0
    spacing_mm: tuple[float, float] | None = None


class SeriesKind(StrEnum):
    """What a series is to this app: only images are answered unless a person asks."""

    IMAGES = "images"
    LOCALIZER = "localizer"
    DERIVED = "derived"
    PHASE = "phase"
    OTHER = "other"  # an object that is no picture: SR, PR, SEG, RTSTRUCT, raw data …


@dataclass(frozen=True)
class Series:
    """Instances that belong together: one series, orientation, size, kind of image and echo.

    Attributes
    ----------
    series_instance_uid
        Empty for series of files that are no DICOM.
    part
        What tells the parts of one DICOM series apart ("TE 20 ms", "phase" …); empty for a whole
        one. Of a picture, which has no series, its path.
    instances
        In order of position along the normal, else of instance number, else of name.
    plane
        How the slices cut the head.
    slice_spacing_mm
        The usual distance between neighbouring positions; None for one slice or without positions.
    gaps
        For each gap (position of the slice before it in mm, distance to the next in mm).
    duplicates
        How many instances of the DICOM series stand at a position that this part has, too, and
        that nothing in the headers tells apart; they are parts of their own.
    kind
        What it is to this app.
    object_name
        Of an object that is no picture, what it is: "structured report".
    cautions
        What a person should know about the series as a whole.
    sequence
        The family of the sequence ("T1", "T1+C", "T2", "FLAIR" …), empty where it is not known.

    """

    series_instance_uid: str
    instances: tuple[Instance, ...]
    part: str = ""
    number: int | None = None
    description: str = ""
    modality: str = ""
    plane: Plane = Plane.UNKNOWN
    kind: SeriesKind = SeriesKind.IMAGES
    slice_spacing_mm: float | None = None
    gaps: tuple[tuple[float, float], ...] = ()
    duplicates: int = 0
    object_name: str = ""
    cautions: tuple[ReadWarning, ...] = ()
    sequence: str = ""
    repetition_time_ms: float | None = None
    echo_time_ms: float | None = None
    slice_thickness_mm: float | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What tells this series, or part of one, from others."""
        return self.series_instance_uid, self.part

    @property
    def spacing_mm(self) -> tuple[float, float, float] | None:
        """(between slices, between rows, between columns); None where one is not known."""
        within = self.instances[0].spacing_mm
        if self.slice_spacing_mm is None or within is None:
            return None
        return self.slice_spacing_mm, *within

    @property
    def middle(self) -> Instance:
        """The instance for the thumbnail."""
        return self.instances[len(self.instances) // 2]


@dataclass(frozen=True)
class Study:
    """One examination. `date` is as DICOM writes it, YYYYMMDD."""

    study_instance_uid: str
    date: str = ""
    description: str = ""
    accession_number: str = ""
    modalities: tuple[str, ...] = ()
    series: tuple[Series, ...] = ()


@dataclass(frozen=True)
class PatientStudies:
    """A patient with the studies that were found."""

    patient: Patient
    studies: tuple[Study, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A file that is no slice and no fault of anybody's, or one that was refused, and why."""

    path: Path
    reason: ReadWarning


@dataclass(frozen=True)
class Catalogue:
    """All that was found below some paths, by headers alone.

    Attributes
    ----------
    patients
        By name and identifier; their studies by date, the series of those by number.
    refused
        What looks like a slice, or was named, and cannot be read.
    other_files
        What nobody would take for a slice (viewers' programs, Thumbs.db); one line for all.
    complete
        False where the walk was cancelled.

    """

    patients: tuple[PatientStudies, ...] = ()
    refused: tuple[LeftOut, ...] = ()
    other_files: tuple[LeftOut, ...] = ()
    complete: bool = True

    @property
    def series(self) -> tuple[Series, ...]:
        """All series in order."""
        return tuple(
            series
            for patient in self.patients
            for study in patient.studies
            for series in study.series
        )


def by_numbers(name: str) -> tuple[object, ...]:
    """What names sort by so that slice2 stands before slice10."""
    parts = _NUMBER.split(name.casefold())
    return tuple(int(part) if index % 2 else part for index, part in enumerate(parts)), name
