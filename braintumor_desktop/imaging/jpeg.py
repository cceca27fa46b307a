"""JPEG: the segments are walked and checked here (ITU-T T.81, annex B), OpenCV decodes.

libjpeg fills what is missing from a cut file with grey and says so on stderr only. So the walk
wants an end marker, and `_decode_checked` wants the picture to end where its data end.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.ifd import exif_orientation
from braintumor_desktop.imaging.limits import check_dimensions
from braintumor_desktop.imaging.raster import Raster

SIGNATURE = b"\xff\xd8\xff"

_EOI, _SOS, _APP1, _APP14 = 0xD9, 0xDA, 0xE1, 0xEE
_SEQUENTIAL = (0xC0, 0xC1)
_PROGRESSIVE = 0xC2
_OTHER_PROCESSES = {
    0xC3: "lossless",
    0xC5: "hierarchical",
    0xC6: "hierarchical",
    0xC7: "hierarchical",
    0xC9: "arithmetic-coded",
    0xCA: "arithmetic-coded",
    0xCB: "arithmetic-coded",
    0xCD: "hierarchical",
    0xCE: "hierarchical",
    0xCF: "hierarchical",
    0xF7: "JPEG-LS",
}
# In entropy-coded data a 0xFF is followed by 0x00 (stuffing) or a restart marker.
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)

# libjpeg's bit buffer has 64 bits: it reads up to so many bytes beyond the last one it needs.
_LOOK_AHEAD = bytes(8)


@dataclass(frozen=True)
class Structure:
    """What the segments say. `end` is the offset of the end marker."""

    width: int = 0
    height: int = 0
    components: int = 0
    process: int = 0
    one_scan: bool = True
    scans: int = 0
    adobe: bool = False
    orientation: int = 1
    end: int = 0


def decode(data: bytes) -> Raster:
    """The picture of a JPEG file: baseline, extended or progressive Huffman, 8 bits.

    CMYK and YCCK files are those of Adobe, inverted; without Adobe's marker it is undecided
    whether 0 means ink or paper, and they are refused. Bytes after the end marker are ignored.
    Raises TruncatedFileError, UnsupportedImageError, DimensionsError.
    """
    structure = _walk(data)
    if structure.components == 4 and not structure.adobe:
        raise UnsupportedImageError(
            "The JPEG file is CMYK without Adobe's marker: whether its values mean ink or light "
            "is undecided."
        )
    samples = _decode_checked(data, structure)
    if samples.ndim == 3:
        samples = samples[..., ::-1]
    return Raster(samples, 255.0, structure.orientation)


def _walk(data: bytes) -> Structure:
    """Follow the segments from the first marker to the end marker."""
    found = Structure()
    position = 2
    while True:
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        if position + 2 > len(data):
            raise _cut(found)
        if data[position] != 0xFF:
            raise TruncatedFileError("The JPEG file is damaged: a marker is missing.")
        marker = data[position + 1]
        if marker == _EOI:
            if not found.scans:
                raise TruncatedFileError("The JPEG file has no image data.")
            return replace(found, end=position)
        if position + 4 > len(data):
            raise _cut(found)
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = data[position + 4 : position + 2 + length]
        if length < 2 or len(body) != length - 2:
            raise _cut(found)
        position += 2 + length
        if marker in _SEQUENTIAL or marker == _PROGRESSIVE:
            found = _frame(found, marker, body)
        elif marker in _OTHER_PROCESSES:
            raise UnsupportedImageError(
                "The JPEG file is {process}; this variant is not read.",
                process=_OTHER_PROCESSES[marker],
            )
        elif marker == _APP1 and body.startswith(b"Exif\0"):
            found = replace(found, orientation=exif_orientation(body[6:]))
        elif marker == _APP14 and body.startswith(b"Adobe"):
            found = replace(found, adobe=True)
        elif marker == _SOS:
            found = _scan(found, body)
            following = _NEXT_MARKER.search(data, position)
            if following is None:
                raise _cut(found)
            position = following.start()


def _cut(found: Structure) -> TruncatedFileError:
    if found.scans:
        return TruncatedFileError("The JPEG file ends inside its image data.")
    return TruncatedFileError("The JPEG file ends inside its header.")


def _frame(found: Structure, marker: int, body: bytes) -> Structure:
    """The frame header, T.81 B.2.2."""
    if found.process or len(body) < 6 or len(body) != 6 + 3 * body[5]:
        raise TruncatedFileError("The JPEG file is damaged: its frame header is not whole.")
    precision, height, width, components = struct.unpack_from(">BHHB", body)
    check_dimensions(width, height, "The JPEG header")
    if precision != 8:
        raise UnsupportedImageError(
            "The JPEG file has {precision} bits a sample; 8 are read.", precision=precision
        )
    if components not in (1, 3, 4):
        raise UnsupportedImageError(
            "The JPEG file has {components} colour components; 1, 3 or 4 are read.",
            components=components,
        )
    return replace(found, width=width, height=height, components=components, process=marker)


def _scan(found: Structure, body: bytes) -> Structure:
    """The scan header, T.81 B.2.3."""
    if not found.process or not body or len(body) != 4 + 2 * body[0]:
        raise TruncatedFileError("The JPEG file is damaged: its scan header is not whole.")
    whole = found.process in _SEQUENTIAL and found.scans == 0 and body[0] == found.components
    return replace(found, scans=found.scans + 1, one_scan=whole)


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
