"""The tools in a row: scroll, W/L, zoom, pan; length, angle, ellipse, value; layout."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QToolBar, QToolButton

from braintumor_desktop.text import _
from braintumor_desktop.ui.viewer.picture_actions import PictureActions
from braintumor_desktop.ui.viewer.state import MEASURING_TOOLS, MOVING_TOOLS


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

    def retranslate(self) -> None:
        """Name what is no action in the language that is spoken now."""
        self.setWindowTitle(_("Tools"))
        self._button.setText(_("Layout ▾"))
