"""From named paths to patients, studies and series, off the interface's thread."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from PySide6.QtCore import QObject, QThread, Signal

from braintumor_desktop import crash_log as faults
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.study import Catalogue, LeftOut
from braintumor_desktop.errors import gettext_noop

log = logging.getLogger(__name__)

Stamp = tuple[int, ...]
"""What changes where a file is written anew; empty where it cannot be looked at."""


@dataclass(frozen=True, eq=False)
class Found:
    """What a scan has found, and the stamps of the files that slices are read from."""

    catalogue: Catalogue
    stamps: dict[Path, Stamp] = field(default_factory=dict)


class Scanner(QThread):
    """Scans one list of paths after the other, by headers alone.

    `first`: with the request and the first picture met, while the rest is looked at. `counted`: how
    many files have been looked at. `finished_scan`: with the request and what was `Found`; every
    request ends with it.
    """

    first = Signal(int, object)
    counted = Signal(int, int)
    finished_scan = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._requests: SimpleQueue[tuple[int, list[Path], bool] | None] = SimpleQueue()
        self._oldest = 0

    def scan(self, request: int, paths: list[Path], *, as_series: bool = False) -> None:
        """Scan `paths` when those asked for before are done. Requests count upwards.

        With `as_series` the numbered pictures of a folder are one series.
        """
        self._requests.put((request, paths, as_series))

    def forget(self, request: int) -> None:
        """End the scans up to and including `request`, with what they have found by then."""
        self._oldest = request + 1

    def stop(self) -> None:
        """End the thread at the next file."""
        self.requestInterruption()
        self._requests.put(None)

    def run(self) -> None:
        """The thread."""
        while (asked := self._requests.get()) is not None:
            request, paths, as_series = asked
            try:
                found = self._scan(request, paths, as_series)
            except Exception as error:  # the worker's edge: the window goes on
                log.error("A scan failed: %s", faults.trace(error))
                found = Found(Catalogue(refused=tuple(LeftOut(p, _refusal(error)) for p in paths)))
            self.finished_scan.emit(request, found)

    def _scan(self, request: int, paths: list[Path], as_series: bool) -> Found:
        # pydicom comes with it: the window opens sooner without.
        from braintumor_desktop.sources.catalogue import scan

        def count(done: int) -> None:
            if done % 50 == 0:
                self.counted.emit(request, done)

        catalogue = scan(
            [path.absolute() for path in paths],
            count,
            lambda: request < self._oldest or self.isInterruptionRequested(),
            lambda instance: self.first.emit(request, instance),
            as_series=as_series,
        )
        files = {one.path for series in catalogue.series for one in series.instances}
        return Found(catalogue, {path: stamp_of(path) for path in files})


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _refusal(error: Exception) -> ReadWarning:
    reason = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
    words = gettext_noop("The operating system cannot look at it: {reason}.")
    return ReadWarning("no_access", words, (("reason", reason),))
