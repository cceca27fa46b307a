"""What is open and what is looked at: the collection, the selection, the pixels at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.ui.browser.slice_model import Entry, SliceListModel
from braintumor_desktop.ui.session.judging import Judging
from braintumor_desktop.ui.session.open_series import Key, OpenSeries
from braintumor_desktop.ui.session.pixel_store import PixelStore
from braintumor_desktop.ui.session.shelf import Shelf


class OpenSlices(QObject):
    """The open slices in their series, which of them is selected, and what may be shown of it.

    `shown_changed`: what there is to show of the selected slice may have changed. `shelf_changed`:
    series have come or gone. `selection_moved`: this slice is selected, to be read. `judged`:
    something is said of an open series.
    """

    shown_changed = Signal()
    shelf_changed = Signal()
    selection_moved = Signal(object)
    judged = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.slices = SliceListModel(self)
        self.shelf = Shelf(self.shown)
        self.withheld: Callable[[SliceAnswer], bool] = lambda loaded: False
        self.asked_for: Key | None = None
        self._selected: Key | None = None
        self._pixels = PixelStore()
        self._judging = Judging(self)
        self._judging.judged.connect(self.judged)

    @property
    def selected(self) -> Entry | None:
        """The entry that is selected."""
        return None if self._selected is None else self.slices.entry(self._selected)

    @property
    def series(self) -> OpenSeries | None:
        """The series of the slice that is selected."""
        return None if self._selected is None else self.shelf.series_of(self._selected)

    @property
    def loaded(self) -> SliceAnswer | None:
        """The selected slice's pixels, once they are there."""
        return None if self._selected is None else self.look(self._selected)

    @property
    def slices_in_memory(self) -> int:
        """For how many slices pixels are held."""
        return len(self._pixels)

    def look(self, key: Key) -> SliceAnswer | None:
        """A slice's pixels and answer, where they are at hand."""
        return self._pixels.get(key)

    def shown(self, key: Key) -> SliceAnswer | None:
        """A slice with what may be shown of its answer.

        None of it where the slice is unlike the training data, unless a person asked to see it for
        this very slice, and none while it is `withheld` for another reason.
        """
        loaded = self._pixels.get(key)
        if loaded is None or loaded.prediction is None:
            return loaded
        unlike = loaded.prediction.unlike_training and key != self.asked_for
        return replace(loaded, prediction=None) if unlike or self.withheld(loaded) else loaded

    def ask_for_withheld(self) -> None:
        """Show the withheld answer to the slice that is selected, until another one is."""
        self.asked_for = self._selected

    def judgement(self, series: OpenSeries) -> SeriesAnswer | None:
        """What is said of a series, once all of it is answered."""
        return self._judging.said(series)

    def select(self, where: Path | Key | None) -> None:
        """Show this slice; `selection_moved` is told first, so that it is read."""
        key = (where, 0) if isinstance(where, Path) else where
        if key != self._selected:
            self.asked_for = None
        self._selected = key
        if self._selected is not None:
            self._pixels.touch(self._selected)
            self.selection_moved.emit(self._selected)
        self.shown_changed.emit()

    def step(self, steps: int, *, beyond: bool = False) -> None:
        """Select the slice so many further: in its series, or among pictures."""
        if self._selected is not None:
            key = self.shelf.neighbour(self._selected, steps, beyond=beyond)
            if key is not None and key != self._selected:
                self.select(key)

    def step_series(self, steps: int) -> None:
        """Select the middle of the series so many further."""
        if self._selected is not None:
            key = self.shelf.series_beside(self._selected, steps)
            if key is not None:
                self.select(key)
