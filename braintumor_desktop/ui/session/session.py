"""What is loaded: one engine that answers, one store that keeps, what is open and what is run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.text import _, ngettext
from braintumor_desktop.ui.session.answering_thread import Engine
from braintumor_desktop.ui.session.notes_keeper import NotesKeeper
from braintumor_desktop.ui.session.workbench import Workbench

if TYPE_CHECKING:  # OpenCV and ONNX Runtime come with it: the window opens sooner without
    from braintumor_desktop.inference.classifier import Classifier
    from braintumor_desktop.outputs.stored_persons import StoredPersons
    from braintumor_desktop.store.records import Records
    from braintumor_desktop.ui.session.review import Review


class OpenedOnce:
    """The one store, opened by whoever asks for it first, in any thread."""

    def __init__(
        self, open_records: Callable[[], Records], opened: Callable[[Records], None]
    ) -> None:
        """`opened` is told of the store, once, in the thread that opened it."""
        self._open, self._opened = open_records, opened
        self._lock = threading.Lock()
        self._records: Records | None = None

    def get(self) -> Records:
        """Return the store; raises what opening it raises, and is opened anew the next time."""
        with self._lock:
            if self._records is None:
                self._records = self._open()
                self._opened(self._records)
            return self._records

    def close(self) -> None:
        """Close it, if it is open."""
        with self._lock:
            if self._records is not None:
                self._records.close()


class Session(QObject):
    """The open slices and the review, both answered by the engine that is loaded once.

    `records_trouble`: with the error that says why the records are not kept as the settings want.
    """

    records_trouble = Signal(object)
    _store_opened = Signal(object)

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        read: Callable[[Instance], MRISlice],
        open_records: Callable[[], Records] | None = None,
        parent: QObject | None = None,
    ) -> None:
        """`open_records` opens the store, in a thread, once a review asks for it; None for none."""
        super().__init__(parent)
        self.bench = Workbench(load_engine, read, self)
        self._store = (
            None if open_records is None else OpenedOnce(open_records, self._store_opened.emit)
        )
        self._store_opened.connect(self._take_store)
        self.notes = None if self._store is None else NotesKeeper(self._store.get, self)
        self.review: Review | None = None

    def _take_store(self, records: Records) -> None:
        if records.not_as_wanted is not None:
            self.records_trouble.emit(records.not_as_wanted)

    @property
    def reviews(self) -> bool:
        """Whether there is a store to review with."""
        return self._store is not None

    def begin_reviewing(self) -> Review | None:
        """The review, made when it is first asked for; None where there is no store."""
        if self.review is None and self._store is not None:
            from braintumor_desktop.ui.session.review import Review

            self.review = Review(self._store.get, self)
            if self.bench.engine is not None:
                self.review.take_engine(self.bench.engine)
            self.bench.engine_ready.connect(self.review.take_engine)
        return self.review

    def classifier(self) -> Classifier:
        """Return the network of the one engine; raises `ModelBundleError` where there is none."""
        engine = self.bench.engine
        if engine is not None and engine.classifier is not None:
            return engine.classifier
        raise self.bench.model_error or ModelBundleError("The network is not loaded yet.")

    def persons(self) -> StoredPersons | None:
        """Return what persons decided and marked; None where there is no store."""
        from braintumor_desktop.outputs.stored_persons import StoredPersons

        if self._store is None or self.notes is None:
            return None
        return StoredPersons(self._store.get, self.notes.noted)

    def unkept_notes(self) -> list[tuple[str, str]]:
        """Return what closing would lose of measurements and key images, as lines to read.

        Waits for what is on its way to the store.
        """
        if self.notes is None:
            return []
        self.notes.stop()
        count = self.notes.unkept
        words = ngettext("on {count} slice", "on {count} slices", count).format(count=count)
        return [(_("Measurements and key images"), words)] if count else []

    def start(self) -> None:
        """Start the threads; the engine is loaded at once."""
        self.bench.start()

    def stop(self) -> None:
        """End all threads, after what is in hand, and close the store."""
        self.bench.stop()
        if self.notes is not None:
            self.notes.stop()
        if self.review is not None:
            self.review.stop()
        if self._store is not None:
            self._store.close()

    @property
    def running(self) -> bool:
        """Whether a thread is left."""
        return self.bench.running or (self.review is not None and self.review.running)
