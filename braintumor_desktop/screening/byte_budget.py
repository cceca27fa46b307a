"""How many bytes of files may be in memory at once, over all workers."""

from __future__ import annotations

import threading

MOST_BYTES = 512 * 2**20
"""One file of the largest size that is read, or thousands of usual ones."""


class ByteBudget:
    """Bytes that are lent out before they are read, and given back when they are let go."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._lent = 0
        self._changed = threading.Condition()

    def take(self, size: int, *, wait: bool) -> bool:
        """Lend `size` bytes; where there is no room now, wait for it or return False.

        Whoever waits must hold nothing, else two could wait for each other. A size above the limit
        is lent where nothing else is.
        """
        with self._changed:
            if not wait and not self._has_room(size):
                return False
            self._changed.wait_for(lambda: self._has_room(size))
            self._lent += size
            return True

    def give(self, size: int) -> None:
        """Take `size` bytes back."""
        with self._changed:
            self._lent -= size
            self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        return not self._lent or self._lent + size <= self._most
