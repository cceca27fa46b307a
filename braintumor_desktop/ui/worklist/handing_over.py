"""The table and the report that the worklist hands over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _, reading
from braintumor_desktop.ui.session.review import Review
from braintumor_desktop.ui.session.review_tasks import export_folder, write_report
from braintumor_desktop.ui.worklist.desk import about
from braintumor_desktop.ui.worklist.worklist_view import WorklistView


class HandingOver(QObject):
    """Writes in a thread, one thing at a time; `ended`: it is done, or said why not."""

    ended = Signal()

    def __init__(
        self,
        view: WorklistView,
        review: Review,
        settle: Callable[[], tuple[bool, bool]],
        parent: QObject | None = None,
    ) -> None:
        """`settle` ends what is being typed: whether it is kept, and whether the table is whole."""
        super().__init__(parent)
        self._view = view
        self._review = review
        self._settle = settle
        self._said = view.side.said

    def export(self, target: Path) -> None:
        """Write the whole table into the new folder `target`."""
        review = self._review
        if review.records is None or review.decisions is None or not self._free():
            return
        clean, whole = self._settle()
        if not clean:
            return
        records, classes, rows = review.records, review.classes, list(self._view.model.rows)
        pairs = self._pairs(rows)
        self._said.say(_("Exporting…"))
        self._write(
            lambda: export_folder(target, pairs, classes, records), self._words(len(rows), whole)
        )

    def reported(self) -> list[FileResult]:
        """The selected slices, or all of the selected groups; says so where there are none."""
        rows = self._view.lines.selected_rows()
        if not rows:
            self._said.say(_("Nothing is selected to report on."))
        return rows

    def report(
        self,
        rows: Sequence[FileResult],
        target: Path,
        *,
        patient_data: bool,
        slice_pages: bool = False,
    ) -> None:
        """Write a PDF over these, which were `reported`: a page a series, a page a slice if asked.

        The slices' own pages stand behind those of the series.
        """
        review = self._review
        records = review.records
        if review.engine is None or review.decisions is None or not self._free():
            return
        clean, whole = self._settle()
        classifier = review.engine.classifier
        if not clean or classifier is None or records is None:
            return
        pairs = self._pairs(rows)
        self._said.say(_("Writing the report…"))
        self._write(
            lambda: write_report(
                target,
                pairs,
                classifier,
                records,
                patient_data=patient_data,
                slice_pages=slice_pages,
            ),
            self._words(len(rows), whole or not self._view.lines.is_grouped),
        )

    def _pairs(self, rows: Sequence[FileResult]) -> list[tuple[FileResult, Decision]]:
        decisions = self._review.decisions
        assert decisions is not None
        return [(row, decisions.on(about(row))) for row in rows]

    def _free(self) -> bool:
        if self._review.tasks.busy:
            words = _("Something else is still being written: ask again when it is done.")
            self._said.say(words)
        return not self._review.tasks.busy

    def _words(self, count: int, whole: bool) -> str:
        if whole:
            return _("Written.")
        part = _("Written: the {count} files answered so far, not the whole review.")
        return part.format(count=count)

    def _write(self, task: Callable[[], object], done: str) -> None:
        def after(error: BraintumorError | None) -> None:
            self._said.say(done if error is None else reading.sentence(error))
            self.ended.emit()

        self._review.tasks.do(task, after)
