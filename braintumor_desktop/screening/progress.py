"""How far a run has come, and the switches to pause and cancel it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

WINDOW_S = 10.0
"""The rate is that of the last seconds, so that it follows what the machine does now."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`total` is None until everything has been counted; `rate` is in files a second."""

    done: int
    total: int | None
    rate: float

    @property
    def seconds_left(self) -> float | None:
        """At the present rate; None while it is not known."""
        if self.total is None or self.rate <= 0:
            return None
        return max(0, self.total - self.done) / self.rate


class Meter:
    """Measures the rate. `clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._points: deque[tuple[float, int]] = deque([(clock(), 0)])

    def measure(self, done: int, total: int | None) -> Progress:
        """The progress with `done` files done by now."""
        now = self._clock()
        self._points.append((now, done))
        while len(self._points) > 2 and self._points[1][0] < now - WINDOW_S:
            self._points.popleft()
        then, before = self._points[0]
        return Progress(done, total, (done - before) / (now - then) if now > then else 0.0)

    def restart(self, done: int) -> None:
        """Forget the time before now: a pause is not work."""
        self._points = deque([(self._clock(), done)])


class Control:
    """Pause, go on and cancel, from any thread."""

    def __init__(self) -> None:
        self._going = threading.Event()
        self._going.set()
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether the run shall end."""
        return self._cancelled

    @property
    def paused(self) -> bool:
        """Whether the run shall wait."""
        return not self._going.is_set()

    def pause(self) -> None:
        """Let the run wait after what is in hand."""
        self._going.clear()

    def go_on(self) -> None:
        """Take the pause back."""
        self._going.set()

    def cancel(self) -> None:
        """Let the run end after what is in hand; what is done stays in the records."""
        self._cancelled = True
        self._going.set()

    def wait(self) -> None:
        """Wait while paused."""
        self._going.wait()


def counting(items: Iterable[object]) -> Callable[[], int | None]:
    """Count `items` in a thread of its own; what comes back gives the number once it is known."""
    counted: list[int] = []

    def count() -> None:
        counted.append(sum(1 for _ in items))

    threading.Thread(target=count, name="counting", daemon=True).start()
    return lambda: counted[0] if counted else None
