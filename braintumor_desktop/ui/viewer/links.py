"""Series side by side: the slice at the same place, and where one slice cuts another; no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.geometry import SliceGeometry
from braintumor_desktop.ui.viewer.viewport import Point

PARALLEL_COSINE = 0.999
"""Normals within 2.6° count as parallel: series of one protocol are tilted by less."""


def same_space(one: SliceGeometry | None, other: SliceGeometry | None) -> bool:
    """Return whether the positions of two slices are relative to the same thing, by their files."""
    return (
        one is not None
        and other is not None
        and bool(one.frame_of_reference_uid)
        and one.frame_of_reference_uid == other.frame_of_reference_uid
    )


def parallel(one: SliceGeometry, other: SliceGeometry) -> bool:
    """Return whether two slices lie in parallel planes, seen from either side."""
    return abs(float(np.dot(one.normal, other.normal))) >= PARALLEL_COSINE


@dataclass(frozen=True, eq=False)
class Places:
    """Where the slices of a series lie: `positions` is float64 (n,), along the first's normal.

    Only slices that are parallel to the first and in its frame of reference are in it; `indices`
    are theirs in the series. `reach` is how far, in mm, a place may be from the nearest slice.
    """

    first: SliceGeometry
    indices: tuple[int, ...]
    positions: NDArray[np.float64]
    reach: float


def places(series: Sequence[SliceGeometry | None]) -> Places | None:
    """Return where the slices of a series lie; None where none of its files says so."""
    first = next((one for one in series if one is not None), None)
    if first is None or not first.frame_of_reference_uid:
        return None
    kept = [
        (index, one)
        for index, one in enumerate(series)
        if one is not None and same_space(first, one) and first.parallel_to(one)
    ]
    normal = np.array(first.normal)
    positions = np.array([one.position for _, one in kept]) @ normal
    steps = np.diff(np.sort(positions))
    reach = max(float(np.median(steps)) if len(steps) else 0.0, 1.0)
    return Places(first, tuple(index for index, _ in kept), positions, reach)


def nearest(here: SliceGeometry, series: Places) -> int | None:
    """Return the slice of a series that lies nearest to `here` along the normal.

    None where the frames of reference differ, where the planes are not parallel, and where the
    series does not reach as far: the nearest is then further away than its own spacing.
    """
    if not same_space(here, series.first) or not parallel(here, series.first):
        return None
    place = float(np.dot(here.position, series.first.normal))
    away = np.abs(series.positions - place)
    index = int(np.argmin(away))
    return series.indices[index] if away[index] <= series.reach else None


def cut(
    shown: SliceGeometry,
    spacing_mm: tuple[float, float],
    other: SliceGeometry,
    other_spacing_mm: tuple[float, float],
    other_shape: tuple[int, int],
) -> tuple[Point, Point] | None:
    """Return the line along which another slice cuts the one shown, in its source pixels.

    The line is as long as the other slice (`other_shape` is its rows and columns) reaches. None
    where it does not come through the plane, or lies in it or parallel to it.
    """
    if not same_space(shown, other) or parallel(shown, other):
        return None
    rows, columns = other_shape
    corners = np.array(
        [
            other.point(x, y, other_spacing_mm)
            for x, y in ((0, 0), (columns, 0), (columns, rows), (0, rows))
        ]
    )
    origin, normal = np.array(shown.position), np.array(shown.normal)
    height = (corners - origin) @ normal
    ends: list[Point] = []
    for start, end in ((0, 1), (1, 2), (2, 3), (3, 0)):
        if (height[start] > 0) != (height[end] > 0):
            share = height[start] / (height[start] - height[end])
            place = corners[start] + share * (corners[end] - corners[start]) - origin
            ends.append(
                (
                    float(place @ np.array(shown.row_direction)) / spacing_mm[1] + 0.5,
                    float(place @ np.array(shown.column_direction)) / spacing_mm[0] + 0.5,
                )
            )
    return (ends[0], ends[1]) if len(ends) == 2 else None
