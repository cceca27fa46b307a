"""What is asked of the worklist: class, certainty, what needs a look, words, grouping."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from braintumor_desktop.domain.answer import Certainty
from braintumor_desktop.screening.groups import By
from braintumor_desktop.screening.worklist import Filter
from braintumor_desktop.text import _, answers, worklist_words
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.widgets.flow import FlowLayout


class ReviewBar(QWidget):
    """A line of choices; `filter_changed` and `grouping_changed` say that they are others.

    `order_changed`: whether findings come first. `cleared`: the filters were cleared by hand.
    """

    filter_changed = Signal(object)
    grouping_changed = Signal(object)
    order_changed = Signal(bool)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText(_("Search files, patients, comments"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.search.placeholderText())
        self.labels = QComboBox(self)
        self.labels.setAccessibleName(_("Class"))
        self.certainty = QComboBox(self)
        self.certainty.setAccessibleName(_("Certainty"))
        self.certainty.addItem(_("Any certainty"), None)
        for value in Certainty:
            self.certainty.addItem(worklist_words.certainty_name(value), value)
        self.needs_look = QCheckBox(_("Needs a look"), self)
        self.undecided = QCheckBox(_("Undecided"), self)
        self.grouping = QComboBox(self)
        self.grouping.setAccessibleName(_("Grouping"))
        for text, by in (
            (_("Slices"), None),
            (_("By series"), By.SERIES),
            (_("By patient"), By.PATIENT),
        ):
            self.grouping.addItem(text, by)
        self.findings_first = QCheckBox(_("Findings first"), self)
        self.findings_first.toggled.connect(self.order_changed)
        self.shown = QPushButton(self)
        self.shown.setProperty("role", "filtered")
        self.shown.hide()
        self.shown.clicked.connect(self._clear_by_hand)
        self.set_classes(())
        expanding, fixed = QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        self.search.setSizePolicy(expanding, fixed)
        self.search.setMinimumWidth(20 * theme.GRID)
        line = FlowLayout(theme.GRID, self)
        line.addWidget(self.search)
        for widget in (
            self.labels,
            self.certainty,
            self.needs_look,
            self.undecided,
            self.findings_first,
            self.grouping,
            self.shown,
        ):
            line.addWidget(widget)
        self.search.textChanged.connect(self._tell)
        self.labels.currentIndexChanged.connect(self._tell)
        self.certainty.currentIndexChanged.connect(self._tell)
        self.needs_look.toggled.connect(self._tell)
        self.undecided.toggled.connect(self._tell)
        self.grouping.currentIndexChanged.connect(
            lambda: self.grouping_changed.emit(self.grouping.currentData())
        )

    def set_classes(self, classes: Sequence[str]) -> None:
        """Offer these classes."""
        with QSignalBlocker(self.labels):
            self.labels.clear()
            self.labels.addItem(_("All answers"), "")
            for name in classes:
                self.labels.addItem(answers.class_name(name), name)

    def set_short(self, short: bool) -> None:
        """Offer what is used most where there is little height, and what is chosen already."""
        for choice in (self.labels, self.certainty):
            choice.setVisible(not short or choice.currentIndex() > 0)
        self.search.setMinimumWidth((11 if short else 20) * theme.GRID)

    def wanted(self) -> Filter:
        """What is asked for."""
        certainty = self.certainty.currentData()
        return Filter(
            label=self.labels.currentData() or "",
            certainty=None if certainty is None else Certainty(certainty),
            needs_look=self.needs_look.isChecked(),
            undecided=self.undecided.isChecked(),
            text=self.search.text().strip(),
        )

    def clear(self) -> None:
        """Ask for everything, and say so once."""
        if self.wanted() == Filter():
            return
        with QSignalBlocker(self):
            self.search.clear()
            self.labels.setCurrentIndex(0)
            self.certainty.setCurrentIndex(0)
            self.needs_look.setChecked(False)
            self.undecided.setChecked(False)
        self._tell()

    def say_shown(self, visible: int, total: int) -> None:
        """Say how many lines there are, wherever a filter is on."""
        self.shown.setVisible(self.wanted() != Filter())
        words = worklist_words.shown_of(visible, total)
        self.shown.setText(_("{shown} · clear filters").format(shown=words))

    def _clear_by_hand(self) -> None:
        self.clear()
        self.cleared.emit()

    def _tell(self) -> None:
        self.filter_changed.emit(self.wanted())
