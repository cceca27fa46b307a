"""What a compressed frame says of itself, read before a decoder gets it.

A damaged size made a decoder take 4.7 GB; and the codestream, not the transfer syntax, says which
JPEG it is. JPEG and JPEG-LS: ITU-T T.81, annex B, and T.87, annex C; JPEG 2000: T.800, annex A.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.dicom.attributes import contradiction
from braintumor_desktop.imaging.dicom.layout import Layout

JPEG_START = b"\xff\xd8\xff"
J2K_START = b"\xff\x4f\xff\x51"
_JP2_START = b"\0\0\0\x0cjP  \r\n\x87\n"

# Start of frame: the second byte of its marker. Arithmetic and hierarchical ones are not read.
_SOF = {0xC0: "jpeg", 0xC1: "jpeg", 0xC2: "jpeg", 0xC3: "jpeg_lossless", 0xF7: "jpeg_ls"}
_OTHER_SOF = frozenset({*range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)})
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_SOS, _EOI, _APP0, _APP14 = 0xDA, 0xD9, 0xE0, 0xEE
_SOT = b"\xff\x90"
_SHORTEST_PART = 14
_FILL = b"\0\xff"
_LAST_BYTES = 16
_ADOBE_BYTES = 12
_MOST_SEGMENTS = 4096
_MOST_TILES = 65_535


@dataclass(frozen=True)
class FrameHeader:
    """What a codestream says of its frame.

    `codec` names the decoder. `start` is where the codestream begins. `colour` is "RGB" or "YBR"
    where the codestream says which, else "". `lossy` is whether it says that something was lost.
    """

    codec: str
    rows: int
    columns: int
    samples: int
    precision: int
    start: int = 0
    colour: str = ""
    lossy: bool = False


def read_frame_header(codestream: bytes) -> FrameHeader:
    """The header of a JPEG, JPEG-LS or JPEG 2000 codestream.

    Raises TruncatedFileError where it has none, UnsupportedImageError for a JPEG of a kind that is
    not read.
    """
    if codestream.startswith(JPEG_START):
        return _jpeg(codestream)
    if codestream.startswith(J2K_START):
        return _jpeg_2000(codestream, 0)
    if codestream.startswith(_JP2_START):  # a JP2 file, which the standard does not allow here
        start = codestream.find(J2K_START)
        if start > 0:
            return _jpeg_2000(codestream, start)
    raise _damaged()


def check_frame_header(header: FrameHeader, layout: Layout) -> None:
    """Raise where the frame is not the one that the DICOM header describes."""
    for keyword, said, found in (
        ("Rows", layout.rows, header.rows),
        ("Columns", layout.columns, header.columns),
        ("SamplesPerPixel", layout.samples, header.samples),
    ):
        if said != found:
            raise contradiction(keyword, said)
    if not 1 <= header.precision <= layout.allocated:
        raise contradiction("BitsAllocated", layout.allocated)


def _jpeg(data: bytes) -> FrameHeader:
    """What the segments up to the first scan say; the end of the image has to be there, too."""
    found: FrameHeader | None = None
    marked = ""  # by what comes before the frame, where its components have no names of colours
    near = 0
    for marker, body in _segments(data):
        if marker in _OTHER_SOF:
            raise UnsupportedImageError(
                "The pixels of the DICOM file are a JPEG of a kind that is not read (SOF{number}).",
                number=marker - 0xC0,
            )
        if marker in _SOF:
            if found is not None:
                raise _damaged()
            found = _start_of_frame(marker, body)
        elif marker == _SOS:
            near = _near(body)
        elif not marked.endswith("!"):
            marked = _colour_mark(marker, body) or marked
    if found is None or b"\xff\xd9" not in data[-_LAST_BYTES:]:
        raise _damaged()
    colour = marked[:3] if marked.endswith("!") else found.colour or marked
    lossy = found.codec == "jpeg" or (found.codec == "jpeg_ls" and near > 0)
    return replace(found, colour=colour if found.samples == 3 else "", lossy=lossy)


def _colour_mark(marker: int, body: bytes) -> str:
    """What an application's segment says of colours; "" where nothing, "!" where it is sure."""
    if marker == _APP0 and body.startswith(b"JFIF"):
        return "YBR"
    if marker == _APP14 and body.startswith(b"Adobe") and len(body) >= _ADOBE_BYTES:
        return "YBR!" if body[_ADOBE_BYTES - 1] else "RGB!"
    return ""


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The marker and the body of each segment, up to the first scan's."""
    position = 2
    for _ in range(_MOST_SEGMENTS):
        while data[position : position + 2] == b"\xff\xff":  # fill bytes
            position += 1
        if position + 4 > len(data) or data[position] != 0xFF:
            raise _damaged()
        marker = data[position + 1]
        if marker in _STANDALONE:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        body = data[position + 4 : position + 2 + length]
        if length < 2 or len(body) < length - 2 or marker == _EOI:
            raise _damaged()
        yield marker, body
        if marker == _SOS:
            return
        position += 2 + length
    raise _damaged()


def _start_of_frame(marker: int, body: bytes) -> FrameHeader:
    if len(body) < 6 or len(body) < 6 + 3 * body[5]:
        raise _damaged()
    precision, rows, columns, samples = struct.unpack(">BHHB", body[:6])
    names = body[6 : 6 + 3 * samples : 3]
    colour = "RGB" if names in (b"RGB", b"rgb") else ""
    return FrameHeader(_SOF[marker], rows, columns, samples, precision, colour=colour)


def _near(scan: bytes) -> int:
    """How far values may be off in a JPEG-LS scan (T.87, C.2.3)."""
    place = 1 + 2 * scan[0] if scan else 0
    return scan[place] if len(scan) > place else 0


def _jpeg_2000(data: bytes, start: int) -> FrameHeader:
    """The segment SIZ, which comes first (T.800, A.5.1)."""
    siz = data[start + 4 : start + 4 + 38]
    if len(siz) < 38:
        raise _damaged()
    _, _, width, height, left, top, tile_width, tile_height, tile_left, tile_top, samples = (
        struct.unpack(">HHIIIIIIIIH", siz)
    )
    components = data[start + 42 : start + 42 + 3 * samples]
    if not samples or len(components) < 3 * samples or not (tile_width and tile_height):
        raise _damaged()
    if len(set(zip(components[::3], components[1::3], components[2::3], strict=True))) > 1:
        raise UnsupportedImageError(
            "The colours of the DICOM file's pixels are not all of one size, which is not read."
        )
    tiles = -(-(width - tile_left) // tile_width) * -(-(height - tile_top) // tile_height)
    across, down = components[1:3]
    if not (across and down) or not 1 <= tiles <= _MOST_TILES:
        raise _damaged()
    _check_tile_parts(data, start)
    return FrameHeader(
        "jpeg_2000",
        rows=-(-height // down) - -(-top // down),
        columns=-(-width // across) - -(-left // across),
        samples=samples,
        precision=(components[0] & 0x7F) + 1,
        start=start,
        lossy=_irreversible(data, start),
    )


def _check_tile_parts(data: bytes, start: int) -> None:
    """Raise unless the tile-parts, by their own lengths, end where the codestream does.

    So that bytes that were put in or lost do not pass: what they leave decodes to another picture
    (T.800, A.4.2 and A.4.4).
    """
    position = start + 2
    while data[position : position + 2] != _SOT:
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if position + 4 > len(data) or length < 2:
            raise _damaged()
        position += 2 + length
    while data[position : position + 2] == _SOT:
        length = int.from_bytes(data[position + 6 : position + 10], "big")
        if length == 0:  # the last one, as far as there is anything
            position = len(data.rstrip(_FILL)) - 2
            break
        if length < _SHORTEST_PART or position + length > len(data):
            raise _damaged()
        position += length
    if data[position:].rstrip(_FILL) not in (b"", b"\xff\xd9"):
        raise _damaged()


def _irreversible(data: bytes, start: int) -> bool:
    """Whether the wavelet of the first COD segment is the irreversible one (T.800, A.6.1)."""
    position = start + 2
    while data[position : position + 2] != _SOT:  # `_check_tile_parts` has walked here
        if data[position : position + 2] == b"\xff\x52":
            return data[position + 13 : position + 14] == b"\0"
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return False


def _damaged() -> TruncatedFileError:
    return TruncatedFileError("The pixels of the DICOM file (PixelData (7FE0,0010)) are damaged.")
