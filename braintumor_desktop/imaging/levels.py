"""Levels of brightness, counted once for all who ask: the picture's checks, and preparing."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import ByteLevels, FloatImage

_COUNTABLE = 2**24  # OpenCV gives out counts as float32, exact up to here


def byte_levels(pixels: FloatImage) -> ByteLevels:
    """Return the pixels, float32 (height, width), as bytes with their counts, where they fit.

    Those of most files do: whole numbers from 0 to 255. Counting such is several times as fast as
    sorting or scaling.
    """
    if pixels.size <= _COUNTABLE:
        levels = np.asarray(cv2.convertScaleAbs(pixels), np.uint8)
        if np.array_equal(levels.astype(np.float32), pixels):
            return ByteLevels(pixels, levels, counts_of(levels))
    return ByteLevels(pixels)


def counts_of(
    levels: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None
) -> NDArray[np.int64]:
    """Return how many pixels have each level, int64 (256,); of those inside a mask, if given."""
    counts = cv2.calcHist([levels], [0], mask, [256], [0, 256])
    return np.asarray(counts.ravel(), np.int64)


def stretched(pixels: FloatImage, known: ByteLevels) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the pixels from 0 (the darkest) to 255 (the brightest), and how many have each level.

    uint8 (height, width) and int64 (256,). `known` is what `byte_levels` says of the same pixels.
    """
    if known.levels is None or known.counts is None:
        levels = _scaled(pixels, float(pixels.min()), float(pixels.max()))
        return levels, counts_of(levels)
    present = np.flatnonzero(known.counts)
    low, high = int(present[0]), int(present[-1])
    if (low, high) == (0, 255):
        return known.levels, known.counts
    table = _scaled(np.arange(256, dtype=np.float32), low, high)
    counts = np.bincount(table.ravel(), weights=known.counts, minlength=256).astype(np.int64)
    return np.asarray(cv2.LUT(known.levels, table), np.uint8), counts


def _scaled(values: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    scale = 255.0 / (high - low) if high > low else 0.0
    return np.asarray(cv2.convertScaleAbs(values, alpha=scale, beta=-low * scale), np.uint8)
