"""Lengths, angles and ellipses on a slice: figures and hit-testing, without Qt.

Points are (x, y) in source pixels with edges counting from 0; `spacing_mm` is (between rows,
between columns) or None, where everything is in pixels that are taken for square.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import FloatImage, MRISlice
from braintumor_desktop.domain.measurement import (
    Measured,
    Measurement,
    MeasurementKind,
    Point,
)

Spacing = tuple[float, float] | None


def measured(measurement: Measurement, mri: MRISlice) -> Measured:
    """Return the figures of a measurement on a slice."""
    spacing, points = mri.spacing_mm, measurement.points
    result = Measured(known_mm=spacing is not None)
    match measurement.kind:
        case MeasurementKind.LENGTH:
            return replace(result, length=length(points[0], points[1], spacing))
        case MeasurementKind.ANGLE:
            return replace(result, degrees=angle(points[0], points[1], points[2], spacing))
        case MeasurementKind.VALUE:
            value = value_at(mri.pixels, points[0])
            return replace(result, mean=value, count=0 if value is None else 1)
        case MeasurementKind.ELLIPSE:
            inside = ellipse_values(mri.pixels, points[0], points[1])
            rows_mm, columns_mm = spacing or (1.0, 1.0)
            (x0, y0), (x1, y1) = points
            area = math.pi / 4 * abs(x1 - x0) * columns_mm * abs(y1 - y0) * rows_mm
            if inside.size == 0:
                return replace(result, area=area)
            mean, deviation = float(inside.mean()), float(inside.std())
            return replace(result, area=area, mean=mean, deviation=deviation, count=inside.size)


def length(start: Point, end: Point, spacing_mm: Spacing = None) -> float:
    """Return the distance between two points, in mm or, without spacing, in pixels."""
    rows_mm, columns_mm = spacing_mm or (1.0, 1.0)
    return math.hypot((end[0] - start[0]) * columns_mm, (end[1] - start[1]) * rows_mm)


def angle(start: Point, vertex: Point, end: Point, spacing_mm: Spacing = None) -> float | None:
    """Return the angle at `vertex`, 0 to 180 degrees in the patient; None where a leg is a point.

    Legs are taken to millimetres first: on pixels that are not square an angle drawn is another.
    """
    rows_mm, columns_mm = spacing_mm or (1.0, 1.0)
    ax, ay = (start[0] - vertex[0]) * columns_mm, (start[1] - vertex[1]) * rows_mm
    bx, by = (end[0] - vertex[0]) * columns_mm, (end[1] - vertex[1]) * rows_mm
    if math.hypot(ax, ay) == 0 or math.hypot(bx, by) == 0:
        return None
    return abs(math.degrees(math.atan2(ax * by - ay * bx, ax * bx + ay * by)))


def value_at(pixels: FloatImage, point: Point) -> float | None:
    """Return the value of the pixel that a point lies in; None outside the slice."""
    column, row = math.floor(point[0]), math.floor(point[1])
    height, width = pixels.shape
    return float(pixels[row, column]) if 0 <= row < height and 0 <= column < width else None


def ellipse_values(pixels: FloatImage, corner: Point, opposite: Point) -> NDArray[np.float64]:
    """Return the values, (n,) float64, of the pixels whose centres lie in an ellipse."""
    x0, x1 = sorted((corner[0], opposite[0]))
    y0, y1 = sorted((corner[1], opposite[1]))
    height, width = pixels.shape
    left, right = max(0, math.floor(x0)), min(width, math.ceil(x1))
    top, bottom = max(0, math.floor(y0)), min(height, math.ceil(y1))
    if x1 <= x0 or y1 <= y0 or right <= left or bottom <= top:
        return np.empty(0)
    x = (np.arange(left, right) + 0.5 - (x0 + x1) / 2) / ((x1 - x0) / 2)
    y = (np.arange(top, bottom) + 0.5 - (y0 + y1) / 2) / ((y1 - y0) / 2)
    inside = x[np.newaxis] ** 2 + y[:, np.newaxis] ** 2 <= 1
    values: NDArray[np.float64] = pixels[top:bottom, left:right][inside].astype(np.float64)
    return values


def handles(measurement: Measurement) -> tuple[Point, ...]:
    """Return the points by which a measurement is changed; an ellipse has its four corners."""
    if measurement.kind is not MeasurementKind.ELLIPSE:
        return measurement.points
    (x0, y0), (x1, y1) = measurement.points
    return (x0, y0), (x1, y1), (x0, y1), (x1, y0)


def with_handle(measurement: Measurement, handle: int, point: Point) -> Measurement:
    """Return the measurement with one of its `handles` moved to a point."""
    points = list(measurement.points)
    if measurement.kind is MeasurementKind.ELLIPSE and handle >= 2:
        (x0, y0), (x1, y1) = points
        if handle == 2:  # (x0, y1); handle 3 is (x1, y0)
            corners = ((point[0], y0), (x1, point[1]))
        else:
            corners = ((x0, point[1]), (point[0], y1))
        return replace(measurement, points=corners)
    points[handle] = point
    return replace(measurement, points=tuple(points))


def moved(measurement: Measurement, dx: float, dy: float) -> Measurement:
    """Return the measurement moved as a whole."""
    return replace(measurement, points=tuple((x + dx, y + dy) for x, y in measurement.points))


def outline_points(measurement: Measurement, steps: int = 64) -> tuple[Point, ...]:
    """Return the line that is drawn for a measurement; that of an ellipse is closed."""
    if measurement.kind is not MeasurementKind.ELLIPSE:
        return measurement.points
    (x0, y0), (x1, y1) = measurement.points
    turns = [2 * math.pi * step / steps for step in range(steps + 1)]
    return tuple(
        ((x0 + x1) / 2 + (x1 - x0) / 2 * math.cos(a), (y0 + y1) / 2 + (y1 - y0) / 2 * math.sin(a))
        for a in turns
    )


def hit_handle(points: Sequence[Point], at: Point, reach: float) -> int | None:
    """Return the number of the nearest of `points` within `reach`; all in one unit."""
    near = [(math.dist(point, at), number) for number, point in enumerate(points)]
    distance, number = min(near, default=(math.inf, 0))
    return number if distance <= reach else None


def hit_line(points: Sequence[Point], at: Point, reach: float) -> bool:
    """Return whether a line through `points` comes within `reach` of a place."""
    if len(points) == 1:
        return math.dist(points[0], at) <= reach
    return any(_distance_to_segment(at, *ends) <= reach for ends in pairwise(points))


def _distance_to_segment(at: Point, start: Point, end: Point) -> float:
    dx, dy = end[0] - start[0], end[1] - start[1]
    whole = dx * dx + dy * dy
    share = 0.0
    if whole:
        share = min(max(((at[0] - start[0]) * dx + (at[1] - start[1]) * dy) / whole, 0.0), 1.0)
    return math.dist(at, (start[0] + share * dx, start[1] + share * dy))


def nice_length(most: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is at most `most`, above 0."""
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5.0, 2.0, 1.0) if step * power <= most * (1 + 1e-9))
