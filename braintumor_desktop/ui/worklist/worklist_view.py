"""What of the review is on screen: filters above, slices or groups, counts and progress beside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.domain.study import Instance, Patient
from braintumor_desktop.screening.groups import By, groups, members
from braintumor_desktop.screening.progress import Progress
from braintumor_desktop.screening.worklist import Counts, Filter
from braintumor_desktop.text import _
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.session.decisions import Subject
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.worklist.desk import about, about_series
from braintumor_desktop.ui.worklist.grouped import GroupedView
from braintumor_desktop.ui.worklist.review_bar import ReviewBar
from braintumor_desktop.ui.worklist.review_model import ReviewModel, RowRole
from braintumor_desktop.ui.worklist.review_side import ReviewSide
from braintumor_desktop.ui.worklist.review_tables import SliceTable


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
        self._chosen = False
        self.side = ReviewSide()
        self.model = ReviewModel(thumbnail, comment, self)
        self.bar = ReviewBar()
        self.table = SliceTable(self.model, _("Worklist"))
        self.grouped = GroupedView(
            lambda: self.model.rows, lambda group: self.decision_on(about_series(group))
        )
        self._lay_out()
        self.bar.filter_changed.connect(self._filter)
        self.bar.cleared.connect(self.table.setFocus)
        self.bar.grouping_changed.connect(self._group)
        self.bar.order_changed.connect(self.model.sort_by_finding)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.grouped.opened.connect(self.go_to)
        self.grouped.row_asked.connect(self.row_asked)

    @property
    def is_grouped(self) -> bool:
        """Whether groups are shown instead of slices."""
        return self._stack.currentWidget() is self.grouped

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

    def series_around(self, key: Key) -> tuple[list[Instance], Key, Patient]:
        """The slices of the series of a slice, in order of position, the slice, and whose they are.

        The slice alone where it is of no series.
        """
        own = self.row_of(key)
        who = None if own is None else own.identifiers
        if own is None or who is None:
            return [Instance(*key)], key, Patient()
        patient = Patient(who.patient_id, who.issuer_of_patient_id, who.patient_name)
        (group,) = groups([replace(own, duplicate_of="")], By.SERIES)
        found = [row for row in members(self.model.rows, By.SERIES, [group.key]) if row.answered]
        found.sort(key=lambda row: (row.position_mm is None, row.position_mm or 0.0, row.number))
        shown = [Instance(row.path, row.frame) for row in found]
        return shown if Instance(*key) in shown else [Instance(*key)], key, patient

    def row_of(self, key: Key | None) -> FileResult | None:
        """The row of a slice, None where it is not of this review."""
        return next((row for row in self.model.rows if (row.path, row.frame) == key), None)

    def follow(self, key: Key) -> None:
        """Select the slice that is on screen, as far as it is listed."""
        row = self.row_of(key)
        line = -1 if row is None or self.is_grouped else self.model.line_of(row)
        if line >= 0 and line != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.model.index(line, 0))

    def step(self, lines: int) -> None:
        """Select the row, or the group where groups are shown, so many lines further."""
        table = self.grouped.table if self.is_grouped else self.table
        line = table.currentIndex().row() + lines
        if 0 <= line < table.model().rowCount():
            table.setCurrentIndex(table.model().index(line, 0))

    def go_to(self, row: FileResult) -> None:
        """Show slices, select this one, and drop the filter where that hides it."""
        self.bar.grouping.setCurrentIndex(0)
        if self.model.line_of(row) < 0:
            self.bar.clear()
        self.table.setCurrentIndex(self.model.index(self.model.line_of(row), 0))

    def type_comment(self) -> None:
        """Type a comment on the selected slice."""
        if not self.is_grouped:
            self.table.type_comment()

    def selected_rows(self) -> list[FileResult]:
        """The selected slices, or all of the selected groups."""
        if self.is_grouped:
            return self.grouped.selected_rows()
        return [self.model.row(i.row()) for i in self.table.selectionModel().selectedRows()]

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
        if rows and self.is_grouped:
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
        if self.is_grouped:
            self.grouped.again()

    def set_narrow(self, narrow: bool) -> None:
        """Stand beside the picture, where there is height, or below it, where there is width."""
        down, right = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._middle.setDirection(down if narrow else right)
        self.bar.set_narrow(narrow)
        self.side.set_narrow(narrow)

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
        if not (self.is_grouped and self.grouped.current) and self.model.rows:
            self.row_asked.emit(self.current())

    def _group(self, by: By | None) -> None:
        self._chosen = True
        if by is None:
            self._stack.setCurrentWidget(self.table)
            if self.model.rows:
                self.row_asked.emit(self.current())
            return
        self.grouped.show_by(By(by))
        self.grouped.say_how(self.bar.wanted() != Filter())
        self._stack.setCurrentWidget(self.grouped)

    def _show_current(self, current: QModelIndex) -> None:
        row: FileResult | None = current.data(RowRole)
        if row is not None and not (self.is_grouped and self.grouped.current):
            self.row_asked.emit(row)

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.grouped)
        self._middle = middle = QHBoxLayout()
        middle.setSpacing(2 * theme.GRID)
        middle.addWidget(self._stack, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.GRID] * 4)
        column.setSpacing(theme.GRID)
        column.addWidget(self.bar)
        column.addLayout(middle, 1)
