"""Decoding in a process of its own, with limits: what dies on a file is not the app.

The process is started when it is first needed, and kept: starting takes half a second, a frame a
few milliseconds. It is a plain child with a pipe each way, not one of `multiprocessing`, because
the helpers of a batch, which are daemons, may not have such children.
"""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging import decoder_worker, process_usage

MEMORY_BYTES = 2**30
"""What the process may have in all."""

SECONDS = 2.0
"""What one frame may take of a processor for each 1024 x 1024 pixels, and at least."""

_START_SECONDS = 60.0
_WATCH_SECONDS = 0.05
_PATIENCE = 15
_FRAME = 1024 * 1024

_PACKAGE = Path(__file__).resolve().parents[2]
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from braintumor_desktop.imaging import decoder_worker; decoder_worker.main()"
)


class DecoderError(Exception):
    """Why there are no values: "damaged", "memory", "missing", "time", "died" or "start"."""


class DecoderProcess:
    """One decoding process. Used by one thread at a time."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        """Start it. Raises DecoderError where it does not come up."""
        self._memory = memory_bytes
        self.owner = os.getpid()
        frozen = getattr(sys, "frozen", False)
        first = [decoder_worker.ARGUMENT] if frozen else ["-c", _START, str(_PACKAGE)]
        options: dict[str, Any] = {"start_new_session": True}  # deaf to Ctrl-C, which is the app's
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
            options = {"creationflags": flags}
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            self._process = subprocess.Popen(
                [sys.executable, *first, str(memory_bytes)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **threads},
                **options,
            )
        except OSError as error:
            raise DecoderError("start") from error
        with self._limited(_START_SECONDS) as broken:
            came_up = self._output.read(1)
        if came_up != decoder_worker.READY:
            self.close()
            raise DecoderError(broken[0] if broken else "start")

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """It as the system knows it."""
        return self._process

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def call(
        self, module: str, function: str, data: bytes, seconds: float, **options: Any
    ) -> NDArray[Any]:
        """What `module.function(data, **options)` returns there.

        Raises DecoderError where it fails, takes longer than `seconds`, or more memory than the
        process may have; after the latter the process is gone.
        """
        job = {"module": module, "function": function, "options": options}
        answer = None
        with self._limited(seconds) as broken, suppress(OSError):
            decoder_worker.send(cast(BinaryIO, self._process.stdin), job, data)
            answer = decoder_worker.receive(self._output)
        if answer is None:
            self.close()
            raise DecoderError(broken[0] if broken else "died")
        head, values = answer
        if "failed" in head:
            raise DecoderError(head["failed"])
        return np.frombuffer(values, head["dtype"]).reshape(head["shape"])

    def close(self) -> None:
        """End it: it holds nothing that could be lost."""
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()

    @property
    def _output(self) -> BinaryIO:
        return cast(BinaryIO, self._process.stdout)

    @contextmanager
    def _limited(self, seconds: float) -> Iterator[list[str]]:
        """Kill the process when its time is over, or its memory where nothing else limits it.

        Its time is the processor's: a sound file is not refused because the machine is busy. What
        only waits is ended as well, after `_PATIENCE` times as long. The list gets the reason.
        Reading from its pipe then ends.
        """
        broken: list[str] = []
        done = threading.Event()

        def watch() -> None:
            start, before = time.monotonic(), process_usage.cpu_seconds(self._process)
            while not done.wait(min(_WATCH_SECONDS, seconds)):
                waited = time.monotonic() - start
                now = process_usage.cpu_seconds(self._process)
                used = waited if now is None or before is None else now - before
                if process_usage.memory_bytes(self._process) > self._memory:
                    broken.append("memory")
                elif used > seconds or waited > _PATIENCE * seconds:
                    broken.append("time")
                if broken:
                    with suppress(OSError):
                        self._process.kill()
                    return

        thread = threading.Thread(target=watch, name="decoder limits", daemon=True)
        thread.start()
        try:
            yield broken
        finally:
            done.set()
            thread.join()


class _Idle:
    """The processes that wait for work: as many as threads ever decoded at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[DecoderProcess] = []

    def take(self) -> DecoderProcess:
        with self._lock:
            while self._waiting:
                process = self._waiting.pop()
                # One that a fork has copied belongs to the process before.
                if process.owner == os.getpid() and process.alive:
                    return process
        return DecoderProcess()

    def give_back(self, process: DecoderProcess) -> None:
        with self._lock:
            self._waiting.append(process)

    def waiting(self) -> tuple[DecoderProcess, ...]:
        with self._lock:
            return tuple(self._waiting)

    def close(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for process in waiting:
            if process.owner == os.getpid():
                process.close()


# Shared by all who read files in this process: each thread with decoders of its own would start
# them again and again.
_idle = _Idle()
atexit.register(_idle.close)


def waiting() -> tuple[DecoderProcess, ...]:
    """The processes that wait for work, for who watches what they need."""
    return _idle.waiting()


def decode(
    module: str, function: str, data: bytes, pixels: int, part: str, **options: Any
) -> NDArray[Any]:
    """The values that `module.function(data, **options)` makes of `data` in the decoding process.

    `pixels` is how many there should be, by which its time is measured; `part` names in errors
    where the data stand. Raises TruncatedFileError, or UnsupportedImageError where the process
    cannot be had or the file wants more than its limits.
    """
    try:
        process = _idle.take()
        seconds = SECONDS * max(1.0, pixels / _FRAME)
        try:
            return process.call(module, function, data, seconds, **options)
        finally:
            if process.alive:
                _idle.give_back(process)
    except DecoderError as error:
        raise _said(str(error), part) from error


def _said(reason: str, part: str) -> TruncatedFileError | UnsupportedImageError:
    match reason:
        case "damaged":
            return TruncatedFileError("{part} are damaged.", part=part)
        case "died":
            return TruncatedFileError("{part} are damaged: their decoder ended on them.", part=part)
        case "time":
            return UnsupportedImageError("{part} take too long to decode.", part=part)
        case "memory":
            return UnsupportedImageError("{part} need too much memory to decode.", part=part)
        case "missing":
            return UnsupportedImageError(
                "{part} cannot be read: this installation lacks their decoder.", part=part
            )
    return UnsupportedImageError(
        "{part} cannot be read: the process that decodes them does not start.", part=part
    )
