"""What the network sees: the one author of the preprocessing, for training and app alike.

The recipe is the one that the student project took over (`Preprocessing.py` in
github.com/masoudnick/Brain-Tumor-MRI-Classification): grey, smooth, threshold, erode and dilate,
the largest outer contour's extreme points, crop, resize. It differs where that recipe breaks:

- its threshold of 45 on 0-255 is taken as 45/255 of the slice's own range of brightness, so that
  16-bit, signed and dim slices are treated alike;
- what lies outside the 0.5th and 99.5th percentile does not stretch that range, so that a small
  bright label neither dims the head nor wins;
- every part of a good size is kept, not the largest alone, and if a good share of the brightness
  would be lost the slice stays whole;
- the aspect ratio, in millimetres where the file has them, is kept: the rest of the square is 0.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from braintumor_desktop import versions
from braintumor_desktop.domain.image import Crop, FloatImage, MRISlice, PreparedSlice
from braintumor_desktop.errors import BlankSliceError, UnsupportedImageError
from braintumor_desktop.imaging.levels import byte_levels, counts_of
from braintumor_desktop.imaging.turning import upright

VERSION = versions.PREPROCESSING
"""What networks are trained on; a model answers only for its own version."""

_MOST = 1e30  # differences and sums of such values still fit float32
_STEPS = 2**14  # float32 tells at least 512 levels apart in a range this much below its values
_DETECTION_SIDE = 256  # the seed's size: its kernels and iterations are meant for it
_THRESHOLD = 45 / 255
_QUANTILES = (0.005, 0.995)
_MARGIN = 0.02  # of the longer side: the scalp's soft edge lies below the threshold
_PART = 0.1  # a part of at least this share of the largest part's area belongs to the head
_KEPT_BRIGHTNESS = 0.9  # a crop that keeps less of the slice's brightness has missed the head


class _Box(NamedTuple):
    """Half-open pixel bounds."""

    left: int
    top: int
    right: int
    bottom: int


def prepare(mri: MRISlice, size: int) -> PreparedSlice:
    """Crop the head out of a slice and bring it to the network's size and range.

    Returns float32 (size, size) in [0, 1], the head centred and as it is looked at (`mri.turn`),
    and the crop that maps back to the source. Raises `BlankSliceError` where at least 99 % of the
    pixels have one value and `UnsupportedImageError` where one is beyond 1e30 or they are too large
    for their differences.
    """
    pixels = np.ascontiguousarray(upright(mri.pixels, mri.turn))
    counted = mri.byte_levels
    if counted is None or counted.of is not mri.pixels:
        counted = byte_levels(mri.pixels)
    levels = None if counted.levels is None else upright(counted.levels, mri.turn)
    if levels is None and max(-pixels.min(), pixels.max()) > _MOST:
        raise UnsupportedImageError("The image has values that are no brightness: beyond 1e30.")
    spacing_mm = mri.spacing_mm or (1.0, 1.0)
    if mri.turn >= 5:  # rows and columns change places
        spacing_mm = spacing_mm[1], spacing_mm[0]
    rows_mm, columns_mm = spacing_mm
    box = _head_box(pixels, counted.counts, spacing_mm)
    inside = slice(box.top, box.bottom), slice(box.left, box.right)
    head, head_counts = pixels[inside], None if levels is None else counts_of(levels[inside])
    height, width = head.shape
    scale = size / max(height * rows_mm, width * columns_mm)
    out_height = max(1, round(height * rows_mm * scale))
    out_width = max(1, round(width * columns_mm * scale))
    resized = _resize(head, out_width, out_height)
    top, left = (size - out_height) // 2, (size - out_width) // 2
    square = np.zeros((size, size), np.float32)
    square[top : top + out_height, left : left + out_width] = _to_unit(
        resized, *_brightness_range(head, head_counts)
    )
    x_step, y_step = width / out_width, height / out_height  # source pixels per prepared pixel
    crop = Crop(
        left=box.left - left * x_step,
        top=box.top - top * y_step,
        width=size * x_step,
        height=size * y_step,
        image_width=pixels.shape[1],
        image_height=pixels.shape[0],
    )
    return PreparedSlice(square, _in_source(crop, mri.turn), mri.spacing_mm, mri.sequence)


def _in_source(crop: Crop, turn: int) -> Crop:
    """A crop of the turned slice, as that of the slice as it is stored."""
    left, top, width, height = crop.left, crop.top, crop.width, crop.height
    image_width, image_height = crop.image_width, crop.image_height
    if turn in (3, 4, 7, 8):
        top = image_height - top - height
    if turn in (2, 3, 6, 7):
        left = image_width - left - width
    if turn >= 5:
        return Crop(top, left, height, width, image_height, image_width, turn)
    return Crop(left, top, width, height, image_width, image_height, turn)


def _float32(array: ArrayLike) -> FloatImage:
    return np.asarray(array, np.float32)


def _brightness_range(
    pixels: FloatImage, counts: NDArray[np.int64] | None = None
) -> tuple[float, float]:
    """The 0.5th and 99.5th percentile, to the last bit those of `np.percentile`.

    Linear between the two values beside each (Hyndman & Fan 1996, definition 7). `counts` says
    how many pixels have each level, where all are bytes.
    """
    places = [(pixels.size - 1) * quantile for quantile in _QUANTILES]
    indices = [index for place in places for index in (int(place), math.ceil(place))]
    values: NDArray[Any]
    if counts is not None:
        values = np.cumsum(counts).searchsorted(indices, side="right")
    else:
        values = np.partition(pixels, indices, axis=None)[indices]
    low = _between(values[0], values[1], places[0] % 1)
    high = _between(values[2], values[3], places[1] % 1)
    if not high > low:
        raise BlankSliceError("The image is blank: nearly all of its pixels have the same value.")
    if max(-low, high) > _STEPS * (high - low):
        raise UnsupportedImageError(
            "The image has levels of brightness too close together for values so large."
        )
    return low, high


def _between(low: np.number[Any], high: np.number[Any], part: float) -> float:
    """`part` of the way from `low` to `high`, as NumPy has it: in float64 from the nearer end."""
    step = float(high - low)
    return float(low) + step * part if part < 0.5 else float(high) - step * (1 - part)


def _to_unit(pixels: FloatImage, low: float, high: float) -> FloatImage:
    shifted = pixels - low
    shifted /= high - low
    return _float32(np.clip(shifted, 0, 1, out=shifted))


def _resize(pixels: FloatImage, width: int, height: int) -> FloatImage:
    shrinks = height <= pixels.shape[0] and width <= pixels.shape[1]
    interpolation = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return _float32(cv2.resize(pixels, (width, height), interpolation=interpolation))


def _head_box(
    pixels: FloatImage, counts: NDArray[np.int64] | None, spacing_mm: tuple[float, float]
) -> _Box:
    """The bounds of the head, with a margin; the whole slice where no head stands out."""
    height, width = pixels.shape
    whole = _Box(0, 0, width, height)
    rows_mm, columns_mm = spacing_mm
    # Square pixels, so that eroding takes as much from every side.
    step_mm = max(height * rows_mm / _DETECTION_SIDE, width * columns_mm / _DETECTION_SIDE)
    step_mm = max(step_mm, min(spacing_mm))
    small_width = max(1, round(width * columns_mm / step_mm))
    small_height = max(1, round(height * rows_mm / step_mm))
    small = _to_unit(_resize(pixels, small_width, small_height), *_brightness_range(pixels, counts))
    smooth = _float32(cv2.GaussianBlur(small, (3, 3), 0))
    mask = (smooth > _threshold(smooth)).astype(np.uint8)
    mask = cv2.morphologyEx(  # erodes twice, then dilates twice
        mask,
        cv2.MORPH_OPEN,
        np.ones((3, 3), np.uint8),
        iterations=2,
        borderType=cv2.BORDER_CONSTANT,
        borderValue=0,  # beyond the border counts as dark: a head cut by it ends there
    ).astype(np.uint8)
    found = _extreme_points(mask)
    if found is None:
        return whole
    bright = smooth * mask
    inside = bright[found.top : found.bottom, found.left : found.right]
    if float(inside.sum()) < _KEPT_BRIGHTNESS * float(bright.sum()):
        return whole
    x_scale, y_scale = width / small_width, height / small_height
    margin = _MARGIN * max(found.right - found.left, found.bottom - found.top)
    return _Box(
        max(0, int(np.floor((found.left - margin) * x_scale))),
        max(0, int(np.floor((found.top - margin) * y_scale))),
        min(width, int(np.ceil((found.right + margin) * x_scale))),
        min(height, int(np.ceil((found.bottom + margin) * y_scale))),
    )


def _threshold(smooth: FloatImage) -> float:
    """Where tissue begins, in [0, 1]: Otsu's threshold of the fourth root, at most the seed's.

    The root spreads out the dark end, where a faint scalp differs from the background's noise.
    """
    root = (np.sqrt(np.sqrt(smooth)) * 255).astype(np.uint8)
    otsu, _ = cv2.threshold(root, 0, 255, cv2.THRESH_OTSU)
    return float(min(_THRESHOLD, (otsu / 255) ** 4))


def _extreme_points(mask: NDArray[np.uint8]) -> _Box | None:
    """The bounds of the largest outer contour and of those nearly as large."""
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    areas = [cv2.contourArea(contour) for contour in contours]
    if not areas or max(areas) == 0:
        return None
    parts = [c for c, area in zip(contours, areas, strict=True) if area >= _PART * max(areas)]
    points = np.concatenate(parts)[:, 0]
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0) + 1
    return _Box(int(left), int(top), int(right), int(bottom))
