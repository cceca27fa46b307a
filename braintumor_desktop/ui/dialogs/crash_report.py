"""What a person can read, and only then save and send, after something unexpected."""

from __future__ import annotations

import platform
from pathlib import Path

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop import __version__, versions
from braintumor_desktop import crash_log as faults
from braintumor_desktop.domain.answer import ModelInfo
from braintumor_desktop.text import _
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.widgets.screen_size import resize_within_screen


def compose(error: BaseException, model: ModelInfo | None) -> str:
    """The report in English: where in the code it happened, and on what.

    Like the log it holds no message of the error, no path, and nothing of a slice. In English,
    for whoever mends it.
    """
    lines = [
        f"braintumor-desktop {__version__}",
        f"{platform.system()} {platform.release()}, {platform.machine()}",
        f"Python {platform.python_version()}",
        *(f"{name} {versions.version_of(name)}" for name in versions.SHOWN),
        f"Model {model.name}, SHA-256 {model.sha256}" if model else "No model",
        "",
        faults.trace(error).replace("; then ", "\nthen ").replace(" > ", "\n  > "),
    ]
    return "\n".join(lines) + "\n"


class CrashReport(QDialog):
    """Shows the whole report; nothing is written before the user says where."""

    def __init__(self, parent: QWidget, report: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Report"))
        self._report = report
        words = QLabel(
            _(
                "This is all that the report holds. It is saved only where you say, and sent by "
                "nobody but you. It holds no slice, no name and no path."
            )
        )
        words.setWordWrap(True)
        text = QPlainTextEdit(report)
        text.setAccessibleName(self.windowTitle())
        text.setReadOnly(True)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.said = QLabel()
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Close
        )
        buttons.accepted.connect(self._choose)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[3 * theme.GRID] * 4)
        layout.setSpacing(2 * theme.GRID)
        for part in (words, text, self.said, buttons):
            layout.addWidget(part)
        resize_within_screen(self, 90 * theme.GRID, 60 * theme.GRID)

    def save(self, target: Path) -> None:
        """Write the report to `target`, and say whether that worked."""
        try:
            target.write_text(self._report, encoding="utf-8")
        except OSError:
            self.said.setText(_("The report could not be saved there."))
        else:
            self.said.setText(_("The report has been saved."))

    def _choose(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(self, _("Save the report"), "report.txt")
        if name:
            self.save(Path(name))
