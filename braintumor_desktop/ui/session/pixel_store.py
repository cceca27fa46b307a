"""The pixels of the slices around the one that is looked at; of others they are read anew."""

from __future__ import annotations

from collections import OrderedDict

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.ui.session.open_series import Key

SLICES_IN_MEMORY = 32
BYTES_IN_MEMORY = 256 * 2**20


class PixelStore:
    """At most so many slices and bytes, those looked at last."""

    def __init__(self) -> None:
        self._slices: OrderedDict[Key, SliceAnswer] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._slices)

    def __contains__(self, key: object) -> bool:
        return key in self._slices

    def get(self, key: Key) -> SliceAnswer | None:
        """A slice, None where it is not at hand."""
        return self._slices.get(key)

    def touch(self, key: Key) -> None:
        """Take note that a slice is looked at."""
        if key in self._slices:
            self._slices.move_to_end(key)

    def put(self, key: Key, loaded: SliceAnswer, keep: Key | None = None) -> None:
        """Hold a slice, and let go of the oldest but the one to `keep`."""
        self.drop(key)
        self._slices[key] = loaded
        self._bytes += loaded.slice.pixels.nbytes
        for old in list(self._slices):
            full = len(self._slices) > SLICES_IN_MEMORY or self._bytes > BYTES_IN_MEMORY
            if not full:
                return
            if old not in (key, keep):
                self.drop(old)

    def drop(self, key: Key) -> None:
        """Let a slice go."""
        gone = self._slices.pop(key, None)
        if gone is not None:
            self._bytes -= gone.slice.pixels.nbytes

    def clear(self) -> None:
        """Let all go."""
        self._slices.clear()
        self._bytes = 0
