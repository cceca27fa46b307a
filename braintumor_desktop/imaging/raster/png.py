"""PNG: the chunks are walked and checked here (PNG specification, third edition), OpenCV decodes.

OpenCV gets the header and the image data alone, so no gamma, profile or orientation is applied by
it; palette and colour key are applied here, because it shows indices that the palette lacks as
black and ignores the key of grey pictures. Samples of 1, 2 and 4 bits come out scaled to 0–255.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError, gettext_noop
from braintumor_desktop.imaging.limits import MAX_PARTS, check_dimensions
from braintumor_desktop.imaging.raster.ifd import exif_orientation
from braintumor_desktop.imaging.raster.samples import Raster, about_density

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
_CRITICAL = ("IHDR", "PLTE", "IDAT", "IEND")
_HEEDED = ("tRNS", "eXIf", "pHYs", "acTL", "fdAT")


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


@dataclass
class _Chunks:
    """The bodies of the chunks that are heeded, and the names of those with a wrong checksum."""

    bodies: dict[str, bytes] = field(default_factory=dict)
    image_data: list[bytes] = field(default_factory=list)
    damaged: set[str] = field(default_factory=set)


def decode(data: bytes) -> Raster:
    """The picture of a PNG file.

    Raises TruncatedFileError for a file that is cut, whose checksums are wrong where they matter,
    or whose header contradicts the image data; UnsupportedImageError for animations and unknown
    variants; DimensionsError.
    """
    chunks = _walk(data)
    bodies = chunks.bodies
    header = _header(bodies.get("IHDR", b""))
    frames = int.from_bytes(bodies.get("acTL", b"")[:4], "big")
    if frames > 1 or (frames and "fdAT" in bodies):  # which without acTL means nothing
        raise UnsupportedImageError("This is an animated PNG; only single pictures are read.")
    compressed = b"".join(chunks.image_data)
    if not compressed:
        raise TruncatedFileError("The PNG file has no image data (chunk IDAT).")
    _check_image_data(compressed, header)
    samples = _decoded(compressed, header)
    transparent = bodies.get("tRNS")
    if header.colour_type == _PALETTE:
        indices = samples // (255 // (2**header.depth - 1))
        samples = _coloured(indices, bodies.get("PLTE", b""), transparent)
    elif transparent is not None:
        samples = _with_colour_key(samples, transparent, header)
    across, down = struct.unpack_from(">II", bodies.get("pHYs", b"").ljust(8, b"\0"))
    return Raster(
        samples,
        float(np.iinfo(samples.dtype).max),
        orientation=exif_orientation(bodies.get("eXIf", b"")),
        warnings=(*_about(chunks.damaged), *about_density(across, down)),
    )


def _walk(data: bytes) -> _Chunks:
    """Every chunk up to IEND, with the checksums verified (PNG, 5.3)."""
    found = _Chunks()
    position, name = len(SIGNATURE), "IHDR"
    for number in range(MAX_PARTS):
        if position + 12 > len(data):
            raise TruncatedFileError("The PNG file ends after the chunk {chunk}.", chunk=name)
        length, raw = struct.unpack_from(">I4s", data, position)
        if not raw.isalpha():
            raise TruncatedFileError("The PNG file is damaged after the chunk {chunk}.", chunk=name)
        name, start, end = raw.decode("ascii"), position + 8, position + 8 + length
        if end + 4 > len(data):
            raise TruncatedFileError("The PNG file ends inside the chunk {chunk}.", chunk=name)
        if (name == "IHDR") != (number == 0):
            raise TruncatedFileError("The PNG file does not begin with its header (chunk IHDR).")
        checksum = zlib.crc32(memoryview(data)[start - 4 : end])
        if checksum.to_bytes(4, "big") != data[end : end + 4]:
            if name[0].isupper() or name in _HEEDED:
                raise TruncatedFileError(
                    "The PNG file is damaged: the checksum of the chunk {chunk} is wrong.",
                    chunk=name,
                )
            found.damaged.add(name)
        if name == "IEND":
            return found
        if name == "IDAT":
            found.image_data.append(data[start:end])
        elif name in _CRITICAL or name in _HEEDED:
            body = data[start:end]
            if found.bodies.setdefault(name, body) != body and name != "fdAT":
                raise TruncatedFileError("The PNG file has two chunks {chunk}.", chunk=name)
        elif name[0].isupper():
            raise UnsupportedImageError(
                "The PNG file needs the chunk {chunk}, which is not read.", chunk=name
            )
        position = end + 4
    raise UnsupportedImageError("The PNG file has more parts than a slice can have.")


def _about(damaged: set[str]) -> tuple[ReadWarning, ...]:
    if not damaged:
        return ()
    return (
        ReadWarning(
            "file",
            "A part of the PNG file that is none of the picture has a wrong checksum ({chunks}).",
            (("chunks", ", ".join(sorted(damaged))),),
        ),
    )


def _header(body: bytes) -> Header:
    if len(body) != 13:
        raise TruncatedFileError("The PNG file does not begin with its header (chunk IHDR).")
    width, height, depth, colour_type, compression, filtering, interlace = struct.unpack(
        ">IIBBBBB", body
    )
    check_dimensions(width, height, gettext_noop("The PNG header"))
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
    """Raise TruncatedFileError where the image data do not inflate to exactly the picture.

    Right chunk checksums say nothing about a writer that stopped half-way; and where there are
    more rows or columns than the header says, those shown are another picture's.
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
    if found > header.filtered_bytes:
        raise TruncatedFileError("The PNG file has more pixels than its header describes.")


def _decoded(compressed: bytes, header: Header) -> NDArray[Any]:
    """Grey, grey and alpha, RGB, RGBA, or palette indices as if they were grey."""
    colour_type = _GREY if header.colour_type == _PALETTE else header.colour_type
    variant = (header.depth, colour_type, 0, 0, header.interlaced)
    parts = (
        (b"IHDR", struct.pack(">II5B", header.width, header.height, *variant)),
        (b"IDAT", compressed),
        (b"IEND", b""),
    )
    file = SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in parts
    )
    decoded: Any = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    depth = np.uint16 if header.depth == 16 else np.uint8
    size = (header.height, header.width)
    if decoded is None or decoded.shape[:2] != size or decoded.dtype != depth:
        raise TruncatedFileError("The PNG file's image data (chunk IDAT) are damaged.")
    if decoded.ndim == 2:
        return np.asarray(decoded)
    if decoded.shape[2] == 3:  # blue comes first
        return np.asarray(decoded[..., ::-1])
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGRA2RGBA))


def _coloured(indices: NDArray[Any], palette: bytes, alpha: bytes | None) -> NDArray[np.uint8]:
    """The colours, with `alpha` if given, of palette indices (PNG, 11.2.2 and 11.3.2.1)."""
    colours = np.frombuffer(palette, np.uint8, len(palette) // 3 * 3).reshape(-1, 3)
    if indices.max() >= len(colours):
        raise TruncatedFileError("The PNG file's pixels are damaged: their colours do not exist.")
    if alpha is not None:
        opaque = np.frombuffer(alpha[: len(colours)].ljust(len(colours), b"\xff"), np.uint8)
        colours = np.column_stack([colours, opaque])
    return np.asarray(colours[indices])


def _with_colour_key(samples: NDArray[Any], key: bytes, header: Header) -> NDArray[Any]:
    """Grey or RGB samples with the alpha that a tRNS colour key means (PNG, 11.3.2.1)."""
    channels = _COLOUR_TYPES[header.colour_type][0]
    if len(key) != 2 * channels or channels not in (1, 3):
        raise TruncatedFileError("The PNG file's transparency (chunk tRNS) is damaged.")
    full = np.iinfo(samples.dtype).max
    scale = full // (2**header.depth - 1)
    wanted = np.array(struct.unpack(f">{channels}H", key)) * scale
    colours = samples.reshape(*samples.shape[:2], -1)[..., :channels]
    alpha = np.where((colours == wanted).all(axis=2), 0, full).astype(samples.dtype)
    return np.dstack([colours, alpha])
