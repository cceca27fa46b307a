"""Image file directories: the tag lists of TIFF and Exif (TIFF 6.0, section 2)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from braintumor_desktop.errors import TruncatedFileError

Value = tuple[int, ...] | tuple[float, ...] | bytes

ORIENTATION = 274

# Field type → struct format of one value; types that no reader here asks for are left out.
_FORMATS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d"}
_ASCII_OR_UNDEFINED = (2, 7)
_MAX_ENTRIES = 4096
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


def read_directory(data: bytes, only: int | None = None) -> Directory:
    """The first directory of a TIFF structure that begins at the first byte of `data`.

    Raises TruncatedFileError where it, or a value that it points to, is not there. With `only` just
    that tag is looked for, in what there is of the directory.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        raise TruncatedFileError("The TIFF header is not whole.")
    (start,) = struct.unpack_from(order + "I", data, 4)
    if start < 8 or start + 2 > len(data):
        raise TruncatedFileError("The TIFF directory lies beyond the end of the file.")
    (count,) = struct.unpack_from(order + "H", data, start)
    end = start + 2 + 12 * count
    if only is None and (not 0 < count <= _MAX_ENTRIES or end > len(data)):
        raise TruncatedFileError("The TIFF directory is not whole.")
    tags: dict[int, Value] = {}
    for entry in range(start + 2, min(end, len(data) - 11), 12):
        tag, kind, number = struct.unpack_from(order + "HHI", data, entry)
        if only not in (None, tag):
            continue
        value = _values(data, order, entry, kind, number, tag)
        if value is not None and tag not in tags:
            tags[tag] = value
    following = struct.unpack_from(order + "I", data, end)[0] if end + 4 <= len(data) else None
    return Directory(tags, order, following)


def _values(data: bytes, order: str, entry: int, kind: int, number: int, tag: int) -> Value | None:
    """The values of one entry, None for a type that is not read."""
    code = "B" if kind in _ASCII_OR_UNDEFINED else _FORMATS.get(kind)
    if code is None:
        return None
    size = struct.calcsize("=" + code) * number
    offset = entry + 8
    if size > 4:
        (offset,) = struct.unpack_from(order + "I", data, offset)
    if offset + size > len(data):
        raise TruncatedFileError("The value of TIFF tag {tag} lies beyond the file's end.", tag=tag)
    if kind in _ASCII_OR_UNDEFINED:
        return data[offset : offset + size]
    return struct.unpack_from(f"{order}{number}{code}", data, offset)


def exif_orientation(exif: bytes) -> int:
    """The orientation 1–8 in an Exif block (JEITA CP-3451, 4.6.4), 1 where it has none.

    Broken Exif blocks are common and no reason to refuse a picture; one broken value is no reason
    to let it stand on its head.
    """
    try:
        values = read_directory(exif[:_MAX_EXIF], only=ORIENTATION).integers(ORIENTATION)
    except TruncatedFileError:
        return 1
    return values[0] if len(values) == 1 and 1 <= values[0] <= 8 else 1
