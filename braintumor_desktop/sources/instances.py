"""The pixels of instances, read one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import UnsupportedImageError
from braintumor_desktop.imaging.read import decode_frames
from braintumor_desktop.sources.archive import read_named_bytes


class InstanceReader:
    """Reads instances, and keeps the last file, whose frames are mostly asked for next.

    Not for several threads at once.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._frames: Sequence[MRISlice] = ()

    def read(self, instance: Instance) -> MRISlice:
        """The slice; no other frame of its file is decoded.

        Raises `SliceReadError` or `ArchiveError`; UnsupportedImageError where the file has no such
        frame any more.
        """
        if instance.path != self._path:
            self._path, self._frames = None, ()  # no two files in memory
            self._frames = decode_frames(read_named_bytes(instance.path), instance.path)
            self._path = instance.path
        if instance.frame >= len(self._frames):
            raise UnsupportedImageError(
                "The file has {count} frames now; it has been written anew.",
                count=len(self._frames),
            )
        return self._frames[instance.frame]
