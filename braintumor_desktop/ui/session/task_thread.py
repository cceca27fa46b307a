"""One thing that takes its time, off the interface's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Signal

from braintumor_desktop import crash_log as faults
from braintumor_desktop.errors import BraintumorError

log = logging.getLogger(__name__)


class TaskThread(QThread):
    """Does one thing, as an export; `ended` carries the error that says why not, or None."""

    ended = Signal(object)

    def __init__(self, task: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task = task

    def run(self) -> None:
        """The thread."""
        try:
            self._task()
        except BraintumorError as error:
            self.ended.emit(error)
        except Exception as error:
            log.error("A task failed: %s", faults.trace(error))
            self.ended.emit(BraintumorError("Something unexpected went wrong."))
        else:
            self.ended.emit(None)
