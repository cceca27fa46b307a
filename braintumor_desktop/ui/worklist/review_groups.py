"""The worklist's groups as a table model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.screening.groups import By, Group
from braintumor_desktop.text import _, numbers, worklist_words
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.text.language import translated
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.worklist.review_model import RowRole

_OF_ALL = (
    gettext_noop("Slices"),
    gettext_noop("Suspicious"),
    gettext_noop("Strongest slice"),
    gettext_noop("Need a look"),
    gettext_noop("Decision"),
)
_TITLES = {
    By.PATIENT: ("✓", gettext_noop("Patient"), *_OF_ALL),
    By.SERIES: ("✓", gettext_noop("Patient"), gettext_noop("Series"), *_OF_ALL),
}

_ROOT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


class GroupModel(QAbstractTableModel):
    """A line for every patient or series."""

    def __init__(
        self,
        decision: Callable[[Group], Decision] = lambda group: Decision(),
        parent: QObject | None = None,
    ) -> None:
        """`decision` is what is decided about a series."""
        super().__init__(parent)
        self._decision = decision
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
        return 0 if parent.isValid() else len(_TITLES[self._by])

    def headerData(  # noqa: N802
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """The columns' titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return translated(_TITLES[self._by][section])
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, the class's colour, and the strongest slice's row."""
        group = self._groups[index.row()]
        if role == RowRole:
            return group.strongest
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() == 0:
            return worklist_words.decision(self._decision(group))
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        strongest, decision = group.strongest, self._decision(group)
        name = visible(group.name) or _("Not said by the file")
        if group.is_series and role == Qt.ItemDataRole.DisplayRole:
            name = worklist_words.series(group.said)
        texts = (
            worklist_words.mark(decision),
            *([visible(group.key[0])] if self._by is By.SERIES else []),
            name,
            numbers.integer(group.slices),
            worklist_words.suspicious(group.suspicious, group.usable, group.not_usable),
            visible(strongest.name) if strongest else "",
            numbers.integer(group.needs_look),
            worklist_words.decision(decision),
        )
        text = texts[index.column()]
        return theme.plain(text) if role == Qt.ItemDataRole.ToolTipRole else text
