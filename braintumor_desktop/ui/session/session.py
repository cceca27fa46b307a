"""What is loaded: one engine that answers, one store that keeps, what is open and what is run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.ui.session.answering_thread import Engine
from braintumor_desktop.ui.session.workbench import Workbench

if TYPE_CHECKING:  # OpenCV and ONNX Runtime come with it: the window opens sooner without
    from braintumor_desktop.store.records import Records
    from braintumor_desktop.ui.session.review import Review


class Session(QObject):
    """The open slices and the review, both answered by the engine that is loaded once."""

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
        self._open_records = open_records
        self.review: Review | None = None

    @property
    def reviews(self) -> bool:
        """Whether there is a store to review with."""
        return self._open_records is not None

    def begin_reviewing(self) -> Review | None:
        """The review, made when it is first asked for; None where there is no store."""
        if self.review is None and self._open_records is not None:
            from braintumor_desktop.ui.session.review import Review

            self.review = Review(self._open_records, self)
            if self.bench.engine is not None:
                self.review.take_engine(self.bench.engine)
            self.bench.engine_ready.connect(self.review.take_engine)
        return self.review

    def start(self) -> None:
        """Start the threads; the engine is loaded at once."""
        self.bench.start()

    def stop(self) -> None:
        """End all threads, after what is in hand, and close the store."""
        self.bench.stop()
        if self.review is not None:
            self.review.stop()

    @property
    def running(self) -> bool:
        """Whether a thread is left."""
        return self.bench.running or (self.review is not None and self.review.running)
