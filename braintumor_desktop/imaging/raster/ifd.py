"""Image file directories: the tag lists of TIFF and Exif (TIFF 6.0, section 2)."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from braintumor_desktop.errors import TruncatedFileError
from braintumor_desktop.imaging.limits import MAX_PARTS

Value = tuple[int, ...] | tuple[float, ...] | bytes

ORIENTATION = 274
_RESOLUTION = (282, 283)  # along rows, and down columns

# Field type → numpy type. Text and undefined bytes stay bytes; a rational is two numbers.
_TYPES = {1: "u1", 3: "u2", 4: "u4", 5: "u4", 6: "i1", 8: "i2", 9: "i4", 11: "f4", 12: "f8"}
_TEXT, _RATIONAL = (2, 7), 5
_MAX_VALUES = 2**18  # a table of 65,536 colours has fewer, and so have the tiles of any slice
_MAX_EXIF = 1 << 16  # bytes, as in JPEG, where a segment has no more


@dataclass(frozen=True)
class Directory:
    """One directory: tag → values, the byte order ("<" or ">"), and where the next one is.

    `next_offset` is 0 at the last directory and None where the file ends before saying so.
    """

    tags: dict[int, Value]
    byte_order: str
    next_offset: int | None

    def integers(self, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """The whole numbers of a tag, `default` where it is absent or of another type."""
        value = self.tags.get(tag)
        if isinstance(value, tuple) and all(isinstance(item, int) for item in value):
            return tuple(int(item) for item in value)
        return default


def read_directory(data: bytes, wanted: Collection[int], start: int | None = None) -> Directory:
    """The `wanted` tags of a directory of the TIFF structure that begins with `data`.

    `start` is its offset; without it, the first is read. A tag that is not wanted is not looked
    at, so that a file of many large ones costs nothing. Raises TruncatedFileError where the
    directory, or a value that it points to, is not there, or where a tag stands twice.
    """
    order = _byte_order(data)
    start = struct.unpack_from(order + "I", data, 4)[0] if start is None else start
    if start < 8 or start + 2 > len(data):
        raise TruncatedFileError("The TIFF directory lies beyond the end of the file.")
    (count,) = struct.unpack_from(order + "H", data, start)
    end = start + 2 + 12 * count
    if not 0 < count <= MAX_PARTS or end > len(data):
        raise TruncatedFileError("The TIFF directory is not whole.")
    tags: dict[int, Value] = {}
    for tag, value in _entries(data, order, start, wanted):
        if tag in tags:
            raise TruncatedFileError("The TIFF directory has the tag {tag} twice.", tag=tag)
        tags[tag] = value
    following = struct.unpack_from(order + "I", data, end)[0] if end + 4 <= len(data) else None
    return Directory(tags, order, following)


def _byte_order(data: bytes) -> str:
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        raise TruncatedFileError("The TIFF header is not whole.")
    return order


def _entries(
    data: bytes, order: str, start: int, wanted: Collection[int]
) -> Iterator[tuple[int, Value]]:
    """The wanted tags of a directory, of what there is of it; types that are not read left out."""
    (count,) = struct.unpack_from(order + "H", data, start)
    for entry in range(start + 2, min(start + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, number = struct.unpack_from(order + "HHI", data, entry)
        code = "u1" if kind in _TEXT else _TYPES.get(kind)
        if tag not in wanted or code is None:
            continue
        dtype = np.dtype(order + code)
        number *= 2 if kind == _RATIONAL else 1
        offset, size = entry + 8, dtype.itemsize * number
        if size > 4:
            (offset,) = struct.unpack_from(order + "I", data, offset)
        if offset + size > len(data) or (number > _MAX_VALUES and kind not in _TEXT):
            raise TruncatedFileError(
                "The value of TIFF tag {tag} lies beyond the file's end.", tag=tag
            )
        if kind in _TEXT:
            yield tag, data[offset : offset + size]
            continue
        values = np.frombuffer(data, dtype, number, offset).tolist()
        if kind == _RATIONAL:
            values = [
                above / below if below else 0.0
                for above, below in zip(values[::2], values[1::2], strict=True)
            ]
        yield tag, tuple(values)


def exif_orientation(exif: bytes) -> int:
    """The orientation 1–8 in an Exif block (JEITA CP-3451, 4.6.4), 1 where it has none.

    Broken Exif blocks are common and no reason to refuse a picture; one broken value is no reason
    to let it stand on its head.
    """
    values = _exif_values(exif, ORIENTATION)
    return int(values[0]) if len(values) == 1 and values[0] in range(1, 9) else 1


def exif_density(exif: bytes) -> tuple[float, float]:
    """Pixels in a unit of length, (across, down); 0 where an Exif block does not say."""
    across, down = (_exif_values(exif, tag) for tag in _RESOLUTION)
    return (across[0], down[0]) if len(across) == len(down) == 1 else (0.0, 0.0)


def _exif_values(exif: bytes, tag: int) -> tuple[float, ...]:
    """The numbers of a tag in the first directory of an Exif block, () where there are none."""
    exif = exif[:_MAX_EXIF]
    try:
        order = _byte_order(exif)
        (start,) = struct.unpack_from(order + "I", exif, 4)
        values = next((v for _, v in _entries(exif, order, start, {tag})), ())
    except (TruncatedFileError, struct.error):
        return ()
    return values if isinstance(values, tuple) else ()
