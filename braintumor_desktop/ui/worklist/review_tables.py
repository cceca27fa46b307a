"""How the worklist's tables look, and what is typed in them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractItemModel, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QWidget,
)

from braintumor_desktop.screening.worklist import Column
from braintumor_desktop.ui.worklist.review_model import COLUMNS, THUMBNAIL

_WIDTHS = {
    Column.MARK: 68,
    Column.FILE: 200,
    Column.PATIENT: 80,
    Column.SERIES: 170,
    Column.VERDICT: 240,
    Column.PROBABILITY: 100,
    Column.CERTAINTY: 170,
    Column.WARNINGS: 160,
    Column.DECISION: 160,
    Column.COMMENT: 160,
}


class QuietTable(QTableView):
    """Quiet lines, all `height` pixels tall: a hundred thousand need not be measured."""

    def __init__(
        self, model: QAbstractItemModel, height: int, name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(height)
        self.horizontalHeader().setStretchLastSection(True)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.horizontalHeader().setHighlightSections(False)


class SliceTable(QuietTable):
    """A line for every slice, sorted by its header, with a comment that can be typed.

    `typed`: a comment is typed no longer, kept or not.
    """

    typed = Signal()
    ascending = Qt.SortOrder.AscendingOrder

    def __init__(self, model: QAbstractItemModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(model, THUMBNAIL + 4, name, parent)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.setSortingEnabled(True)
        self.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(COLUMNS.index(column), width)
        # A line that goes while its comment is typed would take it along.
        model.layoutAboutToBeChanged.connect(self.keep_typed)
        model.modelAboutToBeReset.connect(self.keep_typed)

    def widths(self) -> list[int]:
        """The widths of the columns in pixels."""
        return [self.columnWidth(place) for place in range(len(COLUMNS))]

    def set_widths(self, widths: Sequence[int]) -> None:
        """Give the columns the widths that `widths` returned, where they are so many."""
        if len(widths) == len(COLUMNS):
            for place, width in enumerate(widths):
                self.setColumnWidth(place, max(width, 24))

    def type_comment(self) -> None:
        """Open the selected line's comment."""
        index = self.currentIndex().siblingAtColumn(COLUMNS.index(Column.COMMENT))
        if index.isValid():
            self.setCurrentIndex(index)
            self.edit(index)

    @property
    def typing(self) -> bool:
        """Whether a comment is being typed; `typed` says when no longer."""
        return self._editor() is not None

    def keep_typed(self) -> None:
        """End the comment that is being typed, and keep it."""
        editor, delegate = self._editor(), self.itemDelegate()
        if editor is not None:
            delegate.commitData.emit(editor)
            delegate.closeEditor.emit(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def closeEditor(  # noqa: N802
        self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint
    ) -> None:
        """Close it: asked by the delegate, or by the view itself where another line is selected."""
        super().closeEditor(editor, hint)
        self.typed.emit()

    def _editor(self) -> QWidget | None:
        return self.indexWidget(self.currentIndex())
