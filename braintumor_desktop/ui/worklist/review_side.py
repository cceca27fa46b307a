"""Beside the worklist: how many there are of what, what happened last, how far the run is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from braintumor_desktop.screening.progress import Progress
from braintumor_desktop.screening.worklist import Counts
from braintumor_desktop.text import worklist_words
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.worklist.review_counts import ClassCounts
from braintumor_desktop.ui.worklist.said import SaidLabel, quiet_label


class ReviewSide(QScrollArea):
    """A column of the plot, words and the bar; scrolls where there is too little height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.counts = ClassCounts()
        self.said = SaidLabel()
        self._counted = quiet_label()
        self._done = quiet_label()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(theme.GRID // 2)
        self.setFixedWidth(30 * theme.GRID)
        content = QWidget()
        content.setObjectName("side")
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.counts)
        column.addWidget(self._counted)
        column.addStretch(1)
        column.addWidget(self.said)
        column.addWidget(self._done)
        column.addWidget(self._bar)

    def set_narrow(self, narrow: bool) -> None:
        """Be as wide as there is room, below the table, or a column of its own beside it."""
        self.setMinimumWidth(0 if narrow else 30 * theme.GRID)
        self.setMaximumWidth(16_777_215 if narrow else 30 * theme.GRID)
        self.setMaximumHeight(26 * theme.GRID if narrow else 16_777_215)

    def show_counts(self, classes: Sequence[str], counts: Counts) -> None:
        """Show how many there are."""
        self.counts.show_counts(classes, counts)
        self._counted.setText(
            worklist_words.counts(
                counts.needs_look, counts.failed, counts.duplicates, counts.passed
            )
        )

    def show_progress(self, progress: Progress) -> None:
        """Show how far the run is; the bar runs to and fro while files are still counted."""
        self._bar.setRange(0, progress.total or 0)
        self._bar.setValue(progress.done)
        said = worklist_words.progress(
            progress.done, progress.total, progress.rate, progress.seconds_left
        )
        self._bar.setAccessibleName(said)
        self._done.setText(said)
