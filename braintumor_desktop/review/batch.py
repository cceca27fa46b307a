"""Many slices: a pipeline from the walk to rows in the walk's order.

Every worker thread reads, prepares and answers one batch at a time. OpenCV, NumPy and ONNX Runtime
let go of Python's lock for nearly all of that, so that threads keep every core busy without copying
a slice between processes. The batches under way are bounded; so is the memory.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import cv2

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import decode_slice
from braintumor_desktop.imaging.slice import MRISlice, PreparedSlice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.review import outcome as outcomes
from braintumor_desktop.review.database import RecordsError
from braintumor_desktop.review.outcome import Outcome
from braintumor_desktop.review.progress import Control
from braintumor_desktop.review.records import Answered, Records
from braintumor_desktop.review.thumbnail import thumbnail_jpeg
from braintumor_desktop.review.walk import Item

BATCH = 8
"""Slices that the network gets at once, always exactly so many: the last bits of an answer depend
on the batch's size, not on what else is in it."""
_AHEAD = 2  # batches under way for each worker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the worklist, `number` counting from 0 in the walk's order.

    `content` is the SHA-256 of the file's bytes in hex, empty where there were none to read;
    `duplicate_of` the name of the first file with the same content.
    """

    number: int
    name: str
    path: Path
    content: str
    outcome: Outcome
    duplicate_of: str = ""


class _UnforeseenError(BraintumorError):
    kind = "internal"


@dataclass(slots=True)
class _Work:
    """An item on its way through a worker; `new` where its outcome is not in the records yet."""

    item: Item
    content: str = ""
    outcome: Outcome | None = None
    mri: MRISlice | None = None
    prepared: PreparedSlice | None = None
    thumbnail: bytes | None = None
    new: bool = False


class Batch:
    """Answers items from the records or by the network, with `jobs` workers.

    With `anew` everything is answered by the network, the records notwithstanding.
    """

    def __init__(
        self, classifier: Classifier, records: Records, jobs: int, *, anew: bool = False
    ) -> None:
        self._classifier = classifier
        self._anew = anew
        self._records = records
        self._jobs = jobs
        self.key = outcomes.answering_key(classifier.description)

    def rows(self, items: Iterator[Item], control: Control) -> Iterator[Row]:
        """The rows of `items` in their order, each in the records before it is given out.

        Pauses and ends between batches as `control` says.
        """
        numbers = count()
        with (
            _one_thread_each(),
            closing(_Seen()) as seen,
            ThreadPoolExecutor(self._jobs, thread_name_prefix="batch") as workers,
        ):
            try:
                for done in self._chunks(workers, items, control):
                    new = [
                        Answered(work.content, work.outcome, work.thumbnail)
                        for work in done
                        if work.new and work.outcome is not None
                    ]
                    if new:
                        self._records.add(self.key, new)
                    for work in done:
                        assert work.outcome is not None
                        name = work.item.name
                        first = seen.first(work.content, name)
                        yield Row(
                            next(numbers), name, work.item.path, work.content, work.outcome, first
                        )
            finally:
                workers.shutdown(wait=True, cancel_futures=True)

    def _chunks(
        self,
        workers: ThreadPoolExecutor,
        items: Iterator[Item],
        control: Control,
    ) -> Iterator[list[_Work]]:
        under_way: deque[Future[list[_Work]]] = deque()
        more = True
        while not control.cancelled and (more or under_way):
            while more and not control.paused and len(under_way) < _AHEAD * self._jobs:
                chunk = list(islice(items, BATCH))
                more = len(chunk) == BATCH
                if chunk:
                    under_way.append(workers.submit(self._answer, chunk))
            if under_way:
                yield under_way.popleft().result()
            else:
                control.wait()

    def _answer(self, chunk: Sequence[Item]) -> list[_Work]:
        """All the way for one chunk, in a worker."""
        works = [self._guarded(_Work(item), self._read) for item in chunk]
        waiting = [work for work in works if work.prepared is not None]
        if waiting:
            try:
                self._classify(waiting)
            except Exception as error:  # the worker's edge
                for work in waiting:
                    work.outcome, work.new = _unforeseen(error), False
        for work in works:
            work.mri = work.prepared = None
        return works

    def _guarded(self, work: _Work, step: Callable[[_Work], None]) -> _Work:
        try:
            step(work)
        except RecordsError:
            raise  # it is no file's fault: the run ends and says so
        except BraintumorError as error:
            work.outcome = outcomes.refused(error)
            work.new = bool(work.content)
        except Exception as error:  # the worker's edge: one file must not cost the others
            work.outcome = _unforeseen(error)
        return work

    def _read(self, work: _Work) -> None:
        if work.item.problem is not None or work.item.read is None:
            raise work.item.problem or FileNotFoundError
        data = work.item.read()
        work.content = hashlib.sha256(data).hexdigest()
        if not self._anew:
            work.outcome = self._records.find(work.content, self.key)
        if work.outcome is None:
            work.mri = decode_slice(data, work.item.path)
            work.prepared = prepare(work.mri, self._classifier.input_size)

    def _classify(self, works: Sequence[_Work]) -> None:
        slices = [work.prepared for work in works if work.prepared is not None]
        filled = slices + [slices[0]] * (BATCH - len(slices))
        predictions = self._classifier.classify_batch(filled, outlined=False)
        for work, prediction in zip(works, predictions, strict=False):
            assert work.mri is not None
            answered = outcomes.answered(work.mri, prediction)
            # As it comes out of the records, so that a resumed run writes the same.
            work.outcome = outcomes.from_json(outcomes.to_json(answered))
            work.thumbnail = thumbnail_jpeg(work.mri)
            work.new = True


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Keep OpenCV from threads of its own: every worker is meant for one core."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


class _Seen:
    """The contents met so far, in a database that SQLite moves to disk as it grows."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("PRAGMA cache_size = -2000")
        self._database.execute("CREATE TABLE seen (content BLOB PRIMARY KEY, name TEXT)")

    def first(self, content: str, name: str) -> str:
        """The name that this content came with first, empty where this is it."""
        if not content:
            return ""
        digest = bytes.fromhex(content)
        sql = "INSERT OR IGNORE INTO seen VALUES (?, ?)"
        encoded = name.encode("utf-8", "surrogateescape")  # names need not be text on Linux
        if self._database.execute(sql, (digest, encoded)).rowcount:
            return ""
        sql = "SELECT name FROM seen WHERE content = ?"
        ((found,),) = self._database.execute(sql, (digest,))
        return str(found.decode("utf-8", "surrogateescape"))

    def close(self) -> None:
        """Drop everything."""
        self._database.close()


def _unforeseen(error: Exception) -> Outcome:
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    # No message of the error: it may hold a path or a name.
    log.error("A file failed: %s at %s", type(error).__name__, " > ".join(frames))
    return outcomes.refused(
        _UnforeseenError(
            "The app failed on this file in a way that it did not foresee ({error}).",
            error=type(error).__name__,
        )
    )
