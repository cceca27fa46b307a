"""The worklist's groups as a table model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from braintumor_desktop.screening.groups import By, Group
from braintumor_desktop.text import _, answers, numbers
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui.worklist.review_icons import dot
from braintumor_desktop.ui.worklist.review_model import RowRole

_ROOT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class GroupModel(QAbstractTableModel):
    """A line for every patient or series."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[Group] = []
        self._by = By.PATIENT

    def show_groups(self, groups: list[Group], by: By) -> None:
        """Show these."""
        self.beginResetModel()
        self._groups, self._by = groups, by
        self.endResetModel()

    def group(self, line: int) -> Group:
        """The group on a line."""
        return self._groups[line]

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """The number of groups."""
        return 0 if parent.isValid() else len(self._groups)

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """The number of columns."""
        return 0 if parent.isValid() else len(self._titles())

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles()[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, the class's colour, and the strongest slice's row."""
        group = self._groups[index.row()]
        labels = group.labels
        if role == RowRole:
            return group.strongest
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 2 and len(labels) == 1:
            return dot(labels[0])
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        strongest = group.strongest
        texts = (
            visible(group.name) or _("Not said by the file"),
            f"{group.slices:,}",
            ", ".join(map(answers.class_name, labels)),
            _("{tumour} of {answered}").format(tumour=group.tumour, answered=group.answered),
            visible(strongest.name) if strongest else "",
            numbers.percent(group.mean) if group.mean is not None else "",
            f"{group.needs_look:,}",
        )
        return texts[index.column()]

    def _titles(self) -> tuple[str, ...]:
        return (
            _("Patient") if self._by is By.PATIENT else _("Series"),
            _("Slices"),
            _("Tumour type"),
            _("Show a tumour"),
            _("Strongest slice"),
            _("Mean probability"),
            _("Need a look"),
        )
