"""Turns a canvas's events into what is done with its pane."""

from __future__ import annotations

import math
from dataclasses import replace

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from braintumor_desktop.domain.measurement import MeasurementKind
from braintumor_desktop.ui.viewer import looking
from braintumor_desktop.ui.viewer.pane import Pane
from braintumor_desktop.ui.viewer.state import MEASURING_TOOLS, Tool
from braintumor_desktop.ui.viewer.tools.drawing import Drawing
from braintumor_desktop.ui.viewer.tools.notches import NOTCH, Notches
from braintumor_desktop.ui.viewer.viewport import Point

CLICK = 3.0
"""A press that moves by fewer screen pixels is a click."""

DRAG_PER_WIDTH = 400
"""A drag of so many screen pixels changes the window by the first window's width."""

ZOOM_PER_PIXEL, ZOOM_PER_NOTCH = 1.008, 1.2

_KEYS = {
    Qt.Key.Key_Home: -(10**9),
    Qt.Key.Key_End: 10**9,
}


class MouseTools:
    """One pane's gestures: each button has a tool, the left one that which is chosen."""

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._drawing = Drawing(pane)
        self._tool: Tool | None = None
        self._button = Qt.MouseButton.NoButton
        self._pressed = self._last = QPointF()
        self._notches = Notches()
        self._steps = 0.0
        pane.canvas.set_handler(self)

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag, or a measurement."""
        if self._tool is not None and event.buttons() != event.button():
            return  # a second button while one is held
        self._tool = self._tool_of(event.button())
        self._button = event.button()
        self._pressed = self._last = event.position()
        self._steps = 0.0
        if self._tool in MEASURING_TOOLS and self._pane.current is not None:
            self._drawing.press(MeasurementKind(self._tool.value), self._source(event))

    def move(self, event: QMouseEvent) -> None:
        """Go on with it; without a button the cursor's place is told."""
        at = event.position()
        step, self._last = at - self._last, at
        if self._pane.current is None:
            return
        if self._tool is None or self._tool in MEASURING_TOOLS:
            self._drawing.move(self._source(event), pressed=self._tool is not None)
        else:
            self._drag(self._tool, step)

    def release(self, event: QMouseEvent) -> None:
        """End it. A right click that was no drag opens the menu, a left one selects."""
        if event.button() != self._button:
            return
        tool, self._tool, self._button = self._tool, None, Qt.MouseButton.NoButton
        way = event.position() - self._pressed
        clicked = math.hypot(way.x(), way.y()) < CLICK
        if event.button() == Qt.MouseButton.RightButton and clicked:
            self._pane.canvas.menu_asked.emit(event.globalPosition().toPoint())
        elif self._pane.current is None:
            return
        elif tool in MEASURING_TOOLS:
            self._drawing.release(self._source(event), clicked=clicked)
        elif event.button() == Qt.MouseButton.LeftButton and clicked:
            self._drawing.select(self._source(event))

    def double_click(self, event: QMouseEvent) -> None:
        """Show all of the slice; while measuring it is a second press."""
        left = event.button() == Qt.MouseButton.LeftButton
        if not left or self._tool_of(event.button()) in MEASURING_TOOLS:
            self.press(event)
        elif self._pane.current is not None:
            looking.fit(self._pane)

    def wheel(self, event: QWheelEvent) -> None:
        """Walk, or zoom to the cursor: one slice, or a factor of 1.2, a notch."""
        controlled = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        mouse = self._pane.shared.mouse
        turned = event.angleDelta().y()
        if (mouse.control_wheel if controlled else mouse.wheel) is Tool.ZOOM:
            place = event.position()
            looking.zoom(self._pane, ZOOM_PER_NOTCH ** (turned / NOTCH), (place.x(), place.y()))
            return
        if steps := self._notches.steps(turned):
            self._pane.scroll(-steps)

    def wants(self, event: QKeyEvent) -> bool:
        """Whether there is something to delete or to give up."""
        return self._drawing.busy

    def key(self, event: QKeyEvent) -> bool:
        """Walk to the ends; delete what is selected; give up a draft."""
        if (steps := _KEYS.get(Qt.Key(event.key()))) is not None:
            self._pane.scroll(steps)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            return self._drawing.delete_selected()
        elif event.key() == Qt.Key.Key_Escape:
            return self._drawing.give_up()
        else:
            return False
        return True

    def leave(self) -> None:
        """Forget where the cursor was."""
        self._pane.set_view(replace(self._pane.view, cursor=None))

    def _drag(self, tool: Tool, step: QPointF) -> None:
        pane = self._pane
        match tool:
            case Tool.WINDOW:
                # Down raises the level, which darkens: the way of most DICOM viewers.
                looking.adjust_window(pane, step.x() / DRAG_PER_WIDTH, step.y() / DRAG_PER_WIDTH)
            case Tool.ZOOM:
                anchor = (self._pressed.x(), self._pressed.y())
                looking.zoom(pane, ZOOM_PER_PIXEL ** -step.y(), anchor)
            case Tool.PAN:
                looking.pan(pane, step.x(), step.y())
            case Tool.SCROLL:
                self._scroll_by(step.y())

    def _scroll_by(self, pixels: float) -> None:
        """Walk the whole series over half the view's height, at least 4 pixels a slice."""
        count = len(self._pane.slices) if self._pane.slices is not None else 1
        each = max(4.0, self._pane.size[1] / 2 / max(count, 1))
        self._steps += pixels / each
        steps = int(self._steps)
        self._steps -= steps
        if steps:
            self._pane.scroll(steps)

    def _tool_of(self, button: Qt.MouseButton) -> Tool | None:
        mouse = self._pane.shared.mouse
        return {
            Qt.MouseButton.LeftButton: self._pane.shared.display.tool,
            Qt.MouseButton.RightButton: mouse.right,
            Qt.MouseButton.MiddleButton: mouse.middle,
        }.get(button)

    def _source(self, event: QMouseEvent) -> Point:
        place = event.position()
        return self._pane.state.viewport.to_source((place.x(), place.y()), self._pane.size)
