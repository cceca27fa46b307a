"""Paints a scene, layer by layer; the same for the screen, for export and for print."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform

from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer import marks
from braintumor_desktop.ui.viewer.scene import Overlay, Picture, Scene
from braintumor_desktop.ui.viewer.viewport import Point, Size, Viewport, zoom

PIXELS_FROM = 6.0
"""From this zoom on pixels are shown as squares, so that nobody reads interpolation as anatomy."""

MAGNIFICATION = 3.0
MAGNIFIER = 88.0
"""Half the side of the magnifier, in screen pixels."""


def paint(painter: QPainter, scene: Scene, size: Size) -> None:
    """Paint all of a scene into a view of `size`."""
    painter.fillRect(QRectF(0, 0, *size), QColor(theme.CANVAS))
    if scene.picture is None and scene.note and size[0] < marks.NARROW:
        _note(painter, "…", size)
    elif scene.picture is None:
        _note(painter, scene.note, size)
    else:
        _anatomy(painter, scene, scene.viewport, size)
        marks.measurements(painter, scene.measurements, scene.viewport, size)
        if scene.magnified is not None:
            _magnifier(painter, scene, scene.magnified, size)
    marks.furniture(painter, scene, size)


def transform(viewport: Viewport, size: Size) -> QTransform:
    """Return the way from source to view as Qt has it."""
    a, b, c, d = viewport.matrix
    dx, dy = viewport.to_view((0.0, 0.0), size)
    return QTransform(a, c, b, d, dx, dy)


def _anatomy(painter: QPainter, scene: Scene, viewport: Viewport, size: Size) -> None:
    assert scene.picture is not None
    _image(painter, scene.picture, viewport, size, smooth=viewport.scale < PIXELS_FROM)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _overlay(painter, scene.overlay, viewport, size)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if scene.frame is not None:
        faint = QColor(theme.PICTURE_QUIET)
        faint.setAlphaF(0.55)
        painter.setPen(QPen(faint, 1, Qt.PenStyle.DashLine))
        painter.drawRect(QRectF(*viewport.rect_to_view(scene.frame, size)))
    painter.setPen(QPen(QColor(theme.REFERENCE), 1, Qt.PenStyle.DashLine))
    for start, end in scene.lines:
        painter.drawLine(_at(viewport, start, size), _at(viewport, end, size))


def _image(
    painter: QPainter, picture: Picture, viewport: Viewport, size: Size, *, smooth: bool
) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    if viewport.turn.quarters or viewport.turn.mirrored:
        painter.setTransform(transform(viewport, size), combine=True)
        painter.drawImage(QRectF(*picture.place), picture.image)
    else:  # Qt scales upright pictures by a quicker way
        painter.drawImage(QRectF(*viewport.rect_to_view(picture.place, size)), picture.image)
    painter.restore()


def _overlay(painter: QPainter, overlay: Overlay, viewport: Viewport, size: Size) -> None:
    if overlay.heat is not None:
        painter.setOpacity(overlay.heat_opacity)
        _image(painter, overlay.heat, viewport, size, smooth=True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setOpacity(overlay.outline_opacity)
    painter.save()
    painter.setTransform(transform(viewport, size), combine=True)
    for pen in _ringed(overlay.outline_colour, 1.5):
        pen.setCosmetic(True)  # as wide at every zoom, but counted in the device's pixels
        pen.setWidthF(pen.widthF() * painter.device().devicePixelRatioF())
        painter.setPen(pen)
        for polygon in overlay.outline:
            painter.drawPolygon(polygon)
    painter.restore()
    painter.setOpacity(1.0)
    if overlay.peak is not None:
        for pen in _ringed(theme.PICTURE_TEXT, 1.5):
            painter.setPen(pen)
            painter.drawEllipse(_at(viewport, overlay.peak, size), theme.GRID, theme.GRID)


def _magnifier(painter: QPainter, scene: Scene, at: Point, size: Size) -> None:
    place = scene.viewport.to_view(at, size)
    box = QRectF(place[0] - MAGNIFIER, place[1] - MAGNIFIER, 2 * MAGNIFIER, 2 * MAGNIFIER)
    everywhere = (-1e9, -1e9, 2e9, 2e9)
    closer = zoom(scene.viewport, MAGNIFICATION, place, size, everywhere)
    path = QPainterPath()
    path.addEllipse(box)
    painter.save()
    painter.setClipPath(path)
    painter.fillRect(box, QColor(theme.CANVAS))
    _anatomy(painter, scene, closer, size)
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.PICTURE_QUIET), 1.5))
    painter.drawEllipse(box)


def _note(painter: QPainter, note: str, size: Size) -> None:
    margin = 3 * theme.GRID
    box = QRectF(0, 0, *size).adjusted(margin, margin, -margin, -margin)
    painter.setPen(QColor(theme.PICTURE_QUIET))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, note)


def _ringed(colour: str, width: float) -> Sequence[QPen]:
    """Pens for a line that is seen on any ground: a dark one below a light one."""
    return QPen(QColor(theme.CANVAS), width + 2), QPen(QColor(colour), width)


def _at(viewport: Viewport, point: Point, size: Size) -> QPointF:
    return QPointF(*viewport.to_view(point, size))
