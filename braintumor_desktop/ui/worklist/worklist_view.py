"""What of the review is on screen: filters above, slices or groups, counts and progress beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.groups import By
from braintumor_desktop.screening.progress import Progress
from braintumor_desktop.screening.worklist import Counts, Filter
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.worklist.lines import Lines
from braintumor_desktop.ui.worklist.review_bar import ReviewBar
from braintumor_desktop.ui.worklist.review_model import ReviewModel
from braintumor_desktop.ui.worklist.review_side import ReviewSide

_LEAST_BELOW, _LEAST_BESIDE = 27 * theme.GRID, 58 * theme.GRID
"""Heights from which there is room for counts and all filters, below the picture and beside it."""


class WorklistView(QWidget):
    """Rows as they are asked for; `row_asked`: this row's slice should be shown, None for none."""

    row_asked = Signal(object)

    def __init__(
        self,
        thumbnail: Callable[[str], bytes | None],
        comment: Callable[[FileResult, str], None],
        parent: QWidget | None = None,
    ) -> None:
        """`thumbnail` and `comment` as in `ReviewModel`."""
        super().__init__(parent)
        self._classes: tuple[str, ...] = ()
        self._counts = Counts()
        self._chosen = self._narrow = False
        self.side = ReviewSide(self)
        self.model = ReviewModel(thumbnail, comment, self)
        self.bar = ReviewBar(self)
        self.lines = Lines(self.model, self)
        self.table, self.grouped = self.lines.table, self.lines.grouped
        self._lay_out()
        self.bar.filter_changed.connect(self._filter)
        self.bar.cleared.connect(self.table.setFocus)
        self.bar.grouping_changed.connect(self._group)
        self.bar.order_changed.connect(self.model.sort_by_finding)
        self.grouped.opened.connect(self.go_to)
        self.lines.row_asked.connect(self.row_asked)

    def go_to(self, row: FileResult) -> None:
        """Show slices, select this one, and drop the filter where that hides it."""
        self.bar.grouping.setCurrentIndex(0)
        if self.model.line_of(row) < 0:
            self.bar.clear()
        self.table.setCurrentIndex(self.model.index(self.model.line_of(row), 0))

    def start(self, decisions: dict[str, Decision], classes: Sequence[str]) -> None:
        """Forget all rows; nothing that was asked for of them outlives them."""
        self.bar.clear()
        self._classes, self._counts = tuple(classes), Counts()
        self.model.sort(-1)
        self.table.horizontalHeader().setSortIndicator(-1, self.table.ascending)
        self.model.start(decisions)
        if not self._chosen:  # now that there are no rows of the review before to ask for
            self.bar.grouping.setCurrentIndex(0)
            self._chosen = False
        self.grouped.again()
        self.side.show_counts(self._classes, self._counts)

    def take(self, rows: list[FileResult], progress: Progress) -> None:
        """Add rows as they come."""
        first = not self.model.rows
        self.model.append(rows)
        self._counts.add(rows)
        self.side.show_progress(progress)
        self.side.show_counts(self._classes, self._counts)
        self.bar.say_shown(self.model.rowCount(), len(self.model.rows))
        if rows and self.lines.is_grouped:
            self.grouped.again_soon()
        if first and rows and not self._chosen and all(row.series_instance_uid for row in rows):
            # Series stand in a line each, until a person switches to slices.
            self.bar.grouping.setCurrentIndex(self.bar.grouping.findData(By.SERIES))
            self._chosen = False
        if first and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
            self.table.setFocus()

    def retranslate(self) -> None:
        """Say everything that is made from data in the language that is spoken now."""
        self.side.show_counts(self._classes, self._counts)
        self.grouped.say_how(self.bar.wanted() != Filter())
        self.refresh()

    def refresh(self) -> None:
        """Filter, sort and group anew."""
        self.model.refresh()
        self.bar.say_shown(self.model.rowCount(), len(self.model.rows))
        if self.lines.is_grouped:
            self.grouped.again()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave counts and the rarer filters out where the lines would have no room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        low = self.height() < (_LEAST_BESIDE if self._narrow else _LEAST_BELOW)
        self.side.setVisible(not low)
        self.bar.set_short(low)

    def set_narrow(self, narrow: bool) -> None:
        """Stand beside the picture, where there is height, or below it, where there is width."""
        self._narrow = narrow
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._middle.setDirection(down if narrow else right)
        self.side.set_narrow(narrow)
        self._fit()

    def _filter(self) -> None:
        self.grouped.say_how(self.bar.wanted() != Filter())
        index = self.table.currentIndex()
        row = self.model.row(index.row()) if index.isValid() else None
        self.model.set_filter(self.bar.wanted())
        self.bar.say_shown(self.model.rowCount(), len(self.model.rows))
        line = -1 if row is None else self.model.line_of(row)
        if line < 0 and self.model.rowCount():
            line = 0
        if line >= 0:
            self.table.setCurrentIndex(self.model.index(line, 0))
        if not (self.lines.is_grouped and self.grouped.current) and self.model.rows:
            self.row_asked.emit(self.lines.current())

    def _group(self, by: By | None) -> None:
        self._chosen = True
        self.lines.show_by(by)
        if by is not None:
            self.grouped.say_how(self.bar.wanted() != Filter())
        elif self.model.rows:
            self.row_asked.emit(self.lines.current())

    def _lay_out(self) -> None:
        self._middle = middle = QHBoxLayout()
        middle.setSpacing(2 * theme.GRID)
        middle.addWidget(self.lines, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.GRID] * 4)
        column.setSpacing(theme.GRID)
        column.addWidget(self.bar)
        column.addLayout(middle, 1)
