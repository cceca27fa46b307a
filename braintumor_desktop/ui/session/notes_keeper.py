"""Notes on slices, kept and found again in the store, off the interface's thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThreadPool, Signal

from braintumor_desktop import crash_log
from braintumor_desktop.domain.measurement import SliceNotes
from braintumor_desktop.errors import BraintumorError

if TYPE_CHECKING:
    from braintumor_desktop.store.records import Records

log = logging.getLogger(__name__)

Key = tuple[str, int]
"""The SHA-256 of a file's bytes in hex, and the frame in it."""


class NotesKeeper(QObject):
    """Keeps what a person measures and marks, in order, by one thread.

    `found`: notes that were kept earlier, by key. `failed`: with the error that says why notes are
    not kept; they are tried again with the next ones, and `unkept` are those that are still to be.
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, open_records: Callable[[], Records], parent: QObject | None = None) -> None:
        """`open_records` opens the store; it is called in the thread, again where it failed."""
        super().__init__(parent)
        self._open_records = open_records
        self._records: Records | None = None
        self._asked: set[str] = set()
        self._said = False
        self._lock = threading.Lock()
        self._pending: dict[Key, SliceNotes] = {}
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)

    @property
    def unkept(self) -> int:
        """On how many slices there are notes that are not in the store."""
        with self._lock:
            return len(self._pending)

    def find(self, content: str) -> None:
        """Look for the notes on a file, once; `found` says what there is."""
        if content and content not in self._asked:
            self._asked.add(content)
            self._pool.start(lambda: self._safely(lambda store: self._find(store, content)))

    def keep(self, key: Key, notes: SliceNotes) -> None:
        """Keep what is put down about a slice now."""
        with self._lock:
            self._pending[key] = notes
        self._pool.start(lambda: self._safely(self._keep))

    def noted(self, content: str, frame: int) -> SliceNotes | None:
        """What is put down about a slice, kept or on its way to the store; may be slow."""
        with self._lock:
            waiting = self._pending.get((content, frame))
        return waiting or self._open_records().notes.of(content).get(frame)

    def stop(self) -> None:
        """Wait for what is in hand; the store is closed by who opens it for all."""
        self._pool.waitForDone()

    def _safely(self, work: Callable[[Records], None]) -> None:
        try:
            if self._records is None:
                self._records = self._open_records()
            work(self._records)
        except BraintumorError as error:
            self._fail(error)
        except Exception as error:
            log.error("Notes failed: %s", crash_log.trace(error))
            self._fail(BraintumorError("Something unexpected went wrong."))
        else:
            self._said = False

    def _fail(self, error: BraintumorError) -> None:
        """Say it once, not with every measurement."""
        if not self._said:
            self._said = True
            self.failed.emit(error)

    def _find(self, store: Records, content: str) -> None:
        notes = {(content, frame): said for frame, said in store.notes.of(content).items()}
        if notes:
            self.found.emit(notes)

    def _keep(self, store: Records) -> None:
        with self._lock:
            waiting = dict(self._pending)
        for (content, frame), notes in waiting.items():
            store.notes.keep(content, frame, notes)
            with self._lock:
                if self._pending.get((content, frame)) is notes:
                    del self._pending[content, frame]
