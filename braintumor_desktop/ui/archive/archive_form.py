"""One archive as a form: what it is called, how it is spoken to, and whether it answers."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.network import services
from braintumor_desktop.network.credentials import keep_secret
from braintumor_desktop.network.servers import Archive, Authentication, Protocol
from braintumor_desktop.text import _
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.ui.session.task_thread import TaskThread


class ArchiveForm(QDialog):
    """Asks for an archive; `saved` gives it when it is sound and accepted."""

    saved = Signal(object)

    def __init__(self, archive: Archive | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Archive"))
        self._test: TaskThread | None = None
        self.name = QLineEdit(archive.name if archive else "")
        self.protocol = QComboBox()
        self.protocol.addItem("DICOM (DIMSE)", Protocol.DIMSE)
        self.protocol.addItem("DICOMweb", Protocol.DICOMWEB)
        self.host, self.port = QLineEdit(), QSpinBox()
        self.port.setRange(1, 65535)
        self.ae_title, self.calling = QLineEdit(), QLineEdit()
        self.url, self.user, self.secret = QLineEdit(), QLineEdit(), QLineEdit()
        self.url.setPlaceholderText("https://")
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.authentication = QComboBox()
        for words, kind in (
            (_("none"), Authentication.NONE),
            (_("user and password"), Authentication.BASIC),
            (_("token"), Authentication.BEARER),
        ):
            self.authentication.addItem(words, kind)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.test_button = QPushButton(_("&Test"))
        self._lay_out()
        self._fill(archive or Archive("-", host="localhost"))
        self.protocol.currentIndexChanged.connect(self._show_rows)
        self.test_button.clicked.connect(self._start_test)
        self._show_rows()

    def archive(self) -> Archive:
        """Return what the form says; raises `ArchiveSettingsError` where that is no archive."""
        return Archive(
            self.name.text().strip(),
            self._protocol,
            self.host.text().strip(),
            self.port.value(),
            self.ae_title.text().strip(),
            self.calling.text().strip(),
            self.url.text().strip(),
            Authentication(self.authentication.currentData()),
            self.user.text().strip(),
        )

    @property
    def _protocol(self) -> Protocol:
        return Protocol(self.protocol.currentData())  # Qt keeps it as a plain text

    def _lay_out(self) -> None:
        self._form = QFormLayout()
        for words, widget in (
            (_("&Name"), self.name),
            (_("&Protocol"), self.protocol),
            (_("&Host"), self.host),
            (_("P&ort"), self.port),
            (_("AE title of the archive"), self.ae_title),
            (_("AE title of this app"), self.calling),
            (_("&Address"), self.url),
            (_("A&uthentication"), self.authentication),
            (_("&User"), self.user),
            (_("Password or token"), self.secret),
        ):
            widget.setAccessibleName(words.replace("&", ""))
            self._form.addRow(words, widget)
        kinds = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(kinds.Save | kinds.Cancel)
        self.buttons.addButton(self.test_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.accepted.connect(self._save)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addWidget(self.said)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(460)

    def _fill(self, archive: Archive) -> None:
        self.protocol.setCurrentIndex(self.protocol.findData(archive.protocol))
        self.host.setText(archive.host)
        self.port.setValue(archive.port)
        self.ae_title.setText(archive.ae_title)
        self.calling.setText(archive.calling_ae_title)
        self.url.setText(archive.url)
        self.user.setText(archive.user)
        self.authentication.setCurrentIndex(self.authentication.findData(archive.authentication))

    def _show_rows(self) -> None:
        web = self._protocol is Protocol.DICOMWEB
        for widget in (self.host, self.port, self.ae_title, self.calling):
            self._form.setRowVisible(widget, not web)
        for of_web in (self.url, self.authentication, self.user, self.secret):
            self._form.setRowVisible(of_web, web)

    def _start_test(self) -> None:
        try:
            archive = self.archive()
            self._keep_secret(archive)
        except BraintumorError as error:
            self.said.setText(sentence(error))
            return
        self.said.setText(_("Asking the archive…"))
        self.test_button.setEnabled(False)
        self._test = TaskThread(lambda: services.check(archive), self)
        self._test.ended.connect(self._say_test)
        self._test.start()

    def _say_test(self, error: BraintumorError | None) -> None:
        self.test_button.setEnabled(True)
        self.said.setText(_("The archive answers.") if error is None else sentence(error))

    def _save(self) -> None:
        try:
            archive = self.archive()
            self._keep_secret(archive)
        except BraintumorError as error:
            self.said.setText(sentence(error))
            return
        self.saved.emit(archive)
        self.accept()

    def _keep_secret(self, archive: Archive) -> None:
        if self.secret.text() and archive.authentication is not Authentication.NONE:
            keep_secret(archive.name, self.secret.text())

    def done(self, result: int) -> None:
        """Wait for a test that is under way: its thread is the form's."""
        if self._test is not None:
            self._test.wait()
        super().done(result)
