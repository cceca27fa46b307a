"""The window's actions: what each is called, its keys, and the menus they hang in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QWidget

from braintumor_desktop.text import _
from braintumor_desktop.ui.system.digit_keys import DigitKeys


class WindowActions(QObject):
    """The window's own actions as attributes; the pictures' are the viewer's.

    The window connects them; nothing here knows what they do. Keys are window-wide, but
    for those that decide (`decide_on`).
    """

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._all: list[QAction] = []
        self._decided_on: list[QWidget] = []
        keys = QKeySequence.StandardKey

        self.file_menu = self._menu(_("&File"))
        self.open_files = self._add(self.file_menu, _("&Open files…"), keys.Open)
        self.open_folder = self._add(self.file_menu, _("Open &folder…"), "Ctrl+Shift+O")
        self.open_as_series = self._add(self.file_menu, _("Open &pictures as one series…"))
        self.recent_menu = self.file_menu.addMenu(_("&Recent"))
        self.file_menu.addSeparator()
        self.close_slice = self._add(self.file_menu, _("&Close slice"), "Ctrl+W", "Del")
        self.close_all = self._add(self.file_menu, _("Close &all"), "Ctrl+Shift+W")
        self.file_menu.addSeparator()
        self.quit = self._add(self.file_menu, _("&Quit"), "Ctrl+Q")

        self.view_menu = self._menu(_("&View"))
        self.browser = self._switch(self.view_menu, _("&Studies"), "F9")
        self.answer = self._switch(self.view_menu, _("&Answer"), "F10")
        self.full_screen = self._switch(self.view_menu, _("&Full screen"), "F11")
        self.view_menu.addSeparator()
        self.next_slice = self._add(self.view_menu, _("&Next slice"), "Down")
        self.previous_slice = self._add(self.view_menu, _("&Previous slice"), "Up")
        self.next_series = self._add(self.view_menu, _("Next &series"), "PgDown")
        self.previous_series = self._add(self.view_menu, _("Pre&vious series"), "PgUp")
        self.view_menu.addSeparator()
        self.copy_answer = self._add(self.view_menu, _("&Copy answer as text"), keys.Copy)
        self.view_menu.addSeparator()
        self.settings = self._add(self.view_menu, _("S&ettings…"), "Ctrl+,")

        self.image_menu = self._menu(_("&Image"))

        self.review_menu = self._menu(_("&Review"))
        self.review_folder = self._add(self.review_menu, _("Review a &folder…"), "Ctrl+R")
        self.review = self._switch(self.review_menu, _("Show the &worklist"), "W")
        self.beside = self._switch(self.review_menu, _("Worklist &beside the picture"), "Ctrl+B")
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
        self.slice_pages = self._switch(self.review_menu, _("Reports with a &page a slice"), "")

        self._deciding = [self.agree, self.unsure, self.comment, self.undo]
        for action in self._deciding:
            self._decides(action)

        self.help_menu = self._menu(_("&Help"))
        self.demo = self._add(self.help_menu, _("Open the &demo"), "Ctrl+D")
        self.shortcuts = self._add(self.help_menu, _("&Keyboard shortcuts"), "F1", "?")
        self.model_card = self._add(self.help_menu, _("&Model card"), "Ctrl+M")
        self.newer_version = self._add(self.help_menu, _("Check for a newer &version…"))
        self.about = self._add(self.help_menu, _("&About"), "Shift+F1")

    def add_class(self, text: str, key: str) -> QAction:
        """A class that a slice can be said to be."""
        action = self._add(self.classes_menu, text, key)
        self._deciding.append(action)
        self._decides(action)
        for widget in self._decided_on:
            widget.addAction(action)
        return action

    def take(self, actions: Sequence[QAction]) -> None:
        """List the viewer's actions with the window's own."""
        self._all += actions

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
            self.pause, self.cancel, self.export, self.report, self.patient_data,
            self.slice_pages,
        ):  # fmt: skip
            action.setEnabled(shown)

    def enable_deciding(self, possible: bool) -> None:
        """Switch on what decides about what is on screen."""
        for action in self._deciding:
            action.setEnabled(possible)

    def by_group(self) -> dict[str, list[QAction]]:
        """The window's actions with a key, by the menu they hang in, with those of submenus."""
        found: dict[str, list[QAction]] = {}
        for menu in (self.file_menu, self.view_menu, self.review_menu, self.help_menu):
            found[menu.title()] = [one for one in menu.actions() if one.menu() is None]
        found[self.review_menu.title()] += self.classes_menu.actions()
        return found

    def all(self) -> list[QAction]:
        """Every action with a key, in the order of the menus."""
        return [action for action in self._all if action.shortcuts()]

    def enable_for_slice(self, *, selected: bool, answered: bool) -> None:
        """Switch on what makes sense for what is on screen."""
        for action in (
            self.close_slice, self.close_all, self.next_slice, self.previous_slice,
            self.next_series, self.previous_series,
        ):  # fmt: skip
            action.setEnabled(selected)
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
