"""The window's actions: what each is called, its keys, and the menus they hang in."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from braintumor_desktop.text import _
from braintumor_desktop.ui.system.digit_keys import DigitKeys

_STEP = 40  # screen pixels that a key pans
_ZOOM = 1.25
_WINDOW = 0.1  # of the first window's width, per key


class WindowActions(QObject):
    """All actions as attributes, and the signals of those that carry numbers.

    The window connects them; nothing here knows what they do. Keys are window-wide, but
    for those that decide (`decide_on`).
    """

    zoomed = Signal(float)
    panned = Signal(float, float)
    window_adjusted = Signal(float, float)

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._all: list[QAction] = []
        self._decided_on: list[QWidget] = []
        keys = QKeySequence.StandardKey

        self.file_menu = self._menu(_("&File"))
        self.open_files = self._add(self.file_menu, _("&Open files…"), keys.Open)
        self.open_folder = self._add(self.file_menu, _("Open &folder…"), "Ctrl+Shift+O")
        self.recent_menu = self.file_menu.addMenu(_("&Recent"))
        self.file_menu.addSeparator()
        self.close_slice = self._add(self.file_menu, _("&Close slice"), "Ctrl+W", "Del")
        self.close_all = self._add(self.file_menu, _("Close &all"), "Ctrl+Shift+W")
        self.file_menu.addSeparator()
        self.quit = self._add(self.file_menu, _("&Quit"), "Ctrl+Q")

        self.view_menu = self._menu(_("&View"))
        self.heat = self._switch(self.view_menu, _("&Heat map"), "H")
        self.outline = self._switch(self.view_menu, _("&Outline"), "O")
        self.invert = self._switch(self.view_menu, _("&Invert the original"), "I")
        self.view_menu.addSeparator()
        self.fit = self._add(self.view_menu, _("&Fit slice"), "F", "Ctrl+0")
        self.fit_prepared = self._add(self.view_menu, _("Fit what the &network sees"), "Shift+F")
        self._sends(_("Zoom in"), lambda: self.zoomed.emit(_ZOOM), "+", "=", keys.ZoomIn)
        self._sends(_("Zoom out"), lambda: self.zoomed.emit(1 / _ZOOM), "-", keys.ZoomOut)
        move = self.view_menu.addMenu(_("&Move"))
        for text, key, dx, dy in (
            (_("Move left"), "Shift+Left", -_STEP, 0),
            (_("Move right"), "Shift+Right", _STEP, 0),
            (_("Move up"), "Shift+Up", 0, -_STEP),
            (_("Move down"), "Shift+Down", 0, _STEP),
        ):
            action = self._add(move, text, key)
            action.triggered.connect(lambda *_, dx=dx, dy=dy: self.panned.emit(dx, dy))
        self.view_menu.addSeparator()
        for text, key, wider, higher in (
            (_("More contrast (narrower window)"), "C", -_WINDOW, 0),
            (_("Less contrast (wider window)"), "Shift+C", _WINDOW, 0),
            (_("Brighter (lower level)"), "B", 0, -_WINDOW),
            (_("Darker (higher level)"), "Shift+B", 0, _WINDOW),
        ):
            action = self._add(self.view_menu, text, key)
            action.triggered.connect(
                lambda *_, wider=wider, higher=higher: self.window_adjusted.emit(wider, higher)
            )
        self.reset_window = self._add(self.view_menu, _("&Reset window"), "R")

        self.slice_menu = self._menu(_("&Slice"))
        self.next_slice = self._add(self.slice_menu, _("&Next slice"), "Down")
        self.previous_slice = self._add(self.slice_menu, _("&Previous slice"), "Up")
        self.slice_menu.addSeparator()
        self.copy_answer = self._add(self.slice_menu, _("&Copy answer as text"), keys.Copy)

        self.review_menu = self._menu(_("&Review"))
        self.review_folder = self._add(self.review_menu, _("Review a &folder…"), "Ctrl+R")
        self.review = self._switch(self.review_menu, _("Show the &worklist"), "W")
        self.pause = self._switch(self.review_menu, _("&Pause the run"), "P")
        self.cancel = self._add(self.review_menu, _("&End the run"))
        self.review_menu.addSeparator()
        self.agree = self._add(self.review_menu, _("&Agree"), "A")
        self.unsure = self._add(self.review_menu, _("&Unsure"), "U")
        self.classes_menu = self.review_menu.addMenu(_("&It is"))
        self.comment = self._add(self.review_menu, _("&Comment"), "M")
        self.undo = self._add(self.review_menu, _("U&ndo the decision"), keys.Undo)
        self.review_menu.addSeparator()
        self.export = self._add(self.review_menu, _("E&xport the table…"), "Ctrl+E")
        self.report = self._add(self.review_menu, _("&Report on the selected slices…"), "Ctrl+P")
        self.patient_data = self._switch(self.review_menu, _("&Name the patient in reports"), "")

        self._deciding = [self.agree, self.unsure, self.comment, self.undo]
        for action in self._deciding:
            self._decides(action)

        self.help_menu = self._menu(_("&Help"))
        self.shortcuts = self._add(self.help_menu, _("&Keyboard shortcuts"), "F1", "?")
        self.model_card = self._add(self.help_menu, _("&Model card"), "Ctrl+M")
        self.about = self._add(self.help_menu, _("&About"), "Shift+F1")

    def add_class(self, text: str, key: str) -> QAction:
        """A class that a slice can be said to be."""
        action = self._add(self.classes_menu, text, key)
        self._deciding.append(action)
        self._decides(action)
        for widget in self._decided_on:
            widget.addAction(action)
        return action

    def decide_on(self, *widgets: QWidget) -> None:
        """Let the keys that decide act on these widgets, and on no others.

        A letter that is typed into a search, a filter or a combo box is no decision.
        """
        digits = DigitKeys(self._press_class, self)
        for widget in widgets:
            self._decided_on.append(widget)
            widget.addActions(self._deciding)
            digits.watch(widget)

    def _press_class(self, digit: int) -> bool:
        classes = self.classes_menu.actions()
        if digit <= len(classes) and classes[digit - 1].isEnabled():
            classes[digit - 1].trigger()
            return True
        return False

    def _decides(self, action: QAction) -> None:
        action.setAutoRepeat(False)  # a decision is one press of a key
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._window.removeAction(action)

    def enable_for_review(self, shown: bool) -> None:
        """Switch on what makes sense while the worklist is on screen."""
        for action in (
            self.pause, self.cancel, self.agree, self.unsure, self.comment, self.undo,
            self.export, self.report, self.patient_data, *self.classes_menu.actions(),
        ):  # fmt: skip
            action.setEnabled(shown)

    def all(self) -> list[QAction]:
        """Every action with a key, in the order of the menus."""
        return [action for action in self._all if action.shortcuts()]

    def enable_for_slice(self, *, selected: bool, shown: bool, answered: bool) -> None:
        """Switch on what makes sense for what is on screen."""
        for action in (self.close_slice, self.close_all, self.next_slice, self.previous_slice):
            action.setEnabled(selected)
        for action in (self.fit, self.fit_prepared, self.reset_window):
            action.setEnabled(shown)
        self.copy_answer.setEnabled(answered)

    def _menu(self, title: str) -> QMenu:
        return self._window.menuBar().addMenu(title)

    def _add(self, menu: QMenu, text: str, *keys: str | QKeySequence.StandardKey) -> QAction:
        action = QAction(text, self._window)
        action.setShortcuts([QKeySequence(key) for key in keys if key])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        menu.addAction(action)
        # The window keeps the keys alive where the menu bar is not part of it (macOS).
        self._window.addAction(action)
        self._all.append(action)
        return action

    def _switch(self, menu: QMenu, text: str, key: str) -> QAction:
        action = self._add(menu, text, key)
        action.setCheckable(True)
        return action

    def _sends(
        self, text: str, send: Callable[[], None], *keys: str | QKeySequence.StandardKey
    ) -> None:
        self._add(self.view_menu, text, *keys).triggered.connect(lambda *_: send())
