"""The viewer's actions with their keys, for toolbar, menus and the sheet of shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from braintumor_desktop.ui.viewer import handing_over, looking, words
from braintumor_desktop.ui.viewer.cine import RATES
from braintumor_desktop.ui.viewer.looking import Look
from braintumor_desktop.ui.viewer.pane import Pane
from braintumor_desktop.ui.viewer.peek import Peek
from braintumor_desktop.ui.viewer.state import Display, Layout, Tool
from braintumor_desktop.ui.viewer.words import tr

if TYPE_CHECKING:
    from braintumor_desktop.ui.viewer.viewer import Viewer

_TOOL_KEYS = {
    Tool.SCROLL: "S", Tool.WINDOW: "L", Tool.ZOOM: "Z", Tool.PAN: "T",
    Tool.LENGTH: "D", Tool.ANGLE: "J", Tool.ELLIPSE: "E", Tool.VALUE: "Q",
}  # fmt: skip
_LAYOUT_KEYS = {Layout.ONE: "F6", Layout.TWO: "F7", Layout.FOUR: "F8"}
_STEP, _ZOOM, _WINDOW = 40, 1.25, 0.1  # screen pixels, factor, share of the first window's width
_OPACITIES = (25, 50, 75, 100)


class PictureActions(QObject):
    """All that can be done with the pictures, in groups as `groups` by the group's name."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._shared = viewer.shared
        self._group: list[QAction] = []
        self.groups: dict[str, list[QAction]] = {}
        self.tools: dict[Tool, QAction] = {}
        self.layouts: dict[Layout, QAction] = {}
        self._switches: dict[QAction, Callable[[Display], bool]] = {}
        self._peek = Peek(self._shared, Qt.Key.Key_V, self)
        self._add_tools()
        self._add_windows()
        self._add_looks()
        self._add_layers()
        self._add_series()
        self._add_handing_over()
        self._shared.changed.connect(self._follow)
        self._follow()

    def add_to(self, window: QWidget) -> None:
        """Make the keys work in all of a window."""
        for group in self.groups.values():
            window.addActions(group)

    def fill(self, menu: QMenu) -> None:
        """Put everything into a menu, a group each as a menu of its own."""
        for name, actions in self.groups.items():
            menu.addMenu(name).addActions(actions)

    def context_menu(self, parent: QWidget) -> QMenu:
        """Return a menu with the tools first, the rest in menus of their own."""
        menu = QMenu(parent)
        menu.addActions(list(self.tools.values()))
        menu.addSeparator()
        menu.addActions([self.fit, self.reset, self.inverted, self.key_image])
        menu.addSeparator()
        for name, actions in list(self.groups.items())[1:]:
            menu.addMenu(name).addActions(actions)
        return menu

    def _add_tools(self) -> None:
        self._begin(tr("&Tools"))
        exclusive = QActionGroup(self)
        for tool in Tool:
            action = self._add(words.tool_name(tool), _TOOL_KEYS[tool], checkable=True)
            action.setToolTip(f"{words.tool_help(tool)} ({_TOOL_KEYS[tool]})")
            action.triggered.connect(lambda *_, tool=tool: self._shared.update(tool=tool))
            exclusive.addAction(action)
            self.tools[tool] = action
        self.delete_measurements = self._looks(
            tr("Delete the slice's &measurements"), looking.delete_measurements, "Shift+Del"
        )

    def _add_windows(self) -> None:
        self._begin(tr("&Window"))
        for key, name, look in looking.window_presets():
            self._looks(name, look, *((key, "R") if key == "F2" else (key,)))
        for name, key, wider, higher in (
            (tr("More contrast (narrower window)"), "C", -_WINDOW, 0.0),
            (tr("Less contrast (wider window)"), "Shift+C", _WINDOW, 0.0),
            (tr("Brighter (lower level)"), "B", 0.0, -_WINDOW),
            (tr("Darker (higher level)"), "Shift+B", 0.0, _WINDOW),
        ):
            self._looks(name, partial(Pane.adjust_window, wider=wider, higher=higher), key)
        self.inverted = self._add(tr("&Invert"), "I", checkable=True)
        self.inverted.toggled.connect(lambda on: self._viewer.active.set_inverted(on))

    def _add_looks(self) -> None:
        self._begin(tr("&Zoom and turn"))
        self.fit = self._looks(tr("&Fit slice"), looking.fit, "F", "Ctrl+0")
        self.fit_network = self._looks(
            tr("Fit what the &network sees"), looking.fit_network, "Shift+F"
        )
        self._looks(tr("Zoom in"), lambda p: p.zoom(_ZOOM), "+", "=")
        self._looks(tr("Zoom out"), lambda p: p.zoom(1 / _ZOOM), "-")
        self._looks(tr("One screen pixel per pixel (1:1)"), looking.one_to_one, "Shift+Z")
        self._looks(tr("True size"), looking.true_size, "Ctrl+Shift+Z")
        for name, key, dx, dy in (
            (tr("Move left"), "Shift+Left", -_STEP, 0), (tr("Move right"), "Shift+Right", _STEP, 0),
            (tr("Move up"), "Shift+Up", 0, -_STEP), (tr("Move down"), "Shift+Down", 0, _STEP),
        ):  # fmt: skip
            self._looks(name, partial(Pane.pan, dx=dx, dy=dy), key)
        self._looks(tr("Rotate to the right"), looking.rotate_right, "Shift+R")
        self._looks(tr("Rotate to the left"), looking.rotate_left, "Ctrl+Shift+R")
        self._looks(tr("Mirror left to right"), looking.mirror_across, "X")
        self._looks(tr("Mirror top to bottom"), looking.mirror_down, "Shift+X")
        self.reset = self._looks(tr("Reset &everything"), looking.reset, "Ctrl+Shift+0")

    def _add_layers(self) -> None:
        self._begin(tr("&Show"))
        self.network = self._switch(tr("What the &network sees"), "N", "network_view")
        self.heat = self._layer(tr("&Heat map"), "H", "heat")
        self.outline = self._layer(tr("&Outline"), "O", "outline")
        peek = self._add(tr("Hide both while held"), "V")
        peek.setAutoRepeat(False)
        peek.triggered.connect(self._peek.begin)
        self._switch(tr("&Words on the picture"), "Shift+W", "captions")
        self.names = self._switch(tr("What names the &patient"), "Ctrl+Shift+H", "names")
        self._switch(tr("&Reference lines"), "Shift+L", "reference_lines")
        self._switch(tr("Series &linked by position"), "Ctrl+L", "linked")
        self._switch(tr("&Magnifier"), "G", "magnifier")
        self._begin(tr("&Layout"))
        exclusive = QActionGroup(self)
        for layout in Layout:
            action = self._add(words.layout_name(layout), _LAYOUT_KEYS[layout], checkable=True)
            action.triggered.connect(lambda *_, layout=layout: self._shared.update(layout=layout))
            exclusive.addAction(action)
            self.layouts[layout] = action
        self._begin(tr("O&pacity"))
        for name, field in ((tr("Heat map"), "heat"), (tr("Outline"), "outline")):
            for percent in _OPACITIES:
                words_ = tr("{layer} {percent} %").format(layer=name, percent=percent)
                action = self._add(words_)
                action.triggered.connect(
                    lambda *_, f=field, p=percent: self._shared.change_layer(f, opacity=p / 100)
                )

    def _add_series(self) -> None:
        self._begin(tr("S&eries"))
        self.cine = self._add(tr("&Play as a film"), "K", checkable=True)
        cine = self._viewer.cine
        self.cine.toggled.connect(cine.play)
        cine.playing_changed.connect(self.cine.setChecked)
        for rate in RATES:
            action = self._add(tr("{rate} slices a second").format(rate=rate))
            action.triggered.connect(lambda *_, rate=rate: cine.set_rate(rate))
        self.key_image = self._looks(tr("&Key image"), looking.toggle_key_image, "Ctrl+K")

    def _add_handing_over(self) -> None:
        self._begin(tr("&Picture"))
        for name, key, do in (
            (tr("&Save the picture…"), "Ctrl+Shift+S", handing_over.save),
            (tr("&Copy the picture"), "Ctrl+Shift+C", handing_over.copy),
            (tr("&Print the picture…"), "Ctrl+Shift+P", handing_over.print_out),
        ):
            self._add(name, key).triggered.connect(lambda *_, do=do: do(self._viewer))

    def _begin(self, name: str) -> None:
        self._group = self.groups.setdefault(name, [])

    def _add(self, text: str, *keys: str, checkable: bool = False) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(checkable)
        self._group.append(action)
        return action

    def _looks(self, text: str, look: Look, *keys: str) -> QAction:
        """An action on the active pane."""
        action = self._add(text, *keys)
        action.triggered.connect(lambda *_: look(self._viewer.active))
        return action

    def _switch(self, text: str, key: str, field: str) -> QAction:
        """An action that follows a field of the display, and changes it."""
        action = self._add(text, key, checkable=True)
        action.toggled.connect(lambda on: self._shared.update(**{field: on}))
        self._switches[action] = lambda display: bool(getattr(display, field))
        return action

    def _layer(self, text: str, key: str, field: str) -> QAction:
        action = self._add(text, key, checkable=True)
        action.toggled.connect(lambda on: self._shared.change_layer(field, visible=on))
        self._switches[action] = lambda display: bool(getattr(display, field).visible)
        return action

    def _follow(self) -> None:
        display = self._shared.display
        for action, shown in self._switches.items():
            action.setChecked(shown(display))
        self.tools[display.tool].setChecked(True)
        self.layouts[display.layout].setChecked(True)
