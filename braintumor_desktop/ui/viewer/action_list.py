"""Actions in groups whose words follow the language while the window is open."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from braintumor_desktop.text.language import translated


class ActionList(QObject):
    """Actions by group, each with its English template, the fields that fill it, and its keys.

    `groups` is by the English template of the group's name, in the order of `begin`.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.groups: dict[str, list[QAction]] = {}
        self._words: dict[QAction, tuple[str, dict[str, object]]] = {}
        self._group: list[QAction] = []

    def begin(self, name: str) -> None:
        """Add to the group `name` from now on."""
        self._group = self.groups.setdefault(name, [])

    def add(self, text: str, *keys: str, checkable: bool = False, **fields: object) -> QAction:
        """Add an action to the group; keys work in all of the window that it is added to.

        A field that is text itself is translated, too.
        """
        action = QAction(self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(checkable)
        self._words[action] = text, fields
        self._group.append(action)
        self._name(action)
        return action

    def add_to(self, window: QWidget) -> None:
        """Make the keys work in all of a window."""
        for group in self.groups.values():
            window.addActions(group)

    def fill(self, menu: QMenu, *, skip: int = 0) -> None:
        """Put every group but the first `skip` into a menu, each as a menu of its own."""
        for name, actions in list(self.groups.items())[skip:]:
            menu.addMenu(translated(name)).addActions(actions)

    def retranslate(self) -> None:
        """Name the actions in the language that is spoken now."""
        for action in self._words:
            self._name(action)

    def _name(self, action: QAction) -> None:
        text, fields = self._words[action]
        said = {
            name: translated(value) if isinstance(value, str) else value
            for name, value in fields.items()
        }
        action.setText(translated(text).format(**said))
