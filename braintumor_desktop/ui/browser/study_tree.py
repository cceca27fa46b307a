"""The study browser's model: patient, study, series; then what was refused, and the rest."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.domain.study import Patient, Study
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


@dataclass(frozen=True, eq=False)
class Line:
    """What a line of the tree stands for.

    `key` is the slice that it leads to, None for a heading; `series` that of a line for one.
    """

    kind: str
    key: Key | None = None
    series: OpenSeries | None = None


class StudyTree(QStandardItemModel):
    """Lines of what is on the shelf; what they look like is the delegate's."""

    def __init__(self, shelf: Shelf, slices: SliceListModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._slices = slices
        self._lines: dict[Key, QStandardItem] = {}

    def fill(self) -> None:
        """Say anew what is on the shelf."""
        self.clear()
        self._lines.clear()
        root = self.invisibleRootItem()
        for key, opened in groupby(self._shelf.series, lambda one: one.patient.key):
            series = list(opened)
            if not any(key) and all(one.is_picture for one in series):
                root.appendRows([self._series_line(one) for one in series])
            else:
                root.appendRow(self._patient_line(series))
        self._add_refused(root)
        self._add_other_files(root)

    def line_of(self, key: Key) -> QModelIndex:
        """The line that a slice belongs to."""
        series = self._shelf.series_of(key)
        item = self._lines.get(key if series is None else series.keys[0])
        return QModelIndex() if item is None else item.index()

    def _patient_line(self, opened: list[OpenSeries]) -> QStandardItem:
        item = _item(patient_words(opened[0].patient), Line("patient"))
        for _uid, same in groupby(opened, lambda one: one.study.study_instance_uid):
            series = list(same)
            study = _item(study_words(series[0].study), Line("study"))
            study.appendRows([self._series_line(one) for one in series])
            item.appendRow(study)
        return item

    def _series_line(self, opened: OpenSeries) -> QStandardItem:
        key = opened.keys[0]
        if opened.is_picture:
            name = self._slices.name(key[0])
        else:
            name = visible(opened.series.description) or _("Series without a description")
        if not opened.pictures:
            item = _item(name, Line("object", None, opened))
            item.setToolTip(
                theme.plain(_("{name}: nothing to look at").format(name=isolated(name)))
            )
            return item
        item = _item(name, Line("series", key, opened))
        self._lines[key] = item
        return item

    def _add_refused(self, root: QStandardItem) -> None:
        refused = list(self._shelf.refused.values())
        if not refused:
            return
        words = ngettext("{count} file refused", "{count} files refused", len(refused))
        heading = _item(words.format(count=integer(len(refused))), Line("heading"))
        for one in refused:
            key = (one.path, 0)
            item = _item(self._slices.name(one.path), Line("refused", key))
            item.setToolTip(theme.plain(f"{visible(str(one.path))}\n{sentence(one.reason)}"))
            self._lines[key] = item
            heading.appendRow(item)
        root.appendRow(heading)

    def _add_other_files(self, root: QStandardItem) -> None:
        others = list(self._shelf.other_files)
        if others:
            words = ngettext("{count} other file", "{count} other files", len(others))
            item = _item(words.format(count=integer(len(others))), Line("others"))
            names = [visible(path.name) for path in others[:20]]
            item.setToolTip(theme.plain("\n".join(names) + ("\n…" if len(others) > 20 else "")))
            item.setSelectable(False)
            root.appendRow(item)
        if not self._shelf.complete:
            item = _item(_("Stopped: not all files were looked at"), Line("others"))
            item.setSelectable(False)
            root.appendRow(item)


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
    """Plane, where it is known, and number of slices of a series."""
    count = series_words.slices(len(opened))
    if opened.series.plane is Plane.UNKNOWN:
        return count
    return f"{series_words.plane(opened.series.plane)} · {count}"


def _item(text: str, line: Line) -> QStandardItem:
    item = QStandardItem(text)
    item.setData(line, LineRole)
    item.setEditable(False)
    item.setToolTip(theme.plain(text))
    if line.key is None:
        item.setSelectable(False)
    return item
