"""Dialogs no larger than the screen, also where everything on it is twice as large."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_FRAME = 40, 60  # of a window's title and edges, and a little of what is behind it


def resize_within_screen(dialog: QWidget, width: int, height: int) -> None:
    """Give a dialog this size, or as much of it as its screen has room for."""
    room = dialog.screen().availableGeometry().size()
    dialog.resize(min(width, room.width() - _FRAME[0]), min(height, room.height() - _FRAME[1]))
