"""Where a slice lies in the patient: positions and directions of DICOM (PS3.3, C.7.6.2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Vector = tuple[float, float, float]

PARALLEL = 1e-4
"""Direction cosines that differ by less are the same direction: scanners round them."""

_OBLIQUE_DEGREES = 30.0


class Plane(StrEnum):
    """How a slice cuts the head; `UNKNOWN` where the file does not say."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"
    OBLIQUE = "oblique"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SliceGeometry:
    """A slice's place in the patient, in millimetres, x to the left, y to the back, z to the head.

    Attributes
    ----------
    position
        The centre of the first pixel (ImagePositionPatient).
    row_direction
        The unit vector along a row, in which the column's number grows (the first three values of
        ImageOrientationPatient).
    column_direction
        The unit vector along a column, in which the row's number grows (the last three).
    frame_of_reference_uid
        What the positions are relative to; empty where the file does not say.

    """

    position: Vector
    row_direction: Vector
    column_direction: Vector
    frame_of_reference_uid: str = ""

    @property
    def normal(self) -> Vector:
        """The unit vector across the slice, the cross product of row and column direction."""
        normal = np.cross(self.row_direction, self.column_direction)
        length = float(np.linalg.norm(normal)) or 1.0
        x, y, z = (float(value) / length for value in normal)
        return x, y, z

    @property
    def position_mm(self) -> float:
        """The slice's place along its normal, in millimetres."""
        return self.height_mm(self.normal)

    def height_mm(self, direction: Vector) -> float:
        """How far the slice lies along a unit vector, in millimetres."""
        return sum(p * d for p, d in zip(self.position, direction, strict=True))

    @property
    def plane(self) -> Plane:
        """The body plane within 30° of which the slice lies, else `OBLIQUE`."""
        across = [abs(value) for value in self.normal]
        most = max(across)
        if most < math.cos(math.radians(_OBLIQUE_DEGREES)):
            return Plane.OBLIQUE
        return (Plane.SAGITTAL, Plane.CORONAL, Plane.AXIAL)[across.index(most)]

    def parallel_to(self, other: SliceGeometry) -> bool:
        """Whether both have the same row and column directions, each cosine within 1e-4."""
        ours = (*self.row_direction, *self.column_direction)
        theirs = (*other.row_direction, *other.column_direction)
        return all(abs(a - b) <= PARALLEL for a, b in zip(ours, theirs, strict=True))

    def point(self, x: float, y: float, spacing_mm: tuple[float, float]) -> Vector:
        """Return the place in the patient of a point of the slice.

        `x` and `y` are in pixels with edges counting from 0, so that the first pixel's centre is
        (0.5, 0.5); `spacing_mm` is (between rows, between columns). Equation C.7.6.2.1-1.
        """
        rows_mm, columns_mm = spacing_mm
        along = np.array(self.row_direction) * (x - 0.5) * columns_mm
        down = np.array(self.column_direction) * (y - 0.5) * rows_mm
        a, b, c = (float(value) for value in np.array(self.position) + along + down)
        return a, b, c


def edge_letters(direction: Vector) -> str:
    """Return the letters of where a direction leads, the nearest first: "L", "PL" or "HAR".

    R and L are the patient's right and left, A and P front and back, H and F head and feet
    (PS3.3, C.7.6.1.1.1, Patient Orientation). Parts below a sine of 0.2 are left out.
    """
    named = zip(direction, ("LR", "PA", "HF"), strict=True)
    parts = [(abs(value), pair[value < 0]) for value, pair in named if abs(value) > 0.2]
    return "".join(letter for _, letter in sorted(parts, reverse=True))


def affine(geometry: SliceGeometry, spacing_mm: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return the (4, 4) matrix from (slice, row, column) indices to patient coordinates in mm.

    `geometry` is that of the first slice along its normal, `spacing_mm` is (between slices, between
    rows, between columns). Indices point at pixels' centres.
    """
    slices_mm, rows_mm, columns_mm = spacing_mm
    matrix = np.eye(4)
    matrix[:3, 0] = np.array(geometry.normal) * slices_mm
    matrix[:3, 1] = np.array(geometry.column_direction) * rows_mm
    matrix[:3, 2] = np.array(geometry.row_direction) * columns_mm
    matrix[:3, 3] = geometry.position
    return matrix


def order_along_normal(geometries: Sequence[SliceGeometry]) -> list[int]:
    """Return the places of parallel slices in order of position; equal ones keep their order."""
    if not geometries:
        return []
    normal = geometries[0].normal
    heights = [one.height_mm(normal) for one in geometries]
    return sorted(range(len(heights)), key=heights.__getitem__)
