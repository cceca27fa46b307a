"""PNG: the chunks are walked and checked here (PNG specification, third edition), OpenCV decodes.

OpenCV applies neither gAMA nor ICC profiles, and neither does this module: the values are the
file's. Samples of 1, 2 and 4 bits come out scaled to 0–255.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.limits import check_dimensions
from braintumor_desktop.imaging.raster.ifd import exif_orientation
from braintumor_desktop.imaging.raster.samples import Raster

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Colour type → channels in the file, allowed bit depths (PNG, table 11.1).
_COLOUR_TYPES = {
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (1, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
_GREY, _PALETTE = 0, 3
# Column and row where an Adam7 pass starts, and its steps (PNG, 8.1).
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2))
_ADAM7_PASSES = (*_ADAM7, (0, 1, 1, 2))


@dataclass(frozen=True)
class Header:
    """The IHDR chunk."""

    width: int
    height: int
    depth: int
    colour_type: int
    interlaced: bool

    @property
    def filtered_bytes(self) -> int:
        """The bytes that all IDAT chunks inflate to: one filter byte and the row, for each row."""
        bits = self.depth * _COLOUR_TYPES[self.colour_type][0]
        sizes = [(self.width, self.height)]
        if self.interlaced:
            sizes = [
                (-(-(self.width - left) // across), -(-(self.height - top) // down))
                for left, top, across, down in _ADAM7_PASSES
            ]
        return sum(h * (1 + (w * bits + 7) // 8) for w, h in sizes if w > 0 and h > 0)


def decode(data: bytes) -> Raster:
    """The picture of a PNG file.

    Raises TruncatedFileError for a file that is cut or whose checksums are wrong,
    UnsupportedImageError for animations and unknown variants, DimensionsError.
    """
    header: Header | None = None
    transparent: bytes | None = None
    colours = 0
    orientation = 1
    frames = 0
    compressed: list[bytes] = []
    for name, body in _chunks(data):
        if header is None:
            header = _header(name, body)
        elif name == "IDAT":
            compressed.append(body)
        elif name == "PLTE":
            colours = len(body) // 3
        elif name == "tRNS":
            transparent = body
        elif name == "eXIf":
            orientation = exif_orientation(body)
        elif name == "acTL":
            frames = struct.unpack_from(">I", body.ljust(4, b"\0"))[0]
        if frames > 1 or (frames and name == "fdAT"):  # which without acTL means nothing
            raise UnsupportedImageError("This is an animated PNG; only single pictures are read.")
    if header is None or not compressed:
        raise TruncatedFileError("The PNG file has no image data (chunk IDAT).")
    _check_image_data(b"".join(compressed), header)
    if header.colour_type == _PALETTE and colours < 2**header.depth:
        _check_indices(compressed, header, colours)

    decoded: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    depth = np.uint16 if header.depth == 16 else np.uint8
    size = (header.height, header.width)
    if decoded is None or decoded.shape[:2] != size or decoded.dtype != depth:
        raise TruncatedFileError("The PNG file's image data (chunk IDAT) are damaged.")
    samples = _in_rgb_order(decoded)
    if transparent is not None and header.colour_type != _PALETTE:
        samples = _with_colour_key(samples, transparent, header)
    return Raster(samples, float(np.iinfo(depth).max), orientation)


def _chunks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and body of every chunk up to IEND, with the checksums verified (PNG, 5.3)."""
    position = len(SIGNATURE)
    name = "IHDR"
    while True:
        if position + 12 > len(data):
            raise TruncatedFileError("The PNG file ends after the chunk {chunk}.", chunk=name)
        length, raw = struct.unpack_from(">I4s", data, position)
        if not raw.isalpha():
            raise TruncatedFileError("The PNG file is damaged after the chunk {chunk}.", chunk=name)
        name = raw.decode("ascii")
        end = position + 8 + length
        if end + 4 > len(data):
            raise TruncatedFileError("The PNG file ends inside the chunk {chunk}.", chunk=name)
        if (
            zlib.crc32(memoryview(data)[position + 4 : end])
            != struct.unpack_from(">I", data, end)[0]
        ):
            raise TruncatedFileError(
                "The PNG file is damaged: the checksum of the chunk {chunk} is wrong.", chunk=name
            )
        yield name, data[position + 8 : end]
        if name == "IEND":
            return
        position = end + 4


def _header(name: str, body: bytes) -> Header:
    if name != "IHDR" or len(body) != 13:
        raise TruncatedFileError("The PNG file does not begin with its header (chunk IHDR).")
    width, height, depth, colour_type, compression, filtering, interlace = struct.unpack(
        ">IIBBBBB", body
    )
    check_dimensions(width, height, "The PNG header")
    _, depths = _COLOUR_TYPES.get(colour_type, (0, ()))
    if depth not in depths or compression or filtering or interlace > 1:
        raise UnsupportedImageError(
            "The PNG header names a variant that does not exist (colour type {colour_type}, "
            "{depth} bits).",
            colour_type=colour_type,
            depth=depth,
        )
    return Header(width, height, depth, colour_type, interlace == 1)


def _check_image_data(compressed: bytes, header: Header) -> None:
    """Raise TruncatedFileError where the image data do not inflate to the whole picture.

    Right chunk checksums say nothing about a writer that stopped half-way.
    """
    inflater = zlib.decompressobj()
    try:
        found = len(inflater.decompress(compressed, header.filtered_bytes + 1))
    except zlib.error as error:
        raise TruncatedFileError("The PNG file's image data (chunk IDAT) are damaged.") from error
    if found < header.filtered_bytes:
        raise TruncatedFileError(
            "The PNG file's image data (chunk IDAT) end after {percent} % of the picture.",
            percent=100 * found // header.filtered_bytes,
        )


def _check_indices(compressed: list[bytes], header: Header, colours: int) -> None:
    """Raise where a pixel's colour is not in the palette: libpng takes black for it.

    The picture is decoded as if it were grey, which gives the indices.
    """
    variant = (header.depth, _GREY, 0, 0, header.interlaced)
    grey = _chunk(b"IHDR", struct.pack(">II5B", header.width, header.height, *variant))
    image_data = b"".join(_chunk(b"IDAT", body) for body in compressed)
    file = SIGNATURE + grey + image_data + _chunk(b"IEND", b"")
    samples: Any = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    if samples is not None and samples.max() // (255 // (2**header.depth - 1)) >= colours:
        raise TruncatedFileError("The PNG file's pixels are damaged: their colours do not exist.")


def _chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def _in_rgb_order(samples: NDArray[Any]) -> NDArray[Any]:
    """OpenCV's blue, green, red (, alpha) as red, green, blue (, alpha)."""
    if samples.ndim == 2:
        return samples
    return samples[..., [2, 1, 0, 3][: samples.shape[2]]]


def _with_colour_key(samples: NDArray[Any], key: bytes, header: Header) -> NDArray[Any]:
    """Grey or RGB samples with the alpha that a tRNS colour key means (PNG, 11.3.2.1).

    OpenCV ignores the key of grey pictures.
    """
    channels = _COLOUR_TYPES[header.colour_type][0]
    if len(key) != 2 * channels:
        raise TruncatedFileError("The PNG file's transparency (chunk tRNS) is damaged.")
    full = np.iinfo(samples.dtype).max
    scale = full // (2**header.depth - 1)
    wanted = np.array(struct.unpack(f">{channels}H", key)) * scale
    colours = samples.reshape(*samples.shape[:2], -1)[..., :channels]
    alpha = np.where((colours == wanted).all(axis=2), 0, full).astype(samples.dtype)
    return np.dstack([colours, alpha])
