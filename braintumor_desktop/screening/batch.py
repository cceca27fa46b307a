"""Many files: from the walk to results in the walk's order, each kept and handed to the sinks.

Threads read files and look them up in the records; what is new is answered batch by batch at
`workers.Places`, one for each worker. The batches under way are bounded, and so are the bytes of
their files over all workers.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from itertools import count, islice

import cv2

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult, refused
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.read import SNIFFED
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.byte_budget import ByteBudget
from braintumor_desktop.screening.items import size_of
from braintumor_desktop.screening.pipeline import BATCH, Screened, Sink, unforeseen
from braintumor_desktop.screening.progress import Control
from braintumor_desktop.screening.workers import Places
from braintumor_desktop.sources.passed_over import check_slice_like
from braintumor_desktop.sources.walk import Item
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.records import Records
from braintumor_desktop.store.subject import slice_subject

MOST_JOBS = 64
_AHEAD = 2  # batches under way for each worker: one is answered while the next is read
_TRIES = 3  # batches that cannot be kept in a row, after which it is not tried again

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Work:
    """An item on its way through a worker; `new` where its results are not in the records yet."""

    item: Item
    content: str = ""
    data: bytes = b""
    lent: int = 0
    screened: list[Screened] = field(default_factory=list)
    new: bool = False

    def end(self, screened: list[Screened]) -> None:
        """Take what is said of it; a failure of the app itself is not for the records."""
        self.screened = screened
        faults = [one.result.fault for one in screened if one.result.fault]
        self.new = bool(self.content) and not faults
        for fault in faults:
            log.error("A file failed: %s", fault)


class Batch:
    """Answers items from the records or by the network, with `jobs` workers.

    With `anew` everything is answered by the network, the records notwithstanding. Each of `sinks`
    gets every result once. `not_kept` says why answers could not be kept, if so; they are given
    out all the same.
    """

    def __init__(
        self,
        classifier: Classifier,
        records: Records,
        jobs: int,
        *,
        anew: bool = False,
        sinks: Sequence[Sink] = (),
    ) -> None:
        self._classifier = classifier
        self._anew = anew
        self._records = records
        self._jobs = max(1, min(jobs, MOST_JOBS, 4 * (os.cpu_count() or 1)))
        self._sinks = sinks
        self._pictures = any(sink.pictures for sink in sinks)
        self._budget = ByteBudget()
        self._tries = _TRIES
        self.key = classifier.description.answering_key
        self.not_kept: RecordsError | None = None
        self.files_done = 0
        """How many items have been given out, whatever number of frames they had."""

    def rows(self, items: Iterator[Item], control: Control) -> Iterator[FileResult]:
        """Yield the results of `items` in their order, kept and handed to the sinks before.

        One for each file, or for each of its frames. Pauses and ends between batches as `control`
        says.
        """
        numbers = count()
        decisions = self._records.decisions() if self._sinks else {}
        with (
            _one_thread_each(),
            closing(_Seen()) as seen,
            Places(self._classifier, self._jobs) as places,
            ThreadPoolExecutor(_AHEAD * self._jobs, thread_name_prefix="batch") as workers,
        ):
            try:
                for done in self._chunks(workers, places, items, control):
                    self._keep(done)
                    for work in done:
                        self.files_done += 1
                        first = seen.first(work.content, work.item.name)
                        for one in work.screened:
                            row = replace(
                                one.result,
                                number=next(numbers),
                                name=work.item.name,
                                path=work.item.path,
                                content=work.content,
                                duplicate_of=first,
                                thumbnail=None,  # the records have it
                            )
                            self._hand_over(row, one, decisions)
                            yield row
            finally:
                workers.shutdown(wait=True, cancel_futures=True)

    def _hand_over(self, row: FileResult, one: Screened, decisions: dict[str, Decision]) -> None:
        if self._sinks:
            subject = slice_subject(row.content, row.frame)
            decision = decisions.get(subject, Decision()).beside(row.label)
            screened = Screened(row, one.picture, decision)
            for sink in self._sinks:
                sink.write(screened)

    def _keep(self, done: Sequence[_Work]) -> None:
        new = [
            replace(one.result, content=work.content)
            for work in done
            if work.new
            for one in work.screened
        ]
        if not new or not self._tries:
            return
        try:
            self._records.add(self.key, new)
            self._tries = _TRIES
        except RecordsError as error:  # what is answered is given out nevertheless
            self.not_kept = error
            self._tries -= 1

    def _chunks(
        self,
        workers: ThreadPoolExecutor,
        places: Places,
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
                    under_way.append(workers.submit(self._answer, places, chunk))
            if under_way:
                yield under_way.popleft().result()
            else:
                control.wait()

    def _answer(self, places: Places, chunk: Sequence[Item]) -> list[_Work]:
        """All the way for one chunk, in a worker; in parts where its bytes have no room at once."""
        works = [_Work(item) for item in chunk]
        held: list[_Work] = []
        try:
            for work in works:
                size = size_of(work.item)
                if not self._budget.take(size, wait=not held):
                    self._finish(places, held)
                    self._budget.take(size, wait=True)
                work.lent = size
                held.append(work)
                self._read(work)
        finally:
            self._finish(places, held)
        return works

    def _finish(self, places: Places, held: list[_Work]) -> None:
        """Answer what waits among `held`, and let go of their bytes."""
        try:
            waiting = [work for work in held if not work.screened]
            if waiting:
                files = [(work.data, work.item.path) for work in waiting]
                said = places.answer(files, pictures=self._pictures)
                for work, about in zip(waiting, said, strict=True):
                    work.end(about)
        finally:
            for work in held:
                work.data = b""
                self._budget.give(work.lent)
            held.clear()

    def _read(self, work: _Work) -> None:
        try:
            if work.item.problem is not None or work.item.read is None:
                raise work.item.problem or FileNotFoundError
            work.data = work.item.read()
            self._budget.give(work.lent - len(work.data))
            work.lent = len(work.data)
            item, start = work.item, work.data[:SNIFFED]
            check_slice_like(item.path, start, named=item.named, on_disc=item.on_disc)
            work.content = hashlib.sha256(work.data).hexdigest()
            if not (self._anew or self._pictures):
                found = self._records.find(work.content, self.key)
                work.screened = [Screened(result) for result in found]
        except RecordsError as error:  # it is no file's fault: the file is answered
            self.not_kept = error
        except BraintumorError as error:
            work.screened = [Screened(refused(error))]
        except Exception as error:  # the worker's edge: one file must not cost the others
            work.end([Screened(unforeseen(error))])


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
