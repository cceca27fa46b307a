"""The open slices and the work on them; no widgets."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from braintumor_desktop.domain.answer import ModelInfo, SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.errors import BraintumorError, SliceReadError
from braintumor_desktop.ui.browser.slice_model import Entry, EntryRole, SliceListModel, State
from braintumor_desktop.ui.session.answering_thread import AnswerThread, Engine, Outcome
from braintumor_desktop.ui.session.walker import Walker

# Thumbnails and answers are kept for all open slices, pixels for these many; others are read anew.
SLICES_IN_MEMORY = 6


class Workbench(QObject):
    """Opens paths, has them answered, and knows which slice is selected.

    `shown_changed`: what there is to show of the selected slice may have changed.
    `select_asked`: a row should become the selected one (the view's selection decides).
    `engine_ready`: with the engine that answers. `idle`: everything asked for is done.
    """

    shown_changed = Signal()
    select_asked = Signal(int)
    progress_changed = Signal()
    model_changed = Signal()
    engine_ready = Signal(object)
    idle = Signal()

    def __init__(
        self,
        load_engine: Callable[[], Engine],
        read: Callable[[Path], MRISlice],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.slices = SliceListModel(self)
        self.engine: Engine | None = None
        self.model_error: BraintumorError | None = None
        self.model_settled = False
        self._selected: Path | None = None
        self._pixels: OrderedDict[Path, SliceAnswer] = OrderedDict()
        self._requests = count(1)
        self._walks: set[int] = set()
        self._select_from_walk = 0
        self._walker = Walker(self)
        self._walker.found.connect(self._add)
        self._walker.refused.connect(self._refuse)
        self._walker.finished_walk.connect(self._finish_walk)
        self._answers = AnswerThread(load_engine, read, self)
        self._answers.engine_ready.connect(self._take_engine)
        self._answers.engine_failed.connect(self._miss_engine)
        self._answers.outcomes_ready.connect(self._take_outcomes)

    def start(self) -> None:
        """Start both threads; the model is loaded at once."""
        self._walker.start()
        self._answers.start()

    def stop(self) -> None:
        """End both threads, after the file and the step in hand."""
        self._walker.stop()
        self._answers.stop()
        self._walker.wait()
        self._answers.wait()

    @property
    def running(self) -> bool:
        """Whether a thread is left."""
        return self._walker.isRunning() or self._answers.isRunning()

    @property
    def model(self) -> ModelInfo | None:
        """Which model answers; None while there is none."""
        return None if self.engine is None else self.engine.model

    @property
    def selected(self) -> Entry | None:
        """The entry that is selected."""
        return None if self._selected is None else self.slices.entry(self._selected)

    @property
    def loaded(self) -> SliceAnswer | None:
        """The selected slice's pixels, once they are there."""
        return None if self._selected is None else self._pixels.get(self._selected)

    @property
    def empty(self) -> bool:
        """Whether nothing is open nor about to be."""
        return not self._walks and not self.slices.rowCount()

    @property
    def slices_in_memory(self) -> int:
        """For how many slices pixels are held."""
        return len(self._pixels)

    def open(self, paths: Sequence[Path]) -> None:
        """Open files and what is in folders, and select the first of them.

        A file that is open is read anew where it was refused or has been written anew since.
        """
        request = next(self._requests)
        self._walks.add(request)
        self._select_from_walk = request
        self._walker.walk(request, list(paths))

    def show_alone(self, path: Path) -> None:
        """Open and select one slice and close all others, with no empty moment between.

        The file is read anew, also where it is open.
        """
        request = next(self._requests)
        self._walks.add(request)
        self._select_from_walk = request
        self._add(request, [path], anew=True)
        for row in range(self.slices.rowCount() - 1, -1, -1):
            entry: Entry = self.slices.index(row).data(EntryRole)
            if entry.path != path:
                self.close(entry.path)
        self._finish_walk(request)

    def select(self, path: Path | None) -> None:
        """Show this slice, and answer it before all others."""
        self._selected = path
        entry = self.selected
        if entry is not None:
            if entry.path in self._pixels:
                self._pixels.move_to_end(entry.path)
            elif entry.error is None and entry.state is not State.FAILED:
                self._answers.jobs.put({entry.path: entry.request}, preferred=True)
        self.shown_changed.emit()

    def close(self, path: Path) -> None:
        """Close one slice; its answer, if still on the way, is dropped."""
        self._answers.jobs.drop(path)
        self._pixels.pop(path, None)
        self.slices.remove(path)
        if self.selected is None:  # a view deselects the last row while it is still there
            self.select(None)
        self._report()

    def close_all(self) -> None:
        """Close all slices and give up what is being opened."""
        self._walker.forget(max(self._walks, default=0))
        self._walks.clear()
        self._answers.jobs.clear()
        self._pixels.clear()
        self.slices.clear()
        self.select(None)
        self._report()

    def _add(self, request: int, paths: list[Path], anew: bool = False) -> None:
        if request not in self._walks:
            return
        if self.slices.count(State.REFUSED):
            for folder in {above for path in paths for above in path.parents}:
                if self.slices.entry(folder) is not None:
                    self.close(folder)  # it had no files, and has some now
        new, again = [], []
        for path in dict.fromkeys(paths):
            before, stamp = self.slices.entry(path), _stamp(path)
            if before is None:
                new.append(Entry(path, next(self._requests), stamp))
            elif anew or before.error is not None or not stamp or stamp != before.stamp:
                again.append(Entry(path, next(self._requests), stamp))
                self._pixels.pop(path, None)
        self.slices.replace(again)
        self.slices.append(new)
        self._answers.jobs.put({entry.path: entry.request for entry in [*new, *again]})
        if any(entry.path == self._selected for entry in again):
            self.select(self._selected)
        self._select_first(request, paths[0])
        self._report()

    def _refuse(self, request: int, folder: Path, error: SliceReadError) -> None:
        """Say of a folder why nothing in it was opened."""
        if request not in self._walks:
            return
        entry = Entry(folder, next(self._requests), state=State.REFUSED, error=error)
        if self.slices.entry(folder) is None:
            self.slices.append([entry])
        else:
            self.slices.replace([entry])
        self._select_first(request, folder)
        self._report()

    def _select_first(self, request: int, path: Path) -> None:
        if request == self._select_from_walk:
            self._select_from_walk = 0
            self.select_asked.emit(self.slices.row(path))

    def _finish_walk(self, request: int) -> None:
        self._walks.discard(request)
        self._report()

    def _take_engine(self, engine: Engine) -> None:
        self.engine, self.model_settled = engine, True
        self.model_changed.emit()
        self.engine_ready.emit(engine)
        self._report()

    def _miss_engine(self, error: BraintumorError | None) -> None:
        self.model_error, self.model_settled = error, True
        self.model_changed.emit()
        self._report()

    def _take_outcomes(self) -> None:
        changed = {}
        for outcome in self._answers.take_outcomes():
            entry = self.slices.entry(outcome.path)
            if entry is None or entry.request != outcome.request:
                continue
            changed[outcome.path] = _answered(entry, outcome)
            self._pixels.pop(outcome.path, None)  # those of a reading before
            if outcome.path == self._selected and outcome.loaded is not None:
                self._keep(outcome.path, outcome.loaded)
        self.slices.replace(changed.values())
        if self._selected in changed:
            self.shown_changed.emit()
        self._report()
        # When what has changed is painted: a timer comes after the events that are waiting.
        QTimer.singleShot(0, self._answers.next_turn)

    def _keep(self, path: Path, loaded: SliceAnswer) -> None:
        self._pixels[path] = loaded
        self._pixels.move_to_end(path)
        while len(self._pixels) > SLICES_IN_MEMORY:
            self._pixels.popitem(last=False)

    def _report(self) -> None:
        self.progress_changed.emit()
        entry = self.selected
        readable = entry is not None and entry.state in (State.ANSWERED, State.UNANSWERED)
        waiting = (
            self._walks or self.slices.count(State.WAITING) or (readable and self.loaded is None)
        )
        if self.model_settled and not waiting:
            self.idle.emit()


def _stamp(path: Path) -> tuple[int, ...]:
    """What changes where a file is written anew, empty where it cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _answered(entry: Entry, outcome: Outcome) -> Entry:
    if outcome.loaded is None:
        state = State.FAILED if outcome.failed else State.REFUSED
        return replace(
            entry,
            state=state,
            error=outcome.error,
            thumbnail=None,
            prediction=None,
            warnings=(),
        )
    prediction = outcome.loaded.prediction
    return replace(
        entry,
        state=State.UNANSWERED if prediction is None else State.ANSWERED,
        thumbnail=outcome.thumbnail,
        prediction=prediction,
        warnings=outcome.loaded.slice.warnings,
        error=None,
    )
