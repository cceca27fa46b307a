"""RLE Lossless: whether its segments are whole (DICOM PS3.5, annex G). pydicom decodes.

pydicom refuses segments that come out too short, but cuts those that come out too long, and a
damaged run length makes either.
"""

from __future__ import annotations

import struct

from braintumor_desktop.errors import TruncatedFileError

_HEADER_BYTES = 64
_MAX_SEGMENTS = 15


def check_segments(frame: bytes, segment_bytes: int, segments: int) -> None:
    """Raise TruncatedFileError unless `frame` has `segments` of `segment_bytes` each.

    A segment is the most or a less significant byte of one channel of every pixel.
    """
    if len(frame) < _HEADER_BYTES:
        raise _damaged()
    count, *offsets = struct.unpack_from(f"<{_MAX_SEGMENTS + 1}I", frame)
    if count != segments or count > _MAX_SEGMENTS:
        raise _damaged()
    ends = [*offsets[1:count], len(frame)]
    for start, end in zip(offsets, ends, strict=False):
        if not _HEADER_BYTES <= start < end <= len(frame):
            raise _damaged()
        if _decoded_bytes(frame[start:end], segment_bytes) != segment_bytes:
            raise _damaged()


def _decoded_bytes(segment: bytes, needed: int) -> int:
    """How many bytes the runs make; one zero byte behind them makes the length even."""
    found = position = 0
    while position < len(segment):
        head = segment[position]
        if found == needed and head == 0 and position == len(segment) - 1:
            break
        if head < 128:
            found += min(head + 1, len(segment) - position - 1)
            position += head + 2
        elif head > 128:
            found += 257 - head if position + 1 < len(segment) else 0
            position += 2
        else:
            position += 1
    return found


def _damaged() -> TruncatedFileError:
    return TruncatedFileError(
        "The run lengths of the DICOM file's pixels (PixelData (7FE0,0010)) are cut or damaged."
    )
