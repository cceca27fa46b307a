"""What nobody caught: logged, and said in one plain sentence, in whatever thread it happened."""

from __future__ import annotations

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from braintumor_desktop import crash_log as faults
from braintumor_desktop.domain.answer import ModelInfo
from braintumor_desktop.text import _
from braintumor_desktop.ui.dialogs import crash_report

log = logging.getLogger(__name__)


class FaultBox(QObject):
    """Shows one box at a time. A widget is made in the interface's thread alone."""

    _raised = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._box: QMessageBox | None = None
        self.model: ModelInfo | None = None
        # Queued also from this thread: a box does not open in the middle of what failed.
        self._raised.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take what no thread of Python or Qt catches."""
        sys.excepthook = self._take
        threading.excepthook = lambda raised: self._take(
            raised.exc_type, raised.exc_value or raised.exc_type(), raised.exc_traceback
        )

    def _take(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.quit()
            return
        log.error("Unexpected: %s", faults.trace(error))
        self._raised.emit(error)

    def _show(self, error: BaseException) -> None:
        if self._box is not None:
            return
        self._box = box = QMessageBox(self._window)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(_("Something unexpected went wrong. The open slices are not affected."))
        report = crash_report.compose(error, self.model)
        read = box.addButton(_("Read the report…"), QMessageBox.ButtonRole.HelpRole)
        box.addButton(QMessageBox.StandardButton.Close)
        read.clicked.connect(lambda: crash_report.CrashReport(self._window, report).open())
        box.finished.connect(self._forget)
        box.open()

    def _forget(self) -> None:
        self._box = None
