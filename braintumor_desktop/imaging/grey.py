"""One grey value for each pixel: colour, alpha and orientation of ordinary image files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import FloatImage, ReadWarning

# Luma weights of red, green and blue in thousandths, ITU-R BT.601-7 section 2.5.1: those by which
# JPEG makes Y. In thousandths the sum of whole numbers is exact, so that every processor and every
# system finds the same value; OpenCV's own sum in float32 depends on whether its build fuses
# multiplication with addition: that for Linux does with AVX2, that for Windows never does.
LUMA = (299.0, 587.0, 114.0)
_LUMA_SUM = 1000.0

# JPEG leaves a few levels of colour noise in grey pictures. A picture counts as coloured where
# more than one pixel in a thousand has channels further apart than a sixteenth of full scale; of
# more than 8 bits, which JPEG's noise is not, than a sixteenth of its bright pixels: few fill their
# 16.
COLOUR_SPREAD = 1 / 16
COLOUR_SHARE = 1 / 1000
# Marks are coloured strongly, on few pixels: JPEG's noise never reaches a quarter of full scale.
MARK_SPREAD = 1 / 4
MARK_PIXELS = 10
_BYTE = 255.0
_BAND_PIXELS = 2**20


def to_grey(
    samples: NDArray[Any], full_scale: float, alpha_applied: bool = False
) -> tuple[FloatImage, tuple[ReadWarning, ...]]:
    """Grey values of integer or float samples, in the samples' own units.

    `samples` is (height, width) or (height, width, channels), with channels grey + alpha, red +
    green + blue, or red + green + blue + alpha. `full_scale` is white's value and the alpha of an
    opaque pixel. Where the three colours are equal everywhere, that channel is returned exactly;
    otherwise the luma of ITU-R BT.601, of whole numbers the float32 nearest to it. Pixels that are
    not opaque are laid over black, unless the file has done so (`alpha_applied`). Returns float32
    (height, width) and warnings of the kinds `colour`, `drawn` (a coloured mark) and `alpha`.
    """
    warnings: list[ReadWarning] = []
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    if channels >= 3:
        grey = _luma(samples[..., :3], full_scale, warnings)
    else:
        grey = (samples if samples.ndim == 2 else samples[..., 0]).astype(np.float32)
    if channels in (2, 4):
        alpha = samples[..., -1]
        if (alpha != full_scale).any():
            if not alpha_applied:
                grey = grey * (alpha.astype(np.float32) / np.float32(full_scale))
            warnings.append(
                ReadWarning("alpha", "Parts of the picture are transparent; they are shown black.")
            )
    return np.ascontiguousarray(grey, dtype=np.float32), tuple(warnings)


def _luma(rgb: NDArray[Any], full_scale: float, warnings: list[ReadWarning]) -> FloatImage:
    """The common channel of (height, width, 3), or its luma; appends the colour warning."""
    common = _common_channel(rgb)
    if common is not None:
        return common
    white = full_scale if full_scale <= _BYTE else _bright(rgb)
    coloured = strongly = 0
    luma = np.empty(rgb.shape[:2], np.float32)
    # Band by band: of the largest pictures a channel in float64 is 512 MB.
    exact = np.float32 if rgb.dtype == np.uint8 else np.float64  # 255,000 is exact in either
    for rows in _bands(rgb):
        red, green, blue = _channels(rgb[rows])
        spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
        coloured += int(np.count_nonzero(spread > white * COLOUR_SPREAD))
        strongly += int(np.count_nonzero(spread > white * MARK_SPREAD))
        total = np.multiply(red, exact(LUMA[0]), dtype=exact)
        total += np.multiply(green, exact(LUMA[1]), dtype=exact)
        total += np.multiply(blue, exact(LUMA[2]), dtype=exact)
        luma[rows] = total / exact(_LUMA_SUM)
    share = coloured / luma.size
    if share > COLOUR_SHARE:
        warnings.append(
            ReadWarning(
                "colour",
                "The picture is coloured ({percent} % of its pixels); its brightness is used.",
                (("percent", round(100 * share, 1)),),
            )
        )
    elif strongly >= MARK_PIXELS:
        warnings.append(
            ReadWarning("drawn", "Something coloured is drawn into the picture, as by a viewer.")
        )
    return luma


def _common_channel(rgb: NDArray[Any]) -> FloatImage | None:
    """The first channel where all three are equal, else None."""
    grey = np.empty(rgb.shape[:2], np.float32)
    for rows in _bands(rgb):
        red, green, blue = _channels(rgb[rows])
        if not (np.array_equal(red, green) and np.array_equal(green, blue)):
            return None
        grey[rows] = red
    return grey


def _channels(rgb: NDArray[Any]) -> Sequence[NDArray[Any]]:
    """The three channels; OpenCV takes them apart several times as fast, where it has the type."""
    if rgb.dtype in (np.uint8, np.uint16):
        return cv2.split(np.ascontiguousarray(rgb))
    return [rgb[..., channel] for channel in range(3)]


def _bright(rgb: NDArray[Any]) -> float:
    """The level that one pixel in a thousand exceeds in one of its colours."""
    highest = np.concatenate([rgb[rows].max(axis=2).ravel() for rows in _bands(rgb)])
    place = min(len(highest) - 1, math.ceil((1 - COLOUR_SHARE) * (len(highest) - 1)))
    return float(np.partition(highest, place)[place])


def _bands(rgb: NDArray[Any]) -> Iterator[slice]:
    height = max(1, _BAND_PIXELS // rgb.shape[1])
    return (slice(top, top + height) for top in range(0, rgb.shape[0], height))
