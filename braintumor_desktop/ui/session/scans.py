"""Scans that were asked for, and which of them selects what it finds first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.study import Instance
from braintumor_desktop.ui.session.scanner import Found, Scanner


class Scans(QObject):
    """Asks the scanner, and passes on what it finds for scans that are still wanted.

    `first`: the first picture met, while the rest is looked at, and whether it is to be selected.
    `found`: what was `Found`, once a scan is over, and whether the first of it is to be selected.
    `counted`: so many files have been looked at.
    """

    first = Signal(object, bool)
    found = Signal(object, bool)
    counted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scanner = Scanner(self)
        self._requests = count(1)
        self._wanted: set[int] = set()
        self._selects = 0
        self.scanner.first.connect(self._take_first)
        self.scanner.counted.connect(self._count)
        self.scanner.finished_scan.connect(self._take_found)

    @property
    def going(self) -> bool:
        """Whether paths are still being looked at."""
        return bool(self._wanted)

    def begin(self, paths: Sequence[Path], *, as_series: bool = False) -> None:
        """Look at paths; the first that is found of them is to be selected."""
        request = next(self._requests)
        self._wanted.add(request)
        self._selects = request
        self.scanner.scan(request, list(paths), as_series=as_series)

    def end(self) -> None:
        """Look at no more files; what was found stays."""
        self.scanner.forget(max(self._wanted, default=0))

    def clear(self) -> None:
        """Look at no more files, and drop what was found."""
        self.end()
        self._wanted.clear()

    def _take_first(self, request: int, instance: Instance) -> None:
        if request in self._wanted:
            self.first.emit(instance, self._selected_by(request))

    def _take_found(self, request: int, found: Found) -> None:
        if request in self._wanted:
            self._wanted.discard(request)
            self.found.emit(found, self._selected_by(request))

    def _selected_by(self, request: int) -> bool:
        """Whether what a scan has found is to be selected: once, and for the last one begun."""
        selects = request == self._selects
        if selects:
            self._selects = 0
        return selects

    def _count(self, _request: int, done: int) -> None:
        self.counted.emit(done)
