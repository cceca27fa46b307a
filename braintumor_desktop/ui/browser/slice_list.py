"""The open slices at the left of the window."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtWidgets import QLabel, QListView, QVBoxLayout, QWidget

from braintumor_desktop.text import _
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.browser.slice_delegate import SliceDelegate


class SliceList(QWidget):
    """A title and the list; `view` is the list."""

    def __init__(self, model: QAbstractItemModel) -> None:
        super().__init__()
        self.view = QListView()
        self.view.setModel(model)
        self.view.setItemDelegate(SliceDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setMouseTracking(True)
        self.view.setAccessibleName(_("Open slices"))
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        title = QLabel(_("Slices"))
        title.setProperty("role", "title")
        title.setIndent(theme.GRID + 3)  # where the thumbnails begin
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(self.view)
        self.setMinimumWidth(22 * theme.GRID)
