"""The tools in a row: scroll, W/L, zoom, pan; length, angle, ellipse, value; layout."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QToolBar, QToolButton

from braintumor_desktop.ui.viewer.picture_actions import PictureActions
from braintumor_desktop.ui.viewer.state import MEASURING_TOOLS, MOVING_TOOLS
from braintumor_desktop.ui.viewer.words import tr


class ViewerToolBar(QToolBar):
    """Words, not pictures: each says what a drag with the left button does."""

    def __init__(self, actions: PictureActions) -> None:
        super().__init__(tr("Tools"))
        self.setMovable(False)
        for tools in (MOVING_TOOLS, MEASURING_TOOLS):
            self.addActions([actions.tools[tool] for tool in tools])
            self.addSeparator()
        layouts = QMenu(tr("Layout"), self)
        layouts.addActions(list(actions.layouts.values()))
        button = QToolButton()
        button.setText(tr("Layout"))
        button.setMenu(layouts)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(button)
