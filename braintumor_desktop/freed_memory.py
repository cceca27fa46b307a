"""What a process gives back of the memory that it frees, by glibc's thresholds."""

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
    _set_thresholds(mmap=256 * 1024, trim=1024 * 1024)


def keep_freed() -> None:
    """Let glibc keep what slices leave for the next ones. Does nothing elsewhere.

    For a process that answers slice after slice and nothing else. Dask has its workers give back
    all above 64 KiB, which costs a tenth of their time (`tests/benchmarks/bench_screen.py`).
    """
    _set_thresholds(mmap=32 * 1024 * 1024, trim=64 * 1024 * 1024)


def _set_thresholds(*, mmap: int, trim: int) -> None:
    """Set from which size, in bytes, a block stands alone, and from which the heap's end goes."""
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(MMAP_THRESHOLD, mmap)
        mallopt(TRIM_THRESHOLD, trim)
