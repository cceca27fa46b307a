"""JPEG: the segments are walked and checked by `jpeg_structure`, OpenCV decodes.

libjpeg fills what is missing from a cut file with grey and says so on stderr only. So the walk
wants an end marker, and `_decode_checked` wants the picture to end where its data end.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.jpeg_structure import Structure, walk
from braintumor_desktop.imaging.raster import Raster

SIGNATURE = b"\xff\xd8\xff"

# libjpeg's bit buffer has 64 bits: it reads up to so many bytes beyond the last one it needs.
_LOOK_AHEAD = bytes(8)


def decode(data: bytes) -> Raster:
    """The picture of a JPEG file: baseline, extended or progressive Huffman, 8 bits.

    CMYK and YCCK files are those of Adobe, inverted; without Adobe's marker it is undecided
    whether 0 means ink or paper, and they are refused. Bytes after the end marker are ignored.
    Raises TruncatedFileError, UnsupportedImageError, DimensionsError.
    """
    structure = walk(data)
    if structure.components == 4 and not structure.adobe:
        raise UnsupportedImageError(
            "The JPEG file is CMYK without Adobe's marker: whether its values mean ink or light "
            "is undecided."
        )
    samples = _decode_checked(data, structure)
    if samples.ndim == 3:
        samples = _red_first(samples)
    return Raster(samples, 255.0, structure.orientation)


def _red_first(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """OpenCV's blue, green, red turned round, each colour in one piece: so they compare fast."""
    planes = np.empty((3, *samples.shape[:2]), np.uint8)
    cv2.split(samples, [planes[2], planes[1], planes[0]])
    return planes.transpose(1, 2, 0)


def _decode_checked(data: bytes, structure: Structure) -> NDArray[np.uint8]:
    """Decode, and refuse a picture that does not end where its data end.

    A sequential file of one scan is handed to OpenCV without its end marker: OpenCV then gives
    nothing where libjpeg wants more bytes than there are, instead of filling up with grey. Of
    other files only the segments are checked.
    """
    if structure.one_scan:
        whole = np.frombuffer(data[: structure.end] + _LOOK_AHEAD, np.uint8)
    else:
        whole = np.frombuffer(data, np.uint8, structure.end + 2)
    samples = cv2.imdecode(whole, cv2.IMREAD_UNCHANGED)
    if samples is None or samples.shape[:2] != (structure.height, structure.width):
        raise TruncatedFileError("The JPEG file's image data end before the picture is whole.")
    return np.asarray(samples, dtype=np.uint8)
