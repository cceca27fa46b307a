"""The worklist page: the view of a review, wired to the run, the decisions and what is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _, isolated, reading
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.session.review import Review
from braintumor_desktop.ui.worklist.desk import Desk
from braintumor_desktop.ui.worklist.handing_over import HandingOver
from braintumor_desktop.ui.worklist.line_decisions import LineDecisions
from braintumor_desktop.ui.worklist.worklist_view import WorklistView


class ReviewPage(QWidget):
    """Shows a review and takes decisions about it.

    `slice_asked`: this slice (file and frame) should be shown, None for none. `finished`: all rows
    are in the table. `settled`: whether what was asked for last is over and in the table.
    """

    slice_asked = Signal(object)
    finished = Signal()

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.review = review
        self.settled = False
        self._ended_early = False
        self.view = WorklistView(
            review.thumbnail, lambda row, text: self.decisions.comment(row, text), self
        )
        self.said = self.view.side.said
        self.desk = Desk(lambda: review.decisions, self.said, self.view.model.unkept, self)
        self.decisions = LineDecisions(
            self.view, self.desk, lambda: review.decisions, self.ask_again, self
        )
        self.handing_over = HandingOver(self.view, review, self._end_typing_and_run, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.row_asked.connect(self._ask_for)
        self.view.table.typed.connect(self._end, Qt.ConnectionType.QueuedConnection)
        self.desk.changed.connect(self.view.model.decided)
        review.opened.connect(self._offer_classes)
        review.begun.connect(self._begin)
        review.resumed.connect(self._say_begun)
        review.came.connect(self.view.take)
        review.failed.connect(self._fail)
        review.ended.connect(self._end)
        review.nothing_asked.connect(
            lambda: self.said.say(_("Drop a folder, a ZIP or a DICOMDIR here."))
        )
        if review.decisions is not None:  # opened before, for decisions about pictures
            self._offer_classes()

    # The run

    def start(self, roots: Sequence[Path]) -> None:
        """Go through these; with none, through what the last run went through.

        What is on screen belongs to other patients and goes at once, and so do the filters.
        """
        self.settled = False
        if roots:
            self.view.bar.clear()
            self.slice_asked.emit(None)
        if self.review.records is None:
            self.said.say(_("Opening the records…"))
        self.review.review(roots)

    def pause(self, on: bool) -> None:
        """Pause the run, or let it go on."""
        words = _("Paused. Decisions can be made meanwhile.")
        if self.review.pause(on):
            if on:
                self.said.say(words)
            else:
                self.said.unsay(words)

    def cancel(self) -> None:
        """End the run; what is answered stays."""
        self._ended_early = self._ended_early or not self.settled
        self.review.cancel()

    def _offer_classes(self) -> None:
        self.view.bar.set_classes(self.review.classes)
        aside = self.review.records.set_aside if self.review.records is not None else None
        if aside is not None:
            words = _("The records were damaged. They are kept as {file}; new ones begin.")
            dialogs.notice(self, words.format(file=isolated(aside.name))).open()

    def _begin(self) -> None:
        self._ended_early = False
        assert self.review.decisions is not None
        self.view.start(self.review.decisions.standing, self.review.classes)

    def _say_begun(self, resumed: bool) -> None:
        words = _("The last review was cut off; it goes on where it was.")
        self.said.say(words if resumed else "")

    def _fail(self, error: BraintumorError | None) -> None:
        self._ended_early = True
        words = _("Something unexpected ended the review. What was answered is kept.")
        self.said.say(words if error is None else reading.sentence(error))

    def _end(self) -> None:
        if self.settled or not self.review.over:
            return  # said by the run before, and on its way since
        self.review.take()
        if self.view.table.typing:
            return  # until that is done: its line may go, and what is typed on would be keys
        self.view.refresh()
        self.finished.emit()
        self.settled = True

    def _end_typing_and_run(self) -> tuple[bool, bool]:
        """Keep what is typed; whether that is done, and whether the table is all of the review."""
        clean = self.decisions.end_typing()
        self._end()  # for which the run may have waited
        return clean, self.settled and not self._ended_early

    # What is on screen

    def take_shown(self, key: Key | None, content: str = "") -> None:
        """Take note of what is on screen, as `Desk.take_shown`."""
        self.desk.take_shown(key, content)
        if key is not None:
            self.view.lines.follow(key)
        row = self.view.lines.current()
        if row is not None:
            self.desk.has_changed(row)

    def ask_again(self) -> None:
        """Ask for the slice of the line that is selected, where another one may be shown."""
        row = self.view.lines.current()
        if row is not None or self.view.model.rows:  # else the filter hides them all
            self._ask_for(row)

    def _ask_for(self, row: FileResult | None) -> None:
        if row is None:
            self.slice_asked.emit(None)
        elif not self.desk.on_screen(row):
            self.slice_asked.emit((row.path, row.frame))
        else:
            self.desk.has_changed(row)
