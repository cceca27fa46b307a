"""How a row of the list looks: thumbnail, file name, verdict."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.text import answers, numbers
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.browser.slice_model import Entry, EntryRole, State

THUMB = 6 * theme.GRID
ROW = THUMB + 2 * theme.GRID
DOT = 8


class SliceDelegate(QStyledItemDelegate):
    """Paints entries; the class's colour is a dot beside its word."""

    def sizeHint(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """All rows are equally tall."""
        return QSize(THUMB, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """One row."""
        entry: Entry = index.data(EntryRole)
        state, rect, metrics = option.state, option.rect, option.fontMetrics
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.RAISED))
            painter.fillRect(QRect(rect.topLeft(), QSize(3, rect.height())), QColor(theme.ACCENT))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.RAISED).darker(115))
        box = QRect(rect.left() + theme.GRID + 3, rect.top() + theme.GRID, THUMB, THUMB)
        self._paint_thumbnail(painter, box, entry)

        left = box.right() + 1 + theme.GRID + theme.GRID // 2
        width = rect.right() - theme.GRID - left
        line = metrics.height()
        top = rect.center().y() - line - 1
        painter.setPen(QColor(theme.TEXT))
        name = metrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, width)
        painter.drawText(QRect(left, top, width, line), Qt.AlignmentFlag.AlignLeft, name)

        box = QRect(left, top + line + 3, width, line)
        if entry.prediction is not None:
            self._paint_answer(painter, box, entry, entry.prediction)
        else:
            painter.setPen(QColor(theme.QUIET))
            words = metrics.elidedText(entry.verdict(), Qt.TextElideMode.ElideRight, width)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, words)
        painter.restore()

    def _paint_answer(
        self, painter: QPainter, box: QRect, entry: Entry, prediction: Prediction
    ) -> None:
        """Dot and word at the left, number at the right. No class's colour where in doubt."""
        dot = QRect(box.left(), box.center().y() - DOT // 2 + 1, DOT, DOT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if answers.needs_look(prediction, entry.warnings):
            painter.setPen(QPen(QColor(theme.TEXT), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.class_colour(prediction.label))
        painter.drawEllipse(dot)
        share = prediction.probabilities[prediction.label]
        number = "" if prediction.unlike_training else numbers.percent(share)
        metrics = painter.fontMetrics()
        space = box.width() - DOT - 6 - metrics.horizontalAdvance(number) - theme.GRID
        verdict = answers.short_verdict(prediction, entry.warnings)
        words = metrics.elidedText(verdict, Qt.TextElideMode.ElideRight, space)
        painter.setPen(QColor(theme.QUIET))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, number)
        painter.drawText(box.adjusted(DOT + 6, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, words)

    def _paint_thumbnail(self, painter: QPainter, box: QRect, entry: Entry) -> None:
        painter.fillRect(box, QColor(theme.CANVAS))
        if entry.thumbnail is not None:
            size = entry.thumbnail.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(QPoint(0, 0), size)
            place.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, entry.thumbnail)
        elif entry.state in (State.REFUSED, State.FAILED):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.QUIET), 2))
            cross = QRect(0, 0, 12, 12)
            cross.moveCenter(box.center())
            painter.drawLine(cross.topLeft(), cross.bottomRight())
            painter.drawLine(cross.topRight(), cross.bottomLeft())
