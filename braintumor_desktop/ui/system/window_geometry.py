"""Where the window stands, kept from start to start and never larger than its screen."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRect, QSettings, QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSplitter, QWidget

FIRST = QSize(1280, 800)
_SIDES = ((0.2, 144, 288), (0.22, 192, 304))
"""Browser and answer at first: of the window's width, at least, at most."""
_FRAME = QSize(16, 48)  # of a window's title and edges


def restore_geometry(settings: QSettings, window: QWidget, splitter: QSplitter) -> None:
    """Put the window where it was, as far as that is on a screen; the first time as it fits."""
    geometry = settings.value("geometry", None)
    restored = isinstance(geometry, QByteArray) and window.restoreGeometry(geometry)
    room = _room(window)
    if not restored:
        window.resize(FIRST.boundedTo(room.size() - _FRAME))
    elif not (window.isMaximized() or window.isFullScreen()):
        window.setGeometry(bounded(window.geometry(), room))
    state = settings.value("splitter", None)
    if not (isinstance(state, QByteArray) and splitter.restoreState(state)):
        share_out(window.width(), splitter)


def share_out(width: int, splitter: QSplitter) -> None:
    """Give browser, picture and answer their first shares of so many pixels."""
    sides = [min(max(round(share * width), least), most) for share, least, most in _SIDES]
    splitter.setSizes([sides[0], width - sum(sides), sides[1]])


def remember_geometry(settings: QSettings, window: QWidget, splitter: QSplitter) -> None:
    """Keep where the window is."""
    settings.setValue("geometry", window.saveGeometry())
    settings.setValue("splitter", splitter.saveState())


def keep_within_screen(window: QWidget) -> None:
    """Make a window no larger than its screens: a part that was added may have stretched it.

    One that a person has drawn over several screens stays so.
    """
    if not (window.isMaximized() or window.isFullScreen()):
        room = window.screen().availableVirtualGeometry()
        window.setGeometry(bounded(window.geometry(), room))


def bounded(wanted: QRect, room: QRect) -> QRect:
    """`wanted` made no larger than `room` and moved into it."""
    size = wanted.size().boundedTo(room.size())
    left = min(max(wanted.left(), room.left()), room.right() + 1 - size.width())
    top = min(max(wanted.top(), room.top()), room.bottom() + 1 - size.height())
    return QRect(left, top, size.width(), size.height())


def _room(window: QWidget) -> QRect:
    screen = window.screen() or QGuiApplication.primaryScreen()
    return (
        QRect(0, 0, FIRST.width(), FIRST.height()) if screen is None else screen.availableGeometry()
    )
