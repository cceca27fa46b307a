"""The window's lowest line: how far the work is, what this is not, and which model answers."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QStatusBar

from braintumor_desktop.text import _, answers, reading
from braintumor_desktop.ui.browser.slice_model import State
from braintumor_desktop.ui.session.workbench import Workbench
from braintumor_desktop.ui.widgets.elided_label import ElidedLabel


class StatusLine(QObject):
    """Fills a status bar and keeps it true."""

    def __init__(self, bar: QStatusBar, bench: Workbench) -> None:
        super().__init__(bar)
        self._bench = bench
        # In a narrow window they give way to what must always be read whole.
        self.progress, self.model = ElidedLabel(), ElidedLabel()
        self.model.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        disclaimer = QLabel(answers.disclaimer())
        disclaimer.setTextFormat(Qt.TextFormat.PlainText)
        disclaimer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.progress, 1)
        bar.addWidget(disclaimer)
        bar.addPermanentWidget(self.model, 1)
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
        self.progress.set_whole(text)

    def _show_model(self) -> None:
        bench = self._bench
        if bench.model is not None:
            self.model.set_whole(answers.model_tag(bench.model))
            self.model.setToolTip(bench.model.sha256)
        elif not bench.model_settled:
            self.model.set_whole(_("Loading the model…"))
        else:
            self.model.set_whole(_("No model: no answers"))
            self.model.setToolTip(reading.no_model(bench.model_error))
