"""From the frames of one DICOM series to the groups that can be looked at one after the other.

A group has one orientation, size, kind of image and echo, and stands once at each position. Public
collections need all of that: half of their series have a position more than once, for echoes,
magnitude and phase, diffusion or time, and file names or InstanceNumber do not tell the order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from braintumor_desktop.domain.geometry import order_along_normal
from braintumor_desktop.domain.study import by_numbers
from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.imaging.dicom.headers import FrameHeader, ObjectHeader

SAME_PLACE_MM = 0.05
"""Positions that differ by less are the same: no slices of a head stand so close."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame with the object that it stands in, and where that is."""

    path: Path
    number: int
    object: ObjectHeader
    header: FrameHeader


@dataclass(frozen=True)
class Group:
    """Frames in order of position.

    `part` says what tells the group from others of its series, empty where there are none;
    `repeats` how many frames stood where another does, with nothing to tell them apart.
    """

    frames: tuple[Frame, ...]
    part: str = ""
    repeats: int = 0


_Attribute = tuple[Callable[[Frame], Hashable], Callable[[Frame], str]]


def frames_of(path: Path, header: ObjectHeader) -> list[Frame]:
    """The frames of one file."""
    return [Frame(path, frame.index, header, frame) for frame in header.frames]


def grouped(frames: Sequence[Frame]) -> tuple[list[Group], int]:
    """The groups of one series' frames, which come in any order, and how many orientations it has.

    Split by orientation (each cosine within 1e-4), size, ImageType and EchoTime; where a position
    then stands more than once, also by b-value, temporal position, InversionTime, EchoNumbers,
    SequenceName, AcquisitionNumber, TriggerTime and AcquisitionTime, as far as these tell the
    repeats apart, and else in the order of InstanceNumber.
    """
    groups = _by_orientation(sorted(frames, key=_file_order))
    orientations = sum(1 for group in groups if group[0].header.geometry is not None)
    found = [
        part
        for group in groups
        for part in _split(group, _ALWAYS, (() if len(groups) == 1 else (_plane_name(group),)))
    ]
    resolved = [one for group, words in found for one in _resolve(group, words)]
    names = _unique([words for _, words, _ in resolved])
    return [
        Group(tuple(group), name, repeats)
        for (group, _, repeats), name in zip(resolved, names, strict=True)
    ], orientations


def _file_order(frame: Frame) -> tuple[object, ...]:
    number = frame.object.instance_number
    return number is None, number or 0, *by_numbers(str(frame.path)), frame.number


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


_ALWAYS: tuple[_Attribute, ...] = (
    (lambda f: (f.header.rows, f.header.columns), lambda f: f"{f.header.columns}x{f.header.rows}"),
    (
        lambda f: _rounded_pair(f.header.spacing_mm),
        lambda f: "pixels of " + _or_none_pair(f.header.spacing_mm),
    ),
    (lambda f: f.header.image_type, lambda f: " ".join(f.header.image_type[2:])),
    (
        lambda f: _rounded(f.header.echo_time_ms),
        lambda f: f"TE {_or_none(f.header.echo_time_ms, ' ms')}",
    ),
)

# What may tell the frames at one position apart, and how each is called.
_REPEATS: tuple[_Attribute, ...] = (
    (lambda f: _rounded(f.header.b_value), lambda f: f"b {_or_none(f.header.b_value)}"),
    (
        lambda f: f.header.temporal_position,
        lambda f: f"time {_or_none(f.header.temporal_position)}",
    ),
    (
        lambda f: _rounded(f.header.inversion_time_ms),
        lambda f: f"TI {_or_none(f.header.inversion_time_ms, ' ms')}",
    ),
    (
        lambda f: f.header.echo_number,
        lambda f: f"echo {_or_none(f.header.echo_number)}",
    ),
    (lambda f: f.header.sequence_name, lambda f: f.header.sequence_name or "not said"),
    (lambda f: f.header.acquisition, lambda f: f"acquisition {_or_none(f.header.acquisition)}"),
    (
        lambda f: _rounded(f.header.trigger_time_ms),
        lambda f: f"trigger {_or_none(f.header.trigger_time_ms, ' ms')}",
    ),
    (
        lambda f: f.header.acquisition_time,
        lambda f: f"acquired {f.header.acquisition_time or 'not said'}",
    ),
)

_OF_VOLUMES = 4
"""As many of these are never a slice's own: b-value, time, inversion and echo."""

_Resolved = tuple[list[Frame], tuple[str, ...], int]


def _resolve(group: list[Frame], words: tuple[str, ...]) -> list[_Resolved]:
    """Groups in which each position stands once, in order, and how many repeats were left over.

    An attribute that has more values than a position has frames, as a time that counts on from
    slice to slice, tells no volumes apart.
    """
    if group[0].header.geometry is None:
        return [(one, said, 0) for one, said in _without_places(group, words)]
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


def _without_places(
    group: list[Frame], words: tuple[str, ...]
) -> list[tuple[list[Frame], tuple[str, ...]]]:
    """By what parts the frames into volumes of as many slices: an anonymiser took the positions."""
    for key, name in _REPEATS[:_OF_VOLUMES]:
        split = _by(group, key)
        if 1 < len(split) < len(group) and len(set(map(len, split))) == 1:
            return [(one, (*words, name(one[0]))) for one in split]
    return [(group, words)]


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


def _unique(words: Sequence[tuple[str, ...]]) -> list[str]:
    """A name for each part, all different."""
    names = [", ".join(filter(None, said)) for said in words]
    counts, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({seen[name]})".strip() if counts[name] > 1 else name)
    return found


def _plane_name(group: Sequence[Frame]) -> str:
    geometry = group[0].header.geometry
    return gettext_noop("no position") if geometry is None else str(geometry.plane)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _rounded_pair(values: tuple[float, float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(round(value, 2) for value in values)


def _or_none_pair(values: tuple[float, float] | None) -> str:
    return "not said" if values is None else "{:g} x {:g} mm".format(*values)


def _or_none(value: float | None, unit: str = "") -> str:
    return "not said" if value is None else f"{value:g}{unit}"
