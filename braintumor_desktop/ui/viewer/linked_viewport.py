"""Which part of a slice is on screen. Both views look through the same viewport."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSizeF, Signal

SMALLEST, LARGEST = 0.02, 64.0


class Viewport(QObject):
    """A point of the source that stands at the middle of a view, and a scale.

    Source coordinates count pixels from the image's top left edge. `scale` is screen pixels per
    source column; rows are `aspect` times as tall as columns are wide (pixel spacing). Two views
    of the same size that share a viewport have the same anatomical point at the same place.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.centre = QPointF(0, 0)
        self.scale = 1.0
        self.aspect = 1.0
        self.fitted: QRectF | None = None
        self._bounds = QRectF()

    def set_bounds(self, bounds: QRectF, aspect: float = 1.0) -> None:
        """The source rectangle that there is to see; panning keeps to it."""
        self._bounds = bounds
        self.aspect = aspect

    def to_view(self, point: QPointF, size: QSizeF) -> QPointF:
        """A source point in a view of `size`."""
        return QPointF(
            size.width() / 2 + (point.x() - self.centre.x()) * self.scale,
            size.height() / 2 + (point.y() - self.centre.y()) * self.scale * self.aspect,
        )

    def to_source(self, point: QPointF, size: QSizeF) -> QPointF:
        """The inverse of `to_view`."""
        return QPointF(
            self.centre.x() + (point.x() - size.width() / 2) / self.scale,
            self.centre.y() + (point.y() - size.height() / 2) / (self.scale * self.aspect),
        )

    def rect_to_view(self, rect: QRectF, size: QSizeF) -> QRectF:
        """A source rectangle in a view of `size`."""
        return QRectF(self.to_view(rect.topLeft(), size), self.to_view(rect.bottomRight(), size))

    def fit(self, rect: QRectF, size: QSizeF) -> None:
        """Show all of `rect`, as large as a view of `size` allows."""
        if rect.isEmpty() or size.isEmpty():
            return
        self.fitted = rect
        self.centre = rect.center()
        self.scale = _clamped(
            min(size.width() / rect.width(), size.height() / (rect.height() * self.aspect)),
            SMALLEST,
            LARGEST,
        )
        self.changed.emit()

    def zoom(self, factor: float, anchor: QPointF, size: QSizeF) -> None:
        """Scale by `factor` while what lies under `anchor` in a view of `size` stays there."""
        before = self.to_source(anchor, size)
        self.scale = _clamped(self.scale * factor, SMALLEST, LARGEST)
        self._move(before - (self.to_source(anchor, size) - self.centre))

    def pan(self, dx: float, dy: float) -> None:
        """Move the image by (dx, dy) screen pixels."""
        self._move(self.centre - QPointF(dx / self.scale, dy / (self.scale * self.aspect)))

    def _move(self, centre: QPointF) -> None:
        bounds = self._bounds
        self.fitted = None
        self.centre = QPointF(
            _clamped(centre.x(), bounds.left(), bounds.right()),
            _clamped(centre.y(), bounds.top(), bounds.bottom()),
        )
        self.changed.emit()


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
