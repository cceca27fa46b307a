"""Small pictures of slices for the worklist."""

from __future__ import annotations

import cv2
import numpy as np

from braintumor_desktop.imaging.slice import MRISlice

SIDE = 64


def thumbnail_jpeg(mri: MRISlice) -> bytes:
    """The slice in the window that its file proposes, else in its range, as grey JPEG.

    At most `SIDE` pixels a side, square pixels assumed, without anything that names the patient.
    """
    height, width = mri.pixels.shape
    scale = SIDE / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(mri.pixels, size, interpolation=cv2.INTER_AREA))
    if mri.window is not None:
        low = mri.window.center - mri.window.width / 2
        high = low + mri.window.width
    else:
        low, high = (float(value) for value in np.percentile(small, (0.5, 99.5)))
    grey = np.clip((small - low) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
    encoded: bytes = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
    return encoded
