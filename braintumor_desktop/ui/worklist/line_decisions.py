"""Decisions and comments on the selected line: a slice, or a series by the one on screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.text import _, isolated
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui.session.decisions import Decisions
from braintumor_desktop.ui.worklist.desk import Desk
from braintumor_desktop.ui.worklist.worklist_view import WorklistView


class LineDecisions(QObject):
    """Decides about the line that is selected, and goes on to the next.

    `decided`: what is decided about what is on screen may be another thing.
    """

    decided = Signal()

    def __init__(
        self,
        view: WorklistView,
        desk: Desk,
        decisions: Callable[[], Decisions | None],
        ask_again: Callable[[], None],
        parent: QObject | None = None,
    ) -> None:
        """`ask_again` asks for the slice of the selected line, where another one is shown."""
        super().__init__(parent)
        self._view, self._desk, self._said = view, desk, view.side.said
        self._decisions, self._ask_again = decisions, ask_again

    def decide(self, verdict: str, class_name: str = "") -> None:
        """Decide about the selected slice or series, which must be on screen, and go on.

        `verdict` as in `Decision`; to say the class that was answered is to agree.
        """
        row = self._view.lines.current()
        if row is None or not row.content or not self.end_typing():
            return
        subject = self._view.lines.subject()
        if subject is not None and self._view.lines.is_grouped:
            row = self._of_the_series(row)
        if subject is None:
            words = _("Decisions are about slices and series: open the group's strongest.")
            self._said.say_until_decided(words)
        elif not self._desk.on_screen(row):
            words = _("{file} was not on screen yet: nothing is decided.")
            self._said.say_until_decided(words.format(file=isolated(row.name)))
            self._ask_again()
        elif self._desk.decide(row, subject, verdict, class_name):
            self._view.lines.step(1)
            self.decided.emit()

    def undo(self) -> None:
        """Take the last decision of this review back, and go to its slice.

        Not a comment that was still being typed: it is kept, and that is said.
        """
        decisions = self._decisions()
        before = decisions.done if decisions is not None else 0
        if not self.end_typing() or decisions is None or not decisions.can_undo:
            return
        if self._view.lines.is_grouped and self._view.lines.subject() is None:
            words = _("Decisions are about slices and series: show those to take one back.")
            self._said.say_until_decided(words)
            return
        if decisions.done > before:
            words = _("The comment on {file} is kept: undo once more takes it back.")
            self._said.say_until_decided(words.format(file=isolated(decisions.last.name)))
            return
        subject = self._desk.undo()
        if subject is not None and isinstance(subject.what, FileResult):
            self._view.go_to(subject.what)
        self.decided.emit()

    def unkept(self) -> list[tuple[str, str]]:
        """Files with the comments that could not be kept; what is being typed is tried first."""
        self.end_typing()
        return [
            (visible(path.name), text) for (path, _frame), text in self._view.model.unkept.items()
        ]

    def comment(self, row: FileResult, text: str) -> None:
        """Keep a comment on a line."""
        self._desk.comment(row, text)
        self.decided.emit()

    def end_typing(self) -> bool:
        """Keep the comment that is being typed; False where something is said about it."""
        self._desk.comments_kept = True
        self._view.table.keep_typed()
        return self._desk.comments_kept

    def _of_the_series(self, row: FileResult) -> FileResult:
        """The slice on screen, where it is of the series that is selected, else `row`."""
        shown = self._view.model.row_of(self._desk.shown)
        series = shown is not None and shown.series_instance_uid == row.series_instance_uid
        return shown if shown is not None and series and shown.series_instance_uid else row
