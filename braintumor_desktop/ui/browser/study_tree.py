"""The study browser's model: patient, study, series; then what was refused, and the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.domain.study import LeftOut, Patient, Study
from braintumor_desktop.text import _, isolated, ngettext, people, series_words
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.text.numbers import day, integer
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.browser.slice_model import SliceListModel
from braintumor_desktop.ui.session.open_series import Key, OpenSeries
from braintumor_desktop.ui.session.shelf import Shelf
from braintumor_desktop.ui.viewer.captions import person_name

LineRole = Qt.ItemDataRole.UserRole + 2

_ROOT = QModelIndex()
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, eq=False)
class Line:
    """What a line of the tree stands for.

    `key` is the slice that it leads to, None for a heading; `series` that of a line for one.
    """

    kind: str
    key: Key | None = None
    series: OpenSeries | None = None


@dataclass(frozen=True, eq=False)
class _Node:
    """A line, and where it hangs; its words are found when they are asked for.

    Of many lines few are ever seen, and what tells files of one name apart takes time.
    """

    text: Callable[[], str]
    tip: Callable[[], str]
    line: Line
    parent: int
    row: int
    below: list[int] = field(default_factory=list)


class StudyTree(QAbstractItemModel):
    """Lines of what is on the shelf; what they look like is the delegate's.

    A model of its own: the items of Qt's, made in Python, outlive what they stand for.
    """

    def __init__(self, shelf: Shelf, slices: SliceListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._slices = slices
        self._nodes: list[_Node] = []
        self._top: list[int] = []
        self._lines: dict[Key, int] = {}

    def fill(self) -> None:
        """Say anew what is on the shelf."""
        self.beginResetModel()
        self._nodes, self._top, self._lines = [], [], {}
        for key, opened in groupby(self._shelf.series, lambda one: one.patient.key):
            series = list(opened)
            if not any(key) and all(one.is_picture for one in series):
                for one in series:
                    self._add_series(one, -1)
            else:
                self._add_patient(series)
        self._add_refused()
        self._add_other_files()
        self.endResetModel()

    def line_of(self, key: Key) -> QModelIndex:
        """The line that a slice belongs to."""
        series = self._shelf.series_of(key)
        place = self._lines.get(key if series is None else series.keys[0])
        return QModelIndex() if place is None else self._index(place)

    # What Qt asks

    def index(self, row: int, column: int, parent: _Index = _ROOT) -> QModelIndex:
        """A line below another."""
        below = self._below(parent)
        return self._index(below[row]) if column == 0 and 0 <= row < len(below) else QModelIndex()

    def parent(self, index: _Index) -> QModelIndex:  # type: ignore[override]
        """The line above."""
        above = self._nodes[index.internalId()].parent if index.isValid() else -1
        return QModelIndex() if above < 0 else self._index(above)

    def rowCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """How many lines there are below one."""
        return len(self._below(parent))

    def columnCount(self, parent: _Index = _ROOT) -> int:  # noqa: N802
        """One."""
        return 1

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Words, the tool tip and the line."""
        if not index.isValid():
            return None
        node = self._nodes[index.internalId()]
        if role == Qt.ItemDataRole.DisplayRole:
            return node.text()
        if role == Qt.ItemDataRole.ToolTipRole:
            return theme.plain(node.tip())
        return node.line if role == LineRole else None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """What leads to a slice can be selected."""
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        leads = self._nodes[index.internalId()].line.key is not None
        selectable = Qt.ItemFlag.ItemIsSelectable if leads else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | selectable

    def _index(self, place: int) -> QModelIndex:
        return self.createIndex(self._nodes[place].row, 0, place)

    def _below(self, parent: _Index) -> list[int]:
        return self._nodes[parent.internalId()].below if parent.isValid() else self._top

    # What is on the shelf

    def _add(
        self,
        text: Callable[[], str] | str,
        line: Line,
        parent: int = -1,
        tip: Callable[[], str] | None = None,
    ) -> int:
        place = len(self._nodes)
        beside = self._top if parent < 0 else self._nodes[parent].below
        words = text if callable(text) else partial(str, text)
        self._nodes.append(_Node(words, tip or words, line, parent, len(beside)))
        beside.append(place)
        if line.key is not None:
            self._lines[line.key] = place
        return place

    def _add_patient(self, opened: list[OpenSeries]) -> None:
        patient = self._add(patient_words(opened[0].patient), Line("patient"))
        for _uid, same in groupby(opened, lambda one: one.study.study_instance_uid):
            series = list(same)
            study = self._add(study_words(series[0].study), Line("study"), patient)
            for one in series:
                self._add_series(one, study)

    def _add_series(self, opened: OpenSeries, parent: int) -> None:
        name = partial(self._series_name, opened)
        if opened.pictures:
            self._add(name, Line("series", opened.keys[0], opened), parent)
        else:
            words = _("{name}: nothing to look at")
            tip = partial(words.format, name=isolated(name()))
            self._add(name, Line("object", None, opened), parent, tip)

    def _series_name(self, opened: OpenSeries) -> str:
        if opened.is_picture:
            return self._slices.name(opened.keys[0][0])
        return visible(opened.series.description) or _("Series without a description")

    def _add_refused(self) -> None:
        refused = list(self._shelf.refused.values())
        if not refused:
            return
        words = ngettext("{count} file refused", "{count} files refused", len(refused))
        heading = self._add(words.format(count=integer(len(refused))), Line("heading"))
        for one in refused:
            name = partial(self._slices.name, one.path)
            self._add(name, Line("refused", (one.path, 0)), heading, partial(_refusal, one))

    def _add_other_files(self) -> None:
        others = list(self._shelf.other_files)
        if others:
            words = ngettext("{count} other file", "{count} other files", len(others))
            names = [visible(path.name) for path in others[:20]]
            tip = "\n".join(names) + ("\n…" if len(others) > 20 else "")
            text = words.format(count=integer(len(others)))
            self._add(text, Line("others"), tip=partial(str, tip))
        if not self._shelf.complete:
            self._add(_("Stopped: not all files were looked at"), Line("others"))


def _refusal(one: LeftOut) -> str:
    return f"{visible(str(one.path))}\n{sentence(one.reason)}"


def patient_words(patient: Patient) -> str:
    """Name or identifier, year of birth and sex, as far as the files say."""
    who = isolated(person_name(patient.name) or patient.patient_id)
    parts = [who or _("Patient not named"), patient.birth_date[:4], people.sex(patient.sex)]
    return "  ".join(part for part in parts if part)


def study_words(study: Study) -> str:
    """Date and description of a study."""
    parts = (day(study.date), isolated(study.description), "/".join(study.modalities))
    return "  ".join(part for part in parts if part) or _("Study")


def series_facts(opened: OpenSeries) -> str:
    """Number of slices of a series, and its plane, where it is known."""
    count = series_words.slices(len(opened))
    if opened.series.plane is Plane.UNKNOWN:
        return count
    return f"{count} · {series_words.plane(opened.series.plane)}"
