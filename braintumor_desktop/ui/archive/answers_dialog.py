"""Answers about series as DICOM: which objects, where to, and what went there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset
from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.network import services
from braintumor_desktop.network.servers import Archive, read_archives
from braintumor_desktop.outputs.dicom_export import (
    ObjectKind,
    Persons,
    SeriesObjects,
    answers_as_objects,
    write_disc,
    write_objects,
)
from braintumor_desktop.text import _, isolated, ngettext
from braintumor_desktop.text.numbers import day
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.ui.session.task_thread import TaskThread
from braintumor_desktop.ui.widgets.screen_size import resize_within_screen

if TYPE_CHECKING:
    from braintumor_desktop.inference.classifier import Classifier


class AnswersDialog(QDialog):
    """Makes the objects, shows what they are, and writes or sends them when that is accepted."""

    _said = Signal(str)

    def __init__(
        self,
        given: Sequence[Path],
        settings_file: Path,
        classifier: Callable[[], Classifier],
        parent: QWidget | None = None,
        persons: Persons | None = None,
    ) -> None:
        """`classifier` gives the network that is loaded, or raises why there is none.

        `persons` has what was decided and marked; it is asked in a thread.
        """
        super().__init__(parent)
        self._classifier, self._persons = classifier, persons
        self.setWindowTitle(_("Answers as DICOM"))
        self._given = list(given)
        self._task: TaskThread | None = None
        self._cancelled = Event()
        self._made: list[Dataset] = []
        self.kinds = {
            ObjectKind.STRUCTURED_REPORT: QCheckBox(_("Structured report")),
            ObjectKind.SEGMENTATION: QCheckBox(_("Outlines as a Segmentation")),
            ObjectKind.SECONDARY_CAPTURE: QCheckBox(_("Pictures, not for diagnosis")),
            ObjectKind.KEY_OBJECTS: QCheckBox(_("Key images")),
        }
        self.target = QComboBox()
        self.target.addItem(_("A folder, with a DICOMDIR"), None)
        for archive in self._archives(settings_file):
            self.target.addItem(archive.name, archive)
        self.list = QPlainTextEdit()
        self.list.setReadOnly(True)
        self.list.setAccessibleName(_("What goes there"))
        self.prepare_button = QPushButton(_("&Prepare"))
        self.hand_over_button = QPushButton(_("&Hand over"))
        self.hand_over_button.setEnabled(False)
        self._lay_out()

    def prepare(self) -> None:
        """Answer the series and make the objects; they are shown before anything goes out."""
        kinds = [kind for kind, box in self.kinds.items() if box.isChecked()]
        self.list.clear()
        self._made = []
        self._start(lambda: self._make(kinds), self._show_made)

    def hand_over(self) -> None:
        """Write the objects into a folder that is asked for, or send them."""
        archive: Archive | None = self.target.currentData()
        if archive is None:
            name = QFileDialog.getExistingDirectory(self, _("An empty folder for the answers"))
            if name:
                self._start(lambda: self._write(Path(name)), lambda: self._done_with(name))
            return
        self._start(lambda: self._send(archive), lambda: self._done_with(archive.name))

    def done(self, result: int) -> None:
        """End what is under way, and close."""
        self._cancelled.set()
        if self._task is not None:
            self._task.wait()
        super().done(result)

    def _make(self, kinds: Sequence[ObjectKind]) -> None:
        classifier = self._classifier()
        cancelled, persons = self._cancelled.is_set, self._persons
        for one in answers_as_objects(self._given, classifier, kinds, cancelled, persons):
            self._made += one.objects
            self._said.emit("\n".join(_lines_about(one)))

    def _write(self, folder: Path) -> None:
        write_disc(self._made, folder)

    def _send(self, archive: Archive) -> None:
        with TemporaryDirectory() as folder:
            files = write_objects(self._made, Path(folder))
            services.send(archive, files, cancelled=self._cancelled.is_set)

    def _show_made(self) -> None:
        count = len(self._made)
        words = ngettext("{count} object.", "{count} objects.", count).format(count=count)
        self.list.appendPlainText(words if count else _("There is nothing to hand over."))
        self.list.moveCursor(QTextCursor.MoveOperation.Start)  # whose it is stands first
        self.hand_over_button.setEnabled(count > 0)

    def _done_with(self, where: str) -> None:
        self.list.appendPlainText(_("Handed over: {where}").format(where=isolated(where)))
        self.hand_over_button.setEnabled(False)

    def _start(self, task: Callable[[], None], then: Callable[[], None]) -> None:
        if self._task is not None and self._task.isRunning():
            return
        self._cancelled.clear()
        for button in (self.prepare_button, self.hand_over_button):
            button.setEnabled(False)
        self._task = TaskThread(task, self)
        self._task.ended.connect(lambda error: self._end(error, then))
        self._task.start()

    def _end(self, error: BraintumorError | None, then: Callable[[], None]) -> None:
        if self._task is not None:
            self._task.wait()  # else what is pressed now would be lost
        self.prepare_button.setEnabled(True)
        if error is None:
            then()
        else:
            self.list.appendPlainText(sentence(error))
            self.hand_over_button.setEnabled(bool(self._made))

    @staticmethod
    def _archives(settings_file: Path) -> list[Archive]:
        try:
            return list(read_archives(settings_file).values())
        except BraintumorError:  # the query dialog says what is wrong with it
            return []

    def _lay_out(self) -> None:
        form = QFormLayout()
        for kind, box in self.kinds.items():
            box.setChecked(kind is not ObjectKind.SECONDARY_CAPTURE)
            form.addRow(box)
        form.addRow(_("&To"), self.target)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.prepare_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.hand_over_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.prepare_button.clicked.connect(self.prepare)
        self.hand_over_button.clicked.connect(self.hand_over)
        self._said.connect(self.list.appendPlainText)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.list, 1)
        layout.addWidget(buttons)
        resize_within_screen(self, 640, 560)


def _lines_about(one: SeriesObjects) -> list[str]:
    """Whose series it is, and below it what goes out about it, as the archive will list it."""
    whose = [isolated(one.patient.replace("^", " "))] if one.patient else []
    day_of_it = [day(one.study_date)] if one.study_date else []
    lines = [" · ".join([*whose, *day_of_it, isolated(one.name)])]
    if one.error is not None:
        return [*lines, f"    {sentence(one.error)}"]
    said = [f"{item.Modality}: {item.SeriesDescription}" for item in one.objects]
    return lines + [f"    {words}" for words in said or [_("nothing to say")]]
