"""From paths to patients, studies and series, by headers alone; pixels are read when needed."""

from __future__ import annotations

import logging
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from braintumor_desktop.domain.image import MRISlice, ReadWarning
from braintumor_desktop.domain.study import (
    Catalogue,
    Instance,
    LeftOut,
    Patient,
    PatientStudies,
    Series,
    Study,
)
from braintumor_desktop.errors import (
    BraintumorError,
    EmptyFileError,
    NotAnImageError,
    UnsupportedImageError,
)
from braintumor_desktop.imaging.dicom.grouping import Frame, frames_of
from braintumor_desktop.imaging.dicom.headers import (
    FIRST_BYTES,
    FrameHeader,
    ObjectHeader,
    StudyHeader,
    read_header,
)
from braintumor_desktop.imaging.dicom.series_parts import other_object, parts
from braintumor_desktop.imaging.nifti_header import read_nifti_header
from braintumor_desktop.imaging.read import RASTER_FORMATS, SNIFFED, format_of
from braintumor_desktop.sources.instances import InstanceReader
from braintumor_desktop.sources.numbered import pictures
from braintumor_desktop.sources.passed_over import PASSED_OVER, check_slice_like
from braintumor_desktop.sources.volumes import nifti_series
from braintumor_desktop.sources.walk import Item, walk

log = logging.getLogger(__name__)

_Value = TypeVar("_Value")

_StudyKey = tuple[tuple[str, ...], str]
"""The patient's key and the study."""


def scan(
    paths: Sequence[Path],
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    first: Callable[[Instance], None] = lambda _: None,
    *,
    as_series: bool = False,
) -> Catalogue:
    """Find what is below `paths`: files, folders, ZIP archives, DICOMDIRs, in any mixture.

    Parameters
    ----------
    paths
        What a person named; walked as `walk` does.
    progress
        Called after each file with how many have been looked at.
    cancelled
        Asked before each file; where it says so, what was found so far comes back, incomplete.
    first
        Called once, with the first picture that is met, while the rest is still being looked at.
    as_series
        Whether the pictures (PNG, JPEG, BMP, TIFF) of one folder are the slices of one series, in
        the order of the numbers in their names: a person has to say so, no file does.

    Returns
    -------
    Catalogue
        One series for each part that can be looked at slice by slice, and for each picture.
        No file, whatever is wrong with it, ends the scan: it stands among the refused.

    """
    collector = _Collector(first, as_series, once=len(paths) > 1)
    complete = True
    try:
        for done, item in enumerate(walk(paths), start=1):
            if cancelled():
                complete = False
                break
            collector.add(item)
            progress(done)
    except Exception as error:  # the edge: what was found so far must not be lost
        log.error("A walk failed: %s", type(error).__name__)
        collector.fail(paths[0] if paths else Path(), error)
        complete = False
    return collector.catalogue(complete)


def read_instance(instance: Instance) -> MRISlice:
    """The pixels of an instance: of a file, a member of an archive, one frame of either.

    To walk through many keep an `InstanceReader`. Raises what its `read` raises.
    """
    with InstanceReader() as reader:
        return reader.read(instance)


class _Collector:
    """What the walk has met so far, as headers; a series' frames are ordered at the end."""

    def __init__(
        self, first: Callable[[Instance], None], as_series: bool, *, once: bool = False
    ) -> None:
        self._met: set[str] | None = set() if once else None  # what is named lies in one another
        self._as_series = as_series
        self._pictures: dict[Path, list[Instance]] = defaultdict(list)
        self._nameless: list[Series] = []
        self._first: Callable[[Instance], None] | None = first
        self._frames: dict[tuple[_StudyKey, str], list[Frame]] = defaultdict(list)
        self._series: dict[_StudyKey, list[Series]] = defaultdict(list)
        self._studies: dict[_StudyKey, tuple[Patient, StudyHeader]] = {}
        self._refused: list[LeftOut] = []
        self._others: list[LeftOut] = []
        self._shared: dict[Any, Any] = {}

    def add(self, item: Item) -> None:
        """Look at one thing on the way; what was met by another way in is the same thing."""
        if self._met is not None:
            path = os.path.abspath(item.path)  # noqa: PTH100 (no look at the disk)
            if path in self._met:
                return
            self._met.add(path)
        try:
            if item.peek is None:
                raise item.problem or NotAnImageError("There is nothing to read.")
            self._look(item, item.peek)
        except BraintumorError as error:
            self._leave_out(item, error)
        except Exception as error:  # the edge: one file must not cost the others
            log.error("A header failed: %s", type(error).__name__)  # its text may hold a name
            self.fail(item.path, error)

    def fail(self, path: Path, error: Exception) -> None:
        """Leave out what the app failed on in a way that it did not foresee."""
        self._refused.append(LeftOut(path, _unforeseen(error)))

    def _look(self, item: Item, peek: Callable[[int], bytes]) -> None:
        begin = peek(FIRST_BYTES)

        def more(count: int) -> bytes:  # opening a file on a share takes longer than all the rest
            return begin[:count] if count <= FIRST_BYTES else peek(count)

        head = begin[:SNIFFED]
        check_slice_like(item.path, head, named=item.named, on_disc=item.on_disc)
        kind = format_of(head)
        if not head:
            raise EmptyFileError("The file is empty.")
        if kind.startswith("DICOM"):
            header = read_header(more)
            if item.sop_instance_uid not in ("", header.sop_instance_uid):
                raise UnsupportedImageError("The DICOMDIR names another picture than the file has.")
            self._add_object(item.path, header)
        elif kind == "NIfTI":
            self._nameless += nifti_series(item.path, read_nifti_header(more))
        elif kind in RASTER_FORMATS:
            self._add_picture(item.path)
        elif kind:
            raise UnsupportedImageError("The file is {format}, which is not read.", format=kind)
        else:
            raise NotAnImageError("The file is of no image format that is read here.")

    def _add_object(self, path: Path, header: ObjectHeader) -> None:
        folder = str(path.parent)
        # What says nothing of whose it is belongs to nobody else's.
        study = header.study.study_instance_uid or folder
        if not header.patient.identified:
            header = replace(header, patient=replace(header.patient, told_by=study))
        header = self._interned(header)
        key = header.patient.key, study
        self._studies.setdefault(key, (header.patient, header.study))
        if header.object_name:
            self._series[key].append(other_object(path, header))
            return
        frames = frames_of(path, header)
        self._frames[(key, header.series.series_instance_uid or folder)] += frames
        self._say_first(Instance(path, 0, header.sop_instance_uid))

    def _add_picture(self, path: Path) -> None:
        instance = Instance(path)
        self._pictures[path.parent if self._as_series else path].append(instance)
        self._say_first(instance)

    def _say_first(self, instance: Instance) -> None:
        if self._first is not None:
            first, self._first = self._first, None
            first(instance)

    def _leave_out(self, item: Item, error: BraintumorError) -> None:
        left_out = LeftOut(item.path, warning_of(error))
        (self._others if isinstance(error, PASSED_OVER) else self._refused).append(left_out)

    def catalogue(self, complete: bool) -> Catalogue:
        """All of it, in order."""
        for (key, _), frames in self._frames.items():
            try:
                self._series[key] += map(_told_apart, parts(frames))
            except Exception as error:  # the edge: one series must not cost the others
                log.error("A series failed: %s", type(error).__name__)
                self.fail(frames[0].path.parent, error)
        nameless = [*self._nameless, *pictures(self._pictures)]
        if nameless:
            key = Patient().key, ""
            self._studies.setdefault(key, (Patient(), StudyHeader()))
            self._series[key] += nameless
        studies: dict[tuple[str, ...], list[Study]] = defaultdict(list)
        patients: dict[tuple[str, ...], Patient] = {}
        for key, (patient, study) in self._studies.items():
            series = self._series.get(key)
            if series:
                patients.setdefault(key[0], patient)
                studies[key[0]].append(_study(study, series))
        found = [
            PatientStudies(patient, tuple(sorted(studies[key], key=_study_order)))
            for key, patient in patients.items()
        ]
        return Catalogue(
            tuple(sorted(found, key=lambda one: one.patient.key[2:3] + one.patient.key)),
            tuple(self._refused),
            tuple(self._others),
            complete,
        )

    def _interned(self, header: ObjectHeader) -> ObjectHeader:
        """The same with what other objects have, too, held once: of 100,000 files there is much."""
        return replace(
            header,
            patient=self._once(header.patient),
            study=self._once(header.study),
            series=self._once(header.series),
            frames=tuple(map(self._frame, header.frames)),
        )

    def _frame(self, frame: FrameHeader) -> FrameHeader:
        geometry = frame.geometry
        if geometry is not None:
            geometry = replace(
                geometry,
                row_direction=self._once(geometry.row_direction),
                column_direction=self._once(geometry.column_direction),
                frame_of_reference_uid=self._once(geometry.frame_of_reference_uid),
            )
        return replace(
            frame,
            geometry=geometry,
            spacing_mm=self._once(frame.spacing_mm),
            image_type=self._once(frame.image_type),
            cautions=self._once(frame.cautions),
        )

    def _once(self, value: _Value) -> _Value:
        found: _Value = self._shared.setdefault(value, value)
        return found


def _told_apart(series: Series) -> Series:
    """A series whose files do not say which it is has its folder in its part."""
    if series.series_instance_uid:
        return series
    return replace(series, part=f"{series.instances[0].path.parent} {series.part}".strip())


def _study(header: StudyHeader, series: Sequence[Series]) -> Study:
    ordered = sorted(
        series, key=lambda one: (bool(one.object_name), one.number is None, one.number or 0)
    )
    return Study(
        header.study_instance_uid,
        header.date,
        header.description,
        header.accession_number,
        tuple(sorted({one.modality for one in series if one.modality})),
        tuple(ordered),
    )


def _study_order(study: Study) -> tuple[str, str]:
    return study.date, study.study_instance_uid


def warning_of(error: BraintumorError) -> ReadWarning:
    """What an error says, to be kept."""
    return ReadWarning(error.kind, error.template, tuple(error.fields.items()))


def _unforeseen(error: Exception) -> ReadWarning:
    return ReadWarning(
        "internal",
        "The app failed on this file in a way that it did not foresee ({error}).",
        (("error", type(error).__name__),),
    )
