"""A slice's pixels and heat map as images, made once and kept while they do not change."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPolygonF

from braintumor_desktop.domain.answer import HeatMap, Polygon
from braintumor_desktop.domain.image import DisplayWindow, FloatImage
from braintumor_desktop.rendering import display, heat_map
from braintumor_desktop.ui.viewer.scene import Picture
from braintumor_desktop.ui.widgets.images import grey_image, rgba_image


class PictureCache:
    """The last picture in grey and the last heat map of one view."""

    def __init__(self) -> None:
        self._grey: tuple[object, DisplayWindow, bool, int] | None = None
        self._image = QImage()
        self._small: tuple[FloatImage | None, int, FloatImage | None] = (None, 1, None)
        self._heat_of: HeatMap | None = None
        self._heat: Picture | None = None
        self._outline_of: tuple[Polygon, ...] = ()
        self._outline: tuple[QPolygonF, ...] = ()

    def grey(
        self, pixels: FloatImage, window: DisplayWindow, scale: float, *, inverted: bool = False
    ) -> Picture:
        """Return the slice in a window, for a view with `scale` device pixels per source pixel.

        Where many source pixels fall on one of the screen it is made smaller by means first:
        picking single pixels would show lines that are not there, and hide some that are.
        """
        step = max(1, int(1 / max(scale, 1e-3)))
        key = (pixels, window, inverted, step)
        if self._grey is None or self._grey[0] is not pixels or self._grey[1:] != key[1:]:
            shown = self._reduced(pixels, step)
            self._image = grey_image(display.to_grey(shown, window, inverted))
            self._grey = key
        height, width = pixels.shape
        return Picture(self._image, (0.0, 0.0, float(width), float(height)))

    def heat(self, heat: HeatMap) -> Picture:
        """Return a heat map with its place."""
        if self._heat is None or self._heat_of is not heat:
            crop = heat.crop
            place = (crop.left, crop.top, crop.width, crop.height)
            self._heat = Picture(rgba_image(heat_map.heat_rgba(heat.values, opacity=1.0)), place)
            self._heat_of = heat
        return self._heat

    def outline(self, polygons: tuple[Polygon, ...]) -> tuple[QPolygonF, ...]:
        """Return an outline in source pixels as Qt has it."""
        if self._outline_of is not polygons:
            self._outline = tuple(
                QPolygonF([QPointF(x, y) for x, y in polygon.tolist()]) for polygon in polygons
            )
            self._outline_of = polygons
        return self._outline

    def _reduced(self, pixels: FloatImage, step: int) -> FloatImage:
        if step == 1:
            return pixels
        kept_of, kept_step, small = self._small
        if small is None or kept_of is not pixels or kept_step != step:
            small = smaller(pixels, step)
            self._small = (pixels, step, small)
        return small


def smaller(pixels: FloatImage, step: int) -> FloatImage:
    """Return the whole slice with about one pixel for `step` x `step`, each the mean of its own."""
    import cv2  # who opens the window only waits for it when there are pixels

    height, width = pixels.shape
    size = max(1, round(width / step)), max(1, round(height / step))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)
