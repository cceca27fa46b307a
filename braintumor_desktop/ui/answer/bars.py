"""The classes' probabilities as bars with words and numbers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.text import answers, numbers
from braintumor_desktop.ui import theme


class Bar(QWidget):
    """A share of 1 as a horizontal bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self._colour = QColor(theme.colours().quiet)
        self.setFixedHeight(theme.GRID)

    def set_share(self, share: float, colour: QColor) -> None:
        """A number in [0, 1] and the bar's colour."""
        self._share, self._colour = share, colour
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Any width."""
        return QSize(120, theme.GRID)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The track, and on it the share; a share above 0 is never invisible."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(self.rect())
        painter.setBrush(QColor(theme.colours().line))
        painter.drawRoundedRect(track, 2, 2)
        if self._share > 0:
            track.setWidth(max(2.0, self._share * track.width()))
            painter.setBrush(self._colour)
            painter.drawRoundedRect(track, 2, 2)


class ProbabilityBars(QWidget):
    """One line per class, the most probable first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[tuple[QLabel, QLabel, Bar]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.GRID)
        self._grid.setVerticalSpacing(theme.GRID // 2)
        self._grid.setColumnStretch(0, 1)

    def show_prediction(self, prediction: Prediction) -> None:
        """Show a prediction's probabilities."""
        ranked = prediction.ranked
        while len(self._lines) < len(ranked):
            self._add_line()
        for line, (label, number, bar) in enumerate(self._lines):
            for widget in (label, number, bar):
                widget.setVisible(line < len(ranked))
            if line < len(ranked):
                name, share = ranked[line]
                label.setText(answers.class_name(name))
                number.setText(numbers.percent(share))
                bar.set_share(share, theme.class_colour(name))

    def clear(self) -> None:
        """Show none, and hold none."""
        for label, number, bar in self._lines:
            for widget in (label, number, bar):
                widget.hide()
            label.clear()
            number.clear()

    def texts(self) -> list[tuple[str, str]]:
        """Names and numbers in the order on screen."""
        return [(label.text(), number.text()) for label, number, _ in self._lines]

    def _add_line(self) -> None:
        label, number, bar = QLabel(), QLabel(), Bar()
        label.setTextFormat(Qt.TextFormat.PlainText)  # a bundle's class names are not ours
        number.setTextFormat(Qt.TextFormat.PlainText)
        row = 3 * len(self._lines)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(number, row, 1, Qt.AlignmentFlag.AlignRight)
        self._grid.addWidget(bar, row + 1, 0, 1, 2)
        self._grid.setRowMinimumHeight(row + 2, theme.GRID // 2)
        self._lines.append((label, number, bar))
