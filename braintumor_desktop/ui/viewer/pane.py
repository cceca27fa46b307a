"""One pane: a series, the slice of it that is shown, and how it is looked at."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.rendering import display
from braintumor_desktop.ui.viewer import viewport as vp
from braintumor_desktop.ui.viewer.canvas import SliceCanvas
from braintumor_desktop.ui.viewer.composing import Composer, View
from braintumor_desktop.ui.viewer.scene import Scene
from braintumor_desktop.ui.viewer.shared import Shared
from braintumor_desktop.ui.viewer.slices import SliceProvider
from braintumor_desktop.ui.viewer.state import PaneState
from braintumor_desktop.ui.viewer.viewport import Point, Rect, Size, Turn, Viewport

SERIES_REMEMBERED = 64

DRAG_PER_WIDTH = 400
"""A drag of this many screen pixels changes the window by the first window's width."""


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
        self._first_window: DisplayWindow | None = None
        self._remembered: OrderedDict[str, PaneState] = OrderedDict()
        self._composer = Composer()
        self.canvas = SliceCanvas(self.scene)
        self.canvas.resized.connect(self._keep_fitted)
        shared.changed.connect(self.canvas.update)

    # What is shown

    def show(self, slices: SliceProvider, index: int) -> None:
        """Show a slice of a series; a series seen before is looked at as it was."""
        if self.slices is None or slices.key != self.slices.key:
            self._remember()
            self.state = self._remembered.get(slices.key, PaneState())
            self._first_window = None
        self.slices, self.index = slices, index
        self.view = View()
        self.refresh()
        self.shown.emit()
        self.looked.emit()
        if self.current is None:
            self.missing.emit(slices, index)

    def clear(self, note: str = "") -> None:
        """Take the picture away, and all that was remembered of whom it showed."""
        self.slices, self.index, self._first_window = None, 0, None
        self.state = PaneState()
        self.view = View(note=note)
        self._remembered.clear()
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
            if self._first_window is None or series_window is not None:
                self._first_window = series_window or display.default_window(mri)
            if self.state.window is None or not self.state.own_window:
                self.state = replace(self.state, window=self._first_window)
            look = replace(self.state.viewport, aspect=mri.pixel_aspect)
            if self.state.bounds != self.bounds:  # the first slice, or one of another size
                look = replace(look, fitted=self.bounds)
            look = vp.resized(look, self.size)
            self.state = replace(self.state, viewport=look, bounds=self.bounds)
        self.canvas.update()

    @property
    def current(self) -> SliceAnswer | None:
        """The slice that is shown, None while it is not read."""
        return None if self.slices is None else self.slices.at(self.index)

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

    def look(self, viewport: Viewport) -> None:
        """Look through another viewport."""
        self.state = replace(self.state, viewport=viewport)
        self._changed()

    def zoom(self, factor: float, anchor: Point | None = None) -> None:
        """Zoom about a point of the view, by itself its middle."""
        width, height = self.size
        at = anchor or (width / 2, height / 2)
        self.look(vp.zoom(self.state.viewport, factor, at, self.size, self.bounds))

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by screen pixels."""
        self.look(vp.pan(self.state.viewport, dx, dy, self.bounds))

    def turn(self, turn: Turn) -> None:
        """Show it turned."""
        self.look(vp.turned(self.state.viewport, turn, self.size))

    def fit(self, rect: Rect | None = None) -> None:
        """Show all of the slice, or of a rectangle."""
        self.look(vp.fit(self.state.viewport, rect or self.bounds, self.size))

    def set_window(self, window: DisplayWindow | None) -> None:
        """Show it in a window; None goes back to the series' own."""
        own = window is not None
        self.state = replace(self.state, window=window or self._first_window, own_window=own)
        self._changed()

    def adjust_window(self, wider: float, higher: float) -> None:
        """Widen and raise the window by fractions of its first width."""
        if self.state.window is not None and self._first_window is not None:
            base = self._first_window
            self.set_window(display.adjusted_window(self.state.window, base, wider, higher))

    def set_inverted(self, inverted: bool) -> None:
        """Show black and white exchanged, or not."""
        self.state = replace(self.state, inverted=inverted)
        self._changed()

    def set_view(self, view: View) -> None:
        """Put another draft, selection or cursor on the picture."""
        self.view = view
        self.canvas.update()

    def _changed(self) -> None:
        self.canvas.update()
        self.looked.emit()

    def _keep_fitted(self) -> None:
        self.state = replace(self.state, viewport=vp.resized(self.state.viewport, self.size))
        self.looked.emit()

    def _remember(self) -> None:
        if self.slices is not None:
            self._remembered[self.slices.key] = self.state
            self._remembered.move_to_end(self.slices.key)
            while len(self._remembered) > SERIES_REMEMBERED:
                self._remembered.popitem(last=False)
