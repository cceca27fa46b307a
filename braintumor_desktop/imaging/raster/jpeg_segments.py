"""The segments of a JPEG file, walked from the first to the end marker (ITU-T T.81, annex B).

What they alone show of a cut or contradicted file is found here; what the coded data show, by the
decoder.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError, gettext_noop
from braintumor_desktop.imaging.limits import MAX_PARTS, check_dimensions
from braintumor_desktop.imaging.raster.ifd import exif_density, exif_orientation

_SOI, _EOI, _SOS, _COM = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP14, _APP15 = 0xE0, 0xE1, 0xEE, 0xEF
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a segment
_FRAMES = (0xC0, 0xC1, 0xC2)
_OTHER_PROCESSES = {
    0xC3: gettext_noop("lossless"),
    0xC5: gettext_noop("hierarchical"),
    0xC6: gettext_noop("hierarchical"),
    0xC7: gettext_noop("hierarchical"),
    0xC9: gettext_noop("arithmetic-coded"),
    0xCA: gettext_noop("arithmetic-coded"),
    0xCB: gettext_noop("arithmetic-coded"),
    0xCD: gettext_noop("hierarchical"),
    0xCE: gettext_noop("hierarchical"),
    0xCF: gettext_noop("hierarchical"),
    0xF7: "JPEG-LS",
}
# A 0xFF before 0x00 is stuffing in coded data, before another a fill byte.
_MARKER = re.compile(rb"\xff[^\x00\xff]")
_MARKER_BEHIND_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # restarts belong to the scan
_BEGINNING = re.compile(rb"\xff\xd8\xff[\xc0-\xfe]")
_MAX_SCANS = 100  # of a file of progressive scans, each of which is decoded for all of the picture


@dataclass
class Segments:
    """What the segments say.

    `parts` are those of the picture, with the scans' coded data, without metadata and what stands
    between them (`stray`); `unrefined` are the coefficients whose last bit no scan has given.
    `orientation` is the first Exif block's, None without one; `density` is JFIF's.
    `another` is whether a picture stands behind the end marker (CIPA DC-007, or put together).
    """

    parts: list[bytes] = field(default_factory=list)
    width: int = 0
    height: int = 0
    components: int = 0
    scans: int = 0
    unrefined: set[tuple[int, int]] = field(default_factory=set)
    adobe: bool = False
    orientation: int | None = None
    exif_density: tuple[float, float] = (0.0, 0.0)
    density: tuple[int, int] = (0, 0)
    stray: bool = False
    another: bool = False

    def add(self, marker: int, body: bytes) -> None:
        """Take note of one segment; raises as `walk`."""
        if marker in _FRAMES:
            self._add_frame(body)
        elif marker in _OTHER_PROCESSES:
            raise UnsupportedImageError(
                "The JPEG file is {process}; this variant is not read.",
                process=_OTHER_PROCESSES[marker],
            )
        elif marker == _APP1 and body.startswith(b"Exif\0"):
            if self.orientation is None:  # other viewers heed no later block
                self.orientation = exif_orientation(body[6:])
                self.exif_density = exif_density(body[6:])
        elif marker == _APP14 and body.startswith(b"Adobe"):
            self.adobe = True
        elif marker == _APP0 and body.startswith(b"JFIF\0") and len(body) >= 12:
            self.density = struct.unpack_from(">HH", body, 8)
        elif marker == _SOS:
            self._add_scan(body)
        # JFIF's and Adobe's segments say how colours are meant.
        if marker != _COM and not (_APP0 < marker <= _APP15 and marker != _APP14):
            self.parts.append(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body)

    def _add_frame(self, body: bytes) -> None:
        """The frame header, T.81 B.2.2."""
        if self.components or len(body) < 6 or len(body) != 6 + 3 * body[5]:
            raise TruncatedFileError("The JPEG file is damaged: its frame header is not whole.")
        precision, self.height, self.width, self.components = struct.unpack_from(">BHHB", body)
        check_dimensions(self.width, self.height, gettext_noop("The JPEG header"))
        if precision != 8:
            raise UnsupportedImageError(
                "The JPEG file has {precision} bits a sample; 8 are read.", precision=precision
            )
        if self.components not in (1, 3, 4):
            raise UnsupportedImageError(
                "The JPEG file has {components} colour components; 1, 3 or 4 are read.",
                components=self.components,
            )
        self.unrefined = {(identity, k) for identity in body[6::3] for k in range(64)}

    def _add_scan(self, body: bytes) -> None:
        """The scan header, T.81 B.2.3, and what it refines to the last bit, G.1."""
        if not self.components or not body or len(body) != 4 + 2 * body[0]:
            raise TruncatedFileError("The JPEG file is damaged: its scan header is not whole.")
        first, last, approximation = body[-3:]
        of_scan = {(identity, k) for identity in body[1:-3:2] for k in range(first, last + 1)}
        if approximation & 15:
            self.unrefined |= of_scan
        else:
            self.unrefined -= of_scan
        self.scans += 1
        if self.scans > _MAX_SCANS:
            raise UnsupportedImageError("The JPEG file has more scans than a slice can have.")


def walk(data: bytes) -> Segments:
    """Follow the segments from the first marker to the end marker.

    Bytes that are no marker where one is due are passed over, as all decoders do. Raises
    TruncatedFileError, UnsupportedImageError, DimensionsError.
    """
    found = Segments()
    position = 2
    for _ in range(MAX_PARTS):
        mark = _MARKER.search(data, position)
        if mark is None:
            raise _cut(found)
        start = mark.start()
        found.stray |= data[position:start].strip(b"\xff") != b""
        marker = data[start + 1]
        position = start + 2
        if marker == _EOI:
            if not found.scans:
                raise TruncatedFileError("The JPEG file has no image data.")
            if found.unrefined:
                raise TruncatedFileError("The JPEG file ends before its last scan.")
            found.another = _BEGINNING.search(data, position) is not None
            return found
        if marker in _ALONE:
            continue
        length = int.from_bytes(data[position : position + 2], "big")
        body = data[position + 2 : position + length]
        if length < 2 or len(body) != length - 2:
            raise _cut(found)
        found.add(marker, body)
        position += length
        if marker == _SOS:
            mark = _MARKER_BEHIND_SCAN.search(data, position)
            if mark is None:
                raise _cut(found)
            found.parts.append(data[position : mark.start()].rstrip(b"\xff"))
            position = mark.start()
    raise UnsupportedImageError("The JPEG file has more parts than a slice can have.")


def _cut(found: Segments) -> TruncatedFileError:
    if found.scans:
        return TruncatedFileError("The JPEG file ends inside its image data.")
    return TruncatedFileError("The JPEG file ends inside its header.")
