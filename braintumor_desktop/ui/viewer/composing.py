"""From a pane's state to the scene that is painted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import Crop, MRISlice
from braintumor_desktop.rendering.measure import measured, nice_length, value_at
from braintumor_desktop.rendering.orientation import view_letters
from braintumor_desktop.rendering.palette import class_colour
from braintumor_desktop.text import _
from braintumor_desktop.text.measuring import measured_words
from braintumor_desktop.text.reading import readout
from braintumor_desktop.ui.viewer import captions, words
from braintumor_desktop.ui.viewer.pictures import PictureCache
from braintumor_desktop.ui.viewer.scene import Captions, Drawn, Overlay, ScaleBar, Scene
from braintumor_desktop.ui.viewer.shared import Shared
from braintumor_desktop.ui.viewer.state import Layout
from braintumor_desktop.ui.viewer.tools.drafts import Draft
from braintumor_desktop.ui.viewer.viewport import Point, Rect, Size, Viewport

if TYPE_CHECKING:
    from braintumor_desktop.ui.viewer.pane import Pane


@dataclass(frozen=True)
class View:
    """What is on a pane's picture only now: gone with the next slice.

    Attributes
    ----------
    note
        Words in place of a picture.
    cursor
        Where the mouse is, in source pixels; None outside the picture.
    draft
        The measurement being drawn.
    selected
        The number of the selected measurement.
    lines
        Where other panes' slices cut this one, in source pixels.

    """

    note: str = ""
    cursor: Point | None = None
    draft: Draft | None = None
    selected: int | None = None
    lines: tuple[tuple[Point, Point], ...] = ()


class Composer:
    """Makes scenes of one pane; keeps its images while they do not change."""

    def __init__(self) -> None:
        self._pictures = PictureCache()

    def compose(self, pane: Pane, ratio: float) -> Scene:
        """Return the scene of a pane for a screen with `ratio` device pixels per pixel."""
        shown, display, view = pane.current, pane.shared.display, pane.view
        if pane.slices is None:
            empty = pane.shared.display.layout is not Layout.ONE and not view.note
            return Scene(note=words.empty_pane() if empty else view.note)
        if shown is None or pane.state.window is None:
            waiting = Captions(top_right=_series(pane, known=True)) if display.captions else None
            return Scene(note=_("Reading…"), captions=waiting or Captions())
        state, mri = pane.state, shown.slice
        picture = self._pictures.grey(
            mri.pixels, pane.state.window, state.viewport.scale * ratio, inverted=state.inverted
        )
        overlay = overlay_of(shown, pane.shared, self._pictures)
        notes = pane.shared.notes(mri)
        # What the network sees stands beside the active one of several panes alone.
        active = pane.canvas.marked or not pane.canvas.framed
        framed = active and shown.prepared is not None and display.network_view and not display.bare
        return Scene(
            viewport=state.viewport,
            picture=picture,
            overlay=overlay,
            frame=crop_rect(shown.prepared.crop) if framed and shown.prepared else None,
            measurements=_drawn(pane, mri),
            lines=view.lines if display.reference_lines else (),
            letters=view_letters(mri.geometry, state.viewport.turn.matrix),
            captions=_captions(pane, mri) if display.captions else Captions(),
            scale_bar=scale_bar(mri, state.viewport, pane.size),
            magnified=view.cursor if display.magnifier else None,
            badge=words.badge() if overlay else "",
            key_image=notes.key_image,
        )


def overlay_of(shown: SliceAnswer, shared: Shared, pictures: PictureCache) -> Overlay:
    """Return what of the network's marks is to be seen.

    Nothing where the slice is unlike the training data, until a person asks for it.
    """
    prediction, display = shown.prediction, shared.display
    if prediction is None or (prediction.unlike_training and not shared.asked_for(shown.slice)):
        return Overlay()
    overlay = Overlay(heat_opacity=display.heat.opacity, outline_opacity=display.outline.opacity)
    if display.heat_shown and prediction.located:
        heat = prediction.heat_map
        overlay = replace(overlay, heat=pictures.heat(heat), peak=heat.peak)
    if display.outline_shown:
        colour = class_colour(prediction.suspect)
        outline = pictures.outline(prediction.outline)
        overlay = replace(overlay, outline=outline, outline_colour=colour)
    return overlay


def spoken(pane: Pane) -> str:
    """Return what a screen reader says of a pane: the series, which slice, how it lies."""
    if pane.slices is None:
        return pane.view.note
    shown = pane.current
    lines = _series(pane, known=shown is None or shown.slice.geometry is not None)
    return ", ".join(lines) if shown is not None else ", ".join((*lines, _("Reading…")))


def crop_rect(crop: Crop) -> Rect:
    """Return a crop as a rectangle of the source."""
    return crop.left, crop.top, crop.width, crop.height


def scale_bar(mri: MRISlice, viewport: Viewport, size: Size) -> ScaleBar:
    """Return a bar of a round length, at most a quarter of the view."""
    per_pixel = 1.0 if mri.spacing_mm is None else mri.spacing_mm[1]
    unit = viewport.scale / per_pixel  # screen pixels per mm, or per pixel of the slice
    length = nice_length(max(size[0], 1.0) / 4 / unit)
    return ScaleBar(length * unit, words.scale_words(length, mri.spacing_mm is not None))


def _drawn(pane: Pane, mri: MRISlice) -> tuple[Drawn, ...]:
    kept = pane.shared.notes(mri).measurements
    drawn = [
        Drawn(one, measured_words(one.kind, measured(one, mri)), number == pane.view.selected)
        for number, one in enumerate(kept)
    ]
    if pane.view.draft is not None:
        one = pane.view.draft.shown
        drawn.append(Drawn(one, measured_words(one.kind, measured(one, mri))))
    return tuple(drawn)


def _captions(pane: Pane, mri: MRISlice) -> Captions:
    assert pane.slices is not None
    assert pane.state.window is not None
    names = pane.shared.display.names
    who = captions.who_lines(pane.slices.caption, names=names)
    window, looked = pane.state.window, pane.state
    looks: tuple[str, ...] = (readout(window, looked.viewport.scale, looked.inverted),)
    if pane.shared.notes(mri).key_image:
        looks = (_("★ Key image"), *looks)
    return Captions(
        top_left=who,
        top_right=_series(pane, known=mri.geometry is not None),
        bottom_left=(*_under_cursor(mri, pane.view.cursor, window.width), *looks),
    )


def _series(pane: Pane, *, known: bool) -> tuple[str, ...]:
    assert pane.slices is not None
    caption = pane.slices.caption
    return captions.series_lines(caption.series, pane.index, len(pane.slices), sides_known=known)


def _under_cursor(mri: MRISlice, cursor: Point | None, width: float) -> tuple[str, ...]:
    value = None if cursor is None else value_at(mri.pixels, cursor)
    if cursor is None or value is None:
        return ()
    lines = [words.cursor_line(int(cursor[0]), int(cursor[1]), value, width)]
    if mri.geometry is not None and mri.spacing_mm is not None:
        lines.insert(0, words.position_line(mri.geometry.point(*cursor, mri.spacing_mm)))
    return tuple(lines)
