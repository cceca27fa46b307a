"""The tools in a row: scroll, W/L, zoom, pan; length, angle, ellipse, value; layout."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QIcon, QPainter, QPalette, QPixmap, QShowEvent
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton

from braintumor_desktop.text import _
from braintumor_desktop.ui.viewer.picture_actions import PictureActions
from braintumor_desktop.ui.viewer.state import MEASURING_TOOLS, MOVING_TOOLS

SIGN = 12
"""The side of the sign that there are more tools, in screen pixels."""


class ViewerToolBar(QToolBar):
    """Words, not pictures: each says what a drag with the left button does."""

    def __init__(self, actions: PictureActions) -> None:
        super().__init__()
        self.setMovable(False)
        for tools in (MOVING_TOOLS, MEASURING_TOOLS):
            self.addActions([actions.tools[tool] for tool in tools])
            self.addSeparator()
        self._layouts = QMenu(self)
        self._layouts.addActions(list(actions.layouts.values()))
        self._button = QToolButton()
        self._button.setMenu(self._layouts)
        self._button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(self._button)
        self.retranslate()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw the sign that there are more tools in the colour of the text, in every theme."""
        super().changeEvent(event)
        dressed = event.type() in (QEvent.Type.StyleChange, QEvent.Type.PaletteChange)
        if dressed and self.isVisible():
            self._mark_more()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """As `changeEvent`: the style has set its own sign meanwhile."""
        super().showEvent(event)
        self._mark_more()

    def _mark_more(self) -> None:
        more = self.findChild(QToolButton, "qt_toolbar_ext_button")
        if more is None:
            return
        sign = QPixmap(SIGN * 2, SIGN * 2)
        sign.setDevicePixelRatio(2)
        sign.fill(Qt.GlobalColor.transparent)
        painter = QPainter(sign)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRect(0, 0, SIGN, SIGN), Qt.AlignmentFlag.AlignCenter, "»")
        painter.end()
        more.setIcon(QIcon(sign))
        more.setAccessibleName(_("More tools"))

    def retranslate(self) -> None:
        """Name what is no action in the language that is spoken now."""
        self.setWindowTitle(_("Tools"))
        self._button.setText(_("Layout ▾"))
