"""One view: an image, its overlays and the gestures."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer.linked_viewport import Viewport

# From this zoom on the pixels are shown as squares, so that nobody reads interpolation as anatomy.
PIXELS_FROM = 6.0


class SliceCanvas(QWidget):
    """Shows an image at a rectangle of the source, as the shared viewport has it.

    Wheel zooms about the cursor, left drag pans, right drag (or Shift and left drag) asks for
    another display window, a double click asks for the fit.
    """

    window_dragged = Signal(float, float)
    fit_asked = Signal()

    def __init__(self, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._image: QImage | None = None
        self._place = QRectF()
        self._heat: QImage | None = None
        self._heat_place = QRectF()
        self._peak: QPointF | None = None
        self._frame: QRectF | None = None
        self._outline: list[QPolygonF] = []
        self._note = ""
        self._dragged_from: QPointF | None = None
        self._dragging_window = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(128, 128)
        self.setCursor(Qt.CursorShape.CrossCursor)
        viewport.changed.connect(self.update)

    def set_image(self, image: QImage | None, place: QRectF) -> None:
        """The image, and the source rectangle that it covers."""
        self._image, self._place = image, place
        self.update()

    def set_heat(self, heat: QImage | None, place: QRectF, peak: QPointF | None) -> None:
        """The heat map with its source rectangle and its peak; None takes it away."""
        self._heat, self._heat_place, self._peak = heat, place, peak
        self.update()

    def set_outline(self, outline: list[QPolygonF]) -> None:
        """Polygons in source pixels; an empty list takes them away."""
        self._outline = outline
        self.update()

    def set_frame(self, frame: QRectF | None) -> None:
        """A source rectangle to outline: what the other view shows."""
        self._frame = frame
        self.update()

    def set_note(self, note: str) -> None:
        """Words in place of an image."""
        self._note = note
        self.update()

    def extent(self) -> QSizeF:
        """The view's size."""
        return QSizeF(self.size())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Image, heat map, frame, outline, peak; words where there is no image; the focus."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.CANVAS))
        view, size = self._viewport, self.extent()
        if self._image is not None:
            smooth = view.scale < PIXELS_FROM
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
            painter.drawImage(view.rect_to_view(self._place, size), self._image)
            self._paint_overlays(painter, view, size)
        elif self._note:
            painter.setPen(QColor(theme.QUIET))
            margin = 3 * theme.GRID
            box = self.rect().adjusted(margin, margin, -margin, -margin)
            painter.drawText(
                box, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._note
            )
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QColor(theme.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_overlays(self, painter: QPainter, view: Viewport, size: QSizeF) -> None:
        if self._heat is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(view.rect_to_view(self._heat_place, size), self._heat)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._frame is not None:
            faint = QColor(theme.QUIET)
            faint.setAlphaF(0.55)
            painter.setPen(QPen(faint, 1, Qt.PenStyle.DashLine))
            painter.drawRect(view.rect_to_view(self._frame, size))
        if self._outline:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for polygon in self._outline:
                points = QPolygonF([view.to_view(point, size) for point in polygon.toList()])
                for width, colour in ((3.5, theme.CANVAS), (1.5, theme.ACCENT)):
                    painter.setPen(QPen(QColor(colour), width))
                    painter.drawPolygon(points)
        if self._peak is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            middle = view.to_view(self._peak, size)
            # A dark ring below the light one keeps it visible on any ground.
            for width, colour in ((4.0, theme.CANVAS), (1.5, theme.TEXT)):
                painter.setPen(QPen(QColor(colour), width))
                painter.drawEllipse(middle, theme.GRID, theme.GRID)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom about the cursor; one notch is a factor of 1.2."""
        self._viewport.zoom(1.2 ** (event.angleDelta().y() / 120), event.position(), self.extent())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin to pan or to change the display window."""
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._dragging_window = event.button() == Qt.MouseButton.RightButton or shifted
        self._dragged_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pan, or ask for a window wider to the right and brighter upwards."""
        if self._dragged_from is None or self._image is None:
            return
        step = event.position() - self._dragged_from
        self._dragged_from = event.position()
        if self._dragging_window:
            self.window_dragged.emit(step.x(), step.y())
        else:
            self._viewport.pan(step.x(), step.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """End of a drag."""
        self._dragged_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Ask for the fit."""
        self.fit_asked.emit()
