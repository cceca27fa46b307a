"""Keeps a widget in sight below what scrolls, where there is the height for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from braintumor_desktop.ui import theme

LEAST_HEIGHT = 60 * theme.GRID
"""Of the scroll area: below it the widget scrolls with the rest, which would have no room."""


class PinnedBelow(QObject):
    """Holds `widget`, which stands in the column that an area scrolls, at the area's foot."""

    def __init__(self, area: QScrollArea, widget: QWidget, margin: int) -> None:
        super().__init__(area)
        self._area, self._widget, self._margin = area, widget, margin
        content = area.widget()
        assert content is not None
        column = content.layout()
        assert isinstance(column, QVBoxLayout)
        self._column = column
        self._place = column.indexOf(widget)
        self._pinned = False
        for watched in (area, widget):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Place it anew where the area or what the widget needs has changed."""
        kinds = QEvent.Type
        if event.type() in (kinds.Resize, kinds.LayoutRequest, kinds.ShowToParent):
            self._fit()
        elif event.type() == kinds.HideToParent and watched is self._widget and self._pinned:
            self._leave(0)
        return False

    def _fit(self) -> None:
        area, widget = self._area, self._widget
        pinned = area.height() >= LEAST_HEIGHT
        if pinned is not self._pinned:
            self._pinned = pinned
            shown = not widget.isHidden()
            if pinned:
                self._column.removeWidget(widget)
                widget.setParent(area)
            else:
                self._column.insertWidget(self._place, widget)
                self._leave(0)
            widget.setVisible(shown)
        if self._pinned and not widget.isHidden():
            width = area.width() - 2 * self._margin
            height = max(widget.heightForWidth(width), widget.sizeHint().height())
            self._leave(height + 2 * theme.GRID)
            top = area.height() - height - theme.GRID
            widget.setGeometry(QRect(self._margin, top, width, height))

    def _leave(self, below: int) -> None:
        margins = self._area.viewportMargins()
        if margins.bottom() != below:
            margins.setBottom(below)
            self._area.setViewportMargins(margins)
