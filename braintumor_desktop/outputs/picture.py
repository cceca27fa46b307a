"""A picture of what is seen, as PNG or JPEG."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.outputs.atomic import ExportError, whole_file

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg")
JPEG_QUALITY = 95


def write_picture(path: Path, rgb: NDArray[np.uint8]) -> None:
    """Write RGB pixels, uint8 (height, width, 3), in the format of the file's ending.

    The file is there whole or not at all, and holds nothing but the picture: no name, no date.

    Raises
    ------
    ExportError
        If the ending is none of `PICTURE_SUFFIXES`, or the file cannot be written.

    """
    suffix = path.suffix.lower()
    if suffix not in PICTURE_SUFFIXES:
        raise ExportError(
            "{name} cannot be written: pictures are PNG or JPEG files.", name=path.name
        )
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY] if suffix != ".png" else []
    encoded = cv2.imencode(suffix, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), options)[1].tobytes()
    with whole_file(path) as part:
        part.write_bytes(encoded)
