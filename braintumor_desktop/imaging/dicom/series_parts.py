"""DICOM series: their parts in order, what each is, and what a person should know of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from statistics import median

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.study import Instance, Series, SeriesKind
from braintumor_desktop.imaging.dicom.acquisition import SequenceFamily
from braintumor_desktop.imaging.dicom.attributes import tag
from braintumor_desktop.imaging.dicom.grouping import SAME_PLACE_MM, Frame, Group, grouped
from braintumor_desktop.imaging.dicom.headers import ObjectHeader

_GAP = 0.05  # a distance that differs by this share from the usual one is no neighbour's
_PHASE = re.compile(r"(SW_)?[PRI](_\w+)?|PHASE.*|REAL|IMAGINARY|VELOCITY.*|FIELD[ _]?MAP|B0( MAP)?")
"""Words of ImageType for pictures whose brightness is an angle or a part of one."""
_REFORMATTED = re.compile(r"(.* )?(MPR|REFORMATTED)( THICK)?|PROJECTION IMAGE|AVERAGE|RESAMPLED")
"""Words for slices that were made from those of another series, which stands beside them.

The first value alone, DERIVED, does not say so: whatever compressed a slice with loss, took the
face away or resampled it has to write it (PS3.3, C.7.6.1.1.2), and half of the exports do.
"""
# A series of as many orientations, some of which stand across others, is for planning.
_CROSSING, _STEEP = 3, 0.7


def parts(frames: Sequence[Frame]) -> list[Series]:
    """The parts of one series as `grouped` finds them, from its files' frames in any order."""
    groups, orientations = grouped(frames)
    twice = _warned_of_twice(frames)
    found = [
        _series(group.frames, group.part, group.repeats, orientations, twice) for group in groups
    ]
    if orientations >= _CROSSING and _cross(groups):
        return [replace(series, kind=SeriesKind.LOCALIZER) for series in found]
    return found


def _cross(groups: Iterable[Group]) -> bool:
    """Whether slices cut one another: the tilted stacks of a spine, or heads that moved, do not."""
    places = [group.frames[0].header.geometry for group in groups]
    normals = [place.normal for place in places if place is not None]
    return any(
        abs(sum(a * b for a, b in zip(normals[0], normal, strict=True))) < _STEEP
        for normal in normals
    )


def other_object(path: Path, header: ObjectHeader) -> Series:
    """An object that is no picture, as a series of its own."""
    instance = Instance(path, 0, header.sop_instance_uid, header.instance_number)
    return Series(
        header.series.series_instance_uid,
        (instance,),
        part=header.sop_instance_uid or str(path),
        number=header.series.number,
        description=header.series.description,
        modality=header.series.modality,
        kind=SeriesKind.OTHER,
        object_name=header.object_name,
    )


def _series(
    group: Sequence[Frame],
    part: str,
    repeats: int,
    orientations: int,
    twice: tuple[ReadWarning, ...],
) -> Series:
    first = group[0]
    spacing, gaps = _distances(group)
    said = list(twice)
    if orientations > 1:
        said.append(
            ReadWarning(
                "orientations",
                "The series has slices of {count} orientations; each stands for itself.",
                (("count", orientations),),
            )
        )
    if repeats and spacing is None and len(group) > 1:
        said.append(
            ReadWarning(
                "one_place", "All slices stand at one place, in the order of their numbers."
            )
        )
    elif repeats:
        said.append(
            ReadWarning(
                "repeats",
                "Slices of the series stand where another does ({count}), and nothing in the files "
                "tells them apart; they are parted in the order of their numbers.",
                (("count", repeats),),
            )
        )
    frames_of_reference = {
        frame.header.geometry.frame_of_reference_uid for frame in group if frame.header.geometry
    } - {""}
    if len(frames_of_reference) > 1:
        said.append(
            ReadWarning(
                "frames_of_reference",
                "The slices' positions are not relative to one place, by the file's {attribute}: "
                "their order and distances may be wrong.",
                (("attribute", f"FrameOfReferenceUID {tag('FrameOfReferenceUID')}"),),
            )
        )
    if gaps:
        said.append(
            ReadWarning(
                "gaps",
                "The slices are not evenly spaced: {count} of {all} distances differ from the "
                "usual {usual:.4g} mm.",
                (("count", len(gaps)), ("all", len(group) - 1), ("usual", spacing or 0.0)),
            )
        )
    header = first.object.series
    geometry = first.header.geometry
    return Series(
        header.series_instance_uid,
        tuple(_instance(frame) for frame in group),
        part=part,
        number=header.number,
        description=header.description,
        modality=header.modality,
        plane=Plane.UNKNOWN if geometry is None else geometry.plane,
        kind=_kind(first),
        slice_spacing_mm=spacing,
        gaps=gaps,
        duplicates=repeats,
        cautions=(*said, *_derivation(first), *_cautions_of(group)),
        sequence=first.header.sequence,
        repetition_time_ms=first.header.repetition_time_ms,
        echo_time_ms=first.header.echo_time_ms,
        slice_thickness_mm=first.header.slice_thickness_mm,
    )


def _derivation(frame: Frame) -> list[ReadWarning]:
    if frame.header.image_type[:1] != ("DERIVED",):
        return []
    return [
        ReadWarning(
            "derived",
            "The slices were derived from others, by the file's {attribute}: resampled, "
            "reformatted or compressed anew.",
            (("attribute", f"ImageType {tag('ImageType')}"),),
        )
    ]


def _cautions_of(group: Sequence[Frame]) -> tuple[ReadWarning, ...]:
    """What is said of the slices, each once."""
    return tuple(dict.fromkeys(said for frame in group for said in frame.header.cautions))


def _distances(
    group: Sequence[Frame],
) -> tuple[float | None, tuple[tuple[float, float], ...]]:
    """The median distance between neighbours, and those that differ from it."""
    geometries = [frame.header.geometry for frame in group]
    if len(group) < 2 or geometries[0] is None:
        return None, ()
    normal = geometries[0].normal
    heights = [one.height_mm(normal) for one in geometries if one is not None]
    steps = [after - before for before, after in pairwise(heights)]
    usual = median(steps)
    if usual <= SAME_PLACE_MM:
        return None, ()
    uneven = tuple(
        (round(height, 6), round(step, 6))
        for height, step in zip(heights, steps, strict=False)
        if abs(step - usual) > max(_GAP * usual, SAME_PLACE_MM)
    )
    return round(usual, 6), uneven


def _instance(frame: Frame) -> Instance:
    return Instance(
        frame.path,
        frame.number,
        frame.object.sop_instance_uid,
        frame.object.instance_number,
        frame.header.geometry,
        frame.header.rows,
        frame.header.columns,
        frame.header.spacing_mm,
    )


def _kind(frame: Frame) -> SeriesKind:
    header = frame.header
    if header.sequence == SequenceFamily.LOCALISER:
        return SeriesKind.LOCALIZER
    if any(map(_PHASE.fullmatch, header.image_type[2:])):
        return SeriesKind.PHASE
    computed = {"computed", "annotation"} & {caution.kind for caution in header.cautions}
    reformatted = any(map(_REFORMATTED.fullmatch, header.image_type[2:]))
    return SeriesKind.DERIVED if computed or reformatted else SeriesKind.IMAGES


def _warned_of_twice(frames: Iterable[Frame]) -> tuple[ReadWarning, ...]:
    files = {frame.path: frame.object.sop_instance_uid for frame in frames}
    counts = Counter(uid for uid in files.values() if uid)
    more = sum(count - 1 for count in counts.values())
    if not more:
        return ()
    return (
        ReadWarning(
            "uid_twice",
            "Files of the series have a SOPInstanceUID (0008,0018) that another has, too: {count}.",
            (("count", more),),
        ),
    )
