"""How far a run has come, what lies ahead of it, and the switches to pause and cancel it."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from braintumor_desktop.screening.items import archive_of
from braintumor_desktop.sources.walk import Item

WINDOW_S = 10.0
"""The rate is that of the last seconds, so that it follows what the machine does now."""


MOST_AHEAD = 50_000
MOST_ARCHIVES = 32


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


class ReadAhead(Iterator[Item]):
    """Walks in a thread of its own, ahead of the work, so that one walk also counts.

    At most `MOST_AHEAD` items and `MOST_ARCHIVES` open archives are held; a larger walk is counted
    when it comes to its end. What the walk raises is raised here.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = iter(items)
        self._ahead: deque[Item] = deque()
        self._archives: Counter[int] = Counter()
        self._changed = threading.Condition()
        self._walked = 0
        self._ended = False
        self._error: BaseException | None = None
        self.done = 0
        """How many items have been taken."""
        self._thread = threading.Thread(target=self._walk, name="walk", daemon=True)
        self._thread.start()

    @property
    def total(self) -> int | None:
        """How many items there are; None until the walk has come to its end."""
        return self._walked if self._ended else None

    def __next__(self) -> Item:
        with self._changed:
            self._changed.wait_for(lambda: self._ahead or self._ended)
            if not self._ahead:
                if self._error is not None:
                    raise self._error
                raise StopIteration
            item = self._ahead.popleft()
            self._archives[archive_of(item)] -= 1
            self._archives += Counter()  # without those of which none is left
            self.done += 1
            self._changed.notify_all()
            return item

    def close(self) -> None:
        """End the walk."""
        with self._changed:
            self._ended = True
            self._ahead.clear()
            self._changed.notify_all()
        self._thread.join()

    def _walk(self) -> None:
        try:
            for item in self._items:
                with self._changed:
                    self._changed.wait_for(self._room)
                    if self._ended:
                        return
                    self._walked += 1
                    self._ahead.append(item)
                    self._archives[archive_of(item)] += 1
                    self._changed.notify_all()
        except BaseException as error:  # raised again where the items are taken
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _room(self) -> bool:
        few = len(self._ahead) < MOST_AHEAD and len(self._archives) <= MOST_ARCHIVES
        return few or self._ended
