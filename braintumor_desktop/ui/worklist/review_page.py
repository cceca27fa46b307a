"""The review: a run, its worklist, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.screening.groups import By, groups, members
from braintumor_desktop.screening.worklist import Counts, Filter
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.records import DecidedMeanwhileError
from braintumor_desktop.text import _, isolated, reading, review
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.session.review_tasks import export_folder, write_report
from braintumor_desktop.ui.session.review_thread import BatchThread, ReviewEngine, TaskThread
from braintumor_desktop.ui.worklist.review_bar import ReviewBar
from braintumor_desktop.ui.worklist.review_groups import GroupModel
from braintumor_desktop.ui.worklist.review_model import ReviewModel, RowRole
from braintumor_desktop.ui.worklist.review_side import ReviewSide, quiet_label
from braintumor_desktop.ui.worklist.review_tables import QuietTable, SliceTable

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
        self._window_key: str | None = None
        self._undo: list[tuple[int, FileResult]] = []
        self._counts = Counts()
        self._shown: Path | None = None
        self._shown_content = ""
        self.settled = False
        self._ended_early = False
        self._until_decided = ""
        self._comment_clean = True
        self._stopped = False
        self.model = ReviewModel(self._thumbnail, self._keep_comment, self)
        self.groups = GroupModel(self)
        self.bar = ReviewBar()
        self.table = SliceTable(self.model, _("Worklist"))
        self.group_table = QuietTable(self.groups, 4 * theme.GRID, _("Groups"))
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
        self.table.typed.connect(self._end, Qt.ConnectionType.QueuedConnection)
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

    def review(self, roots: Sequence[Path]) -> None:
        """Go through these; with none, through what the last run went through."""
        self._pending = [root.absolute() for root in roots]
        self.settled = False
        if self._engine is not None:
            self._begin()
        elif self._task is None:
            self.said.setText(_("Opening the records…"))
            self._start_task(lambda: self._loaded.append(self._load()), self._take_engine)

    def take_key(self, key: str) -> None:
        """Take note of the key of the answers beside which the worklist is shown.

        Only under the same key is anything reviewed: what is decided is about both.
        """
        self._window_key = key
        self._begin()

    def pause(self, on: bool) -> None:
        """Pause the run, or let it go on."""
        if self._run is not None:
            words = _("Paused. Decisions can be made meanwhile.")
            if on:
                self._run.control.pause()
                self.said.setText(words)
            else:
                self._run.control.go_on()
                self._unsay(words)

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
            self.said.setText(reading.sentence(error))
            return
        self._engine = self._loaded[0]
        self.bar.set_classes(self.classes)
        aside = self._engine.records.set_aside
        if aside is not None:
            words = _("The records were damaged. They are kept as {file}; new ones begin.")
            dialogs.notice(self, words.format(file=aside.name)).open()
        self.ready.emit()
        self._begin()

    def _begin(self) -> None:
        engine = self._engine
        if engine is None or self._pending is None or self._window_key is None:
            return
        roots, self._pending = self._pending, None
        if not self._window_key:
            self.said.setText(_("The window has no network: restart the app to review."))
            return
        if engine.key != self._window_key:
            words = _("The network was replaced while the app was open: restart the app to review.")
            self.said.setText(words)
            return
        if not roots:
            last = engine.records.last_run()
            if last is None:
                self.said.setText(_("Drop a folder, a ZIP or a DICOMDIR here."))
                return
            roots = last[0]
        if self._run is not None:
            self._run.rows_ready.disconnect()
            self._run.finished.disconnect()
            self._run.failed.disconnect()
            self._run.stop()
            self._run.wait()
        self._ended_early = False
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        self.model.start(engine.records.decisions())
        self._undo.clear()
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
            self.said.setText(_("The last review was cut off; it goes on where it was."))
        else:
            self.said.setText("")

    def _say_failed(self, error: BraintumorError | None) -> None:
        self._ended_early = True
        words = _("Something unexpected ended the review. What was answered is kept.")
        self.said.setText(words if error is None else reading.sentence(error))

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
        if self.settled or self._run is None or self._run.isRunning():
            return  # said by the run before, and on its way since
        self._take_rows()
        if self.table.typing:
            return  # until that is done: its line may go, and what is typed on would be keys
        self.model.refresh()
        self._group_again()
        self.settled = True

    # Decisions

    def current(self) -> FileResult | None:
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
        if row is None or not row.content or self._engine is None or not self._end_typing():
            return
        if self._grouped:
            self._say_until_decided(_("Decisions are about slices: open the group's strongest."))
            return
        if not self.on_screen:
            words = _("{file} was not on screen yet: nothing is decided.")
            self._say_until_decided(words.format(file=isolated(row.name)))
            self.ask_again()
            return
        if verdict == "agree":
            class_name = row.label
        elif verdict == "disagree" and class_name == row.label:
            verdict = "agree"
        if verdict == "agree" and not class_name:
            return  # there is no answer to agree with
        if self._has_changed(row):
            return
        if self._keep(row, Decision(verdict, class_name, self.model.decision(row).comment)):
            self.step(1)

    def _say_until_decided(self, words: str) -> None:
        """Say it until the next decision is kept."""
        self._until_decided = words
        self.said.setText(words)

    def _unsay(self, words: str) -> None:
        """Say it no longer, if it is still said."""
        if self.said.text() == words:
            self.said.setText("")

    def undo(self) -> None:
        """Take the last decision of this review back, and go to its slice.

        Not a comment that was still being typed: it is kept, and that is said.
        """
        decided = len(self._undo)
        if not self._end_typing():
            return
        if not self._undo or self._engine is None:
            return
        if self._grouped:
            self._say_until_decided(
                _("Decisions are about slices: show the slices to take one back.")
            )
            return
        event, row = self._undo[-1]
        if len(self._undo) > decided:
            words = _("The comment on {file} is kept: undo once more takes it back.")
            self._say_until_decided(words.format(file=isolated(row.name)))
            return
        try:
            stands = self._engine.records.undo(event)
        except DecidedMeanwhileError as error:
            self._undo.pop()
            self._take_from_others(row, error.stands)
            self._go_to(row)
            return
        except RecordsError as error:
            self._say_until_decided(reading.sentence(error))
            return
        self._undo.pop()
        self.model.decided(row.content, stands)
        self._go_to(row)
        self._say_until_decided(_("Taken back: {file}.").format(file=isolated(row.name)))

    def _go_to(self, row: FileResult) -> None:
        """Select a row, and drop the filter where that hides it."""
        if self.model.line_of(row) < 0:
            self.bar.clear()
        self.table.setCurrentIndex(self.model.index(self.model.line_of(row), 0))

    def comment(self) -> None:
        """Type a comment on the selected slice."""
        if not self._grouped:
            self.table.type_comment()

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
        group = self.group_table.currentIndex()
        row = group.data(RowRole) if self._group_selected else self.current()
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

    def _has_changed(self, row: FileResult) -> bool:
        """Whether the file has changed since it was answered; says so."""
        answered = bool(row.answered)
        same = self._shown_content == row.content or not (self._shown_content or answered)
        changed = self._shown == row.path and not same
        if changed:
            words = _("{file} has changed since it was answered: review it again to decide.")
            self._say_until_decided(words.format(file=isolated(row.name)))
        return changed

    def _end_typing(self) -> bool:
        """Keep the comment that is being typed; False where something is said about it."""
        self._comment_clean = True
        self.table.keep_typed()
        return self._comment_clean

    def unkept(self) -> list[tuple[str, str]]:
        """Files with the comments that could not be kept; what is being typed is tried first."""
        self._end_typing()
        return [(visible(path.name), text) for path, text in self.model.unkept.items()]

    def _keep_comment(self, row: FileResult, text: str) -> None:
        """Keep a comment, also beside what others have decided; else it can be typed on later."""
        seen = self.model.decision(row)
        if not self._has_changed(row) and self._keep(row, replace(seen, comment=text)):
            return
        self._comment_clean = False
        said, stands = self._until_decided, self.model.decision(row)
        only_decided = stands != seen and stands.comment == seen.comment
        if not only_decided or not self._keep(row, replace(stands, comment=text)):
            self.model.unkept[row.path] = text
            words = _("{reason} The comment is not kept yet: it opens again as it was typed.")
            said = words.format(reason=self._until_decided)
        self._say_until_decided(said)

    def _keep(self, row: FileResult, decision: Decision) -> bool:
        """Keep a decision; whether that was done, else it is said why not."""
        if self._engine is None:
            return False
        seen = self.model.decisions.get(row.content, Decision())
        try:
            event = self._engine.records.decide(row.content, self._engine.key, decision, seen)
        except DecidedMeanwhileError as error:
            self._take_from_others(row, error.stands)
            return False
        except RecordsError as error:
            self._say_until_decided(reading.sentence(error))
            return False
        self._undo.append((event, row))
        self.model.decided(row.content, decision)
        self._unsay(self._until_decided)
        return True

    def _take_from_others(self, row: FileResult, stands: Decision) -> None:
        """Show what was decided in another window, which nobody here has seen yet."""
        self.model.decided(row.content, stands)
        words = _("{file} was decided in another window meanwhile: look again.")
        self._say_until_decided(words.format(file=isolated(row.name)))

    # Handing over

    def export(self, target: Path) -> None:
        """Write the whole table into the new folder `target`."""
        if self._engine is not None and self._may_write():
            pairs = [(row, self.model.decision(row)) for row in self.model.rows]
            engine = self._engine
            self.said.setText(_("Exporting…"))
            done = self._written(len(pairs))
            self._start_task(
                lambda: export_folder(target, pairs, engine),
                lambda error: self._say_exported(error, done),
            )

    def report(self, rows: Sequence[FileResult], target: Path, *, patient_data: bool) -> None:
        """Write a PDF with a page for each of these, which were `reported`."""
        if self._engine is not None and self._may_write():
            pairs = [(row, self.model.decision(row)) for row in rows]
            engine = self._engine
            self.said.setText(_("Writing the report…"))
            done = self._written(len(pairs)) if self._grouped else _("Written.")
            self._start_task(
                lambda: write_report(target, pairs, engine, patient_data=patient_data),
                lambda error: self._say_exported(error, done),
            )

    def reported(self) -> list[FileResult]:
        """The selected slices, or all of the selected groups; says so where there are none."""
        table = self.group_table if self._grouped else self.table
        lines = [index.row() for index in table.selectionModel().selectedRows()]
        if not lines:
            self.said.setText(_("Nothing is selected to report on."))
        if not self._grouped:
            return [self.model.row(line) for line in lines]
        return self._members({self.groups.group(line).name for line in lines})

    def _written(self, count: int) -> str:
        """What is said of `count` rows that are all there are."""
        if self.settled and not self._ended_early:
            return _("Written.")
        part = _("Written: the {count} files answered so far, not the whole review.")
        return part.format(count=count)

    def _may_write(self) -> bool:
        """Whether nothing else is being written and all that was typed is kept; says why not."""
        if self._task is not None:
            words = _("Something else is still being written: ask again when it is done.")
            self.said.setText(words)
            return False
        clean = self._end_typing()
        self._end()  # for which the run may have waited
        return clean

    def _say_exported(self, error: BraintumorError | None, done: str) -> None:
        self.said.setText(done if error is None else reading.sentence(error))
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
        self._say_how()
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
        self._say_how()
        self._how.show()
        self._stack.setCurrentWidget(self.group_table)

    def _say_how(self) -> None:
        by = self.bar.grouping.currentData()
        if by is not None:
            filtered = self.bar.wanted() != Filter()
            self._how.setText(review.grouping(By(by), filtered))

    def _members(self, names: set[str]) -> list[FileResult]:
        return members(self.model.rows, By(self.bar.grouping.currentData()), names)

    def _show_groups(self, by: By) -> None:
        """Show the groups anew; those that were selected stay so, and no others."""
        chosen, stay = self.group_table.selectionModel(), QItemSelectionModel.SelectionFlag
        names = {self.groups.group(index.row()).name for index in chosen.selectedRows()}
        current = chosen.currentIndex()
        name = self.groups.group(current.row()).name if current.isValid() else None
        self.groups.show_groups(groups(self.model.rows, by), by)
        again = QItemSelection()
        for line in range(self.groups.rowCount()):
            index = self.groups.index(line, 0)
            if self.groups.group(line).name in names:
                again.select(index, index)
            if self.groups.group(line).name == name:
                chosen.setCurrentIndex(index, stay.NoUpdate)
        chosen.select(again, stay.ClearAndSelect | stay.Rows)

    def _open_group(self, index: QModelIndex) -> None:
        """To the strongest slice of a group, to its first where none is answered."""
        group = self.groups.group(index.row())
        row = group.strongest or self._members({group.name})[0]
        self.bar.grouping.setCurrentIndex(0)
        self._go_to(row)

    def _show_current(self, current: QModelIndex) -> None:
        row: FileResult | None = current.data(RowRole)
        if row is not None and not self._group_selected:
            self.slice_asked.emit(row.path)

    @property
    def _group_selected(self) -> bool:
        return self._grouped and self.group_table.currentIndex().isValid()

    def _show_group(self, current: QModelIndex) -> None:
        """The strongest slice of the group that is selected."""
        row: FileResult | None = current.data(RowRole)
        if not current.isValid():
            return
        if row is None:
            self.slice_asked.emit(None)
        elif row.path != self._shown:
            self.slice_asked.emit(row.path)
        else:
            self._has_changed(row)

    def _thumbnail(self, content: str) -> bytes | None:
        engine = self._engine
        return engine.records.thumbnail(content, engine.key) if engine else None

    def _lay_out(self) -> None:
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
