"""The window's lowest line: how far the work is, what this is not, and which model answers."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QStatusBar

from braintumor_desktop.text import _, answers, reading
from braintumor_desktop.ui.browser.slice_model import State
from braintumor_desktop.ui.session.workbench import Workbench


class StatusLine(QObject):
    """Fills a status bar and keeps it true."""

    def __init__(self, bar: QStatusBar, bench: Workbench) -> None:
        super().__init__(bar)
        self._bench = bench
        self.progress, self.model = _plain(), _plain()
        disclaimer = _plain(answers.disclaimer())
        disclaimer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.progress)
        bar.addWidget(disclaimer, 1)
        bar.addPermanentWidget(self.model)
        bench.progress_changed.connect(self._show_progress)
        bench.model_changed.connect(self._show_model)
        self._show_progress()
        self._show_model()

    def _show_progress(self) -> None:
        slices = self._bench.slices
        refused = slices.count(State.REFUSED) + slices.count(State.FAILED)
        fields = {
            "answered": slices.count(State.ANSWERED),
            "total": slices.rowCount(),
            "refused": refused,
        }
        if not fields["total"]:
            text = _("No slices open")
        elif refused:
            text = _("{answered} of {total} answered, {refused} refused").format(**fields)
        else:
            text = _("{answered} of {total} answered").format(**fields)
        self.progress.setText(text)

    def _show_model(self) -> None:
        bench = self._bench
        if bench.model is not None:
            self.model.setText(answers.model_tag(bench.model))
            self.model.setToolTip(bench.model.sha256)
        elif not bench.model_settled:
            self.model.setText(_("Loading the model…"))
        else:
            self.model.setText(_("No model: no answers"))
            self.model.setToolTip(reading.no_model(bench.model_error))


def _plain(text: str = "") -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
