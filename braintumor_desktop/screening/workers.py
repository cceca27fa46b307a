"""Where files are answered: in this process, and in helper processes once a run is long enough.

Threads alone leave a part of every core unused: between OpenCV's, NumPy's and ONNX Runtime's calls
each needs Python's lock, and waits for it. A helper has a lock of its own. It is started, never
forked (locks that other threads hold would stay held), gets files' bytes through a pipe and gives
back what is said of them. It ends when the pipe does, as when the app is killed.
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

import cv2

from braintumor_desktop.domain.result import refused
from braintumor_desktop.errors import BraintumorError, SliceReadError
from braintumor_desktop.imaging.dicom.identifiers import read_identifiers
from braintumor_desktop.inference.bundle import BundleDescription
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.pipeline import File, Screened, answer

MOST = 7
"""Helpers at most, however many cores there are: each has the network in memory."""
WORTH_IT = 12
"""Batches after which a run is long enough for helpers, which take half a second to start."""

LARGE = 64 * 2**20
"""Bytes from which files are answered in this process: a helper would need them twice more."""

_LOST = (EOFError, OSError, pickle.UnpicklingError)

log = logging.getLogger(__name__)


class WorkerDiedError(SliceReadError):
    """The process that read the file ended, twice."""

    kind = "worker_died"


class Helper:
    """A process that answers files. Used by one thread at a time."""

    def __init__(self, bundle: Path) -> None:
        """Start it with the network in the folder `bundle`. Raises `OSError`."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, bundle), daemon=True)
        with _deaf_to_ctrl_c():
            self.process.start()
        theirs.close()

    def model(self, patience_s: float | None) -> tuple[BundleDescription, str] | None:
        """What it answers with, and the key of its answers (`versions.answering_key`).

        None while it is still starting after `patience_s`.

        Raises one of `_LOST` where it did not come up.
        """
        return self._pipe.recv() if self._pipe.poll(patience_s) else None

    def answer(self, files: Sequence[File], *, pictures: bool) -> list[list[Screened]]:
        """As `pipeline.answer`. Raises one of `_LOST` where the process is gone."""
        self._pipe.send((files, pictures))
        said: list[list[Screened]] = self._pipe.recv()
        return said

    def close(self) -> None:
        """End it: it holds nothing that could be lost."""
        self._pipe.close()
        self.process.terminate()
        self.process.join()


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Ctrl-C is the app's to answer: what is started here does not get it, not even at first."""
    if sys.platform == "win32":
        yield
        return
    resource_tracker.ensure_running()  # if it were started inside, it would undo this
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(pipe: Connection, bundle: Path) -> None:
    """A helper's life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    with suppress(*_LOST, BraintumorError):
        classifier = Classifier.load(bundle)
        pipe.send((classifier.description, classifier.description.answering_key))
        while True:
            files, pictures = pipe.recv()
            pipe.send(answer(classifier, files, pictures=pictures))


class Places:
    """As many places to answer files as there are workers; all but one may become helpers.

    A context: helpers end with it. `answer` may be called from any thread.
    """

    patience_s: float | None = 0.0
    """How long a helper that is starting is waited for."""

    def __init__(self, classifier: Classifier, jobs: int, worth_it: int = WORTH_IT) -> None:
        self._classifier = classifier
        self._places: SimpleQueue[Helper | None] = SimpleQueue()
        for _ in range(jobs):
            self._places.put(None)
        self._wanted = min(MOST, jobs - 1) if classifier.folder else 0
        self._worth_it = worth_it
        self._lock = threading.Lock()
        self._starting: list[Helper] = []
        self._helpers: list[Helper] = []

    def __enter__(self) -> Places:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for helper in self._helpers:
            helper.close()

    def answer(self, files: Sequence[File], *, pictures: bool = False) -> list[list[Screened]]:
        """As `pipeline.answer`, at the next place that is free."""
        place = self._places.get()
        try:
            place = place or self._helper()
            if place is None or sum(len(data) for data, _ in files) > LARGE:
                return answer(self._classifier, files, pictures=pictures)
            try:
                return place.answer(files, pictures=pictures)
            except _LOST:
                log.warning("A helper process is gone; its files are answered by another.")
                place = None
                return [said for file in files for said in self._once_more(file, pictures)]
        finally:
            self._places.put(place)

    def _once_more(self, file: File, pictures: bool) -> list[list[Screened]]:
        """One of the files over which a helper died, in a helper that has nothing else to lose."""
        assert self._classifier.folder is not None
        try:
            helper = Helper(self._classifier.folder)
        except OSError:
            return answer(self._classifier, [file], pictures=pictures)
        try:
            helper.model(None)
            return helper.answer([file], pictures=pictures)
        except _LOST:
            error = WorkerDiedError(
                "The process that read this file ended twice; the file is not read again."
            )
            return [[Screened(refused(error, read_identifiers(file[0])))]]
        finally:
            helper.close()

    def _helper(self) -> Helper | None:
        """A helper that has come up meanwhile; starts them when it is time."""
        with self._lock:
            self._worth_it -= 1
            if self._worth_it < 0 and self._wanted:
                self._start()
            for helper in self._starting:
                try:
                    model = helper.model(self.patience_s)
                except _LOST:
                    log.warning("A helper process did not come up.")
                else:
                    if model is None:
                        continue
                    ours = self._classifier.description
                    if model == (ours, ours.answering_key):
                        self._starting.remove(helper)
                        return helper
                    log.warning("A helper process has another model or other code.")
                self._starting.remove(helper)
                return None
        return None

    def _start(self) -> None:
        assert self._classifier.folder is not None
        try:
            for _ in range(self._wanted):
                helper = Helper(self._classifier.folder)
                self._helpers.append(helper)
                self._starting.append(helper)
        except OSError as error:
            log.warning("No helper process could be started: %s", error.strerror)
        self._wanted = 0
