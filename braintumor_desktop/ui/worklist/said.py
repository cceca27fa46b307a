"""The line beside the worklist that says what happened last."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def quiet_label() -> QLabel:
    """A wrapped label of plain text in the quiet colour."""
    label = QLabel()
    label.setProperty("role", "quiet")
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


class SaidLabel(QLabel):
    """Says one thing at a time; some of it until the next decision is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "quiet")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.until_decided = ""

    def say(self, words: str) -> None:
        """Say it until something else is said."""
        self.setText(words)

    def say_until_decided(self, words: str) -> None:
        """Say it until the next decision is kept."""
        self.until_decided = words
        self.setText(words)

    def decided(self) -> None:
        """Say no longer what was said until now."""
        self.unsay(self.until_decided)

    def unsay(self, words: str) -> None:
        """Say it no longer, if it is still said."""
        if self.text() == words:
            self.setText("")
