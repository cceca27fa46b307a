"""The answers along a series: a bar a slice, by which one goes to it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from braintumor_desktop.domain.series_answer import SUSPICIOUS_FROM, SeriesAnswer, SeriesFinding
from braintumor_desktop.rendering.palette import SUSPICIOUS
from braintumor_desktop.text import _, ngettext, series_words
from braintumor_desktop.text.numbers import integer
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.browser.slice_model import Entry, State
from braintumor_desktop.ui.system.announcing import Announcer

HEIGHT = 6 * theme.GRID


class SeriesStrip(QWidget):
    """A bar a slice in the series' order: the taller, the more suspicious of any tumour.

    Open where the answer is withheld, a cross where the slice was refused, a dot where it waits.
    """

    slice_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[Entry | None] = []
        self._at = 0
        self._withheld = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_series(self, entries: list[Entry | None], at: int, *, withheld: bool = False) -> None:
        """Show slices in order, the one at `at` marked; `withheld` until a person has decided."""
        self._entries, self._at, self._withheld = entries, at, withheld
        place = _("Slice {number} of {count}").format(
            number=integer(at + 1), count=integer(len(entries))
        )
        entry = entries[at] if at < len(entries) else None
        said = "" if entry is None or withheld else entry.verdict()
        self.setAccessibleName(_("Answers along the series"))
        self.setAccessibleDescription(f"{place}: {said}" if said else place)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as there is room."""
        return QSize(20 * theme.GRID, HEIGHT)

    def place_of(self, index: int) -> QPointF:
        """The middle of a slice's bar."""
        return self._box(index).center()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """The bars, the base line, the mark."""
        painter = QPainter(self)
        colours = theme.colours()
        painter.fillRect(self.rect(), QColor(colours.raised))
        for index, entry in enumerate(self._entries):
            self._paint_slice(painter, self._box(index), entry)
        mark = self._box(self._at).adjusted(-1, 0, 1, 0)
        mark.setWidth(max(3.0, mark.width()))
        painter.setPen(QPen(QColor(colours.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(mark.adjusted(0, 1, 0, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go to the slice under the cursor."""
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go along while the button is held; else say which slice it is."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())
            return
        index = self._index(event.position())
        if index is not None:
            words = _("Slice {number}").format(number=integer(index + 1))
            entry = self._entries[index]
            if entry is not None and not self._withheld:
                words = f"{words}: {entry.verdict()}"
            QToolTip.showText(event.globalPosition().toPoint(), theme.plain(words), self)

    def _go(self, position: QPointF) -> None:
        index = self._index(position)
        if index is not None and index != self._at:
            self.slice_asked.emit(index)

    def _index(self, position: QPointF) -> int | None:
        if not self._entries:
            return None
        share = position.x() / max(1, self.width())
        return min(max(int(share * len(self._entries)), 0), len(self._entries) - 1)

    def _box(self, index: int) -> QRectF:
        wide = self.width() / max(1, len(self._entries))
        return QRectF(index * wide, 0, wide, self.height())

    def _paint_slice(self, painter: QPainter, box: QRectF, entry: Entry | None) -> None:
        colours = theme.colours()
        gap = 0.5 if box.width() > 3 else 0.0
        inner = box.adjusted(gap, 4, -gap, -3)
        prediction = None if entry is None or self._withheld else entry.prediction
        painter.setPen(Qt.PenStyle.NoPen)
        if prediction is not None and not prediction.unlike_training:
            share = prediction.tumour_probability
            tall = max(2.0, share * inner.height())
            suspicious = share >= SUSPICIOUS_FROM
            colour = SUSPICIOUS if suspicious else colours.quiet
            inner.setTop(inner.bottom() - tall)
            painter.fillRect(inner, QColor(colour))
        elif prediction is not None:
            painter.setPen(QPen(QColor(colours.quiet), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            inner.setTop(inner.bottom() - 5)
            painter.drawRect(inner)
        elif entry is not None and entry.state in (State.REFUSED, State.FAILED):
            painter.setPen(QPen(QColor(colours.text), 1.5))
            inner.setTop(inner.bottom() - 5)
            painter.drawLine(inner.topLeft(), inner.bottomRight())
            painter.drawLine(inner.topRight(), inner.bottomLeft())
        else:
            inner.setTop(inner.bottom() - 1)
            painter.fillRect(inner, QColor(colours.line))


class SeriesPanel(QWidget):
    """What is said of the series, over the strip of its slices."""

    def __init__(self) -> None:
        super().__init__()
        self.strip = SeriesStrip()
        self.headline, self.counts = _label(""), _label("quiet")
        self._announcer = Announcer(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        for widget in (self.headline, self.counts, self.strip):
            column.addWidget(widget)

    def show_series(
        self,
        entries: list[Entry | None],
        at: int,
        answer: SeriesAnswer | None,
        *,
        withheld: bool = False,
        unasked: bool = False,
    ) -> None:
        """Show the slices and the answer; without one how far its slices are answered.

        `unasked`: it is a series that is answered only when a person asks.
        """
        self.strip.show_series(entries, at, withheld=withheld)
        done = sum(entry is not None and entry.state is State.ANSWERED for entry in entries)
        if withheld:
            self.headline.setText(_("Shown after your decision"))
            self.counts.clear()
        elif answer is not None:
            self.headline.setText(series_words.series_headline(answer))
            words = [series_words.series_counts(answer)]
            if answer.finding is SeriesFinding.NOT_ANSWERED:
                words.append(series_words.why_not_answered(answer.reason))
            words += [series_words.lesion(lesion) for lesion in answer.lesions[:3]]
            self.counts.setText("\n".join(words))
        elif unasked:
            self.headline.setText(_("This series is not answered unless asked"))
            self.counts.clear()
        else:
            self.headline.setText(_("Series"))
            count = len(entries)
            said = ngettext(
                "{done} of {count} slice answered", "{done} of {count} slices answered", count
            )
            self.counts.setText(said.format(done=integer(done), count=integer(count)))
        self.headline.setAccessibleName(self.headline.text())
        if answer is not None and not withheld:
            self._announcer.say(f"{self.headline.text()} {self.counts.text()}", answer)
        self.counts.setVisible(bool(self.counts.text()))


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
