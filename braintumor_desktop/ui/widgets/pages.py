"""What stands in the middle when there is no slice to show."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from braintumor_desktop.ui import theme
from braintumor_desktop.ui.system.announcing import Announcer

TEXT_WIDTH = 56 * theme.GRID


class MessagePage(QWidget):
    """A few words in the middle of the canvas, and buttons for what can be done."""

    def __init__(self, actions: Sequence[QAction] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self._announcer = Announcer(self)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._headline = _centred("headline")
        self._words = _centred("quiet")
        self._notice = _centred("quiet")
        self._notice.hide()
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.GRID)
        buttons.addStretch(1)
        for action in actions:
            button = QPushButton(action.text().replace("&", ""))
            button.clicked.connect(action.trigger)
            buttons.addWidget(button)
        buttons.addStretch(1)
        words = QWidget()
        words.setMaximumWidth(TEXT_WIDTH)
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addStretch(2)
        column.addWidget(self._headline)
        column.addWidget(self._words)
        column.addSpacing(theme.GRID)
        column.addLayout(buttons)
        column.addSpacing(3 * theme.GRID)
        column.addWidget(self._notice)
        column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(words, 100)
        layout.addStretch(1)

    def notice(self, words: str) -> None:
        """Say what is to be known before anything is done, below the buttons."""
        self._notice.setText(words)
        self._notice.setVisible(bool(words))

    def say(self, headline: str, words: str) -> None:
        """Set the words."""
        self._headline.setText(headline)
        self._words.setText(words)
        self.setAccessibleName(headline)
        self.setAccessibleDescription(words)
        self._announcer.say(f"{headline}. {words}" if words else headline)

    @property
    def headline(self) -> str:
        """The headline on screen."""
        return self._headline.text()

    @property
    def words(self) -> str:
        """The words on screen."""
        return self._words.text()


def _centred(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    return label
