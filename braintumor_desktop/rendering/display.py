"""From numbers to what the screen shows; free of Qt.

Nothing here reaches the network: windowing, inversion and the heat map's colours are for eyes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import DisplayWindow, FloatImage, MRISlice

UNIT_WINDOW = DisplayWindow(center=0.5, width=1.0)

# The upper part of matplotlib's "inferno" (CC0): lightness rises evenly, in print and without
# colour vision alike. The darkest part is left out, since it would only dim the anatomy.
HEAT_COLOURS = ("#4a0c6b", "#781c6d", "#a52c60", "#cf4446", "#ed6925", "#fb9b06", "#f7d13d")
HEAT_OPACITY = 0.55


def default_window(mri: MRISlice) -> DisplayWindow:
    """The window that the file proposes, else one from the 0.5th to the 99.5th percentile."""
    if mri.window is not None:
        return mri.window
    step = max(1, max(mri.pixels.shape) // 512)
    sample = mri.pixels[::step, ::step]
    low, high = (float(value) for value in np.percentile(sample, (0.5, 99.5)))
    if high <= low:
        low, high = float(mri.pixels.min()), float(mri.pixels.max())
    width = high - low
    return DisplayWindow((low + high) / 2, width if width > 0 else 1.0)


def adjusted_window(
    window: DisplayWindow, base: DisplayWindow, wider: float, higher: float
) -> DisplayWindow:
    """`window` made wider and raised by fractions of the width of `base`; never of no width."""
    width = max(window.width + wider * base.width, base.width / 256)
    return DisplayWindow(window.center + higher * base.width, width)


def to_grey(pixels: FloatImage, window: DisplayWindow, inverted: bool = False) -> NDArray[np.uint8]:
    """Grey values 0 to 255, same shape, C-contiguous: linear between `center` ± `width` / 2.

    DICOM PS3.3 C.11.2.1.3.2 (LINEAR_EXACT).
    """
    scaled = (pixels - np.float32(window.center - window.width / 2)) * np.float32(
        255 / window.width
    )
    np.clip(scaled, 0, 255, out=scaled)
    grey: NDArray[np.uint8] = np.rint(255 - scaled if inverted else scaled).astype(np.uint8)
    return grey


def heat_rgba(values: NDArray[np.float32], side: int = 128) -> NDArray[np.uint8]:
    """A heat map (rows, columns) as straight RGBA (side, side, 4), smooth.

    Strength runs from the map's median, or from 0 where that is negative, to its maximum: what
    speaks for the class everywhere alike, or against it, says nothing of where, and is transparent.
    Opacity rises with strength.
    """
    rows = _cubic_weights(values.shape[0], side)
    columns = _cubic_weights(values.shape[1], side)
    smooth = rows @ values.astype(np.float64) @ columns.T
    base, top = max(0.0, float(np.median(values))), float(values.max())
    strength = np.clip((smooth - base) / (top - base), 0, 1) if top > base else smooth * 0
    rgba = np.empty((side, side, 4), np.uint8)
    rgba[..., :3] = heat_colour(strength)
    rgba[..., 3] = np.rint(255 * HEAT_OPACITY * _smoothstep(strength, 0.1, 0.8))
    return rgba


def heat_colour(strength: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The heat map's colours for strengths in [0, 1]: shape (…) → (…, 3)."""
    anchors = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in HEAT_COLOURS])
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
