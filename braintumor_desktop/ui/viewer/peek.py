"""The bare picture while a key is held."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from braintumor_desktop.ui.viewer.shared import Shared


class Peek(QObject):
    """Hides the network's marks from `begin` until the key goes up or the window loses it."""

    def __init__(self, shared: Shared, key: Qt.Key, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shared = shared
        self._key = key

    def begin(self) -> None:
        """The key has gone down."""
        app = QApplication.instance()
        if app is not None and not self._shared.display.bare:
            self._shared.update(bare=True)
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Wait for the key to go up."""
        released = (
            event.type() == QEvent.Type.KeyRelease
            and isinstance(event, QKeyEvent)
            and event.key() == self._key
            and not event.isAutoRepeat()
        )
        if released or event.type() == QEvent.Type.ApplicationDeactivate:
            app = QApplication.instance()
            if app is not None:
                app.removeEventFilter(self)
            self._shared.update(bare=False)
        return False
