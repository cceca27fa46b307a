"""The heat map as a tint: one formula for window, report, Secondary Capture and export."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.rendering.palette import HEAT_COLOURS, rgb

HEAT_OPACITY = 0.55


def heat_rgba(
    values: NDArray[np.float32], side: int = 128, opacity: float = HEAT_OPACITY
) -> NDArray[np.uint8]:
    """Return a heat map (rows, columns) as straight RGBA, uint8 (side, side, 4), smooth.

    Strength runs from the map's median, or from 0 where that is negative, to its maximum: what
    speaks for the class everywhere alike, or against it, says nothing of where, and is transparent.
    Opacity rises with strength to `opacity`, in [0, 1]. The array covers the map's crop.
    """
    rows = _cubic_weights(values.shape[0], side)
    columns = _cubic_weights(values.shape[1], side)
    smooth = rows @ values.astype(np.float64) @ columns.T
    base, top = max(0.0, float(np.median(values))), float(values.max())
    strength = np.clip((smooth - base) / (top - base), 0, 1) if top > base else smooth * 0
    rgba = np.empty((side, side, 4), np.uint8)
    rgba[..., :3] = heat_colour(strength)
    rgba[..., 3] = np.rint(255 * opacity * _smoothstep(strength, 0.1, 0.8))
    return rgba


def heat_colour(strength: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the heat map's colours for strengths in [0, 1]: shape (…) → uint8 (…, 3)."""
    anchors = np.array([rgb(colour) for colour in HEAT_COLOURS])
    stops = np.linspace(0, 1, len(anchors))
    channels = [np.interp(strength, stops, anchors[:, channel]) for channel in range(3)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colours


def _smoothstep(x: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _cubic_weights(cells: int, side: int) -> NDArray[np.float64]:
    """Catmull-Rom weights (side, cells): cell centres to pixel centres, edges repeated.

    Keys (1981), "Cubic convolution interpolation for digital image processing", a = -1/2.
    """
    position = (np.arange(side) + 0.5) * cells / side - 0.5
    first = np.floor(position).astype(int)
    weights = np.zeros((side, cells))
    for offset in (-1, 0, 1, 2):
        d = np.abs(position - (first + offset))
        near = 1.5 * d**3 - 2.5 * d**2 + 1
        far = -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
        weight = np.where(d <= 1, near, np.where(d < 2, far, 0))
        np.add.at(weights, (np.arange(side), np.clip(first + offset, 0, cells - 1)), weight)
    return weights
