"""From the network's mask to outlines in the source's pixels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.imaging.slice import Crop

Polygon = NDArray[np.float64]
"""Float64 (points, 2) as [x, y] in source pixels, edges counting from 0; closed by itself."""

THRESHOLD = 0.5
_GRID = 512  # fine enough that a contour of pixels is a smooth line
_SMALLEST = 1e-4  # of the prepared slice's area: less is the mask's noise


def outlines(mask: NDArray[np.float32], crop: Crop) -> tuple[Polygon, ...]:
    """The outlines of what the network takes for tumour, the largest first.

    `mask` is float32 (rows, columns), each cell's probability to lie in a tumour; the cells tile
    the prepared slice, which `crop` places in the source. Outlines end at the source's border.
    """
    fine = cv2.resize(mask, (_GRID, _GRID), interpolation=cv2.INTER_LINEAR)
    inside = (np.asarray(fine) > THRESHOLD).astype(np.uint8)
    found, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    smooth = [cv2.approxPolyDP(contour, 1.0, closed=True)[:, 0] for contour in found]
    large = [points for points in smooth if cv2.contourArea(points) > _SMALLEST * _GRID**2]
    polygons = [_in_source(points, crop) for points in large]
    return tuple(sorted((p for p in polygons if area(p) > 0), key=area, reverse=True))


def area(polygon: Polygon) -> float:
    """The area inside a polygon, in square source pixels, by the shoelace formula."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)


def _in_source(points: NDArray[Any], crop: Crop) -> Polygon:
    x, y = crop.to_source(points[:, 0] + 0.5, points[:, 1] + 0.5, _GRID)
    return np.column_stack([np.clip(x, 0, crop.image_width), np.clip(y, 0, crop.image_height)])
