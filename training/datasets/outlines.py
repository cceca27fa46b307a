"""The radiologists' outlines, as masks on prepared slices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import Crop

Polygon = NDArray[np.float64]
"""Float64 (points, 2) as [x, y], pixel centres counting from 0."""

FIGSHARE_SIDE = 512
_SHIFT = 4  # cv2.fillPoly takes sixteenths of a pixel


def read_figshare_outlines(path: Path) -> dict[str, tuple[str, Polygon]]:
    """Label and outline of each figshare slice, by slice_id, in its 512x512 pixels."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return {row["slice_id"]: (row["label"], np.array(row["polygon"], float)) for row in rows}


def in_file(polygon: Polygon, width: int, mirrored: bool) -> Polygon:
    """A figshare outline in the pixels of a file of `width` that shows the slice, or its mirror."""
    scaled = (polygon + 0.5) * (width / FIGSHARE_SIDE) - 0.5
    if mirrored:
        scaled[:, 0] = width - 1 - scaled[:, 0]
    return scaled


def prepared_mask(polygons: Sequence[Polygon], crop: Crop, size: int) -> NDArray[np.uint8]:
    """The outlines filled on the prepared slice: 0 or 1, uint8 (size, size)."""
    scale = np.array([size / crop.width, size / crop.height])
    corner = np.array([crop.left, crop.top])
    mask = np.zeros((size, size), np.uint8)
    for polygon in polygons:
        points = (polygon + 0.5 - corner) * scale - 0.5
        cv2.fillPoly(mask, [np.round(points * 2**_SHIFT).astype(np.int32)], 1, shift=_SHIFT)
    return mask


def mask_picture(path: Path, crop: Crop, size: int) -> NDArray[np.uint8]:
    """Return a picture of a tumour, above 0 inside, on the prepared slice: uint8 (size, size)."""
    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    x, y = crop.width / size, crop.height / size
    matrix = np.array([[x, 0, crop.left + 0.5 * x - 0.5], [0, y, crop.top + 0.5 * y - 0.5]])
    inside = (np.asarray(picture) > 0).astype(np.float32)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(inside, matrix, (size, size), flags=flags) > 0.5, np.uint8)
