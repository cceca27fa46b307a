"""A series' answer as DICOM objects in a folder, with a DICOMDIR where it is asked for."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from pydicom.dataset import Dataset
from pydicom.fileset import FileSet

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.domain.study import Patient, Series, SeriesKind, Study
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.atomic import ExportError
from braintumor_desktop.outputs.dicom_seg import segmentations
from braintumor_desktop.outputs.dicom_series import DicomExportError, read_source
from braintumor_desktop.outputs.dicom_sr import structured_report
from braintumor_desktop.outputs.key_objects import key_object_selection
from braintumor_desktop.outputs.secondary_capture import secondary_captures
from braintumor_desktop.screening.series_answering import AnsweredSeries, answer_whole
from braintumor_desktop.sources.catalogue import scan

log = logging.getLogger(__name__)


class ObjectKind(StrEnum):
    """What can be written about a series."""

    STRUCTURED_REPORT = "sr"
    SEGMENTATION = "seg"
    SECONDARY_CAPTURE = "sc"
    KEY_OBJECTS = "ko"


def objects_about(
    answered: AnsweredSeries,
    kinds: Collection[ObjectKind],
    decision: Decision | None = None,
    decided_by: str = "",
    marked: tuple[int, ...] = (),
    by_slice: Mapping[int, Decision] = MappingProxyType({}),
) -> list[Dataset]:
    """Return the objects of these kinds; a kind that has nothing to say gives none.

    `decision` and `decided_by` are as `dicom_sr.structured_report` has them, as is `by_slice`;
    `marked` are the slices that a person marked as key images, by their places in the series.
    """
    source = read_source(answered)
    made: list[Dataset | None] = []
    if ObjectKind.STRUCTURED_REPORT in kinds:
        made.append(structured_report(source, decision, decided_by, by_slice))
    if ObjectKind.SEGMENTATION in kinds:
        made += segmentations(source)
    if ObjectKind.SECONDARY_CAPTURE in kinds:
        made += secondary_captures(source)
    if ObjectKind.KEY_OBJECTS in kinds:
        made.append(key_object_selection(source, marked))
    return [one for one in made if one is not None]


class Persons(Protocol):
    """What persons said of slices and series; asked in the thread that makes the objects."""

    def is_key_image(self, content: str, frame: int) -> bool:
        """Whether somebody marked a frame of a file, by the SHA-256 of its bytes in hex."""

    def on_slice(self, row: FileResult) -> Decision:
        """Return what is decided about a slice."""

    def on_series(self, row: FileResult) -> tuple[Decision, str]:
        """Return what is decided about the series of a slice, and by whom."""


class Nobody:
    """Persons who have said nothing."""

    def is_key_image(self, _content: str, _frame: int) -> bool:
        """No."""
        return False

    def on_slice(self, _row: FileResult) -> Decision:
        """Nothing."""
        return Decision()

    def on_series(self, _row: FileResult) -> tuple[Decision, str]:
        """Nothing, by nobody."""
        return Decision(), ""


@dataclass(frozen=True)
class SeriesObjects:
    """What was made of one series: its name in lists, the objects, or why there are none.

    `patient` and `study_date` (YYYYMMDD) say under whose name and which day's study they go, as the
    files have them.
    """

    name: str
    objects: tuple[Dataset, ...] = ()
    error: BraintumorError | None = None
    patient: str = ""
    study_date: str = ""


def answers_as_objects(
    given: Sequence[Path],
    classifier: Classifier,
    kinds: Collection[ObjectKind],
    cancelled: Callable[[], bool] = lambda: False,
    persons: Persons | None = None,
) -> Iterator[SeriesObjects]:
    """Answer every series of images below `given`, and give the objects about each.

    One series that cannot be answered or referred to costs the others nothing. What is of no DICOM
    series is said in one line. `persons` has what was decided and marked; None for nothing.
    """
    said = persons or Nobody()
    lost = 0
    for patient, study, series in _series(given):
        if not series.series_instance_uid:
            lost += len(series.instances)
            continue
        name = series.description or series.series_instance_uid
        whose = SeriesObjects(
            name, patient=patient.name or patient.patient_id, study_date=study.date
        )
        try:
            answered = answer_whole(series, classifier, cancelled=cancelled)
            if answered is None:
                return
            yield replace(whose, objects=tuple(_said_of(answered, kinds, said)))
        except BraintumorError as error:
            yield replace(whose, error=error)
        except (AttributeError, KeyError, TypeError, ValueError) as odd:  # highdicom, of headers
            log.error("Objects about a series failed: %s", type(odd).__name__)
            refusal = DicomExportError(
                "The headers of the series do not go with an object ({error}).",
                error=type(odd).__name__,
            )
            yield replace(whose, error=refusal)
    if lost:
        unreferable = DicomExportError(
            "Slices that are of no DICOM series have nothing that an object can refer to."
        )
        yield SeriesObjects(f"{lost} ×", error=unreferable)


def _said_of(
    answered: AnsweredSeries, kinds: Collection[ObjectKind], persons: Persons
) -> list[Dataset]:
    """The objects about a series, with what persons said of it."""
    rows = [replace(one.result, frame=one.instance.frame) for one in answered.slices]
    marked = tuple(
        place for place, row in enumerate(rows) if persons.is_key_image(row.content, row.frame)
    )
    by_slice = {place: persons.on_slice(row) for place, row in enumerate(rows) if row.content}
    # A refused slice has no identifiers that say of which series it is.
    first = next((row for row in rows if row.answered), None)
    decision, who = (Decision(), "") if first is None else persons.on_series(first)
    return objects_about(answered, kinds, decision, person_name(who), marked, by_slice)


def person_name(who: str) -> str:
    """Return an account's name as DICOM writes names (PS3.5, 6.2.1), empty for nobody's."""
    plain = "".join(" " if sign in "\\=^" else sign for sign in who if sign.isprintable()).strip()
    return f"{plain[:60]}^" if plain else ""


def _series(given: Sequence[Path]) -> Iterator[tuple[Patient, Study, Series]]:
    for patient in scan(given).patients:
        for study in patient.studies:
            for series in study.series:
                if series.kind is SeriesKind.IMAGES:
                    yield patient.patient, study, series


def write_objects(objects: Collection[Dataset], folder: Path) -> list[Path]:
    """Write objects into a folder, under names made of hashes, and return their paths.

    Raises `ExportError` where the folder cannot be written.
    """
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in objects:
            digest = hashlib.sha256(str(one.SOPInstanceUID).encode()).hexdigest()
            path = folder / f"{str(one.Modality)[:2].upper()}{digest[:6].upper()}"
            beside = path.with_suffix(".part")
            one.save_as(beside, enforce_file_format=True)
            beside.replace(path)
            paths.append(path)
    except OSError as error:
        raise ExportError("{name} cannot be written.", name=folder.name) from error
    return paths


def write_disc(objects: Collection[Dataset], folder: Path) -> Path:
    """Write objects with a DICOMDIR (PS3.10, 8), and return its path.

    A directory has a Study ID for each study (PS3.3, table F.5-2), which many studies lack: those
    get their number on the disc. Raises `ExportError` where what else a directory needs is empty,
    as the patient's identifier or the study's date, or where the folder cannot be written.
    """
    disc = FileSet()
    studies: list[str] = []
    for one in objects:
        if one.StudyInstanceUID not in studies:
            studies.append(one.StudyInstanceUID)
        filed = Dataset()  # what is sent to an archive stays as it is
        filed.update(one)
        filed.file_meta = one.file_meta
        if not filed.get("StudyID"):
            filed.add_new("StudyID", "SH", str(studies.index(one.StudyInstanceUID) + 1))
        try:
            disc.add(filed)
        except ValueError as error:
            raise ExportError(
                "A DICOMDIR needs the patient's identifier and the study's date and time, and one "
                "of them is empty. Without a DICOMDIR the objects can be written."
            ) from error
    try:
        disc.write(folder)
    except OSError as error:
        raise ExportError("{name} cannot be written.", name=folder.name) from error
    return folder / "DICOMDIR"
