"""From dropped paths to files, off the interface's thread."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue

from PySide6.QtCore import QObject, QThread, Signal

BATCH = 64


def files_below(paths: Sequence[Path]) -> Iterator[Path]:
    """The files among `paths` as they are, and in sorted order those in the folders among them.

    Hidden files and folders are passed over, links to folders are not followed, and folders that
    cannot be listed are empty. Paths are absolute, links resolved.
    """
    for path in paths:
        if path.is_dir():
            yield from _folder(path)
        else:
            yield Path(os.path.realpath(path))


def _folder(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as found:
            items = sorted(found, key=lambda item: item.name)
    except OSError:
        return
    for item in items:
        if _hidden(item):
            continue
        if item.is_dir(follow_symlinks=False):
            yield from _folder(Path(item.path))
        elif item.is_file():
            yield Path(os.path.realpath(item.path))


def _hidden(item: os.DirEntry[str]) -> bool:
    if item.name.startswith("."):
        return True
    try:
        attributes = getattr(item.stat(follow_symlinks=False), "st_file_attributes", 0)
    except OSError:  # gone since it was listed
        return True
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)


class Walker(QThread):
    """Walks one list of paths after the other and reports files in batches."""

    found = Signal(int, list)
    finished_walk = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._requests: SimpleQueue[tuple[int, list[Path]] | None] = SimpleQueue()
        self._oldest = 0

    def walk(self, request: int, paths: list[Path]) -> None:
        """Walk `paths` when those asked for before are done. Requests count upwards."""
        self._requests.put((request, paths))

    def forget(self, request: int) -> None:
        """Drop the walks up to and including `request`; nothing more is reported but their end."""
        self._oldest = request + 1

    def stop(self) -> None:
        """End the thread at the next file."""
        self.requestInterruption()
        self._requests.put(None)

    def run(self) -> None:
        """The thread."""
        while (asked := self._requests.get()) is not None:
            request, paths = asked
            batch: list[Path] = []
            for path in files_below(paths):
                if request < self._oldest or self.isInterruptionRequested():
                    break
                batch.append(path)
                if len(batch) == BATCH:
                    self.found.emit(request, batch)
                    batch = []
            else:
                if batch:
                    self.found.emit(request, batch)
            self.finished_walk.emit(request)
