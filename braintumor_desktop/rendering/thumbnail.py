"""Small pictures of slices for the worklist."""

from __future__ import annotations

import cv2
import numpy as np

from braintumor_desktop.domain.image import MRISlice

SIDE = 64


def thumbnail_jpeg(mri: MRISlice) -> bytes:
    """The slice in the window that its file proposes, else in its range, as grey JPEG.

    At most `SIDE` pixels a side, without anything that names the patient.
    """
    size = mri.size_within(SIDE)
    pixels = mri.pixels
    if (
        2 * size[0] < pixels.shape[1] and 2 * size[1] < pixels.shape[0]
    ):  # the mean of four pixels says enough, and is quickly got
        twice = 2 * size[0], 2 * size[1]
        pixels = np.asarray(cv2.resize(pixels, twice, interpolation=cv2.INTER_NEAREST), np.float32)
    small = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
    if mri.window is not None:
        low = mri.window.center - mri.window.width / 2
        high = low + mri.window.width
    else:
        ranked = np.sort(small, axis=None)
        low, high = (float(ranked[round(share * (small.size - 1))]) for share in (0.005, 0.995))
    grey = np.clip((small - low) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
    encoded: bytes = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
    return encoded
