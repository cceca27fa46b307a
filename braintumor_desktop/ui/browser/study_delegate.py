"""How the lines of the study browser look."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from braintumor_desktop.text import answers, numbers
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.browser.slice_model import Entry, SliceListModel, State
from braintumor_desktop.ui.browser.study_tree import Line, LineRole, series_facts

THUMB = 6 * theme.GRID
ROW = THUMB + 2 * theme.GRID
DOT = 8
_Index = QModelIndex | QPersistentModelIndex


class StudyDelegate(QStyledItemDelegate):
    """Thumbnail and two lines for a series or a picture, one line for a heading."""

    def __init__(self, slices: SliceListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._slices = slices

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        """Tall with a picture, else a line of text."""
        line: Line = index.data(LineRole)
        tall = line.kind in ("series", "refused")
        return QSize(THUMB, ROW if tall else option.fontMetrics.height() + 2 * theme.GRID)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """One line."""
        line: Line = index.data(LineRole)
        colours, rect = theme.colours(), option.rect
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colours.raised))
            painter.fillRect(QRect(rect.topLeft(), QSize(3, rect.height())), QColor(colours.accent))
        elif option.state & QStyle.StateFlag.State_MouseOver and line.key is not None:
            painter.fillRect(rect, QColor(colours.hover))
        if line.kind in ("series", "refused"):
            self._paint_tall(painter, option, index.data(), line)
        else:
            self._paint_heading(painter, option, index.data(), line)
        painter.restore()

    def _paint_heading(
        self, painter: QPainter, option: QStyleOptionViewItem, text: str, line: Line
    ) -> None:
        font = painter.font()
        font.setBold(line.kind == "patient")
        painter.setFont(font)
        quiet = line.kind not in ("patient", "heading")
        painter.setPen(QColor(theme.colours().quiet if quiet else theme.colours().text))
        box = option.rect.adjusted(theme.GRID // 2, 0, -theme.GRID, 0)
        words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_tall(
        self, painter: QPainter, option: QStyleOptionViewItem, name: str, line: Line
    ) -> None:
        rect, metrics, colours = option.rect, option.fontMetrics, theme.colours()
        pictured = line.key if line.series is None else line.series.middle
        entry = None if pictured is None else self._slices.entry(pictured)
        box = QRect(rect.left() + theme.GRID + 3, rect.top() + theme.GRID, THUMB, THUMB)
        _paint_thumbnail(painter, box, entry)
        left = box.right() + 1 + theme.GRID + theme.GRID // 2
        width = rect.right() - theme.GRID - left
        height = metrics.height()
        top = rect.center().y() - height - 1
        painter.setPen(QColor(colours.text))
        painter.drawText(
            QRect(left, top, width, height),
            Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, width),
        )
        below = QRect(left, top + height + 3, width, height)
        if line.series is not None and not line.series.is_picture:
            facts = series_facts(line.series)
            if painter.fontMetrics().horizontalAdvance(facts) > below.width():
                facts = facts.partition(" · ")[0]
            _paint_quiet(painter, below, facts)
        elif entry is not None and entry.prediction is not None:
            _paint_answer(painter, below, entry)
        elif entry is not None:
            _paint_quiet(painter, below, entry.verdict())


def _paint_quiet(painter: QPainter, box: QRect, words: str) -> None:
    painter.setPen(QColor(theme.colours().quiet))
    elided = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft, elided)


def _paint_answer(painter: QPainter, box: QRect, entry: Entry) -> None:
    """Dot and word at the left, number at the right. No class's colour where in doubt."""
    prediction = entry.prediction
    assert prediction is not None
    dot = QRect(box.left(), box.center().y() - DOT // 2 + 1, DOT, DOT)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if answers.needs_look(prediction, entry.warnings):
        painter.setPen(QPen(QColor(theme.colours().text), 1.5))
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
    painter.setPen(QColor(theme.colours().quiet))
    painter.drawText(box, Qt.AlignmentFlag.AlignRight, number)
    painter.drawText(box.adjusted(DOT + 6, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, words)


def _paint_thumbnail(painter: QPainter, box: QRect, entry: Entry | None) -> None:
    painter.fillRect(box, QColor(theme.CANVAS))
    if entry is None:
        return
    if entry.thumbnail is not None:
        size = entry.thumbnail.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(box.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, entry.thumbnail)
    elif entry.state in (State.REFUSED, State.FAILED):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.DARK.quiet), 2))
        cross = QRect(0, 0, 12, 12)
        cross.moveCenter(box.center())
        painter.drawLine(cross.topLeft(), cross.bottomRight())
        painter.drawLine(cross.topRight(), cross.bottomLeft())
