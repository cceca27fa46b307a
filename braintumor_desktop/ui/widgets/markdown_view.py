"""Shows a long Markdown text, laid out section by section so that the window goes on meanwhile."""

from __future__ import annotations

import re

from PySide6.QtCore import QTimer
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QTextBrowser, QWidget

_SECTIONS = re.compile(r"\n(?=#{1,3} )|(?<=\n\n)(?=\|)|(?<=\|\n)(?=\n)")
"""Before each heading, and before and behind each table: what is laid out at once is short."""


class MarkdownView(QTextBrowser):
    """A text to read; the first section is there at once, the others follow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setWordWrapMode(QTextOption.WrapMode.WordWrap)  # a table's words stay whole
        self._left: list[str] = []
        self._next = QTimer(self, singleShot=True, interval=0)
        self._next.timeout.connect(self._add)

    def show_markdown(self, text: str) -> None:
        """Show this text from its beginning."""
        first, *self._left = [part for part in _SECTIONS.split(text) if part.strip()]
        self.setMarkdown(first)
        self._next.start()

    @property
    def complete(self) -> bool:
        """Whether all of the text is there."""
        return not self._left

    def _add(self) -> None:
        if not self._left:
            return
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())  # of no list before it
        cursor.insertMarkdown(self._left.pop(0))
        self._next.start()
