"""Views of slices that the network should not answer for, to teach it to say so.

Outlier exposure (Hendrycks et al. 2019, "Deep anomaly detection with outlier exposure").
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


def outlier(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A slice, float32 (size, size) in [0, 1], made unlike one.

    Upside down or turned by 90° (half of the time), inverted, cut to a part, or its tiles shuffled.
    """
    kind = rng.choice(5, p=(0.25, 0.25, 0.2, 0.15, 0.15))
    if kind == 0:
        return _upside_down(pixels)
    if kind == 1:
        return _on_its_side(pixels, rng)
    if kind == 2:
        return _inverted(pixels, rng)
    if kind == 3:
        return _part(pixels, rng)
    return _shuffled(pixels, rng)


def turned(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A slice, float32 (size, size), upside down or, as often, turned by 90°."""
    return _upside_down(pixels) if rng.random() < 0.5 else _on_its_side(pixels, rng)


def _upside_down(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[::-1])


def _on_its_side(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, rng.choice((-1, 1))))


def _inverted(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Dark where it was bright; the bright surroundings then belong to the picture."""
    size = pixels.shape[0]
    small = int(size * rng.uniform(0.6, 1.0))
    inner = np.asarray(cv2.resize(pixels, (small, small), interpolation=cv2.INTER_AREA))
    inner = np.clip(inner, 0, 1)  # a hair above 1 would come out below 0, and its power as NaN
    before = (size - small) // 2
    after = size - small - before
    return np.asarray(1 - np.pad(inner, (before, after)), np.float32)


def _part(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    size = pixels.shape[0]
    side = int(size * rng.uniform(0.2, 0.45))
    top, left = rng.integers(size // 8, size - size // 8 - side, 2)
    part = pixels[top : top + side, left : left + side]
    darkest, brightest = part.min(), part.max()
    part = (part - darkest) / max(brightest - darkest, 1e-3)
    return np.asarray(cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)


def _shuffled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    count = int(rng.integers(3, 6))
    side = pixels.shape[0] // count
    used = pixels[: side * count, : side * count]
    tiles = used.reshape(count, side, count, side).swapaxes(1, 2).reshape(-1, side, side)
    mixed = rng.permutation(tiles).reshape(count, count, side, side).swapaxes(1, 2)
    view = pixels.copy()
    view[: side * count, : side * count] = mixed.reshape(side * count, side * count)
    return view
