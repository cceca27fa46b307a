"""What a page of a report shows of a slice: small arrays that outlive the slice's own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import Polygon, Prediction
from braintumor_desktop.domain.image import MRISlice, PreparedSlice
from braintumor_desktop.domain.measurement import NO_NOTES, SliceNotes
from braintumor_desktop.imaging.turning import upright
from braintumor_desktop.rendering.display import UNIT_WINDOW, default_window, to_grey
from braintumor_desktop.rendering.heat_map import heat_rgba
from braintumor_desktop.rendering.measure import outline_points
from braintumor_desktop.rendering.orientation import (
    AS_LOOKED_AT,
    AS_STORED,
    NO_LETTERS,
    EdgeLetters,
    looked_at,
    view_letters,
)

SIDE = 384
"""Pixels at most along a side of the original."""

_Grey = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class SlicePicture:
    """A slice as the window shows it at first, and what the network saw of it.

    Attributes
    ----------
    original
        uint8 (height, width), at most `SIDE` a side, square pixels, in the window that the file
        proposes (`display.default_window`), turned as it is looked at (`MRISlice.turn`).
    outline
        The network's polygons as (points, 2) of [x, y] in pixels of `original`.
    prepared
        uint8 (size, size), what the network saw.
    heat
        float32 (rows, columns), the heat map's cells over `prepared`, turned like it; None where it
        says nothing.
    suspect
        The class whose evidence the heat map shows.
    measured
        The lines of what a person measured, as `outline`, but open.
    letters
        Where the edges of both pictures lead in the patient.

    """

    original: _Grey
    outline: tuple[Polygon, ...]
    prepared: _Grey
    heat: NDArray[np.float32] | None
    suspect: str
    measured: tuple[Polygon, ...] = ()
    letters: EdgeLetters = NO_LETTERS

    def heat_rgba(self) -> NDArray[np.uint8] | None:
        """The heat map as straight RGBA of any size over `prepared` (`display.heat_rgba`)."""
        return None if self.heat is None else heat_rgba(self.heat)


def slice_picture(
    mri: MRISlice,
    prepared: PreparedSlice,
    prediction: Prediction,
    notes: SliceNotes = NO_NOTES,
) -> SlicePicture:
    """Return the picture of an answered slice, in the same window and colours as on screen.

    `notes` are what a person measured on it.
    """
    width, height = mri.size_within(min(SIDE, max(mri.pixels.shape)))
    grey = to_grey(mri.pixels, default_window(mri))
    smaller = width * height < mri.pixels.size
    original = cv2.resize(
        grey, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    )
    scale = np.array([width / mri.pixels.shape[1], height / mri.pixels.shape[0]])
    shown = upright(np.asarray(original, np.uint8), mri.turn)
    tall, wide = shown.shape

    def placed(points: Polygon) -> Polygon:
        return looked_at(points * scale, mri.turn, wide, tall)

    heat = prediction.heat_map.values if prediction.located else None
    return SlicePicture(
        original=np.ascontiguousarray(shown),
        outline=tuple(map(placed, prediction.outline)),
        prepared=to_grey(prepared.pixels, UNIT_WINDOW),
        heat=None if heat is None else np.ascontiguousarray(upright(heat, mri.turn)),
        suspect=prediction.suspect,
        measured=tuple(placed(np.array(outline_points(one))) for one in notes.measurements),
        letters=view_letters(mri.geometry, AS_LOOKED_AT.get(mri.turn, AS_STORED)),
    )
