"""From the frames of one DICOM series to the parts that can be looked at one after the other.

A part has one orientation, size, kind of image and echo, and stands once at each position. Public
collections need all of that: half of their series have a position more than once, for echoes,
magnitude and phase, diffusion or time, and file names or InstanceNumber do not tell the order.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from braintumor_desktop.domain.geometry import Plane, order_along_normal
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.study import Instance, Series, SeriesKind
from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.imaging.dicom.acquisition import SequenceFamily
from braintumor_desktop.imaging.dicom.attributes import tag
from braintumor_desktop.imaging.dicom.headers import FrameHeader, ObjectHeader, SeriesHeader

SAME_PLACE_MM = 0.05
"""Positions that differ by less are the same: no slices of a head stand so close."""

_GAP = 0.05  # a distance that differs by this share from the usual one is no neighbour's
_PHASE = re.compile(r"(SW_)?[PRI](_\w+)?|PHASE.*|REAL|IMAGINARY|VELOCITY.*|FIELD[ _]?MAP|B0( MAP)?")
"""Words of ImageType for pictures whose brightness is an angle or a part of one."""
_REFORMATTED = re.compile(r"(.* )?(MPR|REFORMATTED)( THICK)?|PROJECTION IMAGE|AVERAGE|RESAMPLED")
"""Words for slices that were made from those of another series, which stands beside them.

The first value alone, DERIVED, does not say so: whatever compressed a slice with loss, took the
face away or resampled it has to write it (PS3.3, C.7.6.1.1.2), and half of the exports do.
"""
_CROSSING = 3  # a series of as many orientations is for planning others


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame with the object that it stands in, and where that is."""

    path: Path
    number: int
    object: ObjectHeader
    header: FrameHeader


_Attribute = tuple[Callable[[Frame], Hashable], Callable[[Frame], str]]


def frames_of(path: Path, header: ObjectHeader) -> list[Frame]:
    """The frames of one file."""
    return [Frame(path, frame.index, header, frame) for frame in header.frames]


def parts(frames: Sequence[Frame]) -> list[Series]:
    """The parts of one series: the frames that its files have, in any order.

    Split by orientation (each cosine within 1e-4), size, ImageType and EchoTime; where a position
    then stands more than once, also by b-value, temporal position, AcquisitionNumber and
    TriggerTime, as far as these tell the repeats apart, and else in the order of InstanceNumber.
    """
    frames = sorted(frames, key=_file_order)
    groups = _by_orientation(frames)
    orientations = sum(1 for group in groups if group[0].header.geometry is not None)
    always = (
        (_size, lambda f: f"{f.header.columns}x{f.header.rows}"),
        (lambda f: f.header.image_type, lambda f: " ".join(f.header.image_type[2:])),
        (lambda f: _rounded(f.header.echo_time_ms), lambda f: f"TE {f.header.echo_time_ms:g} ms"),
    )
    found = [
        part
        for orientation, group in enumerate(groups)
        for part in _split(group, always, (() if len(groups) == 1 else (_plane_name(group),)))
    ]
    resolved = [one for group, words in found for one in _resolve(group, words)]
    names = _unique([words for _, words, _ in resolved])
    twice = _warned_of_twice(frames)
    return [
        _series(group, name, repeats, orientations, twice)
        for (group, _, repeats), name in zip(resolved, names, strict=True)
    ]


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


def _file_order(frame: Frame) -> tuple[object, ...]:
    number = frame.object.instance_number
    return number is None, number or 0, frame.path, frame.number


def _by_orientation(frames: Iterable[Frame]) -> list[list[Frame]]:
    groups: list[list[Frame]] = []
    for frame in frames:
        here = frame.header.geometry
        for group in groups:
            there = group[0].header.geometry
            if (here is None or there is None) and here is there:
                break
            if here is not None and there is not None and here.parallel_to(there):
                break
        else:
            group = []
            groups.append(group)
        group.append(frame)
    return groups


def _split(
    group: list[Frame], attributes: Iterable[_Attribute], words: tuple[str, ...]
) -> list[tuple[list[Frame], tuple[str, ...]]]:
    """By all of these attributes, each group with the words for what it has and others have not."""
    found = [(group, words)]
    for key, name in attributes:
        found = [
            (one, (*said, name(one[0])) if len(split) > 1 else said)
            for together, said in found
            for split in [_by(together, key)]
            for one in split
        ]
    return found


def _by(frames: Iterable[Frame], key: Callable[[Frame], Hashable]) -> list[list[Frame]]:
    found: dict[Hashable, list[Frame]] = defaultdict(list)
    for frame in frames:
        found[key(frame)].append(frame)
    return list(found.values())


# What may tell the frames at one position apart, and how each is called.
_REPEATS: tuple[_Attribute, ...] = (
    (lambda f: _rounded(f.header.b_value), lambda f: f"b {_or_none(f.header.b_value)}"),
    (
        lambda f: f.header.temporal_position,
        lambda f: f"time {_or_none(f.header.temporal_position)}",
    ),
    (lambda f: f.header.acquisition, lambda f: f"acquisition {_or_none(f.header.acquisition)}"),
    (
        lambda f: _rounded(f.header.trigger_time_ms),
        lambda f: f"trigger {_or_none(f.header.trigger_time_ms)} ms",
    ),
)

_Resolved = tuple[list[Frame], tuple[str, ...], int]


def _resolve(group: list[Frame], words: tuple[str, ...]) -> list[_Resolved]:
    """Groups in which each position stands once, in order, and how many repeats were left over.

    An attribute that has more values than a position has frames, as a time that counts on from
    slice to slice, tells no volumes apart.
    """
    if group[0].header.geometry is None:
        return [(group, words, 0)]
    places = _places(group)
    if len(places) == 1:  # one place again and again, as the heart's beat: no volumes to part
        return [(places[0], words, len(group) - 1)]
    found = [(group, words)]
    for key, name in _REPEATS:
        split_up: list[tuple[list[Frame], tuple[str, ...]]] = []
        for together, said in found:
            most = max(map(len, _places(together)))
            split = _by(together, key) if most > 1 else [together]
            if 1 < len(split) <= most:
                split_up += [(one, (*said, name(one[0]))) for one in split]
            else:
                split_up.append((together, said))
        found = split_up
    return [one for together, said in found for one in _by_repeat(together, said)]


def _by_repeat(group: list[Frame], words: tuple[str, ...]) -> list[_Resolved]:
    """What nothing tells apart: the first of each position, the second of each …."""
    places = _places(group)
    most = max(map(len, places))
    repeats = len(group) - len(places)
    return [
        (
            [place[number] for place in places if len(place) > number],
            words if most == 1 else (*words, f"repeat {number + 1}"),
            repeats,
        )
        for number in range(most)
    ]


def _places(group: Sequence[Frame]) -> list[list[Frame]]:
    """The frames of each position, in order along the normal; those of one in files' order."""
    geometries = [frame.header.geometry for frame in group if frame.header.geometry is not None]
    normal = geometries[0].normal
    places: list[list[Frame]] = []
    last = 0.0
    for index in order_along_normal(geometries):
        height = geometries[index].height_mm(normal)
        if not places or height - last > SAME_PLACE_MM:
            places.append([])
            last = height
        places[-1].append(group[index])
    return [sorted(place, key=_file_order) for place in places]


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
    if gaps:
        said.append(
            ReadWarning(
                "gaps",
                "The slices are not evenly spaced: {count} of {all} distances differ from the "
                "usual {usual:.4g} mm.",
                (("count", len(gaps)), ("all", len(group) - 1), ("usual", spacing or 0.0)),
            )
        )
    header: SeriesHeader = first.object.series
    geometry = first.header.geometry
    return Series(
        header.series_instance_uid,
        tuple(_instance(frame) for frame in group),
        part=part,
        number=header.number,
        description=header.description,
        modality=header.modality,
        plane=Plane.UNKNOWN if geometry is None else geometry.plane,
        kind=_kind(first, orientations),
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


def _kind(frame: Frame, orientations: int) -> SeriesKind:
    header = frame.header
    if orientations >= _CROSSING or header.sequence == SequenceFamily.LOCALISER:
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


def _unique(words: Sequence[tuple[str, ...]]) -> list[str]:
    """A name for each part, all different."""
    names = [", ".join(filter(None, said)) for said in words]
    counts, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})".strip() if counts[name] > 1 else name)
    return found


def _size(frame: Frame) -> Hashable:
    return frame.header.rows, frame.header.columns


def _plane_name(group: Sequence[Frame]) -> str:
    geometry = group[0].header.geometry
    return gettext_noop("no position") if geometry is None else str(geometry.plane)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _or_none(value: float | None) -> str:
    return "not said" if value is None else f"{value:g}"
