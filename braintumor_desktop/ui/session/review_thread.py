"""The batch behind the review page, off the interface's thread."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from threading import Condition

from PySide6.QtCore import QObject, QThread, Signal

from braintumor_desktop import crash_log as faults
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.screening.progress import Control, Meter, Progress, ReadAhead
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.store.records import Records

log = logging.getLogger(__name__)

_MOST_WAITING = 4096  # rows that wait for a busy interface


class BatchThread(QThread):
    """One run. Rows gather in a basket, `rows_ready` says that there are some.

    `began` tells whether the run goes on with one that was cut off; `failed` carries a
    `BraintumorError`, or None for what nobody foresaw.
    """

    began = Signal(bool)
    rows_ready = Signal()
    failed = Signal(object)

    def __init__(
        self,
        classifier: Classifier,
        records: Records,
        key: str,
        roots: Sequence[Path],
        parent: QObject | None = None,
    ) -> None:
        """`key` is that of the classifier's answers (`versions.answering_key`)."""
        super().__init__(parent)
        self.control = Control()
        self._classifier = classifier
        self._records = records
        self._key = key
        self._roots = list(roots)
        self._lock = Condition()
        self._rows: list[FileResult] = []
        self._progress = Progress(0, None, 0.0)
        self._stopping = False

    def take_rows(self) -> tuple[list[FileResult], Progress]:
        """The rows since the last call, and how far the run is."""
        with self._lock:
            taken, self._rows = self._rows, []
            self._lock.notify()
            return taken, self._progress

    def stop(self) -> None:
        """End the run after what is in hand."""
        self.control.cancel()
        with self._lock:
            self._stopping = True
            self._lock.notify()

    def leave(self) -> None:
        """End the run and wait for it; nobody is told of it any more."""
        self.rows_ready.disconnect()
        self.finished.disconnect()
        self.failed.disconnect()
        self.stop()
        self.wait()

    def run(self) -> None:
        """The thread."""
        try:
            self._run()
        except BraintumorError as error:
            self.failed.emit(error)
        except Exception as error:
            log.error("The batch failed: %s", faults.trace(error))
            self.failed.emit(None)

    def _run(self) -> None:
        number, resumed = self._records.begin_run(self._roots, self._key)
        self.began.emit(resumed)
        batch = Batch(self._classifier, self._records, os.cpu_count() or 1)
        meter = Meter(time.monotonic)
        with closing(ReadAhead(walk(self._roots))) as items:
            for row in batch.rows(items, self.control):
                with self._lock:
                    self._lock.wait_for(lambda: len(self._rows) < _MOST_WAITING or self._stopping)
                    self._rows.append(row)
                    self._progress = meter.measure(batch.files_done, items.total)
                    first = len(self._rows) == 1
                if first:
                    self.rows_ready.emit()
        if not self.control.cancelled:
            self._records.end_run(number)
