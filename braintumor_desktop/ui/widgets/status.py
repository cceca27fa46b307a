"""The window's lowest line: how far the work is, what this is not, and which model answers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QStatusBar

from braintumor_desktop.text import _, answers, ngettext, reading
from braintumor_desktop.ui.browser.slice_model import State
from braintumor_desktop.ui.session.workbench import Workbench
from braintumor_desktop.ui.widgets.elided_label import ElidedLabel


class StatusLine(QObject):
    """Fills a status bar and keeps it true."""

    def __init__(self, bar: QStatusBar, bench: Workbench) -> None:
        super().__init__(bar)
        self._bench = bench
        self._bar = bar
        # In a narrow window they give way to what must always be read whole.
        self.progress, self.model = ElidedLabel(mode=Qt.TextElideMode.ElideRight), ElidedLabel()
        self.model.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.disclaimer = QLabel()
        self.disclaimer.setTextFormat(Qt.TextFormat.PlainText)
        self.disclaimer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.disclaimer.setToolTip(answers.disclaimer())
        self.disclaimer.setAccessibleName(answers.disclaimer())
        bar.setSizeGripEnabled(False)
        bar.addWidget(self.progress, 1)
        bar.addWidget(self.disclaimer)
        bar.addPermanentWidget(self.model, 1)
        bench.progress_changed.connect(self._show_progress)
        bench.model_changed.connect(self._show_model)
        bar.installEventFilter(self)
        self._show_progress()
        self._show_model()
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Say in short what this is not, where the whole of it would take the others' room."""
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def _fit(self) -> None:
        whole, short = answers.disclaimer(), _("Research; not a medical device")
        wide = self.disclaimer.fontMetrics().horizontalAdvance(whole)
        said = whole if wide <= self._bar.width() // 2 else short
        if said != self.disclaimer.text():
            self.disclaimer.setText(said)
            if (layout := self._bar.layout()) is not None:
                layout.activate()

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
            words = ngettext(
                "{answered} of {total} answered, {refused} refused",
                "{answered} of {total} answered, {refused} refused",
                refused,
            )
            text = words.format(**fields)
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
