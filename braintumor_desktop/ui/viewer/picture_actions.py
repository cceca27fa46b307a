"""What can be done with the pictures: actions with their keys, for toolbar, menus and F1."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.ui.viewer import looking, picture_export, words
from braintumor_desktop.ui.viewer.action_list import ActionList
from braintumor_desktop.ui.viewer.cine import RATES
from braintumor_desktop.ui.viewer.looking import Look
from braintumor_desktop.ui.viewer.peek import Peek
from braintumor_desktop.ui.viewer.state import Display, Layout, Tool

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
    """All actions on the pictures; `list` has them in groups, the first of which are the tools."""

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._shared = viewer.shared
        self.list = ActionList(self)
        self.tools: dict[Tool, QAction] = {}
        self.layouts: dict[Layout, QAction] = {}
        self._switches: dict[QAction, Callable[[Display], bool]] = {}
        self._peek = Peek(self._shared, Qt.Key.Key_V, self)
        self._add_tools()
        self._add_windows()
        self._add_looks()
        self._add_layers()
        self._add_layouts()
        self._add_series()
        self._add_handing_over()
        self._shared.changed.connect(self._follow)
        self.retranslate()
        self._follow()

    def retranslate(self) -> None:
        """Name the actions in the language that is spoken now."""
        self.list.retranslate()
        for tool, action in self.tools.items():
            action.setToolTip(f"{words.tool_help(tool)} ({_TOOL_KEYS[tool]})")

    def context_menu(self, parent: QWidget) -> QMenu:
        """Return a menu with the tools first, the rest in menus of their own."""
        menu = QMenu(parent)
        menu.addActions(list(self.tools.values()))
        menu.addSeparator()
        menu.addActions([self.fit, self.reset, self.inverted, self.key_image])
        menu.addSeparator()
        self.list.fill(menu, skip=1)
        return menu

    def _add_tools(self) -> None:
        self.list.begin(gettext_noop("&Tools"))
        exclusive = QActionGroup(self)
        for tool, key in _TOOL_KEYS.items():
            action = self.list.add(words.TOOLS[tool], key, checkable=True)
            action.triggered.connect(lambda *_, tool=tool: self._shared.update(tool=tool))
            exclusive.addAction(action)
            self.tools[tool] = action
        self.delete_measurements = self._looks(
            gettext_noop("Delete the slice's &measurements"),
            looking.delete_measurements,
            "Shift+Del",
        )

    def _add_windows(self) -> None:
        self.list.begin(gettext_noop("&Window"))
        self._looks(gettext_noop("&Reset window"), looking.series_window, "F2", "R")
        self._looks(gettext_noop("Window by this slice"), looking.slice_window, "F3")
        self._looks(gettext_noop("Window with more contrast"), looking.steep_window, "F4")
        self._looks(gettext_noop("Window over all values"), looking.full_window, "F5")
        for name, key, wider, higher in (
            (gettext_noop("More contrast (narrower window)"), "C", -_WINDOW, 0.0),
            (gettext_noop("Less contrast (wider window)"), "Shift+C", _WINDOW, 0.0),
            (gettext_noop("Brighter (lower level)"), "B", 0.0, -_WINDOW),
            (gettext_noop("Darker (higher level)"), "Shift+B", 0.0, _WINDOW),
        ):
            self._looks(name, partial(looking.adjust_window, wider=wider, higher=higher), key)
        self.inverted = self.list.add(gettext_noop("&Invert the original"), "I", checkable=True)
        self.inverted.triggered.connect(lambda on: self._viewer.active.look(inverted=on))

    def _add_looks(self) -> None:
        self.list.begin(gettext_noop("&Zoom and turn"))
        self.fit = self._looks(gettext_noop("&Fit slice"), looking.fit, "F", "Ctrl+0")
        self.fit_network = self._looks(
            gettext_noop("Fit what the &network sees"), looking.fit_network, "Shift+F"
        )
        self._looks(
            gettext_noop("Zoom in"), partial(looking.zoom, factor=_ZOOM), "+", "=", "Ctrl++"
        )
        self._looks(
            gettext_noop("Zoom out"), partial(looking.zoom, factor=1 / _ZOOM), "-", "Ctrl+-"
        )
        self._looks(gettext_noop("One screen pixel per pixel (1:1)"), looking.one_to_one, "Shift+Z")
        self._looks(gettext_noop("True size"), looking.true_size, "Ctrl+Shift+Z")
        for name, key, dx, dy in (
            (gettext_noop("Move left"), "Shift+Left", -_STEP, 0),
            (gettext_noop("Move right"), "Shift+Right", _STEP, 0),
            (gettext_noop("Move up"), "Shift+Up", 0, -_STEP),
            (gettext_noop("Move down"), "Shift+Down", 0, _STEP),
        ):
            self._looks(name, partial(looking.pan, dx=dx, dy=dy), key)
        self._looks(gettext_noop("Rotate to the right"), looking.rotate_right, "Shift+R")
        self._looks(gettext_noop("Rotate to the left"), looking.rotate_left, "Ctrl+Shift+R")
        self._looks(gettext_noop("Mirror left to right"), looking.mirror_across, "X")
        self._looks(gettext_noop("Mirror top to bottom"), looking.mirror_down, "Shift+X")
        self.reset = self._looks(gettext_noop("Reset &everything"), looking.reset, "Ctrl+Shift+0")

    def _add_layers(self) -> None:
        self.list.begin(gettext_noop("&Show"))
        self.network = self._switch(gettext_noop("What the &network sees"), "N", "network_view")
        self.heat = self._layer(gettext_noop("&Heat map"), "H", "heat")
        self.outline = self._layer(gettext_noop("&Outline"), "O", "outline")
        peek = self.list.add(gettext_noop("Hide both while held"), "V")
        peek.setAutoRepeat(False)
        peek.triggered.connect(self._peek.begin)
        self._switch(gettext_noop("&Words on the picture"), "Shift+W", "captions")
        self.names = self._switch(gettext_noop("What names the &patient"), "Ctrl+Shift+H", "names")
        self._switch(gettext_noop("&Reference lines"), "Shift+L", "reference_lines")
        self._switch(gettext_noop("Series &linked by position"), "Ctrl+L", "linked")
        self._switch(gettext_noop("&Magnifier"), "G", "magnifier")
        self.list.begin(gettext_noop("O&pacity"))
        for name, field in (
            (gettext_noop("Heat map"), "heat"),
            (gettext_noop("Outline"), "outline"),
        ):
            for percent in _OPACITIES:
                action = self.list.add(
                    gettext_noop("{layer} {percent} %"), layer=name, percent=percent
                )
                action.triggered.connect(
                    lambda *_, f=field, p=percent: self._shared.change_layer(f, opacity=p / 100)
                )

    def _add_layouts(self) -> None:
        self.list.begin(gettext_noop("&Layout"))
        exclusive = QActionGroup(self)
        for layout, key in _LAYOUT_KEYS.items():
            action = self.list.add(words.LAYOUTS[layout], key, checkable=True)
            action.triggered.connect(lambda *_, layout=layout: self._shared.update(layout=layout))
            exclusive.addAction(action)
            self.layouts[layout] = action

    def _add_series(self) -> None:
        self.list.begin(gettext_noop("S&eries"))
        self.cine = self.list.add(gettext_noop("&Play as a film"), "K", checkable=True)
        cine = self._viewer.cine
        self.cine.toggled.connect(cine.play)
        cine.playing_changed.connect(self.cine.setChecked)
        for rate in RATES:
            action = self.list.add(gettext_noop("{rate} slices a second"), rate=rate)
            action.triggered.connect(lambda *_, rate=rate: cine.set_rate(rate))
        self.key_image = self._looks(gettext_noop("&Key image"), looking.toggle_key_image, "Ctrl+K")

    def _add_handing_over(self) -> None:
        self.list.begin(gettext_noop("P&icture"))
        for name, key, do in (
            (gettext_noop("&Save the picture…"), "Ctrl+Shift+S", picture_export.save),
            (gettext_noop("&Copy the picture"), "Ctrl+Shift+C", picture_export.copy),
            (gettext_noop("&Print the picture…"), "Ctrl+Shift+P", picture_export.print_out),
        ):
            self.list.add(name, key).triggered.connect(lambda *_, do=do: do(self._viewer))

    def _looks(self, text: str, look: Look, *keys: str) -> QAction:
        """An action on the active pane."""
        action = self.list.add(text, *keys)
        action.triggered.connect(lambda *_: look(self._viewer.active))
        return action

    def _switch(self, text: str, key: str, field: str) -> QAction:
        """An action that follows a field of the display, and changes it."""
        action = self.list.add(text, key, checkable=True)
        action.toggled.connect(lambda on: self._shared.update(**{field: on}))
        self._switches[action] = lambda display: bool(getattr(display, field))
        return action

    def _layer(self, text: str, key: str, field: str) -> QAction:
        action = self.list.add(text, key, checkable=True)
        action.toggled.connect(lambda on: self._shared.change_layer(field, visible=on))
        self._switches[action] = lambda display: bool(getattr(display, field).visible)
        return action

    def _follow(self) -> None:
        display = self._shared.display
        for action, shown in self._switches.items():
            action.setChecked(shown(display))
        self.tools[display.tool].setChecked(True)
        self.layouts[display.layout].setChecked(True)
