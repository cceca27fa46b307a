"""The open slices in their series, and the work on them; no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from braintumor_desktop.domain.answer import ModelInfo
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Instance, Patient
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.ui.browser.slice_model import Entry, EntryRole, State
from braintumor_desktop.ui.session.answered import answered
from braintumor_desktop.ui.session.answering_thread import AnswerThread, Engine
from braintumor_desktop.ui.session.intake import Intake
from braintumor_desktop.ui.session.open_series import Key, OpenSeries
from braintumor_desktop.ui.session.open_slices import OpenSlices
from braintumor_desktop.ui.session.reading_order import ReadingOrder
from braintumor_desktop.ui.session.scanner import Found, stamp_of
from braintumor_desktop.ui.session.scans import Scans


class Workbench(OpenSlices):
    """Opens paths and has them answered.

    `engine_ready`: with the engine that answers. `idle`: everything asked for is done.
    """

    progress_changed = Signal()
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
        self.scans = Scans(self)
        self.scans.first.connect(self._add_first)
        self.scans.found.connect(self._take_found)
        self._answers = AnswerThread(load_engine, read, self)
        self.order = ReadingOrder(self._answers.jobs, self.slices, self.shelf, self._pixels)
        self._intake = Intake(self.slices, self.order)
        self.selection_moved.connect(self.order.look_at)
        self._answers.engine_settled.connect(self._take_engine)
        self._answers.outcomes_ready.connect(self._take_outcomes)

    def start(self) -> None:
        """Start both threads; the model is loaded at once."""
        self.scans.scanner.start()
        self._answers.start()

    def stop(self) -> None:
        """End all threads, after the file and the step in hand."""
        self.scans.scanner.stop()
        self._answers.stop()
        self._judging.stop()
        self.scans.scanner.wait()
        self._answers.wait()
        self._pixels.clear()
        self.engine = self._judging.judge = None  # the network is large

    @property
    def running(self) -> bool:
        """Whether a thread is left."""
        return self.scans.scanner.isRunning() or self._answers.isRunning() or self._judging.running

    @property
    def model(self) -> ModelInfo | None:
        """Which model answers; None while there is none."""
        return None if self.engine is None else self.engine.model

    @property
    def empty(self) -> bool:
        """Whether nothing is open nor about to be."""
        return not self.scans.going and not self.slices.rowCount()

    def show_only(
        self, instances: Sequence[Instance], key: Key, patient: Patient | None = None
    ) -> None:
        """Open these slices of one series of `patient`, select one, and close all others.

        There is no empty moment between. The file that is selected is read anew, also where it is
        open; the others are read when they are looked at.
        """
        shown = list(instances)
        keys = {(one.path, one.frame) for one in shown}
        self._intake.put([Instance(*key)], {key[0]: stamp_of(key[0])}, anew=True)
        self._intake.put([one for one in shown if (one.path, one.frame) != key], {}, unasked=set())
        for row in range(self.slices.rowCount() - 1, -1, -1):
            entry: Entry = self.slices.index(row).data(EntryRole)
            if entry.key not in keys:
                self._intake.drop(entry.key)
        self.shelf.clear()
        self.shelf.add_slices(shown, patient or Patient())
        self.shelf_changed.emit()
        self.select(key)
        self._report()

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
        self._intake.drop(key)
        self.shelf.remove(key)
        self.shelf_changed.emit()
        if self._selected == key:
            self.select(after if after != key else None)
        self._report()

    def close_all(self) -> None:
        """Close all slices and give up what is being opened."""
        self.scans.clear()
        self.order.clear()
        self._judging.clear()
        self.slices.clear()
        self.shelf.clear()
        self.shelf_changed.emit()
        self.select(None)
        self._report()

    def answer_series(self, series: OpenSeries) -> None:
        """Answer a series that is not answered unasked."""
        entries = [entry for key in series.keys if (entry := self.slices.entry(key)) is not None]
        self.shelf.ask(series)
        self._intake.again(entries)
        if self._selected is not None:
            self.order.look_at(self._selected)
        self._report()

    # What comes from the threads

    def _add_first(self, instance: Instance, selected: bool) -> None:
        """Show the first picture while the rest is still being looked at."""
        (key,) = self._intake.put([instance], {instance.path: stamp_of(instance.path)})
        if selected:
            self.select(key)

    def _take_found(self, found: Found, selected: bool) -> None:
        catalogue = found.catalogue
        came = self.shelf.put(catalogue)
        for key in [key for series in came for key in series.keys]:
            loaded, place = self._pixels.get(key), self.shelf.series_of(key)
            if loaded is not None and place is not None:  # the first, read before the rest
                place.take_values(key, loaded)
        for path in self.shelf.refusals_mended(found.stamps):
            self._intake.drop((path, 0))
        instances = [one for series in came for one in series.series.instances if series.pictures]
        unasked = {key for one in came if one.answered_unasked for key in one.keys}
        keys = self._intake.put(instances, found.stamps, unasked=unasked)
        keys += self._intake.refuse(catalogue.refused)
        if keys and selected:
            self.select(keys[0])
        self.shelf_changed.emit()
        if self._selected is not None:
            self.select(self._selected)
        self._report()

    def _take_engine(self, engine: Engine | None, error: BraintumorError | None) -> None:
        self.engine, self.model_error, self.model_settled = engine, error, True
        if engine is not None:
            self._judging.judge = engine.judge
        self.model_changed.emit()
        if engine is not None:
            self.engine_ready.emit(engine)
        self._report()

    def _take_outcomes(self) -> None:
        changed: dict[Key, Entry] = {}
        near = self.order.near(self._selected)
        for outcome in self._answers.take_outcomes():
            entry = self.slices.entry(outcome.key)
            if entry is None or entry.request != outcome.request:
                continue
            series = self.shelf.series_of(outcome.key)
            if outcome.loaded is not None and series is not None:
                series.take_values(outcome.key, outcome.loaded)
            changed[outcome.key] = answered(entry, outcome, self.shelf.is_pictured(entry.key))
            self._pixels.drop(outcome.key)  # those of a reading before
            if outcome.loaded is not None and outcome.key in near:
                self._pixels.put(outcome.key, outcome.loaded, keep=self._selected)
        self.slices.replace(changed.values())
        for series in {s for key in changed if (s := self.shelf.series_of(key)) is not None}:
            self._judging.consider(series, [self.slices.entry(key) for key in series.keys])
        if changed.keys() & near:
            self.shown_changed.emit()
        self._report()
        # When what has changed is painted: a timer comes after the events that are waiting.
        QTimer.singleShot(0, self._answers.next_turn)

    def _report(self) -> None:
        self.progress_changed.emit()
        entry = self.selected
        readable = entry is not None and entry.state in (
            State.ANSWERED, State.UNANSWERED, State.LISTED
        )  # fmt: skip
        waiting = (
            self.scans.going
            or self.slices.count(State.WAITING)
            or (readable and self.loaded is None)
        )
        if self.model_settled and not waiting:
            self.idle.emit()
