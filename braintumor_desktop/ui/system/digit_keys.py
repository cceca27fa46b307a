"""The digits of the upper row, whatever the keyboard layout writes there.

On a French keyboard that row gives `&`, `é`, `"` and `'`, and digits with Shift alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

_APPLE = {18: 1, 19: 2, 20: 3, 21: 4, 23: 5, 22: 6, 26: 7, 28: 8, 25: 9}
"""Virtual key codes of Apple's Events.h, kVK_ANSI_1 to 9: places on the keyboard, not letters."""

_HELD = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


def digit_of(event: QKeyEvent, platform: str = sys.platform) -> int:
    """Return the digit from 1 to 9 that a key stands for, 0 where it is none.

    By what it writes, else by its place: X11 and Wayland count evdev's codes from 8, so that the
    digits are 10 to 18; Windows' scan codes are 2 to 10.
    """
    if event.modifiers() & _HELD:
        return 0
    if event.text() in tuple("123456789"):
        return int(event.text())
    if platform == "darwin":
        return _APPLE.get(event.nativeVirtualKey(), 0)
    first = 2 if platform == "win32" else 10
    place = event.nativeScanCode() - first + 1
    return place if 1 <= place <= 9 else 0


class DigitKeys(QObject):
    """Calls `pressed` with the digit of a key that is pressed on one of its widgets."""

    def __init__(self, pressed: Callable[[int], bool], parent: QObject) -> None:
        """`pressed` says whether the digit means something."""
        super().__init__(parent)
        self._pressed = pressed

    def watch(self, widget: QWidget) -> None:
        """Take the digits pressed on a widget."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take a digit that no shortcut took before."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            digit = 0 if event.isAutoRepeat() else digit_of(event)
            return bool(digit and self._pressed(digit))
        return False
