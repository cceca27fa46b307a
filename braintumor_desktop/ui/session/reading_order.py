"""Which of the open slices is read next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from braintumor_desktop.ui.browser.slice_model import Entry, SliceListModel, State
from braintumor_desktop.ui.session.answering_thread import Job, JobQueue
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.session.pixel_store import PixelStore
from braintumor_desktop.ui.session.shelf import Shelf

AHEAD = 6
"""Slices before and behind the selected one that are read before they are asked for."""

PANES = 4
"""Slices that can stand side by side."""


class ReadingOrder:
    """Puts jobs in the queue: what is looked at first, what stands near it next, then the rest."""

    def __init__(
        self, jobs: JobQueue, slices: SliceListModel, shelf: Shelf, pixels: PixelStore
    ) -> None:
        self._jobs = jobs
        self._slices = slices
        self._shelf = shelf
        self._pixels = pixels
        self._ahead: set[Key] = set()
        self._elsewhere: deque[Key] = deque(maxlen=PANES)

    def put(self, entries: Iterable[Entry]) -> None:
        """Have these read, and answered where they are to be, in their order."""
        self._jobs.put({entry.key: self.job(entry) for entry in entries})

    def want(self, key: Key) -> None:
        """Read a slice that stands beside the selected one, in another pane."""
        entry = self._missing(key)
        if entry is not None:
            if key not in self._elsewhere:
                self._elsewhere.append(key)
            self._jobs.put({key: self.job(entry)}, preferred=True)

    def look_at(self, key: Key) -> None:
        """Read a slice and its neighbours next; those passed by wait no longer."""
        wanted = self._shelf.around(key, AHEAD)
        for passed in self._ahead - set(wanted):
            entry = self._slices.entry(passed)
            if entry is not None and entry.done:
                self._jobs.drop(passed)
        self._ahead = set(wanted)
        entries = [entry for one in wanted if (entry := self._missing(one)) is not None]
        self._jobs.put({entry.key: self.job(entry) for entry in entries}, preferred=True)

    def near(self, selected: Key | None) -> set[Key | None]:
        """The slices whose pixels are kept: on screen, or near what is."""
        return {selected, *self._ahead, *self._elsewhere}

    def forget(self, key: Key) -> None:
        """Let a slice's job and pixels go."""
        self._jobs.drop(key)
        self._pixels.drop(key)

    def clear(self) -> None:
        """Let all jobs and pixels go."""
        self._jobs.clear()
        self._pixels.clear()

    def job(self, entry: Entry) -> Job:
        """What is to be done with a slice."""
        assert entry.instance is not None
        asked = self._shelf.is_answered(entry.key)
        return Job(entry.request, entry.instance, entry.prediction, entry.content, not asked)

    def _missing(self, key: Key) -> Entry | None:
        """A slice that can be read and whose pixels are not at hand."""
        entry = self._slices.entry(key)
        if entry is None or key in self._pixels or entry.instance is None:
            return None
        return entry if entry.error is None and entry.state is not State.FAILED else None
