"""The query dialog: search an archive, retrieve a study, open it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Event

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.network import services
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import MOST_STUDIES, FoundStudy, StudyQuery
from braintumor_desktop.network.refusals import CancelledError
from braintumor_desktop.network.servers import Archive, read_archives, write_archives
from braintumor_desktop.text import _, ngettext
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.ui.archive.archive_form import ArchiveForm
from braintumor_desktop.ui.archive.study_table import WORDS, StudyTable
from braintumor_desktop.ui.session.task_thread import TaskThread
from braintumor_desktop.ui.widgets.screen_size import resize_within_screen


class QueryDialog(QDialog):
    """Searches archives; `retrieved` gives the folder of a study that is here now.

    Nothing is asked of any archive before a person presses a button.
    """

    retrieved = Signal(object)
    _progressed = Signal(int)

    def __init__(self, settings_file: Path, cache: Cache, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Studies in the archive"))
        self._file, self._cache = settings_file, cache
        self._task: TaskThread | None = None
        self._cancelled = Event()
        self.archives = QComboBox()
        self.add_button, self.edit_button = QPushButton(_("&Add…")), QPushButton(_("&Edit…"))
        self.fields = {
            "patient_id": QLineEdit(),
            "patient_name": QLineEdit(),
            "study_date": QLineEdit(),
            "accession_number": QLineEdit(),
        }
        self.fields["study_date"].setPlaceholderText("20260101-20260131")
        self.modality = QComboBox()
        self.modality.addItems(["MR", "CT", ""])
        self.search_button = QPushButton(_("&Search"))
        self.table = QTableView()
        self.studies = StudyTable()
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.cancel_button = QPushButton(_("&Cancel"))
        self.open_button = QPushButton(_("&Retrieve and open"))
        self._lay_out()
        self._connect()
        self._reload()

    def search(self) -> None:
        """Ask the archive for the studies that fit."""
        archive = self._chosen()
        if archive is None:
            self.said.setText(_("Add an archive first."))
            return
        found: list[FoundStudy] = []
        try:
            asked = {name: field.text().strip() for name, field in self.fields.items()}
            query = StudyQuery(**asked, modality=self.modality.currentText())
        except BraintumorError as error:
            self.said.setText(sentence(error))
            return
        self.studies.show([])  # what another search found is no answer to this one
        self._start(
            _("Searching…"),
            lambda: found.extend(services.find(archive, query)),
            lambda: self._show(found),
        )

    def retrieve(self) -> None:
        """Retrieve the selected study and hand its folder out."""
        archive, rows = self._chosen(), self.table.selectionModel().selectedRows()
        if archive is None or not rows:
            return
        uid = self.studies.study(rows[0].row()).study_instance_uid
        folder: list[Path] = []

        def task() -> None:
            folder.append(
                services.retrieve(
                    archive, uid, self._cache, self._progressed.emit, self._cancelled.is_set
                )
            )

        self._start(_("Retrieving…"), task, lambda: self._hand_out(folder[0]))

    def done(self, result: int) -> None:
        """End what is under way, and close."""
        self._cancelled.set()
        if self._task is not None:
            self._task.wait()
        super().done(result)

    def _start(self, words: str, task: Callable[[], None], then: Callable[[], None]) -> None:
        if self._task is not None and self._task.isRunning():
            return
        self._cancelled.clear()
        self.said.setText(words)
        self._busy(True)
        self._task = TaskThread(task, self)
        self._task.ended.connect(lambda error: self._end(error, then))
        self._task.start()

    def _end(self, error: BraintumorError | None, then: Callable[[], None]) -> None:
        if self._task is not None:
            self._task.wait()  # else what is pressed now would be lost
        self._busy(False)
        if error is None:
            then()
        elif isinstance(error, CancelledError):
            self.said.setText(_("Cancelled: nothing was kept."))
        else:
            self.said.setText(sentence(error))

    def _show(self, found: list[FoundStudy]) -> None:
        self.studies.show(found)
        if found:
            self.table.selectRow(0)
        words = ngettext("{count} study.", "{count} studies.", len(found)).format(count=len(found))
        if len(found) >= MOST_STUDIES:
            words += " " + _("There may be more: ask more narrowly.")
        self.said.setText(words if found else _("No study fits."))

    def _hand_out(self, folder: Path) -> None:
        self.retrieved.emit(folder)
        self.accept()

    def _busy(self, busy: bool) -> None:
        self.cancel_button.setVisible(busy)
        for widget in (self.search_button, self.archives):
            widget.setEnabled(not busy)
        self._offer_opening()

    def _offer_opening(self) -> None:
        chosen = self.table.selectionModel().hasSelection()
        self.open_button.setEnabled(chosen and self.cancel_button.isHidden())

    def _chosen(self) -> Archive | None:
        archive: Archive | None = self.archives.currentData()
        return archive

    def _reload(self, name: str = "") -> None:
        self.archives.clear()
        try:
            for archive in read_archives(self._file).values():
                self.archives.addItem(archive.name, archive)
        except BraintumorError as error:
            self.said.setText(sentence(error))
        self.archives.setCurrentIndex(max(0, self.archives.findText(name)))
        self.edit_button.setEnabled(self.archives.count() > 0)
        self.search_button.setEnabled(self.archives.count() > 0)
        if not self.archives.count() and not self.said.text():
            self.said.setText(_("No archive is named yet: add one."))

    def _edit(self, archive: Archive | None) -> None:
        form = ArchiveForm(archive, self)
        form.saved.connect(lambda new: self._keep(archive, new))
        form.open()

    def _keep(self, before: Archive | None, archive: Archive) -> None:
        known = read_archives(self._file)
        if before is not None:
            known.pop(before.name, None)
        known[archive.name] = archive
        write_archives(self._file, known)
        self.said.clear()
        self._reload(archive.name)

    def _connect(self) -> None:
        self.add_button.clicked.connect(lambda: self._edit(None))
        self.edit_button.clicked.connect(lambda: self._edit(self._chosen()))
        self.search_button.clicked.connect(self.search)
        self.archives.currentIndexChanged.connect(lambda _row: self.studies.show([]))
        self.table.selectionModel().selectionChanged.connect(self._offer_opening)
        self.studies.modelReset.connect(self._offer_opening)
        self.open_button.clicked.connect(self.retrieve)
        self.table.doubleClicked.connect(lambda _index: self.retrieve())
        self.cancel_button.clicked.connect(self._cancelled.set)
        self._progressed.connect(
            lambda count: self.said.setText(_("Retrieved: {count}").format(count=count))
        )
        for field in self.fields.values():
            field.returnPressed.connect(self.search)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        archive_label = QLabel(_("A&rchive"))
        archive_label.setBuddy(self.archives)
        for widget in (archive_label, self.archives, self.add_button, self.edit_button):
            top.addWidget(widget, 1 if widget is self.archives else 0)
        form = QGridLayout()
        asked = [
            (_("Patient &ID"), self.fields["patient_id"]),
            (_("Patient's &name"), self.fields["patient_name"]),
            (_("Study &date"), self.fields["study_date"]),
            (_("Acce&ssion number"), self.fields["accession_number"]),
            (_("&Modality"), self.modality),
        ]
        for place, (words, field) in enumerate(asked):
            label = QLabel(words)
            label.setBuddy(field)
            field.setAccessibleName(words.replace("&", ""))
            form.addWidget(label, 2 * (place // 3), place % 3)
            form.addWidget(field, 2 * (place // 3) + 1, place % 3)
        form.addWidget(self.search_button, 3, 2)
        self.table.setModel(self.studies)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setAccessibleName(_("Studies found"))
        self.table.verticalHeader().hide()
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in WORDS:  # names and descriptions get what is left
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setWordWrap(False)
        bottom = QHBoxLayout()
        bottom.addWidget(self.said, 1)
        bottom.addWidget(self.cancel_button)
        bottom.addWidget(self.open_button)
        self.cancel_button.hide()
        self.open_button.setEnabled(False)
        self.search_button.setDefault(True)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addLayout(form)
        layout.addWidget(self.table, 1)
        layout.addLayout(bottom)
        resize_within_screen(self, 860, 560)
