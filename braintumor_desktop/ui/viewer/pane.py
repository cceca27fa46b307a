"""One pane: a series, the slice of it that is shown, and how it is looked at."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.rendering import display
from braintumor_desktop.ui.viewer import viewport as vp
from braintumor_desktop.ui.viewer.canvas import SliceCanvas
from braintumor_desktop.ui.viewer.composing import Composer, View, spoken
from braintumor_desktop.ui.viewer.scene import Scene
from braintumor_desktop.ui.viewer.shared import Shared
from braintumor_desktop.ui.viewer.slices import SliceProvider
from braintumor_desktop.ui.viewer.state import PaneState
from braintumor_desktop.ui.viewer.viewport import AS_LOOKED_AT, UPRIGHT, Rect, Size

SERIES_REMEMBERED = 64


class Pane(QObject):
    """Shows a slice of a series on a canvas and lets it be looked at.

    `moved` says that a person has gone to another slice, `shown` that another one is shown for
    whatever reason, `missing` that it is not read, with its series, and `looked` that window, zoom
    or turn have changed.
    """

    moved = Signal(int)
    shown = Signal()
    missing = Signal(object, int)
    looked = Signal()

    def __init__(self, shared: Shared, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shared = shared
        self.slices: SliceProvider | None = None
        self.index = 0
        self.state = PaneState()
        self.view = View()
        self.first_window: DisplayWindow | None = None
        self._memory = _Memory()
        self._kept: tuple[tuple[SliceProvider, int], SliceAnswer] | None = None
        self._composer = Composer()
        self.canvas = SliceCanvas(self.scene)
        self.canvas.resized.connect(self._keep_fitted)
        shared.changed.connect(self.canvas.update)

    # What is shown

    def show(self, slices: SliceProvider, index: int) -> None:
        """Show a slice of a series; a series seen before is looked at as it was.

        The same slice again, as when its answer has come, keeps what is being drawn on it.
        """
        old = self.slices
        if old is None or slices.key != old.key:
            if old is not None:
                self._memory.keep(old.key, self.state)
            self.state = self._memory.of(slices.key)
            self.first_window = None
        if old is None or (slices.key, index) != (old.key, self.index):
            self.view = View()
        self.slices, self.index = slices, index
        self.refresh()
        self.shown.emit()
        self.looked.emit()
        if self.current is None:
            self.missing.emit(slices, index)

    def clear(self, note: str = "") -> None:
        """Take the picture away, and all that was remembered of whom it showed."""
        self.slices, self.index, self.first_window, self._kept = None, 0, None, None
        self.state = PaneState()
        self.view = View(note=note)
        self._memory = _Memory()
        self._composer = Composer()
        self.canvas.update()
        self.shown.emit()
        self.looked.emit()

    def refresh(self) -> None:
        """Look again at what there is of the slice: it may have been read or answered."""
        shown = self.current
        if self.slices is not None and shown is not None:
            mri = shown.slice
            series_window = self.slices.window
            if self.first_window is None or series_window is not None:
                self.first_window = series_window or display.default_window(mri)
            if self.state.window is None or not self.state.own_window:
                self.state = replace(self.state, window=self.first_window)
            look = replace(self.state.viewport, aspect=mri.pixel_aspect)
            if self.state.bounds is None:
                look = replace(look, turn=AS_LOOKED_AT.get(mri.turn, UPRIGHT))
            if self.state.bounds != self.bounds:  # the first slice, or one of another size
                look = replace(look, fitted=self.bounds)
            look = vp.resized(look, self.size)
            self.state = replace(self.state, viewport=look, bounds=self.bounds)
        self.canvas.setAccessibleDescription(spoken(self))
        self.canvas.update()

    @property
    def current(self) -> SliceAnswer | None:
        """The slice that is shown, None while it is not read.

        One that was shown stays at hand although its series has let it go meanwhile.
        """
        if self.slices is None:
            return None
        place, found = (self.slices, self.index), self.slices.at(self.index)
        if found is not None:
            self._kept = (place, found)
        elif self._kept is not None and self._kept[0] == place:
            found = self._kept[1]
        return found

    @property
    def size(self) -> Size:
        """The canvas's, in screen pixels."""
        return float(self.canvas.width()), float(self.canvas.height())

    @property
    def bounds(self) -> Rect:
        """The source rectangle that there is to see."""
        if (shown := self.current) is None:
            return 0.0, 0.0, 1.0, 1.0
        height, width = shown.slice.pixels.shape
        return 0.0, 0.0, float(width), float(height)

    def scene(self) -> Scene:
        """All that the canvas paints now."""
        ratio = self.canvas.devicePixelRatioF()
        return self._composer.compose(self, ratio)

    # What a person does

    def scroll(self, steps: int) -> None:
        """Go on by so many slices, as far as there are."""
        if self.slices is not None:
            self.go_to(self.index + steps)

    def go_to(self, index: int) -> None:
        """Go to a slice, as near as there is one, and say so."""
        if self.slices is None:
            return
        index = min(max(index, 0), len(self.slices) - 1)
        if index != self.index:
            self.show(self.slices, index)
            self.moved.emit(index)

    def look(self, **changes: Any) -> None:
        """Look otherwise: change fields of the state, and say so."""
        self.state = replace(self.state, **changes)
        self.canvas.update()
        self.looked.emit()

    def set_window(self, window: DisplayWindow | None) -> None:
        """Show it in a window; None goes back to the series' own."""
        self.look(window=window or self.first_window, own_window=window is not None)

    def set_view(self, view: View) -> None:
        """Put another draft, selection or cursor on the picture."""
        self.view = view
        self.canvas.update()

    def _keep_fitted(self) -> None:
        self.look(viewport=vp.resized(self.state.viewport, self.size))


class _Memory:
    """How series were looked at, the last ones."""

    def __init__(self) -> None:
        self._states: OrderedDict[str, PaneState] = OrderedDict()

    def keep(self, key: str, state: PaneState) -> None:
        self._states[key] = state
        self._states.move_to_end(key)
        while len(self._states) > SERIES_REMEMBERED:
            self._states.popitem(last=False)

    def of(self, key: str) -> PaneState:
        return self._states.get(key, PaneState())
