"""What is written and drawn on a picture: measurements, letters, captions, scale bar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from braintumor_desktop.domain.measurement import MeasurementKind
from braintumor_desktop.rendering.measure import handles, outline_points
from braintumor_desktop.rendering.orientation import EdgeLetters
from braintumor_desktop.rendering.palette import MEASURED, SIDES
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer.scene import Captions, Drawn, ScaleBar, Scene
from braintumor_desktop.ui.viewer.viewport import Size, Viewport

_MARGIN = float(theme.GRID)

NARROW, TINY = 20.0 * theme.GRID, 14.0 * theme.GRID
"""Widths of a view, in screen pixels, below which most and all words would cover the anatomy."""


def measurements(painter: QPainter, drawn: Sequence[Drawn], viewport: Viewport, size: Size) -> None:
    """Paint measurements with their words; the selected one with handles."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for one in drawn:
        line = [QPointF(*viewport.to_view(p, size)) for p in outline_points(one.measurement)]
        colour = theme.SELECTED if one.selected else MEASURED
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(theme.CANVAS), 3.5), QPen(QColor(colour), 1.5)):
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF(line))
            if one.measurement.kind is not MeasurementKind.ELLIPSE:
                for point in line:  # a small cross at each end says exactly where
                    painter.drawLine(point - QPointF(4, 0), point + QPointF(4, 0))
                    painter.drawLine(point - QPointF(0, 4), point + QPointF(0, 4))
        if one.selected:
            painter.setBrush(QColor(theme.CANVAS))
            for handle in handles(one.measurement):
                painter.drawEllipse(QPointF(*viewport.to_view(handle, size)), 4, 4)
        _beside(painter, one.words, line, colour, size)


def furniture(painter: QPainter, scene: Scene, size: Size) -> None:
    """Paint what stands at the edges of a view, picture or none."""
    captions, letters = scene.captions, scene.letters
    metrics = QFontMetricsF(painter.font())
    height = metrics.height()
    bar = scene.scale_bar
    if size[0] < NARROW:  # the sides before everything else, then whose it is
        whose = () if size[0] < TINY else captions.top_left[:1]
        captions, bar = Captions(top_left=whose), None
    # The middle is the letters', so that they stand at the very edge.
    half = size[0] / 2 - 2 * theme.GRID
    wide = size[0] - 2 * _MARGIN
    right = [
        fitting(metrics, line, half if beside_letter(letters.top, n) else 0.6 * wide)
        for n, line in enumerate(captions.top_right)
    ]
    left = [
        fitting(
            metrics,
            line,
            half if beside_letter(letters.top, n) else wide - _taken(metrics, right[n : n + 1]),
            may_cut=n == 0,  # the name
        )
        for n, line in enumerate(captions.top_left)
    ]
    _block(painter, left, _MARGIN, _MARGIN)
    _block(painter, right, size[0] - _MARGIN, _MARGIN, right=True)
    below = half if letters.bottom else wide
    if bar is not None:
        below = min(below, wide - max(bar.length, metrics.horizontalAdvance(bar.words)) - 2)
    under = [fitting(metrics, line, below) for line in captions.bottom_left]
    top = size[1] - _MARGIN - height * len(under)
    _block(painter, under, _MARGIN, top)
    _letters(painter, letters, size)
    if bar is not None:
        _scale_bar(painter, bar, size)
    if scene.badge:
        badge = metrics.horizontalAdvance(scene.badge) + 2 * _MARGIN
        reaches = bar is not None and badge > wide - bar.length
        lifted = (2.0 if reaches and len(under) < 2 else 1.3) * height
        _words(painter, scene.badge, QPointF(_MARGIN, top - lifted), theme.SELECTED)


def fitting(metrics: QFontMetricsF, line: str, room: float, *, may_cut: bool = False) -> str:
    """Return a line without those of its parts that there is no room for, from the last.

    Parts stand two spaces apart. They are left out whole, as half a number would be read for
    another; a line that `may_cut`, as a name, ends in dots instead.
    """
    parts = [part for part in line.split("  ") if part.strip()]
    while len(parts) > 1 and metrics.horizontalAdvance("  ".join(parts)) > room:
        parts.pop()
    whole = "  ".join(parts)
    if metrics.horizontalAdvance(whole) <= room:
        return whole
    return metrics.elidedText(whole, Qt.TextElideMode.ElideRight, room) if may_cut else ""


def beside_letter(letter: str, line: int) -> bool:
    """Whether a line of words at the edge stands beside the letter in its middle."""
    return bool(letter) and line < 2


def _taken(metrics: QFontMetricsF, lines: Sequence[str]) -> float:
    return max((metrics.horizontalAdvance(one) + 2 * _MARGIN for one in lines), default=0.0)


def _letters(painter: QPainter, letters: EdgeLetters, size: Size) -> None:
    font = QFont(painter.font())
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 1.3)
    painter.save()
    painter.setFont(font)
    metrics = QFontMetricsF(font)
    middle_x, middle_y = size[0] / 2, size[1] / 2 - metrics.height() / 2
    bottom = size[1] - _MARGIN - metrics.height()
    for word, x, y in (
        (letters.left, _MARGIN, middle_y),
        (letters.right, size[0] - _MARGIN - metrics.horizontalAdvance(letters.right), middle_y),
        (letters.top, middle_x - metrics.horizontalAdvance(letters.top) / 2, _MARGIN),
        (letters.bottom, middle_x - metrics.horizontalAdvance(letters.bottom) / 2, bottom),
    ):
        _words(painter, word, QPointF(x, y), SIDES)
    painter.restore()


def _scale_bar(painter: QPainter, bar: ScaleBar, size: Size) -> None:
    metrics = QFontMetricsF(painter.font())
    right, bottom = size[0] - _MARGIN - 2, size[1] - _MARGIN - metrics.height() - 4
    path = QPainterPath(QPointF(right - bar.length, bottom - 5))
    path.lineTo(right - bar.length, bottom)
    path.lineTo(right, bottom)
    path.lineTo(right, bottom - 5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(QColor(theme.CANVAS), 3.5), QPen(QColor(theme.PICTURE_TEXT), 1.5)):
        painter.setPen(pen)
        painter.drawPath(path)
    wide = metrics.horizontalAdvance(bar.words)
    x = min(right - bar.length / 2 - wide / 2, size[0] - _MARGIN - wide)
    _words(painter, bar.words, QPointF(x, bottom + 3), theme.PICTURE_TEXT)


def _block(
    painter: QPainter, lines: Sequence[str], x: float, y: float, *, right: bool = False
) -> None:
    metrics = QFontMetricsF(painter.font())
    for line in lines:
        left = x - metrics.horizontalAdvance(line) if right else x
        _words(painter, line, QPointF(left, y), theme.PICTURE_TEXT)
        y += metrics.height()


def _beside(
    painter: QPainter, words: str, line: Sequence[QPointF], colour: str, size: Size
) -> None:
    """Words at the right of a measurement, kept inside the view."""
    metrics = QFontMetricsF(painter.font())
    lines = words.splitlines()
    wide = max((metrics.horizontalAdvance(one) for one in lines), default=0.0)
    tall = metrics.height() * len(lines)
    seen = [point for point in line if 0 <= point.x() <= size[0] and 0 <= point.y() <= size[1]]
    if not seen:
        return
    anchor = max(seen, key=lambda point: point.x())
    x = min(anchor.x() + 8, size[0] - _MARGIN - wide)
    y = min(max(anchor.y() - tall / 2, _MARGIN), size[1] - _MARGIN - tall)
    ground = QColor(theme.CANVAS)
    ground.setAlphaF(0.6)
    painter.fillRect(QRectF(x, y, wide, tall).adjusted(-3, -1, 3, 1), ground)
    for one in lines:
        _words(painter, one, QPointF(x, y), colour)
        y += metrics.height()


def _words(painter: QPainter, words: str, at: QPointF, colour: str) -> None:
    """Words with a dark edge, to be read on any picture; `at` is their top left."""
    if not words:
        return
    metrics = QFontMetricsF(painter.font())
    box = QRectF(at, metrics.size(0, words)).adjusted(0, 0, 2, 0)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
    painter.setPen(QColor(theme.CANVAS))
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        painter.drawText(box.translated(dx, dy), flags, words)
    painter.setPen(QColor(colour))
    painter.drawText(box, flags, words)
