"""The structure of a JPEG file: its segments, walked from the first to the end marker.

After ITU-T T.81, annex B. What the segments can show of a cut or damaged file is found here.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, replace

import numpy as np

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.limits import check_dimensions
from braintumor_desktop.imaging.raster.ifd import exif_orientation

_EOI, _SOS, _DRI, _APP0, _APP1, _APP14, _APP15 = 0xD9, 0xDA, 0xDD, 0xE0, 0xE1, 0xEE, 0xEF
_COM = 0xFE
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
_STRETCH = 2**16  # bytes looked at in one go: a file may have many scans
_RESTART = re.compile(rb"\xff+[\xd0-\xd7]", re.DOTALL)


@dataclass(frozen=True)
class Scan:
    """A scan header: components, first and last coefficient, and the bits still to come."""

    components: tuple[int, ...]
    first: int
    last: int
    bits_left: int


@dataclass(frozen=True)
class Structure:
    """What the segments say.

    `identities` names the components, `mcu` is (width, height) of what one coding unit covers,
    `one_scan` a sequential file whose only scan has every component, `scan_ends` the offsets behind
    each scan's coded data, `metadata` where segments begin and end that are not the picture's
    (APPn and COM), `orientation` is the first Exif block's, None without one, `end` the offset of
    the end marker.
    """

    width: int = 0
    height: int = 0
    components: int = 0
    process: int = 0
    identities: tuple[int, ...] = ()
    mcu: tuple[int, int] = (8, 8)
    restart_interval: int = 0
    one_scan: bool = True
    scans: tuple[Scan, ...] = ()
    scan_ends: tuple[int, ...] = ()
    metadata: tuple[tuple[int, int], ...] = ()
    adobe: bool = False
    orientation: int | None = None
    end: int = 0


def walk(data: bytes) -> Structure:
    """Follow the segments from the first marker to the end marker.

    Raises TruncatedFileError, UnsupportedImageError, DimensionsError.
    """
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
            if found.process == _PROGRESSIVE and not _refined(found):
                raise TruncatedFileError("The progressive JPEG file ends before its last scan.")
            return replace(found, end=position)
        if position + 4 > len(data):
            raise _cut(found)
        (length,) = struct.unpack_from(">H", data, position + 2)
        body = data[position + 4 : position + 2 + length]
        if length < 2 or len(body) != length - 2:
            raise _cut(found)
        if marker == _COM or _APP0 <= marker <= _APP15:
            span = (position, position + 2 + length)
            found = replace(found, metadata=(*found.metadata, span))
        position += 2 + length
        if marker in _SEQUENTIAL or marker == _PROGRESSIVE:
            found = _frame(found, marker, body)
        elif marker in _OTHER_PROCESSES:
            raise UnsupportedImageError(
                "The JPEG file is {process}; this variant is not read.",
                process=_OTHER_PROCESSES[marker],
            )
        elif marker == _APP1 and body.startswith(b"Exif\0"):
            if found.orientation is None:  # other viewers heed no later block
                found = replace(found, orientation=exif_orientation(body[6:]))
        elif marker == _APP14 and body.startswith(b"Adobe"):
            found = replace(found, adobe=True)
        elif marker == _DRI and length == 4:
            found = replace(found, restart_interval=struct.unpack(">H", body)[0])
        elif marker == _SOS:
            found = _scan(found, body)
            following = _next_marker(data, position)
            if following is None:
                raise _cut(found)
            if found.one_scan:
                _check_restarts(data[position:following], found)
            position = following
            while data[following - 1] == 0xFF:  # fill bytes before the marker
                following -= 1
            found = replace(found, scan_ends=(*found.scan_ends, following))


def _next_marker(data: bytes, position: int) -> int | None:
    """The offset of the 0xFF of the first marker from `position`, None where there is none.

    In entropy-coded data a 0xFF is followed by 0x00 (stuffing), a restart marker or another 0xFF.
    """
    while position + 1 < len(data):
        coded = np.frombuffer(data[position : position + _STRETCH], np.uint8)
        marks = np.flatnonzero(coded[:-1] == 0xFF)
        codes = coded[marks + 1]
        found = marks[(codes != 0) & (codes != 0xFF) & ((codes < 0xD0) | (codes > 0xD7))]
        if len(found):
            return position + int(found[0])
        position += len(coded) - 1  # the last byte may be the first of a marker
    return None


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
    identities, sampling = body[6::3], body[7::3]
    mcu = (8, 8)
    if components > 1:
        mcu = (8 * max(factor >> 4 for factor in sampling), 8 * max(f & 15 for f in sampling))
    if 0 in mcu:
        raise TruncatedFileError("The JPEG file is damaged: its frame header is not whole.")
    return replace(
        found,
        width=width,
        height=height,
        components=components,
        identities=tuple(identities),
        mcu=mcu,
        process=marker,
    )


def _scan(found: Structure, body: bytes) -> Structure:
    """The scan header, T.81 B.2.3."""
    if not found.process or not body or len(body) != 4 + 2 * body[0]:
        raise TruncatedFileError("The JPEG file is damaged: its scan header is not whole.")
    whole = found.process in _SEQUENTIAL and not found.scans and body[0] == found.components
    first, last, approximation = body[-3:]
    scan = Scan(tuple(body[1:-3:2]), first, last, approximation & 15)
    return replace(found, scans=(*found.scans, scan), one_scan=whole)


def _refined(found: Structure) -> bool:
    """Whether the scans give every coefficient of every component to its last bit (T.81, G.1)."""
    left = {(identity, k): 1 for identity in found.identities for k in range(64)}
    for scan in found.scans:
        for component in scan.components:
            left.update({(component, k): scan.bits_left for k in range(scan.first, scan.last + 1)})
    return not any(left.values())


def _check_restarts(coded: bytes, found: Structure) -> None:
    """Raise where restart markers are missing or out of order (T.81, E.1.4).

    libjpeg bridges such holes with grey.
    """
    if not found.restart_interval:
        return
    across, down = -(-found.width // found.mcu[0]), -(-found.height // found.mcu[1])
    needed = -(-across * down // found.restart_interval) - 1
    numbers = [marker[-1] & 7 for marker in _RESTART.findall(coded)]
    # Some writers put one more behind the last interval.
    if len(numbers) not in (needed, needed + 1) or numbers != [n % 8 for n in range(len(numbers))]:
        raise TruncatedFileError(
            "The JPEG file's image data have a gap: restart markers are missing."
        )
