"""The review: a run, its worklist, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.review.batch import Row
from braintumor_desktop.review.database import RecordsError
from braintumor_desktop.review.groups import By, groups
from braintumor_desktop.review.records import Decision
from braintumor_desktop.review.worklist import Column, Counts
from braintumor_desktop.ui import dialogs, messages, review_words, theme
from braintumor_desktop.ui.review_bar import ReviewBar
from braintumor_desktop.ui.review_groups import GroupModel
from braintumor_desktop.ui.review_model import COLUMNS, THUMBNAIL, ReviewModel, RowRole
from braintumor_desktop.ui.review_side import ReviewSide, quiet_label
from braintumor_desktop.ui.review_tasks import export_folder, write_report
from braintumor_desktop.ui.review_thread import BatchThread, ReviewEngine, TaskThread

_WIDTHS = {
    Column.FILE: 280,
    Column.PATIENT: 80,
    Column.SERIES: 90,
    Column.VERDICT: 160,
    Column.PROBABILITY: 90,
    Column.CERTAINTY: 170,
    Column.WARNINGS: 160,
    Column.DECISION: 160,
    Column.COMMENT: 160,
}


_REGROUP_MS = 500  # while rows come


class ReviewPage(QWidget):
    """Filters above, the table in the middle, counts and progress beside.

    `slice_asked`: this file should be shown, None for none. `ready`: the records are open.
    `task_ended`: an export is done. `settled`: whether what was asked for last is over and in the
    table.
    """

    slice_asked = Signal(object)
    ready = Signal()
    task_ended = Signal()

    def __init__(self, load: Callable[[], ReviewEngine], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._load = load
        self._engine: ReviewEngine | None = None
        self._loaded: list[ReviewEngine] = []
        self._pending: list[Path] | None = None
        self._run: BatchThread | None = None
        self._task: TaskThread | None = None
        self._undo: list[int] = []
        self._counts = Counts()
        self._shown: Path | None = None
        self._shown_content = ""
        self.settled = False
        self._ended_early = False
        self._refused = False
        self._stopped = False
        self.model = ReviewModel(self._thumbnail, self._keep_comment, self)
        self.groups = GroupModel(self)
        self.bar = ReviewBar()
        self.table = QTableView()
        self.group_table = QTableView()
        self.side = ReviewSide()
        self.said = self.side.said
        self._how = quiet_label()
        self._regroup = QTimer(self, singleShot=True)
        self._regrouped_in_ms = 0
        self._regroup.timeout.connect(self._group_again)
        self._lay_out()
        self.bar.filter_changed.connect(self._filter)
        self.bar.grouping_changed.connect(self._group)
        self.table.selectionModel().currentRowChanged.connect(self._show_current)
        self.group_table.activated.connect(self._open_group)
        self.group_table.selectionModel().currentRowChanged.connect(self._show_group)

    # The run

    @property
    def running(self) -> bool:
        """Whether a thread is at work."""
        threads = (self._run, self._task)
        return any(thread is not None and thread.isRunning() for thread in threads)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that can be decided for; none before the records are open."""
        return self._engine.classifier.classes if self._engine else ()

    def widths(self) -> list[int]:
        """The widths of the table's columns in pixels."""
        return [self.table.columnWidth(place) for place in range(len(COLUMNS))]

    def set_widths(self, widths: Sequence[int]) -> None:
        """Give the columns the widths that `widths` returned, where they are so many."""
        if len(widths) == len(COLUMNS):
            for place, width in enumerate(widths):
                self.table.setColumnWidth(place, max(width, 24))

    def review(self, roots: Sequence[Path]) -> None:
        """Go through these; with none, through what the last run went through."""
        self._pending = [root.absolute() for root in roots]
        self.settled = False
        if self._engine is not None:
            self._begin()
        elif self._task is None:
            self.said.setText(self.tr("Opening the records…"))
            self._start_task(lambda: self._loaded.append(self._load()), self._take_engine)

    def pause(self, on: bool) -> None:
        """Pause the run, or let it go on."""
        if self._run is not None:
            control = self._run.control
            if on:
                control.pause()
                self.said.setText(self.tr("Paused. Decisions can be made meanwhile."))
            else:
                control.go_on()

    def cancel(self) -> None:
        """End the run; what is answered stays."""
        if self._run is not None:
            self._ended_early = self._ended_early or not self.settled
            self._run.stop()

    def stop(self) -> None:
        """End all work and close the records."""
        self._stopped = True
        self.cancel()
        for thread in (self._run, self._task):
            if thread is not None:
                thread.wait()
        if self._engine is None and self._loaded:
            self._engine = self._loaded[0]
        if self._engine is not None:
            self._engine.records.close()
            self._engine = None

    def _take_engine(self, error: BraintumorError | None) -> None:
        if self._stopped:
            return
        if error is not None:
            self.said.setText(messages.sentence(error))
            return
        self._engine = self._loaded[0]
        self.bar.set_classes(self.classes)
        aside = self._engine.records.set_aside
        if aside is not None:
            words = self.tr("The records were damaged. They are kept as {file}; new ones begin.")
            dialogs.notice(self, words.format(file=aside.name)).open()
        self.ready.emit()
        self._begin()

    def _begin(self) -> None:
        engine = self._engine
        if engine is None or self._pending is None:
            return
        roots, self._pending = self._pending, None
        if not roots:
            last = engine.records.last_run()
            if last is None:
                self.said.setText(self.tr("Drop a folder, a ZIP or a DICOMDIR here."))
                return
            roots = last[0]
        if self._run is not None:
            self._run.rows_ready.disconnect()
            self._run.finished.disconnect()
            self._run.failed.disconnect()
            self._run.stop()
            self._run.wait()
        self._undo.clear()
        self._ended_early = False
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.model.start(engine.records.decisions())
        self._group_again()
        self._counts = Counts()
        self.side.show_counts(self.classes, self._counts)
        self._run = run = BatchThread(engine, roots, self)
        run.began.connect(self._say_begun)
        run.rows_ready.connect(self._take_rows)
        run.failed.connect(self._say_failed)
        run.finished.connect(self._end)
        run.start()

    def _say_begun(self, resumed: bool) -> None:
        if resumed:
            self.said.setText(self.tr("The last review was cut off; it goes on where it was."))
        else:
            self.said.setText("")

    def _say_failed(self, error: BraintumorError | None) -> None:
        self._ended_early = True
        words = self.tr("Something unexpected ended the review. What was answered is kept.")
        self.said.setText(words if error is None else messages.sentence(error))

    def _take_rows(self) -> None:
        if self._run is None:
            return
        rows, progress = self._run.take_rows()
        first = not self.model.rows
        self.model.append(rows)
        self._counts.add(rows)
        self.side.show_progress(progress)
        self.side.show_counts(self.classes, self._counts)
        if self._grouped and rows and not self._regroup.isActive():
            self._regroup.start(max(_REGROUP_MS, 20 * self._regrouped_in_ms))
        if first and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
            self.table.setFocus()

    def _end(self) -> None:
        if self._run is None or self._run.isRunning():
            return  # said by the run before, and on its way since
        self._take_rows()
        self.model.refresh()
        self._group_again()
        self.settled = True

    # Decisions

    def current(self) -> Row | None:
        """The row that is selected."""
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def step(self, lines: int) -> None:
        """Select the row, or the group where groups are shown, so many lines further."""
        table = self.group_table if self._grouped else self.table
        line = table.currentIndex().row() + lines
        if 0 <= line < table.model().rowCount():
            table.setCurrentIndex(table.model().index(line, 0))

    def decide(self, verdict: str, class_name: str = "") -> None:
        """Decide about the selected slice, which must be on screen, and go to the next.

        `verdict` as in `Decision`; to say the class that was answered is to agree.
        """
        row = self.current()
        if row is None or not row.content or self._engine is None:
            return
        if self._grouped:
            self._refuse(self.tr("Decisions are about slices: open the group's strongest."))
            return
        if not self.on_screen:
            words = self.tr("{file} was not on screen yet: nothing is decided.")
            self._refuse(words.format(file=row.name))
            self.ask_again()
            return
        if verdict == "agree":
            class_name = row.outcome.label
        elif verdict == "disagree" and class_name == row.outcome.label:
            verdict = "agree"
        if verdict == "agree" and not class_name:
            return  # there is no answer to agree with
        if self._has_changed(row):
            return
        if self._refused:
            self._refused = False
            self.said.setText("")
        self._keep(row, Decision(verdict, class_name, self.model.decision(row).comment))
        self.step(1)

    def _refuse(self, words: str) -> None:
        self._refused = True
        self.said.setText(words)

    def undo(self) -> None:
        """Take the last decision of this review back, and go to its slice."""
        if self._undo and self._engine is not None:
            content = self._engine.records.undo(self._undo.pop())
            self.model.decided(content, self._engine.records.decision(content))
            lines = range(self.model.rowCount())
            line = next((i for i in lines if self.model.row(i).content == content), -1)
            if line >= 0:
                self.table.setCurrentIndex(self.model.index(line, 0))

    def comment(self) -> None:
        """Type a comment on the selected slice."""
        line = self.table.currentIndex().row()
        if line >= 0 and not self._grouped:
            index = self.model.index(line, COLUMNS.index(Column.COMMENT))
            self.table.setCurrentIndex(index)
            self.table.edit(index)

    @property
    def on_screen(self) -> bool:
        """Whether what is shown is the selected row's slice, or why it was refused."""
        row = self.current()
        return row is not None and self._shown == row.path

    def take_shown(self, path: Path | None, content: str = "") -> None:
        """Take note of what is on screen: nothing is decided about any other row or content.

        `content` is the SHA-256 of what was read, empty where the file was refused.
        """
        self._shown, self._shown_content = path, content
        row = self.current()
        if row is not None:
            self._has_changed(row)

    def ask_again(self) -> None:
        """Ask for the slice of the line that is selected, where another one may be shown."""
        row = self.current()
        if self._group_selected:
            self._show_group(self.group_table.currentIndex())
        elif row is not None and not self.on_screen:
            self.slice_asked.emit(row.path)
        elif row is None and self.model.rows:  # the filter hides them all
            self.slice_asked.emit(None)

    def _has_changed(self, row: Row) -> bool:
        """Whether the file has changed since it was answered; says so."""
        answered = bool(row.outcome.answered)
        same = self._shown_content == row.content or not (self._shown_content or answered)
        changed = self._shown == row.path and not same
        if changed:
            words = self.tr("{file} has changed since it was answered: review it again to decide.")
            self.said.setText(words.format(file=row.name))
        return changed

    def _keep_comment(self, row: Row, text: str) -> None:
        if self._has_changed(row):
            return
        self._keep(row, replace(self.model.decision(row), comment=text))

    def _keep(self, row: Row, decision: Decision) -> None:
        if self._engine is None:
            return
        records = self._engine.records
        try:
            self._undo.append(records.decide(row.content, self._engine.key, decision))
        except RecordsError as error:
            self.said.setText(messages.sentence(error))
            return
        self.model.decided(row.content, decision)

    # Handing over

    def export(self, target: Path) -> None:
        """Write the whole table into the new folder `target`."""
        if self._engine is not None and not self._is_writing():
            pairs = [(row, self.model.decision(row)) for row in self.model.rows]
            engine = self._engine
            self.said.setText(self.tr("Exporting…"))
            whole = self.settled and not self._ended_early
            part = self.tr("Written: the {count} files answered so far, not the whole review.")
            done = self.tr("Written.") if whole else part.format(count=len(pairs))
            self._start_task(
                lambda: export_folder(target, pairs, engine),
                lambda error: self._say_exported(error, done),
            )

    def report(self, target: Path, *, patient_data: bool) -> None:
        """Write a PDF with a page for every selected slice."""
        selected = self.table.selectionModel().selectedRows()
        if self._engine is not None and selected and not self._is_writing():
            rows = [self.model.row(index.row()) for index in selected]
            pairs = [(row, self.model.decision(row)) for row in rows]
            engine = self._engine
            self.said.setText(self.tr("Writing the report…"))
            self._start_task(
                lambda: write_report(target, pairs, engine, patient_data=patient_data),
                lambda error: self._say_exported(error, self.tr("Written.")),
            )

    def _is_writing(self) -> bool:
        """Whether something is being written; says so."""
        if self._task is not None:
            words = self.tr("Something else is still being written: ask again when it is done.")
            self.said.setText(words)
        return self._task is not None

    def _say_exported(self, error: BraintumorError | None, done: str) -> None:
        self.said.setText(done if error is None else messages.sentence(error))
        self.task_ended.emit()

    def _start_task(
        self, task: Callable[[], object], after: Callable[[BraintumorError | None], None]
    ) -> None:
        thread = TaskThread(lambda: (task(), None)[1], self)

        def end(error: BraintumorError | None) -> None:
            thread.wait()
            self._task = None
            after(error)

        self._task = thread
        thread.ended.connect(end)
        thread.start()

    # What is shown

    @property
    def _grouped(self) -> bool:
        return self._stack.currentWidget() is self.group_table

    def _filter(self) -> None:
        row = self.current()
        self.model.set_filter(self.bar.wanted())
        line = -1 if row is None else self.model.line_of(row)
        if line < 0 and self.model.rowCount():
            line = 0
        if line >= 0:
            self.table.setCurrentIndex(self.model.index(line, 0))
        self.ask_again()

    def _group_again(self) -> None:
        """Group anew what is grouped, where the table is scrolled to, and columns as wide."""
        by, bar = self.bar.grouping.currentData(), self.group_table.verticalScrollBar()
        if by is not None:
            began, place = monotonic(), bar.value()
            self._show_groups(By(by))
            bar.setValue(place)
            self._regrouped_in_ms = round(1000 * (monotonic() - began))

    def _group(self, by: By | None) -> None:
        if by is None:
            self._stack.setCurrentWidget(self.table)
            self._how.hide()
            self.ask_again()
            return
        by = By(by)
        self._show_groups(by)
        self.group_table.resizeColumnsToContents()
        self._how.setText(review_words.grouping(by))
        self._how.show()
        self._stack.setCurrentWidget(self.group_table)

    def _show_groups(self, by: By) -> None:
        selected = self.group_table.currentIndex()
        name = self.groups.group(selected.row()).name if selected.isValid() else None
        self.groups.show_groups(groups(self.model.rows, by), by)
        for line in range(self.groups.rowCount()):
            if self.groups.group(line).name == name:
                self.group_table.setCurrentIndex(self.groups.index(line, 0))

    def _open_group(self, index: QModelIndex) -> None:
        """To the strongest slice of a group."""
        row: Row | None = index.data(RowRole)
        self.bar.grouping.setCurrentIndex(0)
        line = -1 if row is None else self.model.line_of(row)
        if line >= 0:
            self.table.setCurrentIndex(self.model.index(line, 0))

    def _show_current(self, current: QModelIndex) -> None:
        row: Row | None = current.data(RowRole)
        if row is not None and not self._group_selected:
            self.slice_asked.emit(row.path)

    @property
    def _group_selected(self) -> bool:
        return self._grouped and self.group_table.currentIndex().isValid()

    def _show_group(self, current: QModelIndex) -> None:
        """The strongest slice of the group that is selected."""
        row: Row | None = current.data(RowRole)
        if not current.isValid():
            return
        if row is None:
            self.slice_asked.emit(None)
        elif row.path != self._shown:
            self.slice_asked.emit(row.path)

    def _thumbnail(self, content: str) -> bytes | None:
        engine = self._engine
        return engine.records.thumbnail(content, engine.key) if engine else None

    def _lay_out(self) -> None:
        self.table.setModel(self.model)
        self.table.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.table.setAccessibleName(self.tr("Worklist"))
        self.group_table.setModel(self.groups)
        self.group_table.setAccessibleName(self.tr("Groups"))
        _dress(self.table, THUMBNAIL + 4)
        _dress(self.group_table, 4 * theme.GRID)
        for name, width in _WIDTHS.items():
            self.table.setColumnWidth(COLUMNS.index(name), width)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self.group_table)
        self._how.hide()
        middle = QHBoxLayout()
        middle.setSpacing(2 * theme.GRID)
        middle.addWidget(self._stack, 1)
        middle.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.GRID] * 4)
        column.setSpacing(theme.GRID)
        column.addWidget(self.bar)
        column.addWidget(self._how)
        column.addLayout(middle, 1)


def _dress(table: QTableView, height: int) -> None:
    """Quiet lines, all `height` pixels tall: a hundred thousand need not be measured."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(height)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.horizontalHeader().setHighlightSections(False)
