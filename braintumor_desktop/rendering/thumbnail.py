"""Small pictures of slices for the worklist."""

from __future__ import annotations

import cv2
import numpy as np

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.turning import upright
from braintumor_desktop.rendering.display import default_window, to_grey

SIDE = 64


def thumbnail_jpeg(mri: MRISlice, side: int = SIDE) -> bytes:
    """Return the slice in its first window, as the viewer opens it, as grey JPEG.

    Turned as it is looked at, at most `side` pixels a side, without anything that names the
    patient.
    """
    size = mri.size_within(side)
    pixels = mri.pixels
    if mri.turn > 1:
        pixels = np.ascontiguousarray(upright(pixels, mri.turn))
        size = size[::-1] if mri.turn >= 5 else size  # rows and columns change places
    if (
        2 * size[0] < pixels.shape[1] and 2 * size[1] < pixels.shape[0]
    ):  # the mean of four pixels says enough, and is quickly got
        twice = 2 * size[0], 2 * size[1]
        pixels = np.asarray(cv2.resize(pixels, twice, interpolation=cv2.INTER_NEAREST), np.float32)
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    grey = to_grey(small, default_window(mri))
    encoded: bytes = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
    return encoded
