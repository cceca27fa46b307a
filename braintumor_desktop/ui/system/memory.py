"""What the window's process gives back of the memory that it frees."""

from __future__ import annotations

import ctypes
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""The parameters of glibc's mallopt(3), by their numbers in <malloc.h>."""


def give_back_freed() -> None:
    """Let glibc hand each freed picture back to the system. Does nothing elsewhere.

    Pictures come and go for hours beside small objects that stay. glibc raises the size from which
    a block stands alone with each larger one that is freed, up to 32 MiB, so that pictures end up
    between the small ones, and the holes that they leave are never given back. Both thresholds are
    held where they begin to be worth a system call (`tests/benchmarks/soak.py`).
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(MMAP_THRESHOLD, 256 * 1024)
        mallopt(TRIM_THRESHOLD, 1024 * 1024)
