"""The studies that an archive has found, as a table model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from braintumor_desktop.network.query import FoundStudy
from braintumor_desktop.text import _, isolated
from braintumor_desktop.text.numbers import day
from braintumor_desktop.ui import theme

WORDS = (2, 3)
"""The columns of the patient's name and the study's description."""

Index = QModelIndex | QPersistentModelIndex


class StudyTable(QAbstractTableModel):
    """A row a study: date, identifier, name, what it is."""

    def __init__(self) -> None:
        super().__init__()
        self._studies: list[FoundStudy] = []

    def show(self, studies: list[FoundStudy]) -> None:
        """Show these in place of what was there."""
        self.beginResetModel()
        self._studies = studies
        self.endResetModel()

    def study(self, row: int) -> FoundStudy:
        """Return the study of a row."""
        return self._studies[row]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many studies there are."""
        return 0 if parent.isValid() else len(self._studies)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._heads())

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._heads()[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text."""
        if role == Qt.ItemDataRole.ToolTipRole and index.column() in WORDS:  # where it is cut
            return theme.plain(self._words(index)) or None
        return self._words(index) if role == Qt.ItemDataRole.DisplayRole else None

    def _words(self, index: Index) -> str:
        study = self._studies[index.row()]
        return (
            day(study.study_date),
            isolated(study.patient_id),
            isolated(study.patient_name.replace("^", " ")),
            isolated(study.description),
            ", ".join(study.modalities),
            "" if study.instances is None else str(study.instances),
        )[index.column()]

    @staticmethod
    def _heads() -> tuple[str, ...]:
        return (
            _("Date"), _("Patient ID"), _("Patient"), _("Description"), _("Modality"), _("Images"),
        )  # fmt: skip
