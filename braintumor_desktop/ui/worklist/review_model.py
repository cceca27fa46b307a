"""The worklist as a table model, and groups of it as another."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QIcon, QImage

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.worklist import (
    Column,
    Filter,
    decision_on,
    finding_first,
    sort_key,
)
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.text import people, worklist_words
from braintumor_desktop.text.numbers import percent
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.worklist.review_icons import dot, icon_of

RowRole = Qt.ItemDataRole.UserRole + 1
COLUMNS = tuple(Column)
_ROOT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex
_THUMBNAILS = 400
THUMBNAIL = 5 * theme.GRID
"""The longer side on screen, in pixels."""


class ReviewModel(QAbstractTableModel):
    """Rows in the order and selection asked for.

    Filtering and sorting are `review.worklist`'s: a list of row numbers between the rows and the
    view does what a proxy model would, a hundred times sooner at a hundred thousand rows, where
    Qt's own asks Python for every comparison.
    """

    def __init__(
        self,
        thumbnail: Callable[[str], bytes | None],
        comment: Callable[[FileResult, str], None],
        parent: QObject | None = None,
    ) -> None:
        """`thumbnail` gives a content's JPEG bytes; `comment` keeps what a person typed.

        `unkept` has, by path, the comments that could not be kept: what typing goes on with.
        """
        super().__init__(parent)
        self.rows: list[FileResult] = []
        self.decisions: dict[str, Decision] = {}
        self.unkept: dict[Key, str] = {}
        self._thumbnail_of = thumbnail
        self._comment = comment
        self._thumbnails: OrderedDict[str, QIcon] = OrderedDict()
        self._shown: list[int] = []
        self._filter = Filter()
        self._sorted_by: Column | None = None
        self._descending = False
        self._findings_first = False

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """The number of rows that are asked for."""
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """The number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return worklist_words.column(COLUMNS[section])
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Comments can be typed."""
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if COLUMNS[index.column()] is Column.COMMENT and self.row(index.row()).content:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, thumbnail, the class's colour, and the row."""
        if not index.isValid() or index.row() >= len(self._shown):
            return None
        row, column = self.row(index.row()), COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole if (
                column is Column.MARK
            ):
                return worklist_words.decision(self.decision(row))
            case Qt.ItemDataRole.ToolTipRole if column is Column.SERIES:
                dicom = row.identifiers
                return theme.plain(dicom.series_instance_uid if dicom else "")
            case Qt.ItemDataRole.ToolTipRole:
                return theme.plain(self._text(row, column))
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(row, column)
            case Qt.ItemDataRole.EditRole:
                return self.unkept.get((row.path, row.frame), self.decision(row).comment)
            case Qt.ItemDataRole.DecorationRole:
                return self._decoration(row, column)
            case Qt.ItemDataRole.ForegroundRole if not row.needs_look:
                quiet = column in (Column.CERTAINTY, Column.PATIENT, Column.SERIES)
                return QBrush(QColor(theme.colours().quiet)) if quiet else None
            case Qt.ItemDataRole.TextAlignmentRole if column is Column.PROBABILITY:
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case _ if role == RowRole:
                return row
        return None

    def setData(  # noqa: N802
        self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Keep a comment."""
        row = self.row(index.row())
        if role != Qt.ItemDataRole.EditRole:
            return False
        self.unkept.pop((row.path, row.frame), None)
        if str(value) == self.decision(row).comment:
            return False
        self._comment(row, str(value))
        return True

    def row(self, line: int) -> FileResult:
        """The row on a line of the view."""
        return self.rows[self._shown[line]]

    def row_of(self, key: Key | None) -> FileResult | None:
        """The row of a slice, None where it is not of this review."""
        return next((row for row in self.rows if (row.path, row.frame) == key), None)

    def decision(self, row: FileResult) -> Decision:
        """What is decided about a row."""
        return decision_on(row, self.decisions)

    def line_of(self, row: FileResult) -> int:
        """The line on which a row is shown, -1 where it is not asked for or of another run."""
        ours = row.number < len(self.rows) and self.rows[row.number] is row
        return self._shown.index(row.number) if ours and row.number in self._shown else -1

    def start(self, decisions: dict[str, Decision]) -> None:
        """Forget all rows; `decisions` are those that the records have."""
        self.beginResetModel()
        self.rows, self._shown, self.decisions = [], [], decisions
        self._thumbnails.clear()
        self.endResetModel()

    def append(self, rows: Sequence[FileResult]) -> None:
        """Add rows as they come; they join a sorted table at its end until it is sorted again."""
        self.rows += rows
        accepts = self._filter.accepts
        new = [row.number for row in rows if accepts(row, self.decision(row))]
        if new:
            first = len(self._shown)
            self.beginInsertRows(_ROOT, first, first + len(new) - 1)
            self._shown += new
            self.endInsertRows()

    def set_filter(self, wanted: Filter) -> None:
        """Show only what is asked for."""
        self._filter = wanted
        self.refresh()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by -1 as walked."""
        self._sorted_by = COLUMNS[column] if 0 <= column < len(COLUMNS) else None
        self._descending = order is Qt.SortOrder.DescendingOrder
        self.refresh()

    def sort_by_finding(self, on: bool) -> None:
        """Put what is most suspicious first, where nothing else is sorted by; else as walked."""
        self._findings_first = on
        self.refresh()

    def refresh(self) -> None:
        """Filter and sort anew."""
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        rows = [self.rows[self._shown[index.row()]] for index in before]
        accepts = self._filter.accepts
        kept = [row for row in self.rows if accepts(row, self.decision(row))]
        if self._sorted_by is not None:
            kept.sort(key=sort_key(self._sorted_by, self.decisions), reverse=self._descending)
        elif self._findings_first:
            kept.sort(key=finding_first)
        self._shown = [row.number for row in kept]
        lines = {number: line for line, number in enumerate(self._shown)} if before else {}
        after = [
            self.index(lines[row.number], index.column()) if row.number in lines else QModelIndex()
            for row, index in zip(rows, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def decided(self) -> None:
        """Show on every line what is decided about it: something has changed."""
        last = self.rowCount() - 1
        if last >= 0:
            self.dataChanged.emit(self.index(0, 0), self.index(last, len(COLUMNS) - 1))

    def shown_rows(self) -> list[FileResult]:
        """The rows in the order on screen."""
        return [self.rows[number] for number in self._shown]

    def _text(self, row: FileResult, column: Column) -> str:
        dicom = row.identifiers
        match column:
            case Column.MARK:
                return worklist_words.mark(self.decision(row))
            case Column.FILE:
                return worklist_words.file_name(row)
            case Column.PATIENT:
                return people.patient(dicom) if dicom else ""
            case Column.SERIES:
                return worklist_words.series(dicom)
            case Column.VERDICT:
                return worklist_words.verdict(row)
            case Column.PROBABILITY:
                usable = row.answered and not row.unlike_training
                return percent(row.probability) if usable else ""
            case Column.CERTAINTY:
                return worklist_words.certainty_words(row)
            case Column.WARNINGS:
                return worklist_words.warnings(row)
            case Column.DECISION:
                return worklist_words.decision(self.decision(row))
            case Column.COMMENT:
                return self.decision(row).comment

    def _decoration(self, row: FileResult, column: Column) -> QIcon | None:
        if column is Column.VERDICT and row.answered and not row.unlike_training:
            return dot(row.label)
        if column is not Column.FILE or not row.content:
            return None
        subject = slice_subject(row.content, row.frame)
        icon = self._thumbnails.get(subject)
        if icon is None:
            image = QImage.fromData(self._thumbnail_of(subject) or b"")
            image.setDevicePixelRatio(max(image.width(), image.height(), 1) / THUMBNAIL)
            self._thumbnails[subject] = icon = icon_of(image)
            if len(self._thumbnails) > _THUMBNAILS:
                self._thumbnails.popitem(last=False)
        return None if icon.isNull() else icon
