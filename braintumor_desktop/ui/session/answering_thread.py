"""Reading and answering, off the interface's thread."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from braintumor_desktop import crash_log as faults
from braintumor_desktop.domain.answer import ModelInfo, SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.errors import BraintumorError, ModelBundleError
from braintumor_desktop.ui.widgets.images import thumbnail

if TYPE_CHECKING:  # the window starts without ONNX Runtime
    from braintumor_desktop.inference.classifier import Classifier

log = logging.getLogger(__name__)

TURN = 0.025


@dataclass(frozen=True)
class Engine:
    """What answers: the model's identity, and the whole way from a file to its answer.

    `key` is that of its answers (`versions.answering_key`). `classifier` is the network behind
    `answer`, by which a run over many files answers too; None where there is no such run.
    """

    model: ModelInfo
    answer: Callable[[Path], SliceAnswer]
    key: str = ""
    classifier: Classifier | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of one job. Exactly one of `loaded`, `error` and `failed` says how it ended."""

    path: Path
    request: int
    loaded: SliceAnswer | None = None
    thumbnail: QImage | None = None
    error: BraintumorError | None = None
    failed: bool = False


class JobQueue:
    """Paths to answer with their request numbers, first in first out but for the preferred."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[Path, int] = OrderedDict()
        self._in_hand: tuple[Path, int] | None = None
        self._changed = Condition()
        self._closed = False

    def put(self, jobs: dict[Path, int], preferred: bool = False) -> None:
        """Add jobs, at the front if preferred. A newer request for a path replaces the older.

        The very job that is in hand is not added again.
        """
        with self._changed:
            new = dict(job for job in jobs.items() if job != self._in_hand)
            self._jobs.update(new)
            if preferred:
                for path in new:
                    self._jobs.move_to_end(path, last=False)
            self._changed.notify()

    def drop(self, path: Path) -> None:
        """Forget the job of a path."""
        with self._changed:
            self._jobs.pop(path, None)

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

    def take(self) -> tuple[Path, int] | None:
        """The next job; waits for one. None once the queue is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closed)
            self._in_hand = None if self._closed else self._jobs.popitem(last=False)
            return self._in_hand

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

    engine_ready = Signal(object)
    engine_failed = Signal(object)
    outcomes_ready = Signal()

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        read: Callable[[Path], MRISlice],
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
        answer = self._engine_or_reader()
        turn_ends = 0.0
        while (job := self.jobs.take()) is not None:
            turn_ends = turn_ends or time.monotonic() + TURN
            outcome = self._outcome(answer, *job)
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

    def _engine_or_reader(self) -> Callable[[Path], SliceAnswer]:
        try:
            engine = self._load_engine()
        except ModelBundleError as error:
            self.engine_failed.emit(error)
        except Exception as error:
            log.error("No engine: %s", faults.trace(error))
            self.engine_failed.emit(None)
        else:
            self.engine_ready.emit(engine)
            return engine.answer
        return lambda path: SliceAnswer(self._read(path))

    def _outcome(self, answer: Callable[[Path], SliceAnswer], path: Path, request: int) -> Outcome:
        try:
            loaded = answer(path)
            return Outcome(path, request, loaded, thumbnail(loaded.slice))
        except BraintumorError as error:
            return Outcome(path, request, error=error)
        except Exception as error:
            log.error("A slice failed: %s", faults.trace(error))
            return Outcome(path, request, failed=True)
