"""Drawing and changing measurements, as steps from one frozen state to the next; no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from braintumor_desktop.domain.measurement import Measurement, MeasurementKind, Point
from braintumor_desktop.rendering.measure import (
    handles,
    hit_handle,
    hit_line,
    moved,
    outline_points,
    with_handle,
)

Edit = Callable[[tuple[Measurement, ...]], tuple[Measurement, ...]]
"""From a slice's measurements to those after a change."""


@dataclass(frozen=True)
class Draft:
    """A measurement being drawn: the points that are set, and where the cursor is."""

    kind: MeasurementKind
    points: tuple[Point, ...]
    cursor: Point

    @property
    def shown(self) -> Measurement:
        """What it would be with the cursor as all its next points."""
        missing = self.kind.points - len(self.points)
        whole = self.points + (self.cursor,) * missing
        return Measurement(self.kind, whole)

    @property
    def finished(self) -> Measurement | None:
        """The measurement, once all its points are set."""
        done = len(self.points) == self.kind.points
        return Measurement(self.kind, self.points) if done else None


def begin(kind: MeasurementKind, at: Point) -> Draft:
    """Return a draft with its first point set."""
    return Draft(kind, (at,), at)


def follow(draft: Draft, at: Point) -> Draft:
    """Return the draft with the cursor elsewhere."""
    return replace(draft, cursor=at)


def fix(draft: Draft, at: Point) -> Draft:
    """Return the draft with its next point set; not twice at one place."""
    if draft.points[-1] == at:
        return replace(draft, cursor=at)
    return replace(draft, points=(*draft.points, at), cursor=at)


@dataclass(frozen=True)
class Hold:
    """A measurement in hand: by one of its handles or, with None, as a whole."""

    number: int
    handle: int | None
    at: Point


def grab(measurements: Sequence[Measurement], at: Point, reach: float) -> Hold | None:
    """Return what lies under a place, the last drawn first, handles before lines.

    All in source pixels, `reach` too.
    """
    for number in range(len(measurements) - 1, -1, -1):
        handle = hit_handle(handles(measurements[number]), at, reach)
        if handle is not None:
            return Hold(number, handle, at)
    for number in range(len(measurements) - 1, -1, -1):
        if hit_line(outline_points(measurements[number]), at, reach):
            return Hold(number, None, at)
    return None


def drag(measurement: Measurement, hold: Hold, to: Point) -> Measurement:
    """Return the measurement with what is held moved to a place."""
    if hold.handle is not None:
        return with_handle(measurement, hold.handle, to)
    return moved(measurement, to[0] - hold.at[0], to[1] - hold.at[1])
