"""What keys and menus do with one pane's picture; nothing of it reaches the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from braintumor_desktop.domain.image import DisplayWindow, FloatImage
from braintumor_desktop.rendering import display
from braintumor_desktop.ui.viewer import viewport as vp
from braintumor_desktop.ui.viewer.composing import crop_rect
from braintumor_desktop.ui.viewer.pane import Pane
from braintumor_desktop.ui.viewer.viewport import AS_LOOKED_AT, UPRIGHT, Point, Rect, Turn

MM_PER_INCH = 25.4
SAMPLE = 512

Look = Callable[[Pane], None]


def zoom(pane: Pane, factor: float, anchor: Point | None = None) -> None:
    """Zoom about a point of the view, by itself its middle."""
    width, height = pane.size
    at = anchor or (width / 2, height / 2)
    pane.look(viewport=vp.zoom(pane.state.viewport, factor, at, pane.size, pane.bounds))


def pan(pane: Pane, dx: float, dy: float) -> None:
    """Move the picture by screen pixels."""
    pane.look(viewport=vp.pan(pane.state.viewport, dx, dy, pane.bounds))


def turn(pane: Pane, turn: Turn) -> None:
    """Show it turned, still fitted if it was."""
    pane.look(viewport=vp.turned(pane.state.viewport, turn, pane.size))


def adjust_window(pane: Pane, wider: float, higher: float) -> None:
    """Widen and raise the window by fractions of its first width."""
    window, first = pane.state.window, pane.first_window
    if window is not None and first is not None:
        pane.set_window(display.adjusted_window(window, first, wider, higher))


def rotate_right(pane: Pane) -> None:
    """A quarter clockwise."""
    turn(pane, pane.state.viewport.turn.rotated(1))


def rotate_left(pane: Pane) -> None:
    """A quarter counterclockwise."""
    turn(pane, pane.state.viewport.turn.rotated(-1))


def mirror_across(pane: Pane) -> None:
    """Left and right of the screen exchanged."""
    turn(pane, pane.state.viewport.turn.flipped_across())


def mirror_down(pane: Pane) -> None:
    """Top and bottom of the screen exchanged."""
    turn(pane, pane.state.viewport.turn.flipped_down())


def fit(pane: Pane) -> None:
    """All of the slice."""
    _fit(pane, pane.bounds)


def fit_network(pane: Pane) -> None:
    """What the network sees, as large as possible."""
    if pane.current is not None and pane.current.prepared is not None:
        _fit(pane, crop_rect(pane.current.prepared.crop))


def one_to_one(pane: Pane) -> None:
    """One pixel of the screen for each of the slice."""
    _scale(pane, 1 / pane.canvas.devicePixelRatioF())


def true_size(pane: Pane) -> None:
    """As large as in the patient, by what the screen says of its own size."""
    shown = pane.current
    if shown is not None and shown.slice.spacing_mm is not None:
        dots = pane.canvas.screen().physicalDotsPerInchX()
        _scale(pane, shown.slice.spacing_mm[1] * dots / MM_PER_INCH)


def reset(pane: Pane) -> None:
    """Window, zoom, turn and inversion as at first."""
    pane.look(inverted=False)
    pane.set_window(None)
    code = pane.current.slice.turn if pane.current is not None else 1
    turn(pane, AS_LOOKED_AT.get(code, UPRIGHT))
    _fit(pane, pane.bounds)


def series_window(pane: Pane) -> None:
    """The window of the series: the file's, else by its values."""
    pane.set_window(None)


def slice_window(pane: Pane) -> None:
    """A window by the values of this slice, but for the outermost half percent."""
    _window(pane, 0.5, 99.5)


def steep_window(pane: Pane) -> None:
    """A window by the values of this slice, but for the outermost twentieth."""
    _window(pane, 5, 95)


def full_window(pane: Pane) -> None:
    """A window from the lowest to the highest value of this slice."""
    _window(pane, 0, 100)


def percentile_window(pixels: FloatImage, low: float, high: float) -> DisplayWindow:
    """Return the window between two percentiles, 0 to 100, of a sample of the pixels."""
    step = max(1, max(pixels.shape) // SAMPLE) if low > 0 and high < 100 else 1
    bottom, top = (float(value) for value in np.percentile(pixels[::step, ::step], (low, high)))
    return DisplayWindow((bottom + top) / 2, max(top - bottom, 1e-6))


def toggle_key_image(pane: Pane) -> None:
    """Mark the slice as a key image, or no longer."""
    if pane.current is not None:
        pane.shared.edit_notes(
            pane.current.slice, lambda notes: replace(notes, key_image=not notes.key_image)
        )


def delete_measurements(pane: Pane) -> None:
    """Take away all that was measured on the slice."""
    if pane.current is not None:
        pane.set_view(replace(pane.view, selected=None, draft=None))
        pane.shared.edit_notes(pane.current.slice, lambda notes: replace(notes, measurements=()))


def _window(pane: Pane, low: float, high: float) -> None:
    if pane.current is not None:
        pane.set_window(percentile_window(pane.current.slice.pixels, low, high))


def _scale(pane: Pane, scale: float) -> None:
    zoom(pane, scale / pane.state.viewport.scale)


def _fit(pane: Pane, rect: Rect) -> None:
    pane.look(viewport=vp.fit(pane.state.viewport, rect, pane.size))
