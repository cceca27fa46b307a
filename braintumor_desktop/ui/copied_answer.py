"""The answer on the clipboard."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from braintumor_desktop.text import answers
from braintumor_desktop.ui.session.workbench import Workbench


class CopiedAnswer:
    """Copies the answer on screen, and lets it go again when another patient's slices come."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._text = ""

    def copy(self) -> None:
        """Copy the answer to the selected slice, where there is one."""
        entry, loaded = self._bench.selected, self._bench.loaded
        if entry is not None and loaded is not None and loaded.prediction is not None:
            name, warnings = self._bench.slices.name(entry.path), loaded.slice.warnings
            self._text = answers.answer_text(name, loaded.prediction, warnings)
            QGuiApplication.clipboard().setText(self._text)

    def forget(self) -> None:
        """Clear the clipboard, unless something else was copied since."""
        clipboard = QGuiApplication.clipboard()
        if self._text and clipboard.text() == self._text:
            clipboard.clear()
        self._text = ""
