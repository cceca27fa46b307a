"""The widget that paints a scene and hands its events on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer import layers
from braintumor_desktop.ui.viewer.scene import Scene
from braintumor_desktop.ui.viewer.sheet import Sheet

_OWN_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_Escape)


class Handler(Protocol):
    """What is done with a canvas's events."""

    def press(self, event: QMouseEvent) -> None:
        """A button went down."""

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved, with or without a button."""

    def release(self, event: QMouseEvent) -> None:
        """A button went up."""

    def double_click(self, event: QMouseEvent) -> None:
        """A button went down for the second time."""

    def wheel(self, event: QWheelEvent) -> None:
        """The wheel turned."""

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key that a shortcut could have means something here now."""

    def key(self, event: QKeyEvent) -> bool:
        """A key went down; whether it means something here."""

    def leave(self) -> None:
        """The mouse has gone."""


class SliceCanvas(QWidget):
    """Paints the scene that it is given at each painting.

    `menu_asked` carries the place on screen: by a right click that is no drag, or by the keyboard.
    """

    resized = Signal()
    menu_asked = Signal(QPoint)
    entered = Signal()

    def __init__(self, scene: Callable[[], Scene], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._handler: Handler | None = None
        self.marked = self.framed = self._by_keyboard = False
        self.setFocusPolicy(Qt.FocusPolicy.WheelFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.installEventFilter(self)

    def set_handler(self, handler: Handler) -> None:
        """Give the events to `handler`."""
        self._handler = handler

    def set_marked(self, marked: bool, *, framed: bool = False) -> None:
        """Frame the view as one of several, and as the one that keys and menus act on."""
        self.marked, self.framed = marked, framed
        self.update()

    def sheet(self) -> Sheet:
        """Return what is seen, to be painted elsewhere."""
        view = (QPoint(), self.size(), self._scene())
        return Sheet(self.size(), self.devicePixelRatioF(), self.font(), (view,))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the scene and, around it, what has the focus."""
        painter = QPainter(self)
        try:
            layers.paint(painter, self._scene(), (float(self.width()), float(self.height())))
            focused = self.hasFocus() and self._by_keyboard
            if focused or self.marked or self.framed:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                colour = theme.PICTURE_QUIET if self.marked else theme.DARK.line
                painter.setPen(QColor(theme.PICTURE_ACCENT if focused else colour))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        finally:  # a painter that is left open takes the whole app with it
            painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show the focus to who goes by keyboard; for the mouse it would only frame the picture."""
        reasons = Qt.FocusReason
        keys = reasons.TabFocusReason, reasons.BacktabFocusReason, reasons.ShortcutFocusReason
        self._by_keyboard = event.reason() in keys
        super().focusInEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Say so."""
        super().resizeEvent(event)
        self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Hand it on."""
        self.entered.emit()
        if self._handler is not None:
            self._handler.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Hand it on."""
        if self._handler is not None:
            self._handler.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Hand it on."""
        if self._handler is not None:
            self._handler.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Hand it on."""
        if self._handler is not None:
            self._handler.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Hand it on."""
        if self._handler is not None:
            self._handler.wheel(event)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Hand it on."""
        if self._handler is not None:
            self._handler.leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep the keys that mean something on a picture from the window's shortcuts.

        A filter, as `event` reimplemented in Python would end the app where painting fails.
        """
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() in _OWN_KEYS and self._handler is not None:
                event.setAccepted(self._handler.wants(event))
            return event.isAccepted()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Hand it on; what means nothing here goes further up."""
        if self._handler is None or not self._handler.key(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Open the menu by the keyboard; by the mouse it opens where a right click was no drag."""
        if event.reason() != QContextMenuEvent.Reason.Mouse:
            self.menu_asked.emit(self.mapToGlobal(self.rect().center()))
        event.accept()
