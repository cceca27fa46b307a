"""How many slices of which class, as a small plot."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from braintumor_desktop.screening.worklist import Counts
from braintumor_desktop.text import answers, numbers
from braintumor_desktop.ui import theme

_LINE = 20


class ClassCounts(QWidget):
    """One bar a class with word and number, the longest as wide as there is room."""

    def __init__(self, classes: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes = tuple(classes)
        self._labels: dict[str, int] = {}
        self.setMinimumWidth(26 * theme.GRID)

    def show_counts(self, classes: Sequence[str], counts: Counts) -> None:
        """Show the counts of these classes, in this order."""
        self._classes, self._labels = tuple(classes), dict(counts.labels)
        self.setAccessibleName(", ".join(f"{name} {number}" for name, number in self.lines()))
        self.updateGeometry()
        self.update()

    def lines(self) -> list[tuple[str, str]]:
        """Names and numbers on screen."""
        return [
            (answers.class_name(name), numbers.integer(self._labels.get(name, 0)))
            for name in self._classes
        ]

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line for each class."""
        return QSize(26 * theme.GRID, _LINE * len(self._classes))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """The same."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Word, bar, number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = painter.fontMetrics()
        lines = self.lines()
        words = max((metrics.horizontalAdvance(name) for name, _ in lines), default=0) + theme.GRID
        numbers = max((metrics.horizontalAdvance(n) for _, n in lines), default=0) + theme.GRID
        most = max(self._labels.values(), default=0) or 1
        room = max(0, self.width() - words - numbers)
        for i, (key, (name, number)) in enumerate(zip(self._classes, lines, strict=True)):
            box = QRectF(0, i * _LINE, words, _LINE)
            painter.setPen(QColor(theme.colours().quiet))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            count = self._labels.get(key, 0)
            length = max(2.0, room * count / most) if count else 0.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.class_colour(key))
            painter.drawRoundedRect(QRectF(words, i * _LINE + 6, length, theme.GRID), 2, 2)
            painter.setPen(QColor(theme.colours().text))
            box = QRectF(words + length + theme.GRID, i * _LINE, numbers, _LINE)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, number)
