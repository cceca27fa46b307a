"""Many slices: a pipeline from the walk to rows in the walk's order.

Threads read files and look them up in the records; what is new is answered batch by batch at
`helpers.Places`, one for each worker. The batches under way are bounded; so is the memory.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count, islice

import cv2

from braintumor_desktop.domain.result import FileResult, refused
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.read import SNIFFED
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.answering import BATCH, unforeseen
from braintumor_desktop.screening.progress import Control
from braintumor_desktop.screening.workers import Places
from braintumor_desktop.sources.passed_over import check_slice_like
from braintumor_desktop.sources.walk import Item
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.records import Records

_AHEAD = 2  # batches under way for each worker: one is answered while the next is read

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Work:
    """An item on its way through a worker; `new` where its result is not in the records yet."""

    item: Item
    content: str = ""
    data: bytes = b""
    result: FileResult | None = None
    new: bool = False

    def end(self, result: FileResult) -> None:
        """Take what is said of it; a failure of the app itself is not for the records."""
        self.result = result
        self.new = bool(self.content) and not result.fault
        if result.fault:
            log.error("A file failed: %s", result.fault)


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
        self.key = classifier.description.answering_key

    def rows(self, items: Iterator[Item], control: Control) -> Iterator[FileResult]:
        """The rows of `items` in their order, each in the records before it is given out.

        Pauses and ends between batches as `control` says.
        """
        numbers = count()
        with (
            _one_thread_each(),
            closing(_Seen()) as seen,
            Places(self._classifier, self._jobs) as places,
            ThreadPoolExecutor(_AHEAD * self._jobs, thread_name_prefix="batch") as workers,
        ):
            try:
                for done in self._chunks(workers, places, items, control):
                    new = [
                        replace(work.result, content=work.content)
                        for work in done
                        if work.new and work.result is not None
                    ]
                    if new:
                        self._records.add(self.key, new)
                    for work in done:
                        assert work.result is not None
                        name = work.item.name
                        yield replace(
                            work.result,
                            number=next(numbers),
                            name=name,
                            path=work.item.path,
                            content=work.content,
                            duplicate_of=seen.first(work.content, name),
                            thumbnail=None,  # the records have it
                        )
            finally:
                workers.shutdown(wait=True, cancel_futures=True)

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
        """All the way for one chunk, in a worker."""
        works = [self._read(item) for item in chunk]
        waiting = [work for work in works if work.result is None]
        if waiting:
            said = places.answer([(work.data, work.item.path) for work in waiting])
            for work, about in zip(waiting, said, strict=True):
                work.end(about)
        for work in works:
            work.data = b""
        return works

    def _read(self, item: Item) -> _Work:
        work = _Work(item)
        try:
            if item.problem is not None or item.read is None:
                raise item.problem or FileNotFoundError
            work.data = item.read()
            check_slice_like(item.path, work.data[:SNIFFED], named=item.named, on_disc=item.on_disc)
            work.content = hashlib.sha256(work.data).hexdigest()
            if not self._anew:
                (work.result,) = self._records.find(work.content, self.key)[:1] or (None,)
        except RecordsError:
            raise  # it is no file's fault: the run ends and says so
        except BraintumorError as error:
            work.result = refused(error)
        except Exception as error:  # the worker's edge: one file must not cost the others
            work.end(unforeseen(error))
        return work


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
