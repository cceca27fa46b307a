"""A series' answer as DICOM objects in a folder, with a DICOMDIR where it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.fileset import FileSet

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.study import Series, SeriesKind
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.atomic import ExportError
from braintumor_desktop.outputs.dicom_seg import segmentation
from braintumor_desktop.outputs.dicom_series import read_source
from braintumor_desktop.outputs.dicom_sr import structured_report
from braintumor_desktop.outputs.key_objects import key_object_selection
from braintumor_desktop.outputs.secondary_capture import secondary_captures
from braintumor_desktop.screening.series_answering import AnsweredSeries, answer_whole
from braintumor_desktop.sources.catalogue import scan


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
) -> list[Dataset]:
    """Return the objects of these kinds; a kind that has nothing to say gives none.

    `marked` are the slices that a person marked as key images, by their places in the series.
    """
    source = read_source(answered)
    made: list[Dataset | None] = []
    if ObjectKind.STRUCTURED_REPORT in kinds:
        made.append(structured_report(source, decision, decided_by))
    if ObjectKind.SEGMENTATION in kinds:
        made.append(segmentation(source))
    if ObjectKind.SECONDARY_CAPTURE in kinds:
        made += secondary_captures(source)
    if ObjectKind.KEY_OBJECTS in kinds:
        made.append(key_object_selection(source, marked))
    return [one for one in made if one is not None]


@dataclass(frozen=True)
class SeriesObjects:
    """What was made of one series: its name in lists, the objects, or why there are none."""

    name: str
    objects: tuple[Dataset, ...] = ()
    error: BraintumorError | None = None


def answers_as_objects(
    given: Sequence[Path],
    classifier: Classifier,
    kinds: Collection[ObjectKind],
    cancelled: Callable[[], bool] = lambda: False,
    is_key_image: Callable[[str, int], bool] = lambda _content, _frame: False,
) -> Iterator[SeriesObjects]:
    """Answer every series of images below `given`, and give the objects about each.

    One series that cannot be answered or referred to costs the others nothing. `is_key_image` says
    of the SHA-256 of a file's bytes in hex and a frame whether a person marked it.
    """
    for series in _series(given):
        name = series.description or series.series_instance_uid
        try:
            answered = answer_whole(series, classifier, cancelled=cancelled)
            if answered is None:
                return
            marked = tuple(
                place
                for place, one in enumerate(answered.slices)
                if is_key_image(one.result.content, one.instance.frame)
            )
            yield SeriesObjects(name, tuple(objects_about(answered, kinds, marked=marked)))
        except BraintumorError as error:
            yield SeriesObjects(name, error=error)


def _series(given: Sequence[Path]) -> Iterator[Series]:
    for patient in scan(given).patients:
        for study in patient.studies:
            for series in study.series:
                if series.kind is SeriesKind.IMAGES and series.series_instance_uid:
                    yield series


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
