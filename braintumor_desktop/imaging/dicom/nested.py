"""Elements that stand twice inside the items of a sequence, which pydicom reads as one."""

from __future__ import annotations

import struct
from mmap import mmap

from pydicom.datadict import dictionary_VR
from pydicom.tag import BaseTag, Tag
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_LONG = frozenset(str(vr).encode() for vr in EXPLICIT_VR_LENGTH_32)


class NestedElements:
    """Walks the bytes of a sequence (PS3.5, 7.5); `twice` are tags with two values in one item."""

    def __init__(self, data: bytes | mmap, implicit: bool, little: bool) -> None:
        self.twice: list[BaseTag] = []
        self._data = data
        self._implicit = implicit
        self._order = "<" if little else ">"

    def sequence(self, position: int, end: int) -> int:
        """Walk the items from `position` on, to `end` at most; returns where the sequence ends."""
        while position + 8 <= end:
            tag, length = self._item_head(position)
            position += 8
            if tag == _SEQUENCE_END:
                return position
            if tag != _ITEM:  # pydicom has said what it thinks of it
                return end
            if length == _UNDEFINED:
                position = self._item(position, end)
            else:
                self._item(position, min(position + length, end))
                position += length
        return position

    def _item(self, position: int, end: int) -> int:
        values: dict[int, bytes] = {}
        while position + 8 <= end:
            tag, length, start, sequence = self._head(position)
            if tag == _ITEM_END:
                return start
            undefined = length == _UNDEFINED
            stop = end if undefined else min(start + length, end)
            if sequence or undefined:
                walked = self.sequence(start, stop)
                stop = walked if undefined else stop
            value = self._data[start:stop]
            if values.setdefault(tag, value) != value:
                self.twice.append(Tag(tag))
            position = stop
        return position

    def _item_head(self, position: int) -> tuple[int, int]:
        group, element, length = struct.unpack(
            self._order + "HHI", self._data[position : position + 8]
        )
        return group << 16 | element, length

    def _head(self, position: int) -> tuple[int, int, int, bool]:
        """The tag, the length, where the value begins, and whether it is a sequence."""
        tag, length = self._item_head(position)
        vr = self._data[position + 4 : position + 6]
        if tag == _ITEM_END:
            return tag, 0, position + 8, False
        if self._implicit or not vr.isalpha():
            return tag, length, position + 8, _is_sequence(tag)
        if vr not in _LONG:
            (length,) = struct.unpack(self._order + "H", self._data[position + 6 : position + 8])
            return tag, length, position + 8, False
        found = self._data[position + 8 : position + 12]
        length = struct.unpack(self._order + "I", found)[0] if len(found) == 4 else 0
        return tag, length, position + 12, vr == b"SQ"


def _is_sequence(tag: int) -> bool:
    try:
        return dictionary_VR(tag) == "SQ"
    except KeyError:
        return False
