"""BMP, uncompressed, decoded here: few layouts, and each of them certain.

Pillow takes 4 bits of grey for 8 and shows colours that the table lacks.

After Microsoft's BITMAPFILEHEADER, BITMAPINFOHEADER and BITMAPV5HEADER.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError, gettext_noop
from braintumor_desktop.imaging.limits import check_dimensions
from braintumor_desktop.imaging.raster.samples import Raster, about_density

SIGNATURE = b"BM"

_FILE_HEADER = 14
_CORE_HEADER = 12
_INFO_HEADER = 40
_V5_HEADER = 124
_WORD = 4  # fewer bytes behind the pixels are filling
_RGB, _BITFIELDS, _ALPHA_BITFIELDS = 0, 3, 6
_COMPRESSIONS = {1: "RLE8", 2: "RLE4", 4: "JPEG", 5: "PNG"}
# Without bit fields, 16 bits are 5-5-5 and the highest 8 of 32 bits mean nothing.
_DEFAULT_MASKS = {16: (0x7C00, 0x3E0, 0x1F), 32: (0xFF0000, 0xFF00, 0xFF)}


@dataclass(frozen=True)
class Header:
    """`height` is positive; `masks` are red, green, blue (, alpha) of 16 and 32 bits.

    `file_bytes` is the whole file's length by itself, `profile_bytes` that of a colour profile
    behind the pixels, `density` pixels a metre across and down.
    """

    width: int
    height: int
    top_down: bool
    bits: int
    masks: tuple[int, ...]
    palette_start: int
    palette_entry: int
    palette_size: int
    pixels_start: int
    file_bytes: int
    profile_bytes: int
    density: tuple[int, int]

    @property
    def row_bytes(self) -> int:
        """Bytes of one row; rows are padded to four."""
        return (self.width * self.bits + 31) // 32 * 4


def decode(data: bytes) -> Raster:
    """The picture of a BMP file of 1, 4, 8, 16, 24 or 32 bits a pixel, without compression.

    Raises TruncatedFileError, UnsupportedImageError, DimensionsError.
    """
    header = _header(data)
    warnings = _check_size(data, header)
    rows = np.frombuffer(data, np.uint8, header.row_bytes * header.height, header.pixels_start)
    rows = rows.reshape(header.height, header.row_bytes)
    if rows[:, -(-header.width * header.bits // 8) :].any():
        warnings += (ReadWarning("file", "The rows of the BMP file go on behind their pixels."),)
    if not header.top_down:
        rows = rows[::-1]
    if header.bits <= 8:
        samples = _palette(data, header)[_indices(rows, header)]
    elif header.bits == 24:
        samples = rows[:, : 3 * header.width].reshape(header.height, header.width, 3)[..., ::-1]
    else:
        samples = _fields(rows, header)
    if samples.shape[2] == 4 and not samples[..., 3].any():  # so writers that know no alpha
        samples = samples[..., :3]
        warnings += (
            ReadWarning("file", "The BMP file's transparency would hide all of it: not applied."),
        )
    return Raster(samples, 255.0, warnings=warnings + about_density(*header.density))


def _header(data: bytes) -> Header:
    if len(data) < _FILE_HEADER + _CORE_HEADER:
        raise TruncatedFileError("The BMP file ends inside its header.")
    file_bytes, pixels_start, size = struct.unpack_from("<I4xII", data, 2)
    if len(data) < _FILE_HEADER + size:
        raise TruncatedFileError("The BMP file ends inside its header.")
    compression = used = profile = 0
    density: tuple[int, int] = (0, 0)
    if size == _CORE_HEADER:
        width, height, _, bits = struct.unpack_from("<HHHH", data, 18)
    elif size >= _INFO_HEADER:
        width, height, _, bits, compression = struct.unpack_from("<iiHHI", data, 18)
        (used,) = struct.unpack_from("<I", data, 46)
        density = struct.unpack_from("<ii", data, 38)
        if size >= _V5_HEADER:
            (profile,) = struct.unpack_from("<I", data, 130)
    else:
        raise UnsupportedImageError("The BMP file's header is of an unknown kind.")
    check_dimensions(width, abs(height), gettext_noop("The BMP header"))
    if compression not in (_RGB, _BITFIELDS, _ALPHA_BITFIELDS):
        raise UnsupportedImageError(
            "The BMP file is compressed ({compression}), which is not read.",
            compression=_COMPRESSIONS.get(compression, compression),
        )
    if bits not in ((16, 32) if compression else (1, 4, 8, 16, 24, 32)):
        raise UnsupportedImageError("The BMP file has {bits} bits a pixel.", bits=bits)
    masks = _masks(data, size, compression, bits) if compression else _DEFAULT_MASKS.get(bits, ())
    return Header(
        width=width,
        height=abs(height),
        top_down=height < 0,
        bits=bits,
        masks=masks,
        palette_start=_FILE_HEADER + size,
        palette_entry=3 if size == _CORE_HEADER else 4,
        palette_size=min(used or 256, 2**bits),
        pixels_start=pixels_start,
        file_bytes=file_bytes,
        profile_bytes=profile,
        density=density,
    )


def _check_size(data: bytes, header: Header) -> tuple[ReadWarning, ...]:
    """Raise where there are fewer or more pixels than the header says: they would be sheared.

    More than the file's own length says is no part of it.
    """
    end = header.pixels_start + header.row_bytes * header.height
    if header.pixels_start < _FILE_HEADER or end > len(data):
        raise TruncatedFileError("The BMP file ends inside its pixels.")
    stated = header.file_bytes if end <= header.file_bytes <= len(data) else len(data)
    if stated - end - header.profile_bytes >= _WORD:
        raise TruncatedFileError("The BMP file has more pixels than its header describes.")
    if len(data) > stated:
        return (ReadWarning("file", "Something stands behind the end of the BMP file."),)
    return ()


def _masks(data: bytes, size: int, compression: int, bits: int) -> tuple[int, ...]:
    """The channels' masks: part of the longer headers, and behind the short one."""
    count = 4 if size > _INFO_HEADER + 12 or compression == _ALPHA_BITFIELDS else 3
    if len(data) < _FILE_HEADER + _INFO_HEADER + 4 * count:
        raise TruncatedFileError("The BMP file ends inside its header.")
    masks = struct.unpack_from(f"<{count}I", data, _FILE_HEADER + _INFO_HEADER)
    if not any(masks[3:]):
        masks = masks[:3]
    for mask in masks:
        ones = mask // (mask & -mask) if mask else 0
        if not 0 < ones <= 0xFF or ones & (ones + 1) or mask >> bits:
            raise UnsupportedImageError("The BMP file's colour masks are not read.")
    return masks


def _palette(data: bytes, header: Header) -> NDArray[np.uint8]:
    """The colour table: uint8 (entries, 3), red, green, blue."""
    count = header.palette_size * header.palette_entry
    if header.palette_start + count > min(len(data), header.pixels_start):
        raise TruncatedFileError("The BMP file's colour table is not whole.")
    table = np.frombuffer(data, np.uint8, count, header.palette_start)
    return table.reshape(-1, header.palette_entry)[:, 2::-1]


def _indices(rows: NDArray[np.uint8], header: Header) -> NDArray[np.uint8]:
    """Palette indices (height, width); the leftmost pixel is in a byte's highest bits."""
    shifts = np.arange(8 - header.bits, -1, -header.bits, dtype=np.uint8)
    indices = (rows[..., np.newaxis] >> shifts) & np.uint8(2**header.bits - 1)
    indices = indices.reshape(header.height, -1)[:, : header.width]
    if indices.max() >= header.palette_size:
        raise TruncatedFileError("The BMP file's pixels are damaged: their colours do not exist.")
    return indices


def _fields(rows: NDArray[np.uint8], header: Header) -> NDArray[Any]:
    """Channels of packed pixels, each scaled to 0–255 and rounded."""
    words = rows[:, : header.width * header.bits // 8].copy().view(f"<u{header.bits // 8}")
    channels = []
    for mask in header.masks:
        lowest = mask & -mask
        values = (words & mask) // lowest
        channels.append(np.round(values * (255.0 / (mask // lowest))).astype(np.uint8))
    return np.dstack(channels)
