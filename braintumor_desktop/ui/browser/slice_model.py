"""The open slices as a list model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _, answers, isolated, reading
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.widgets.file_names import distinct_names

EntryRole = Qt.ItemDataRole.UserRole + 1
_ROOT = QModelIndex()


class State(Enum):
    """How far a slice has come."""

    WAITING = auto()
    LISTED = auto()  # of a series that is not answered unasked, and not looked at yet
    ANSWERED = auto()
    UNANSWERED = auto()  # read, but there is no model to answer
    REFUSED = auto()  # an error that a person can read
    FAILED = auto()  # an error that nobody foresaw


@dataclass(frozen=True, eq=False)
class Entry:
    """One open slice. `request` tells the answer that is awaited from stale ones.

    `stamp` tells whether the file was written anew since, empty where that is not known.
    """

    path: Path
    request: int
    stamp: tuple[int, ...] = ()
    state: State = State.WAITING
    thumbnail: QImage | None = None
    prediction: Prediction | None = None
    warnings: tuple[ReadWarning, ...] = ()
    error: BraintumorError | ReadWarning | None = None
    instance: Instance | None = None
    content: str = ""

    @property
    def key(self) -> Key:
        """The file and the frame in it."""
        return self.path, 0 if self.instance is None else self.instance.frame

    @property
    def done(self) -> bool:
        """Whether nothing is awaited."""
        return self.state is not State.WAITING

    def verdict(self) -> str:
        """What became of the file, on one line."""
        if self.prediction is not None:
            return answers.long_verdict(self.prediction, self.warnings)
        if self.error is not None:
            return reading.short_reason(self.error.kind)
        if self.state is State.WAITING:
            return _("Waiting")
        if self.state is State.LISTED:
            return _("Not answered unless asked")
        if self.state is State.UNANSWERED:
            return _("No answer")
        return _("Failed unexpectedly")


class SliceListModel(QAbstractListModel):
    """Entries by row and by key; each slice stands in it once.

    A path stands for the first frame of its file.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._rows: dict[Key, int] = {}
        self._named: defaultdict[str, set[Path]] = defaultdict(set)
        self._names: dict[str, dict[Path, str]] = {}  # by file name, until there is another such
        self._counts: Counter[State] = Counter()

    def rowCount(  # noqa: N802
        self, parent: QModelIndex | QPersistentModelIndex = _ROOT
    ) -> int:
        """The number of open files."""
        return 0 if parent.isValid() else len(self._entries)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """File name, entry, and the words for tool tips and screen readers."""
        if not index.isValid() or index.row() >= len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.name(entry.path)
        if role == EntryRole:
            return entry
        if role == Qt.ItemDataRole.ToolTipRole:
            return theme.plain(f"{visible(str(entry.path))}\n{entry.verdict()}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _("{file}: {verdict}").format(
                file=isolated(self.name(entry.path)), verdict=entry.verdict()
            )
        return None

    def name(self, path: Path) -> str:
        """What an open file is called: its name, with folders where others have the same."""
        if path.name not in self._names:
            self._names[path.name] = distinct_names(self._named[path.name])
        return self._names[path.name].get(path, visible(path.name))

    def entry(self, where: Path | Key) -> Entry | None:
        """The entry of a slice, None where it is not open."""
        row = self._rows.get(_key(where))
        return None if row is None else self._entries[row]

    def paths(self) -> list[Path]:
        """The paths that are open, in their order."""
        return [entry.path for entry in self._entries]

    def at(self, row: int) -> Entry | None:
        """The entry of a row, None where there is none."""
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def row(self, where: Path | Key) -> int:
        """The row of a slice, -1 where it is not open."""
        return self._rows.get(_key(where), -1)

    def count(self, state: State) -> int:
        """How many entries are in a state."""
        return self._counts[state]

    def append(self, entries: list[Entry]) -> None:
        """Add entries whose paths are not open yet, in one go."""
        if not entries:
            return
        first = len(self._entries)
        self.beginInsertRows(_ROOT, first, first + len(entries) - 1)
        self._entries += entries
        self._rows.update({entry.key: first + i for i, entry in enumerate(entries)})
        for entry in entries:
            self._named[entry.path.name].add(entry.path)
            self._names.pop(entry.path.name, None)
        self._counts.update(entry.state for entry in entries)
        self.endInsertRows()

    def replace(self, entries: Iterable[Entry]) -> None:
        """Put entries in the place of those with the same paths, with one change signal."""
        rows = []
        for entry in entries:
            row = self._rows[entry.key]
            self._counts[self._entries[row].state] -= 1
            self._counts[entry.state] += 1
            self._entries[row] = entry
            rows.append(row)
        if rows:
            self.dataChanged.emit(self.index(min(rows)), self.index(max(rows)))

    def remove(self, where: Path | Key) -> None:
        """Take one entry out."""
        row = self._rows[_key(where)]
        self.beginRemoveRows(_ROOT, row, row)
        entry = self._entries.pop(row)
        self._counts[entry.state] -= 1
        self._rows = {entry.key: i for i, entry in enumerate(self._entries)}
        self._named[entry.path.name].discard(entry.path)
        self._names.pop(entry.path.name, None)
        self.endRemoveRows()

    def clear(self) -> None:
        """Take all entries out."""
        self.beginResetModel()
        self._entries, self._rows, self._counts = [], {}, Counter()
        self._named.clear()
        self._names.clear()
        self.endResetModel()


def _key(where: Path | Key) -> Key:
    return (where, 0) if isinstance(where, Path) else where
