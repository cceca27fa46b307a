"""The viewer: panes of one patient, what the network sees beside them, and their actions."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QSplitter, QVBoxLayout, QWidget

from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.domain.measurement import SliceNotes
from braintumor_desktop.text import _
from braintumor_desktop.ui.viewer.cine import Cine
from braintumor_desktop.ui.viewer.layouts import PaneGrid
from braintumor_desktop.ui.viewer.network_view import NetworkView
from braintumor_desktop.ui.viewer.pane import Pane
from braintumor_desktop.ui.viewer.picture_actions import PictureActions
from braintumor_desktop.ui.viewer.shared import NotesKey, Shared
from braintumor_desktop.ui.viewer.slices import SliceProvider
from braintumor_desktop.ui.viewer.toolbar import ViewerToolBar

NETWORK_SHARE = 0.28
"""Of the viewer's width, for what the network sees."""


class Viewer(QWidget):
    """Shows slices of series and lets them be looked at, measured and handed over.

    `slice_asked`: a person has gone to this slice of the active pane's series. `slice_needed`: a
    slice (provider, index) is on screen and not at hand; call `refresh` once it is.
    `window_changed`: the active pane's window. `notes_edited`: a `NotesKey` and the `SliceNotes`
    to keep. `pane_activated`: the active pane's provider or None. `picture_written`: the path of a
    picture that was saved. `picture_copied`: the image that is on the clipboard.
    `picture_failed`: the `BraintumorError` that says why it was not.
    """

    slice_asked = Signal(int)
    slice_needed = Signal(object, int)
    window_changed = Signal(object)
    notes_edited = Signal(object, object)
    pane_activated = Signal(object)
    picture_written = Signal(object)
    picture_copied = Signal(object)
    picture_failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shared = Shared(self)
        self.grid = PaneGrid(self.shared)
        self.network = NetworkView(self.grid.active)
        self.cine = Cine(lambda: self.grid.active, self)
        self.actions_ = PictureActions(self)
        self.toolbar = ViewerToolBar(self.actions_)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self._connect()

    @property
    def active(self) -> Pane:
        """The pane that keys, menus and `show` act on."""
        return self.grid.active

    @property
    def window_now(self) -> DisplayWindow | None:
        """The active pane's window; None while nothing is shown."""
        return self.active.state.window

    def show_slices(self, slices: SliceProvider, index: int) -> None:
        """Show a slice of a series in the active pane.

        Panes that do not surely show the same patient are cleared before.
        """
        before = self.active.slices
        if before is None or before.key != slices.key:
            self.cine.play(False)
        self.grid.keep_only(slices.patient_key)
        self.active.show(slices, index)
        self.network.canvas.update()

    def show_nothing(self, note: str = "") -> None:
        """Take all pictures away and say why there is none."""
        self.cine.play(False)
        for pane in self.grid.panes:
            pane.clear(note if pane is self.active else "")
        self.network.canvas.update()

    def refresh(self) -> None:
        """Look again at what there is: slices may have been read or answered."""
        for pane in self.grid.panes:
            pane.refresh()
        self.network.canvas.update()

    def take_notes(self, notes: Mapping[NotesKey, SliceNotes]) -> None:
        """Show notes that were kept earlier."""
        self.shared.take_notes(dict(notes))

    def retranslate(self) -> None:
        """Speak the language that is spoken now."""
        self.actions_.retranslate()
        self.toolbar.retranslate()
        for number, pane in enumerate(self.grid.panes):
            name = _("Original slice") if number == 0 else _("Original slice, pane {number}")
            pane.canvas.setAccessibleName(name.format(number=number + 1))
            pane.canvas.update()
        self.network.retranslate()

    def menu(self) -> QMenu:
        """Return a new context menu: all that the toolbar has, and more."""
        return self.actions_.context_menu(self)

    def _lay_out(self) -> None:
        self._splitter.addWidget(self.grid)
        self._splitter.addWidget(self.network)
        self._splitter.setStretchFactor(0, 3)  # both give way where there is little room
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setChildrenCollapsible(False)
        share = round(1000 * NETWORK_SHARE)
        self._splitter.setSizes([1000 - share, share])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self._splitter, 1)
        self.retranslate()

    def _connect(self) -> None:
        self.shared.changed.connect(self._apply)
        self.shared.notes_edited.connect(self.notes_edited)
        self.grid.activated.connect(self._activate)
        self.picture_copied.connect(_put_on_clipboard)
        for pane in self.grid.panes:
            pane.moved.connect(lambda index, pane=pane: self._tell_moved(pane, index))
            pane.looked.connect(lambda pane=pane: self._tell_looked(pane))
            pane.missing.connect(self.slice_needed)
            pane.canvas.menu_asked.connect(self._open_menu)
        self._apply()

    def _apply(self) -> None:
        self.network.setVisible(self.shared.display.network_view)
        self.network.canvas.update()

    def _activate(self, pane: Pane) -> None:
        self.network.follow(pane)
        self.pane_activated.emit(pane.slices)

    def _tell_moved(self, pane: Pane, index: int) -> None:
        if pane is self.active:
            self.slice_asked.emit(index)

    def _tell_looked(self, pane: Pane) -> None:
        if pane is self.active:
            self.network.keep_up()
            self.actions_.inverted.setChecked(pane.state.inverted)
            self.window_changed.emit(pane.state.window)

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)


def _put_on_clipboard(image: QImage) -> None:
    QGuiApplication.clipboard().setImage(image)
