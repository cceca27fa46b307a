"""From the network's mask to outlines in the source's pixels."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from contourpy import FillType, contour_generator
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import Polygon, area
from braintumor_desktop.domain.image import Crop

THRESHOLD = 0.5
_SMALLEST = 0.5  # cells: less is the mask's noise


def outlines(mask: NDArray[np.float32], crop: Crop) -> tuple[Polygon, ...]:
    """The outlines of what the network takes for tumour, the largest first, without their holes.

    `mask` is float32 (rows, columns), each cell's probability to lie in a tumour; the cells tile
    the prepared slice, which `crop` places in the source. An outline is where the probability,
    linear between the cells' centres, is 0.5; it ends at the source's border.
    """
    rows, columns = mask.shape
    padded = np.pad(mask, 1)  # so that every line closes
    generator = contour_generator(z=padded, fill_type=FillType.OuterOffset)
    filled = cast("tuple[list[Polygon], list[Any]]", generator.filled(THRESHOLD, np.inf))
    points, offsets = filled
    cells = [ring[: int(ends[1])] - 0.5 for ring, ends in zip(points, offsets, strict=True)]
    smallest = _SMALLEST * (crop.width / columns) * (crop.height / rows)
    polygons = [_in_source(ring[:-1], crop, rows, columns) for ring in cells]
    large = (polygon for polygon in polygons if area(polygon) > smallest)
    return tuple(sorted(large, key=area, reverse=True))


def _in_source(cells: NDArray[np.float64], crop: Crop, rows: int, columns: int) -> Polygon:
    """Points in cells, edges counting from 0, in the source and no further than its border."""
    x = crop.left + cells[:, 0] * crop.width / columns
    y = crop.top + cells[:, 1] * crop.height / rows
    return np.column_stack([np.clip(x, 0, crop.image_width), np.clip(y, 0, crop.image_height)])
