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


class TaskRunner(QObject):
    """Does one thing at a time in a thread, and tells in this one what became of it."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread: TaskThread | None = None
        self._stopped = False

    @property
    def busy(self) -> bool:
        """Whether something is being done, or what became of it is not told yet."""
        return self._thread is not None

    @property
    def running(self) -> bool:
        """Whether a thread is at work."""
        return self._thread is not None and self._thread.isRunning()

    def do(
        self, task: Callable[[], object], after: Callable[[BraintumorError | None], None]
    ) -> None:
        """Do something in a thread; `after` gets its error, in this one, unless stopped before."""
        thread = TaskThread(lambda: (task(), None)[1], self)

        def end(error: BraintumorError | None) -> None:
            thread.wait()
            self._thread = None
            thread.deleteLater()  # with it goes what its task holds
            if not self._stopped:
                after(error)

        self._thread = thread
        thread.ended.connect(end)
        thread.start()

    def stop(self) -> None:
        """End, after what is in hand; nothing is told of it."""
        self._stopped = True
        if self._thread is not None:
            self._thread.wait()
