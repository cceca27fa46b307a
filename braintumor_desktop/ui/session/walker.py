"""From dropped paths to files, off the interface's thread."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from queue import SimpleQueue

from PySide6.QtCore import QObject, QThread, Signal

from braintumor_desktop import crash_log as faults
from braintumor_desktop.errors import FileAccessError
from braintumor_desktop.sources.files import files_below

log = logging.getLogger(__name__)

BATCH = 64

log = logging.getLogger(__name__)


class Walker(QThread):
    """Walks one list of paths after the other and reports files in batches.

    Paths are reported absolute, links resolved, so that one file is one row. A folder that cannot
    be listed, has no files or is a link is reported, as it is named, with the error that says so.
    """

    found = Signal(int, list)
    refused = Signal(int, object, object)
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
            for path in paths:
                try:
                    self._walk(request, path)
                except Exception as error:  # the worker's edge: no path must cost the others
                    log.error("A walk failed: %s", faults.trace(error))
                    self.refused.emit(request, path, _refusal(error))
            self.finished_walk.emit(request)

    def _walk(self, request: int, root: Path) -> None:
        batch: list[Path] = []
        for path, refusal in files_below([root]):
            if request < self._oldest or self.isInterruptionRequested():
                return
            if refusal is None:
                batch.append(Path(os.path.realpath(path)))
            else:
                self.refused.emit(request, path.absolute(), refusal)
            if len(batch) == BATCH:
                self.found.emit(request, batch)
                batch = []
        if batch:
            self.found.emit(request, batch)


def _refusal(error: Exception) -> FileAccessError:
    reason = error.strerror if isinstance(error, OSError) else ""
    return FileAccessError(
        "The operating system cannot look at it: {reason}.", reason=reason or type(error).__name__
    )
