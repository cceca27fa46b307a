"""A label of one line that leaves out a part of a text for which it has no room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from braintumor_desktop.ui import theme


class ElidedLabel(QLabel):
    """As wide as it may be, however long its text; the whole text is its tool tip."""

    def __init__(
        self,
        parent: QWidget | None = None,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(parent)
        self.whole = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def set_whole(self, text: str) -> None:
        """Show this text."""
        self.whole = text
        self.setToolTip(theme.plain(text))
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Show what there is room for."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        # What the style sheet leaves free at both sides is in the size, not in the rectangles.
        beside = self.sizeHint().width() - metrics.horizontalAdvance(self.text())
        self.setText(metrics.elidedText(self.whole, self._mode, self.width() - beside))
