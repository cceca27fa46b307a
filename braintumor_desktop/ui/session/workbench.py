"""The open slices in their series, and the work on them; no widgets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from braintumor_desktop.domain.answer import ModelInfo, SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Instance, LeftOut, Patient
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.ui.browser.slice_model import Entry, EntryRole, State
from braintumor_desktop.ui.session.answered import answered
from braintumor_desktop.ui.session.answering_thread import AnswerThread, Engine, Job
from braintumor_desktop.ui.session.intake import refusals, take
from braintumor_desktop.ui.session.open_series import Key, OpenSeries
from braintumor_desktop.ui.session.open_slices import OpenSlices
from braintumor_desktop.ui.session.scanner import Found, Scanner, Stamp, stamp_of

AHEAD = 6
"""Slices before and behind the selected one that are read before they are asked for."""

PANES = 4
"""Slices that can stand side by side."""


class Workbench(OpenSlices):
    """Opens paths and has them answered.

    `select_asked`: the row of a slice that has become the selected one because it was opened.
    `scanned`: so many files have been looked at. `engine_ready`: with the engine that answers.
    `idle`: everything asked for is done.
    """

    select_asked = Signal(int)
    progress_changed = Signal()
    scanned = Signal(int)
    model_changed = Signal()
    engine_ready = Signal(object)
    idle = Signal()

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        read: Callable[[Instance], MRISlice],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.engine: Engine | None = None
        self.model_error: BraintumorError | None = None
        self.model_settled = False
        self.selection_moved.connect(self._read_ahead)
        self._ahead: set[Key] = set()
        self._elsewhere: deque[Key] = deque(maxlen=PANES)
        self._requests = count(1)
        self._scans: set[int] = set()
        self._select_from_scan = 0
        self._scanner = Scanner(self)
        self._scanner.first.connect(self._add_first)
        self._scanner.counted.connect(lambda _request, done: self.scanned.emit(done))
        self._scanner.finished_scan.connect(self._take_found)
        self._answers = AnswerThread(load_engine, read, self)
        self._answers.engine_ready.connect(self._take_engine)
        self._answers.engine_failed.connect(self._miss_engine)
        self._answers.outcomes_ready.connect(self._take_outcomes)

    def start(self) -> None:
        """Start both threads; the model is loaded at once."""
        self._scanner.start()
        self._answers.start()

    def stop(self) -> None:
        """End all threads, after the file and the step in hand."""
        self._scanner.stop()
        self._answers.stop()
        self._judging.stop()
        self._scanner.wait()
        self._answers.wait()
        self._pixels.clear()
        self.engine = self._judging.judge = None  # the network is large

    @property
    def running(self) -> bool:
        """Whether a thread is left."""
        return self._scanner.isRunning() or self._answers.isRunning() or self._judging.running

    @property
    def model(self) -> ModelInfo | None:
        """Which model answers; None while there is none."""
        return None if self.engine is None else self.engine.model

    @property
    def empty(self) -> bool:
        """Whether nothing is open nor about to be."""
        return not self._scans and not self.slices.rowCount()

    @property
    def scanning(self) -> bool:
        """Whether paths are still being looked at."""
        return bool(self._scans)

    def open(self, paths: Sequence[Path], *, as_series: bool = False) -> None:
        """Open files and what is in folders, and select the first of them.

        A file that is open is read anew where it was refused or has been written anew since. With
        `as_series` the numbered pictures of a folder are one series.
        """
        request = next(self._requests)
        self._scans.add(request)
        self._select_from_scan = request
        self._scanner.scan(request, list(paths), as_series=as_series)

    def end_scans(self) -> None:
        """Look at no more files; what was found stays."""
        self._scanner.forget(max(self._scans, default=0))

    def show_only(
        self, instances: Sequence[Instance], key: Key, patient: Patient | None = None
    ) -> None:
        """Open these slices of one series of `patient`, select one, and close all others.

        There is no empty moment between. The file that is selected is read anew, also where it is
        open; the others are read when they are looked at.
        """
        shown = list(instances)
        keys = {(one.path, one.frame) for one in shown}
        self._put([Instance(*key)], {key[0]: stamp_of(key[0])}, anew=True)
        self._put([one for one in shown if (one.path, one.frame) != key], {}, unasked=set())
        for row in range(self.slices.rowCount() - 1, -1, -1):
            entry: Entry = self.slices.index(row).data(EntryRole)
            if entry.key not in keys:
                self._drop(entry.key)
        self.shelf.clear()
        self.shelf.add_slices(shown, patient or Patient())
        self.shelf_changed.emit()
        self.select(key)
        self._report()

    def want(self, key: Key) -> None:
        """Read a slice that stands beside the selected one, in another pane."""
        entry = self.slices.entry(key)
        if entry is None or key in self._pixels or entry.instance is None:
            return
        if entry.error is not None or entry.state is State.FAILED:
            return
        if key not in self._elsewhere:
            self._elsewhere.append(key)
        self._answers.jobs.put({key: self._job(entry)}, preferred=True)

    def close_selected(self) -> None:
        """Close the slice that is selected."""
        if self._selected is not None:
            self.close(self._selected)

    def close(self, where: Path | Key) -> None:
        """Close one slice; its answer, if still on the way, is dropped."""
        key = (where, 0) if isinstance(where, Path) else where
        after = self.shelf.neighbour(key, 1, beyond=True) or self.shelf.neighbour(
            key, -1, beyond=True
        )
        self._drop(key)
        self.shelf.remove(key)
        self.shelf_changed.emit()
        if self._selected == key:
            self.select(after if after != key else None)
        self._report()

    def close_all(self) -> None:
        """Close all slices and give up what is being opened."""
        self.end_scans()
        self._scans.clear()
        self._answers.jobs.clear()
        self._pixels.clear()
        self._judging.clear()
        self.slices.clear()
        self.shelf.clear()
        self.shelf_changed.emit()
        self.select(None)
        self._report()

    def answer_series(self, series: OpenSeries) -> None:
        """Answer a series that is not answered unasked."""
        entries = [entry for key in series.keys if (entry := self.slices.entry(key)) is not None]
        again = [replace(e, request=next(self._requests), state=State.WAITING) for e in entries]
        self.slices.replace(again)
        self.shelf.ask(series)
        self._answers.jobs.put({entry.key: self._job(entry) for entry in again})
        if self._selected is not None:
            self._read_ahead()
        self._report()

    # What comes from the threads

    def _add_first(self, request: int, instance: Instance) -> None:
        """Show the first picture while the rest is still being looked at."""
        if request in self._scans:
            (key,) = self._put([instance], {instance.path: stamp_of(instance.path)})
            self._select_first(request, key)

    def _take_found(self, request: int, found: Found) -> None:
        if request not in self._scans:
            return
        catalogue = found.catalogue
        came = self.shelf.put(catalogue)
        for key in [key for series in came for key in series.keys]:
            if (loaded := self._pixels.get(key)) is not None:  # the first, read before the rest
                self._take_values(key, loaded)
        for path in self.shelf.refusals_mended(found.stamps):
            self._drop((path, 0))
        instances = [one for series in came for one in series.series.instances if series.pictures]
        unasked = {key for one in came if one.answered_unasked for key in one.keys}
        keys = self._put(instances, found.stamps, unasked=unasked)
        keys += self._refuse(catalogue.refused)
        if keys:
            self._select_first(request, keys[0])
        self._scans.discard(request)
        self.shelf_changed.emit()
        if self._selected is not None:
            self.select(self._selected)
        self._report()

    def _put(
        self,
        instances: Sequence[Instance],
        stamps: dict[Path, Stamp],
        *,
        anew: bool = False,
        unasked: set[Key] | None = None,
    ) -> list[Key]:
        """Add slices that are not open, and read anew those that are others now; all their keys."""
        taken = take(self.slices, instances, stamps, self._requests, anew=anew, unasked=unasked)
        for key in taken.others_now:
            self._answers.jobs.drop(key)
            self._pixels.drop(key)
        self.slices.replace(taken.again)
        self.slices.append(taken.new)
        waiting = [entry for entry in (*taken.new, *taken.again) if not entry.done]
        self._answers.jobs.put({entry.key: self._job(entry) for entry in waiting})
        return taken.keys

    def _refuse(self, refused: Sequence[LeftOut]) -> list[Key]:
        entries = refusals(refused, self._requests)
        known = [entry for key, entry in entries.items() if self.slices.entry(key) is not None]
        self.slices.replace(known)
        self.slices.append([entry for entry in entries.values() if entry not in known])
        return list(entries)

    def _drop(self, key: Key) -> None:
        self._answers.jobs.drop(key)
        self._pixels.drop(key)
        if self.slices.entry(key) is not None:
            self.slices.remove(key)

    def _select_first(self, request: int, key: Key) -> None:
        if request == self._select_from_scan:
            self._select_from_scan = 0
            self.select(key)
            self.select_asked.emit(self.slices.row(key))

    def _job(self, entry: Entry) -> Job:
        assert entry.instance is not None
        asked = self.shelf.is_answered(entry.key)
        return Job(entry.request, entry.instance, entry.prediction, entry.content, not asked)

    def _read_ahead(self) -> None:
        """Read the selected slice and its neighbours next; those passed by wait no longer."""
        assert self._selected is not None
        wanted = self.shelf.around(self._selected, AHEAD)
        for key in self._ahead - set(wanted):
            entry = self.slices.entry(key)
            if entry is not None and entry.done:
                self._answers.jobs.drop(key)
        self._ahead = set(wanted)
        jobs = {}
        for key in wanted:
            entry = self.slices.entry(key)
            if entry is None or key in self._pixels or entry.instance is None:
                continue
            if entry.error is None and entry.state is not State.FAILED:
                jobs[key] = self._job(entry)
        self._answers.jobs.put(jobs, preferred=True)

    def _take_engine(self, engine: Engine) -> None:
        self.engine, self.model_settled = engine, True
        self._judging.judge = engine.judge
        self.model_changed.emit()
        self.engine_ready.emit(engine)
        self._report()

    def _miss_engine(self, error: BraintumorError | None) -> None:
        self.model_error, self.model_settled = error, True
        self.model_changed.emit()
        self._report()

    def _take_outcomes(self) -> None:
        changed: dict[Key, Entry] = {}
        for outcome in self._answers.take_outcomes():
            entry = self.slices.entry(outcome.key)
            if entry is None or entry.request != outcome.request:
                continue
            if outcome.loaded is not None:
                self._take_values(outcome.key, outcome.loaded)
            changed[outcome.key] = answered(entry, outcome, self.shelf.is_pictured(entry.key))
            self._pixels.drop(outcome.key)  # those of a reading before
            if outcome.loaded is not None and (
                outcome.key == self._selected
                or outcome.key in self._ahead
                or outcome.key in self._elsewhere
            ):
                self._pixels.put(outcome.key, outcome.loaded, keep=self._selected)
        self.slices.replace(changed.values())
        for series in {s for key in changed if (s := self.shelf.series_of(key)) is not None}:
            self._judging.consider(series, [self.slices.entry(key) for key in series.keys])
        if changed.keys() & {self._selected, *self._ahead, *self._elsewhere}:
            self.shown_changed.emit()
        self._report()
        # When what has changed is painted: a timer comes after the events that are waiting.
        QTimer.singleShot(0, self._answers.next_turn)

    def _take_values(self, key: Key, loaded: SliceAnswer) -> None:
        """Take a slice that was read into account for the window of its series."""
        series = self.shelf.series_of(key)
        if series is not None and len(series) > 1:
            series.values.add(series.index[key], loaded.slice)

    def _report(self) -> None:
        self.progress_changed.emit()
        entry = self.selected
        readable = entry is not None and entry.state in (
            State.ANSWERED, State.UNANSWERED, State.LISTED
        )  # fmt: skip
        waiting = (
            self._scans or self.slices.count(State.WAITING) or (readable and self.loaded is None)
        )
        if self.model_settled and not waiting:
            self.idle.emit()
