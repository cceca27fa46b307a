"""What a slice can be at most, checked from headers before anything is decoded or allocated."""

from __future__ import annotations

from braintumor_desktop.errors import DimensionsError

MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_SIDE = 16_384
MAX_PIXELS = 64_000_000
MAX_PARTS = 65_536
"""Chunks, segments, tags: a slice of the largest size, written piecemeal, has fewer."""


def check_file_bytes(count: int) -> None:
    """Raise DimensionsError where a file of `count` bytes is more than one slice can need."""
    if count > MAX_FILE_BYTES:
        raise DimensionsError(
            "The file has {size} MiB; a slice may have {limit} MiB at most.",
            size=count // 2**20,
            limit=MAX_FILE_BYTES // 2**20,
        )


def check_dimensions(width: int, height: int, part: str) -> None:
    """Raise DimensionsError where the size that `part` of a file states cannot be a slice's."""
    if width < 1 or height < 1:
        raise DimensionsError(
            "{part} says {width} x {height} pixels: there is no picture.",
            part=part,
            width=width,
            height=height,
        )
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise DimensionsError(
            "{part} says {width} x {height} pixels; a slice may have {side} on a side "
            "and {millions} million in all.",
            part=part,
            width=width,
            height=height,
            side=MAX_SIDE,
            millions=MAX_PIXELS // 1_000_000,
        )
