"""The settings that the window's parts follow."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from braintumor_desktop.text.language import translated
from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.dialogs.settings_dialog import SettingsDialog
from braintumor_desktop.ui.opening import Opening
from braintumor_desktop.ui.preferences import PREFERENCES, Preferences
from braintumor_desktop.ui.stage import Stage
from braintumor_desktop.ui.viewer.tools.mouse_map import mouse_map
from braintumor_desktop.ui.viewer.viewer import Viewer


class WindowSettings(QObject):
    """Lets every setting hold now and whenever it changes; switches on screen change it, too."""

    def __init__(
        self,
        window: QWidget,
        preferences: Preferences,
        parts: tuple[WindowActions, Viewer, Stage, Opening],
        show_again: Callable[[], None],
    ) -> None:
        """`show_again` shows the selected slice anew."""
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._actions, self._viewer, self._stage, self._opening = parts
        self._show_again = show_again
        for one in PREFERENCES:
            self._apply(one.key)
        preferences.changed.connect(self._apply)
        pictures = self._viewer.actions_
        for key, action in (
            ("heat_map", pictures.heat),
            ("outline", pictures.outline),
            ("patient_data", self._actions.patient_data),
            ("slice_pages", self._actions.slice_pages),
        ):
            action.toggled.connect(lambda on, key=key: preferences.set(key, on))
        self._actions.settings.triggered.connect(self._show_dialog)
        self._actions.shortcuts.triggered.connect(self._show_shortcuts)

    def _show_dialog(self) -> None:
        SettingsDialog(self._window, self._preferences).open()

    def _show_shortcuts(self) -> None:
        groups = {**self._actions.by_group(), **self._viewer.actions_.list.groups}
        named = {translated(name): group for name, group in groups.items()}
        dialogs.shortcuts(self._window, named).open()

    def _apply(self, key: str) -> None:
        value, pictures = self._preferences.value(key), self._viewer.actions_
        match key:
            case "heat_map":
                pictures.heat.setChecked(value)
            case "outline":
                pictures.outline.setChecked(value)
            case "patient_data" | "slice_pages":
                switch: QAction = getattr(self._actions, key)
                switch.setChecked(value)
                switch.setEnabled(not self._preferences.fixed(key))
            case "names":
                self._viewer.shared.update(names=value)
            case "mouse":
                self._viewer.shared.set_mouse(mouse_map(value))
            case "decide_first":
                self._stage.decide_first = value
                self._show_again()
            case "keep_recent" if not value:
                self._opening.recent.clear()
