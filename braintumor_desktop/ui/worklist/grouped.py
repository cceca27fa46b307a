"""The worklist by series or patient: a line each, and how its numbers come about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.groups import By, Group, groups, members
from braintumor_desktop.text import _, worklist_words
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.worklist.review_groups import GroupModel
from braintumor_desktop.ui.worklist.review_model import RowRole
from braintumor_desktop.ui.worklist.review_tables import QuietTable
from braintumor_desktop.ui.worklist.said import quiet_label

_REGROUP_MS = 500  # while rows come
_LEAST_TABLE = 12 * theme.GRID  # the head and two lines


class GroupedView(QWidget):
    """The groups' table with the words on how it is computed.

    `row_asked`: the strongest slice of the group that is selected, None where it has none.
    `opened`: a group is to be gone into; the slice to begin with.
    """

    row_asked = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        rows: Callable[[], Sequence[FileResult]],
        decision: Callable[[Group], Decision],
        parent: QWidget | None = None,
    ) -> None:
        """`rows` gives all rows of the review, `decision` what is decided about a series."""
        super().__init__(parent)
        self._rows = rows
        self._by = By.SERIES
        self.model = GroupModel(decision, self)
        self.table = QuietTable(self.model, 4 * theme.GRID, _("Groups"), self)
        self.how = quiet_label()
        self._timer = QTimer(self, singleShot=True)
        self._took_ms = 0
        self._asked_for: FileResult | None = None
        self._timer.timeout.connect(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.how)
        column.addWidget(self.table, 1)
        self.table.activated.connect(self._open)
        self.table.selectionModel().currentRowChanged.connect(self._show)

    @property
    def by(self) -> By:
        """What slices are put together by."""
        return self._by

    @property
    def current(self) -> Group | None:
        """The group that is selected."""
        index = self.table.currentIndex()
        return self.model.group(index.row()) if index.isValid() else None

    def show_by(self, by: By) -> None:
        """Put slices together by this, and show it."""
        self._by = by
        self._show_groups()
        self.table.resizeColumnsToContents()
        if self.model.rowCount() and not self.table.currentIndex().isValid() and by is By.SERIES:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def say_how(self, filtered: bool) -> None:
        """Say how a line is computed; `filtered` where filters are set, which hide none."""
        self.how.setText(worklist_words.grouping(self._by, filtered))
        self.table.setToolTip(theme.plain(self.how.text()))
        self._show_how()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave the words to the tool tip where they would take the table's height."""
        super().resizeEvent(event)
        self._show_how()

    def _show_how(self) -> None:
        words = self.how.heightForWidth(self.width())
        self.how.setVisible(self.height() >= words + _LEAST_TABLE)

    def again_soon(self) -> None:
        """Group anew in a moment: more rows have come."""
        if not self._timer.isActive():
            self._timer.start(max(_REGROUP_MS, 20 * self._took_ms))

    def again(self) -> None:
        """Group anew, where the table is scrolled to, and columns as wide."""
        bar = self.table.verticalScrollBar()
        began, place = monotonic(), bar.value()
        self._show_groups()
        for column in range(self.model.columnCount() - 1):  # as wide as before, or wider
            needed = max(self.table.sizeHintForColumn(column), self.table.columnWidth(column))
            self.table.setColumnWidth(column, needed)
        bar.setValue(place)
        self._took_ms = round(1000 * (monotonic() - began))

    def selected_rows(self) -> list[FileResult]:
        """All slices of the groups that are selected."""
        chosen = self.table.selectionModel().selectedRows()
        keys = {self.model.group(index.row()).key for index in chosen}
        return members(self._rows(), self._by, keys) if keys else []

    def ask(self) -> None:
        """Ask for the slice of the group that is selected."""
        self._show(self.table.currentIndex())

    def _show_groups(self) -> None:
        """Show the groups anew; those that were selected stay so, and no others."""
        chosen, stay = self.table.selectionModel(), QItemSelectionModel.SelectionFlag
        keys = {self.model.group(index.row()).key for index in chosen.selectedRows()}
        before = self.current
        key = None if before is None else before.key
        self._asked_for = None if before is None else before.strongest
        self.model.show_groups(groups(self._rows(), self._by), self._by)
        again = QItemSelection()
        for line in range(self.model.rowCount()):
            index = self.model.index(line, 0)
            if self.model.group(line).key in keys:
                again.select(index, index)
            if self.model.group(line).key == key:
                chosen.setCurrentIndex(index, stay.NoUpdate)
        chosen.select(again, stay.ClearAndSelect | stay.Rows)
        self._asked_for = None

    def _open(self, index: QModelIndex) -> None:
        """To the strongest slice of a group, to its first where none is answered."""
        group = self.model.group(index.row())
        self.opened.emit(group.strongest or members(self._rows(), self._by, {group.key})[0])

    def _show(self, current: QModelIndex) -> None:
        """Ask for a group's strongest slice; not anew where it was that before more rows came."""
        row: FileResult | None = current.data(RowRole)
        if current.isValid() and (row is None or row is not self._asked_for):
            self.row_asked.emit(row)
