"""What a person measures on a slice, and which slices are marked as key images; numbers only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum

Point = tuple[float, float]
"""(x, y) in source pixels, edges counting from 0: the first pixel's centre is (0.5, 0.5)."""


class MeasurementKind(StrEnum):
    """What is measured, and by how many points."""

    LENGTH = "length"
    ANGLE = "angle"
    ELLIPSE = "ellipse"
    VALUE = "value"

    @property
    def points(self) -> int:
        """How many points it takes."""
        return _POINTS[self]


_POINTS = {
    MeasurementKind.LENGTH: 2,
    MeasurementKind.ANGLE: 3,
    MeasurementKind.ELLIPSE: 2,
    MeasurementKind.VALUE: 1,
}


@dataclass(frozen=True)
class Measurement:
    """One measurement.

    Attributes
    ----------
    kind
        What is measured.
    points
        In source pixels: the two ends of a length; an end, the vertex and the other end of an
        angle; two opposite corners of the rectangle around an ellipse; the place of a value.

    """

    kind: MeasurementKind
    points: tuple[Point, ...]

    def __post_init__(self) -> None:
        if len(self.points) != self.kind.points:
            raise ValueError(f"a {self.kind} takes {self.kind.points} points")


@dataclass(frozen=True)
class Measured:
    """The figures of one measurement; those that it has not are None.

    `known_mm` says whether `length` is in mm and `area` in mm², else they are in pixels. `mean`
    and `deviation` (of the population) are in the file's own units over the pixels whose centres
    lie in the ellipse, of which there are `count`; for a value `mean` is the pixel's.
    """

    known_mm: bool
    length: float | None = None
    degrees: float | None = None
    area: float | None = None
    mean: float | None = None
    deviation: float | None = None
    count: int = 0


@dataclass(frozen=True)
class SliceNotes:
    """What a person has put down about one slice: measurements, and whether it is a key image."""

    measurements: tuple[Measurement, ...] = ()
    key_image: bool = False

    def __bool__(self) -> bool:
        return bool(self.measurements) or self.key_image

    def to_json(self) -> str:
        """One line of JSON."""
        measured = [[one.kind, one.points] for one in self.measurements]
        return json.dumps({"measurements": measured, "key_image": self.key_image})

    @classmethod
    def from_json(cls, text: str) -> SliceNotes:
        """The inverse of `to_json`."""
        values = json.loads(text)
        measured = tuple(
            Measurement(MeasurementKind(kind), tuple((float(x), float(y)) for x, y in points))
            for kind, points in values["measurements"]
        )
        return cls(measured, bool(values["key_image"]))


NO_NOTES = SliceNotes()
