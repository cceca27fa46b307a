"""The pixels of instances, read one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import UnsupportedImageError
from braintumor_desktop.imaging.file_bytes import read_bytes
from braintumor_desktop.imaging.read import decode_frames
from braintumor_desktop.sources.archive import OpenArchive, archive_of


class InstanceReader:
    """Reads instances, and keeps the last file, whose frames are mostly asked for next.

    Of an archive the list of members is kept, too, as long as the next file is in the same. A
    context manager; `close` gives the archive back. Not for several threads at once.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._frames: Sequence[MRISlice] = ()
        self._archive: OpenArchive | None = None

    def read(self, instance: Instance) -> MRISlice:
        """The slice; no other frame of its file is decoded.

        Raises `SliceReadError` or `ArchiveError`; UnsupportedImageError where the file is not the
        one any more that the instance was found in: discs change under one name.
        """
        kept = instance.path == self._path
        found = self._read(instance)
        if kept and not _same(found, instance):
            self._path = None
            found = self._read(instance)
        if not _same(found, instance):
            raise UnsupportedImageError("The file holds another picture than when it was found.")
        return found

    def _read(self, instance: Instance) -> MRISlice:
        if instance.path != self._path:
            self._path, self._frames = None, ()  # no two files in memory
            self._frames = decode_frames(self._bytes(instance.path), instance.path)
            self._path = instance.path
        if instance.frame >= len(self._frames):
            raise UnsupportedImageError("The file holds another picture than when it was found.")
        return self._frames[instance.frame]

    def _bytes(self, path: Path) -> bytes:
        archive = archive_of(path)
        if self._archive is not None and self._archive.path != archive:
            self.close()
        if archive is None:
            return read_bytes(path)
        if self._archive is None:
            self._archive = OpenArchive(archive)
        return self._archive.read(path)

    def close(self) -> None:
        """Close the archive that is open."""
        if self._archive is not None:
            self._archive.close()
            self._archive = None

    def __enter__(self) -> InstanceReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _same(found: MRISlice, instance: Instance) -> bool:
    """Whether a slice is of the object that the header named."""
    said = found.source.identifiers
    uid = instance.sop_instance_uid
    return not uid or said is None or said.sop_instance_uid == uid
