"""Reading and answering, off the interface's thread."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Condition
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from braintumor_desktop import crash_log as faults
from braintumor_desktop.domain.answer import ModelInfo, Prediction, SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import BraintumorError, ModelBundleError
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.widgets.images import thumbnail

if TYPE_CHECKING:  # the window starts without ONNX Runtime
    from braintumor_desktop.inference.bundle_signature import Signature
    from braintumor_desktop.inference.classifier import Classifier

log = logging.getLogger(__name__)

TURN = 0.025


@dataclass(frozen=True, eq=False)
class Engine:
    """What answers: the model's identity, and the whole way from a slice to its answer.

    Attributes
    ----------
    model
        Which model answers.
    answer
        Reads, prepares and answers a slice.
    key
        That of its answers (`versions.answering_key`).
    classifier
        The network behind `answer`, by which a run over many files answers too; None where there
        is no such run.
    look
        Reads and prepares a slice, without an answer; None where `answer` does.
    judge
        Says something of a whole series, from its slices' answers in order; None where nothing is.

    """

    model: ModelInfo
    answer: Callable[[Instance], SliceAnswer]
    key: str = ""
    classifier: Classifier | None = None
    look: Callable[[Instance], SliceAnswer] | None = None
    judge: Callable[[Sequence[tuple[Instance, Prediction | None]]], SeriesAnswer] | None = None

    @property
    def signature(self) -> Signature | None:
        """Whose the bundle is; None where nothing says it."""
        return None if self.classifier is None else self.classifier.signature


@dataclass(frozen=True, eq=False)
class Job:
    """A slice to read and answer.

    `known` is the answer to the content with the SHA-256 `content`, which need not be given twice.
    With `unanswered` it is only read.
    """

    request: int
    instance: Instance
    known: Prediction | None = None
    content: str = ""
    unanswered: bool = False


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one job. Exactly one of `loaded`, `error` and `failed` says how it ended."""

    key: Key
    request: int
    loaded: SliceAnswer | None = None
    thumbnail: QImage | None = None
    error: BraintumorError | None = None
    failed: bool = False


class JobQueue:
    """Slices to answer with their jobs, first in first out but for the preferred."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[Any, Any] = OrderedDict()
        self._in_hand: tuple[Any, Any] | None = None
        self._changed = Condition()
        self._closed = False

    def put(self, jobs: Mapping[Any, Any], preferred: bool = False) -> None:
        """Add jobs, at the front in their order if preferred. A newer one replaces the older.

        The very job that is in hand is not added again.
        """
        with self._changed:
            new = {key: job for key, job in jobs.items() if not self._is_in_hand(key, job)}
            self._jobs.update(new)
            if preferred:
                for key in reversed(new):
                    self._jobs.move_to_end(key, last=False)
            self._changed.notify()

    def drop(self, key: object) -> None:
        """Forget the job of a slice."""
        with self._changed:
            self._jobs.pop(key, None)

    def clear(self) -> None:
        """Forget all jobs."""
        with self._changed:
            self._jobs.clear()

    def close(self) -> None:
        """Forget all jobs and let `take` return None from now on."""
        with self._changed:
            self._jobs.clear()
            self._closed = True
            self._changed.notify_all()

    def take(self) -> tuple[Any, Any] | None:
        """The next job; waits for one. None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            self._in_hand = None if self._closed else self._jobs.popitem(last=False)
            return self._in_hand

    def _is_in_hand(self, key: object, job: object) -> bool:
        if self._in_hand is None or self._in_hand[0] != key:
            return False
        held = self._in_hand[1]
        if isinstance(held, Job) and isinstance(job, Job):
            return held.request == job.request
        return bool(held == job)

    def finish(self) -> bool:
        """Put the job in hand away; whether there are more."""
        with self._changed:
            self._in_hand = None
            return bool(self._jobs)


class AnswerThread(QThread):
    """Loads the engine, then answers job after job until it is stopped.

    It works in turns: after `TURN` seconds, or when there is nothing left to do, it sends
    `outcomes_ready` and waits until `next_turn`. Two threads that both want Python's lock keep
    each other waiting for much longer than their work takes; in turns the interface has the lock
    to itself while it shows what was done, and outcomes, which carry pixels, cannot pile up.
    """

    engine_settled = Signal(object, object)
    outcomes_ready = Signal()

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        read: Callable[[Instance], MRISlice],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.jobs = JobQueue()
        self._load_engine = load_engine
        self._read = read
        self._lock = Condition()
        self._outcomes: list[Outcome] = []
        self._may_work = True
        self._stopping = False

    def take_outcomes(self) -> list[Outcome]:
        """What has been done since the last call."""
        with self._lock:
            taken, self._outcomes = self._outcomes, []
        return taken

    def next_turn(self) -> None:
        """Let the thread go on."""
        with self._lock:
            self._may_work = True
            self._lock.notify()

    def stop(self) -> None:
        """End the thread after the job in hand."""
        self.jobs.close()
        with self._lock:
            self._stopping = True
            self._lock.notify()

    def run(self) -> None:
        """The thread."""
        engine = self._engine_or_reader()
        turn_ends = 0.0
        while (job := self.jobs.take()) is not None:
            turn_ends = turn_ends or time.monotonic() + TURN
            outcome = self._outcome(engine, *job)
            with self._lock:
                self._outcomes.append(outcome)
            if not self.jobs.finish() or time.monotonic() >= turn_ends:
                turn_ends = 0.0
                self._hand_over()

    def _hand_over(self) -> None:
        with self._lock:
            self._may_work = False
        self.outcomes_ready.emit()
        with self._lock:
            self._lock.wait_for(lambda: self._may_work or self._stopping)

    def _engine_or_reader(self) -> Engine | None:
        try:
            engine = self._load_engine()
        except ModelBundleError as error:
            self.engine_settled.emit(None, error)
        except Exception as error:
            log.error("No engine: %s", faults.trace(error))
            self.engine_settled.emit(None, None)
        else:
            self.engine_settled.emit(engine, None)
            return engine
        return None

    def _outcome(self, engine: Engine | None, key: Key, job: Job) -> Outcome:
        try:
            loaded = self._look(engine, job)
            return Outcome(key, job.request, loaded, thumbnail(loaded.slice))
        except BraintumorError as error:
            return Outcome(key, job.request, error=error)
        except Exception as error:
            log.error("A slice failed: %s", faults.trace(error))
            return Outcome(key, job.request, failed=True)

    def _look(self, engine: Engine | None, job: Job) -> SliceAnswer:
        if engine is None or job.unanswered:
            return SliceAnswer(self._read(job.instance))
        if job.known is not None and engine.look is not None:
            looked = engine.look(job.instance)
            if looked.slice.source.sha256 == job.content:
                return SliceAnswer(looked.slice, looked.prepared, job.known)
        return engine.answer(job.instance)
