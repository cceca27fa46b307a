"""Below the answer: what is decided about the slice on screen, and the buttons to decide."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QGridLayout, QLabel, QMenu, QPushButton, QVBoxLayout, QWidget

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.text import _, worklist_words
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.system.announcing import Announcer


class DecisionBar(QWidget):
    """Buttons that are one with the review's actions, and the decision in words."""

    def __init__(self, agree: QAction, unsure: QAction, comment: QAction, classes: QMenu) -> None:
        super().__init__()
        self.decided = QLabel()
        self.decided.setTextFormat(Qt.TextFormat.PlainText)
        self.decided.setWordWrap(True)
        self.decided.setProperty("role", "decided")
        self._announcer = Announcer(self.decided)
        grid = QGridLayout()
        grid.setSpacing(theme.GRID)
        self._other = QPushButton(_("It is…"))
        self._other.setMenu(classes)
        self._other.setToolTip(_("The class that you see, by its digit"))
        self._buttons = [_button(agree), self._other, _button(unsure), _button(comment)]
        for place, button in enumerate(self._buttons):
            grid.addWidget(button, place // 2, place % 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.decided)
        column.addLayout(grid)

    @classmethod
    def of(cls, actions: WindowActions) -> DecisionBar:
        """One for the window's actions."""
        return cls(actions.agree, actions.unsure, actions.comment, actions.classes_menu)

    def show_decision(self, decision: Decision) -> None:
        """Say at once what is decided, and how it is taken back."""
        words = worklist_words.decision(decision)
        if words:
            words = _("{decision} (Ctrl+Z)").format(decision=words)
        if decision.comment:
            words = "\n".join(filter(None, (words, decision.comment)))
        if words != self.decided.text():
            self.decided.setText(words)
            self.decided.setAccessibleName(words or _("Nothing decided"))
            self._announcer.say(self.decided.accessibleName())
        self.decided.setVisible(bool(words))


def _button(action: QAction) -> QPushButton:
    text = action.text().replace("&", "")
    button = QPushButton(text)
    keys = ", ".join(key.toString() for key in action.shortcuts())
    button.setToolTip(f"{text} ({keys})")
    button.setAccessibleName(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    button.setEnabled(action.isEnabled())
    return button
