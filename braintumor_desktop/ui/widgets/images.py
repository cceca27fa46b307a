"""Arrays to QImage. Safe outside the interface's thread: QImage is, QPixmap is not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.turning import upright
from braintumor_desktop.rendering.display import default_window, to_grey

THUMBNAIL = 96


def grey_image(grey: NDArray[np.uint8]) -> QImage:
    """A grey array (height, width) as an image that owns its memory."""
    grey = np.ascontiguousarray(grey)
    height, width = grey.shape
    return QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8).copy()


def rgba_image(rgba: NDArray[np.uint8]) -> QImage:
    """A straight RGBA array (height, width, 4) as an image that owns its memory."""
    rgba = np.ascontiguousarray(rgba)
    height, width = rgba.shape[:2]
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def thumbnail(mri: MRISlice) -> QImage:
    """The slice as it is looked at, in its default window, at most `THUMBNAIL` pixels a side."""
    step = max(1, min(mri.pixels.shape) // (2 * THUMBNAIL))
    pixels = upright(mri.pixels, mri.turn)
    grey = to_grey(pixels[::step, ::step], default_window(mri))
    width, height = mri.size_within(THUMBNAIL)
    if mri.turn >= 5:  # rows and columns change places
        width, height = height, width
    return grey_image(grey).scaled(
        width,
        height,
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
