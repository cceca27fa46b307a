"""The review behind the worklist: the store, the run over many files, and what is written of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.store.records import Records
from braintumor_desktop.ui.session.answering_thread import Engine
from braintumor_desktop.ui.session.decisions import Decisions
from braintumor_desktop.ui.session.review_thread import BatchThread
from braintumor_desktop.ui.session.task_thread import TaskRunner


class Review(QObject):
    """One store and one run at a time, answered by the engine that answers the window.

    `opened`: the store is open. `begun`: the rows before are gone; `resumed` tells, a little later,
    whether the run goes on with one that was cut off. `came`: rows and how far the run is. `ended`:
    the run is over. `failed`: with the error, None for what nobody foresaw. `nothing_asked`: there
    is no last review to go on with.
    """

    opened = Signal()
    begun = Signal()
    resumed = Signal(bool)
    came = Signal(list, object)
    ended = Signal()
    failed = Signal(object)
    nothing_asked = Signal()

    def __init__(self, open_records: Callable[[], Records], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open_records = open_records
        self._pending: list[Path] | None = None
        self._run: BatchThread | None = None
        self.tasks = TaskRunner(self)
        self.engine: Engine | None = None
        self.records: Records | None = None
        self.decisions: Decisions | None = None

    @property
    def running(self) -> bool:
        """Whether a thread is at work."""
        return self.tasks.running or (self._run is not None and self._run.isRunning())

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that can be decided for; none before engine and store are there."""
        if self.engine is None or self.engine.classifier is None or self.records is None:
            return ()
        return self.engine.classifier.classes

    def take_engine(self, engine: Engine) -> None:
        """Answer with this engine, the window's own."""
        self.engine = engine
        if self.records is not None:
            self._ready()

    def review(self, roots: Sequence[Path]) -> None:
        """Go through these; with none, through what the last run went through."""
        self._pending = [root.absolute() for root in roots]
        self.open_store()

    def open_store(self) -> None:
        """Open the store, where it is not, in a thread; then what was asked for begins."""
        if self.records is not None:
            self._begin()
        elif not self.tasks.busy:
            self.tasks.do(self._open, self._opened)

    def pause(self, on: bool) -> bool:
        """Pause the run, or let it go on; whether there is one."""
        if self._run is None:
            return False
        if on:
            self._run.control.pause()
        else:
            self._run.control.go_on()
        return True

    def cancel(self) -> None:
        """End the run; what is answered stays."""
        if self._run is not None:
            self._run.stop()

    def stop(self) -> None:
        """End all work and close the store."""
        self.cancel()
        if self._run is not None:
            self._run.wait()
        self.tasks.stop()
        if self.records is not None:
            self.records.close()
        self.engine = None

    def take(self) -> None:
        """Hand over the rows that have come since."""
        if self._run is not None:
            rows, progress = self._run.take_rows()
            self.came.emit(rows, progress)

    @property
    def over(self) -> bool:
        """Whether there was a run and it is over."""
        return self._run is not None and not self._run.isRunning()

    def thumbnail(self, content: str) -> bytes | None:
        """The JPEG bytes of a content's thumbnail, None where there is none."""
        if self.engine is None or self.records is None:
            return None
        return self.records.thumbnail(content, self.engine.key)

    def _open(self) -> None:
        self.records = self._open_records()

    def _opened(self, error: BraintumorError | None) -> None:
        if error is not None:
            self.failed.emit(error)
        else:
            self._ready()

    def _ready(self) -> None:
        if self.records is None or self.engine is None or self.engine.classifier is None:
            return
        if self.decisions is None:
            try:
                self.decisions = Decisions(self.records, self.engine.key)
            except BraintumorError as error:
                self.failed.emit(error)
                return
            self.opened.emit()
        self._begin()

    def _begin(self) -> None:
        engine, records, decisions = self.engine, self.records, self.decisions
        if self._pending is None or engine is None or records is None or decisions is None:
            return
        assert engine.classifier is not None
        try:
            roots, self._pending = self._pending, None
            last = None if roots else records.last_run()
            if not roots and last is None:
                self.nothing_asked.emit()
                return
            if self._run is not None:
                self._run.leave()
            decisions.refresh()
        except BraintumorError as error:
            self.failed.emit(error)
            return
        self.begun.emit()
        run = BatchThread(engine.classifier, records, engine.key, roots or (last or ([],))[0], self)
        self._run = run
        run.began.connect(self.resumed)
        run.rows_ready.connect(self.take)
        run.failed.connect(self.failed)
        run.finished.connect(self.ended)
        run.start()
