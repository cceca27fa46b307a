"""The lines of the worklist, a slice or a group each, and which of them are selected."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.groups import By
from braintumor_desktop.text import _
from braintumor_desktop.ui.session.decisions import Subject
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.worklist.desk import about, about_series
from braintumor_desktop.ui.worklist.grouped import GroupedView
from braintumor_desktop.ui.worklist.review_model import ReviewModel, RowRole
from braintumor_desktop.ui.worklist.review_tables import SliceTable


class Lines(QStackedWidget):
    """The table of slices, or that of groups instead.

    `row_asked`: this row's slice should be shown, None for none.
    """

    row_asked = Signal(object)

    def __init__(self, model: ReviewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.table = SliceTable(model, _("Worklist"), self)
        self.grouped = GroupedView(
            lambda: model.rows, lambda group: self.decision_on(about_series(group)), self
        )
        self.addWidget(self.table)
        self.addWidget(self.grouped)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.grouped.row_asked.connect(self._show_group)

    @property
    def is_grouped(self) -> bool:
        """Whether groups are shown instead of slices."""
        return self.currentWidget() is self.grouped

    def current(self) -> FileResult | None:
        """The row that is selected; of a group, the one that stands for it."""
        if self.is_grouped and self.grouped.current is not None:
            return self.grouped.current.strongest
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def subject(self) -> Subject | None:
        """What a decision would be about: a slice or a series, None for neither."""
        row = self.current()
        if row is None or not row.content:
            return None
        if not self.is_grouped:
            return about(row)
        group = self.grouped.current
        if group is None or self.grouped.by is By.PATIENT:
            return None
        return about_series(group) if group.is_series else about(row)

    def decision_on(self, subject: Subject) -> Decision:
        """What is decided about something."""
        return self.model.decisions.get(subject.content, Decision()).beside(subject.label)

    def follow(self, key: Key) -> None:
        """Select the slice that is on screen, as far as it is listed."""
        row = self.model.row_of(key)
        line = -1 if row is None or self.is_grouped else self.model.line_of(row)
        if line >= 0 and line != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.model.index(line, 0))

    def step(self, lines: int) -> None:
        """Select the row, or the group where groups are shown, so many lines further."""
        table = self.grouped.table if self.is_grouped else self.table
        line = table.currentIndex().row() + lines
        if 0 <= line < table.model().rowCount():
            table.setCurrentIndex(table.model().index(line, 0))

    def show_by(self, by: By | None) -> None:
        """Show groups by this, or slices for None."""
        self.setCurrentWidget(self.table if by is None else self.grouped)
        if by is not None:
            self.grouped.show_by(By(by))

    def type_comment(self) -> None:
        """Type a comment on the selected slice."""
        if not self.is_grouped:
            self.table.type_comment()

    def selected_rows(self) -> list[FileResult]:
        """The selected slices, or all of the selected groups."""
        if self.is_grouped:
            return self.grouped.selected_rows()
        return [self.model.row(i.row()) for i in self.table.selectionModel().selectedRows()]

    def _show_group(self, row: FileResult | None) -> None:
        if self.is_grouped:  # else they are only put together anew behind the slices
            self.row_asked.emit(row)

    def _show_current(self, current: QModelIndex) -> None:
        row: FileResult | None = current.data(RowRole)
        if row is not None and not (self.is_grouped and self.grouped.current):
            self.row_asked.emit(row)
