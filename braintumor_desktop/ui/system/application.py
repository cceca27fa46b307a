"""The application object: takes the files that the system hands to it while it runs."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """Tells of files by `paths_handed`: macOS names them in events, not on the command line."""

    paths_handed = Signal(list)

    def event(self, event: QEvent) -> bool:
        """Take what Finder opens with the app."""
        if isinstance(event, QFileOpenEvent):
            if file := event.file():
                self.paths_handed.emit([Path(file)])
            return True
        return super().event(event)
