"""JPEG: the segments are walked and checked by `jpeg_structure`, OpenCV decodes.

libjpeg fills what is missing from a damaged file with grey, skips what is left over, and says so on
stderr only. So the walk wants an end marker, and the picture has to end where its data end. Pillow
decodes files of several scans for comparison, because its libjpeg says nothing on stderr.
"""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.raster.jpeg_structure import Structure, walk
from braintumor_desktop.imaging.raster.samples import Raster

SIGNATURE = b"\xff\xd8\xff"

# libjpeg's bit buffer has 64 bits: it reads up to so many bytes beyond the last one it needs.
_LOOK_AHEAD = bytes(8)
_FAST = cv2.IMREAD_REDUCED_GRAYSCALE_8  # all data are read for it, at an eighth of the size
_LEFT_OVER = 16  # bytes that may stand behind the last one needed
# No 0x00 and no 0xFF: not a marker, and of no regularity that a decoder would take for no change.
_JUNK = bytes(7 * number * number % 253 + 1 for number in range(64))


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
    return Raster(samples, 255.0, structure.orientation or 1)


def _red_first(samples: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """OpenCV's blue, green, red turned round, each colour in one piece: so they compare fast."""
    planes = np.empty((3, *samples.shape[:2]), np.uint8)
    cv2.split(samples, [planes[2], planes[1], planes[0]])
    return planes.transpose(1, 2, 0)


def _decode_checked(data: bytes, structure: Structure) -> NDArray[np.uint8]:
    """Decode, and refuse a picture that does not end where its data end.

    A sequential file of one scan is handed to OpenCV without its end marker: OpenCV then gives
    nothing where libjpeg wants more bytes than there are, instead of filling up with grey.
    """
    if structure.one_scan:
        whole = np.frombuffer(data[: structure.end] + _LOOK_AHEAD, np.uint8)
    else:
        whole = np.frombuffer(data, np.uint8, structure.end + 2)
    samples = cv2.imdecode(whole, cv2.IMREAD_UNCHANGED)
    if samples is None or samples.shape[:2] != (structure.height, structure.width):
        raise TruncatedFileError("The JPEG file's image data end before the picture is whole.")
    if structure.one_scan and _whole_without_its_end(data, structure):
        raise TruncatedFileError("The JPEG file is damaged: its picture ends before its data do.")
    if not structure.one_scan and _wants_more(data[: structure.end + 2], structure):
        raise TruncatedFileError("A scan of the JPEG file ends before the picture is whole.")
    return np.asarray(samples, dtype=np.uint8)


def _whole_without_its_end(data: bytes, structure: Structure) -> bool:
    """Whether the picture of a file of one scan needs none of its last bytes.

    So where a piece stands twice in the file, or bytes that code less have taken a piece's place.
    """
    coded = data[: structure.scan_ends[0]].rstrip(b"\0")  # some writers pad
    return cv2.imdecode(np.frombuffer(coded[:-_LEFT_OVER], np.uint8), _FAST) is not None


def _wants_more(data: bytes, structure: Structure) -> bool:
    """Whether a scan of several lacks data: then junk behind it becomes part of the picture."""
    try:
        plain, with_junk = (_by_pillow(_picture(data, structure, junk)) for junk in (b"", _JUNK))
    except (OSError, SyntaxError):  # what Pillow raises for what it cannot decode
        return True
    return not np.array_equal(plain, with_junk)


def _picture(data: bytes, structure: Structure, junk: bytes) -> bytes:
    """The file without its metadata, of which Pillow is particular, and `junk` behind each scan."""
    changes = [(start, end, b"") for start, end in structure.metadata]
    changes += [(end, end, junk) for end in structure.scan_ends]
    pieces, position = [], 0
    for start, end, put in sorted(changes):
        pieces += [data[position:start], put]
        position = end
    return b"".join([*pieces, data[position:]])


def _by_pillow(data: bytes) -> NDArray[Any]:
    from PIL import Image  # late, as few files need it

    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        return np.asarray(image)
