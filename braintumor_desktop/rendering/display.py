"""From a slice's values to the greys of window, report, thumbnail and exported picture.

Nothing here reaches the network: windowing and inversion are for eyes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import DisplayWindow, FloatImage, MRISlice

UNIT_WINDOW = DisplayWindow(center=0.5, width=1.0)


def default_window(mri: MRISlice) -> DisplayWindow:
    """The window that the file proposes, else one from the 0.5th to the 99.5th percentile."""
    if mri.window is not None:
        return mri.window
    step = max(1, max(mri.pixels.shape) // 128)
    ranked = np.sort(mri.pixels[::step, ::step], axis=None)  # faster than np.percentile
    last = ranked.size - 1
    low, high = (float(ranked[round(share * last)]) for share in (0.005, 0.995))
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
