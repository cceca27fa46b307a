"""The files and folders opened last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings

KEY = "recent"
MOST = 10


class RecentPaths:
    """At most `MOST` paths in the settings, the newest first."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def paths(self) -> list[Path]:
        """The paths, the newest first."""
        stored = self._settings.value(KEY, [])
        # An INI file gives a list of one back as a string.
        names = stored if isinstance(stored, list) else [stored]
        return [Path(name) for name in names if isinstance(name, str) and name]

    def add(self, paths: Sequence[Path]) -> None:
        """Remember what was opened, but for names that are no text, which settings cannot hold."""
        newest = [path.absolute() for path in paths if _is_text(path)][:MOST]
        older = [path for path in self.paths() if path not in newest]
        self._settings.setValue(KEY, [str(path) for path in (newest + older)[:MOST]])

    def clear(self) -> None:
        """Forget all."""
        self._settings.remove(KEY)


def _is_text(path: Path) -> bool:
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        return False
    return True
