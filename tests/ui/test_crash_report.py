from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from braintumor_desktop import __version__
from braintumor_desktop.domain.answer import ModelInfo
from braintumor_desktop.ui.dialogs import crash_report
from braintumor_desktop.ui.dialogs.crash_report import CrashReport


def made(secret: str) -> str:
    try:
        raise ValueError(secret)
    except ValueError as error:
        return crash_report.compose(error, ModelInfo("net 1", "ab" * 32))


def test_the_report_says_where_and_on_what_but_no_message() -> None:
    report = made("Doe^Jane in /home/jane/scan.dcm")
    assert "ValueError at test_crash_report.py" in report
    assert f"braintumor-desktop {__version__}" in report
    assert "net 1, SHA-256 abab" in report
    assert "Doe" not in report
    assert "jane" not in report
    assert "No model" in crash_report.compose(ValueError(), None)


def test_what_is_saved_is_what_was_read_and_only_when_asked(qtbot: QtBot, tmp_path: Path) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    report = made("x")
    dialog = CrashReport(parent, report)
    (text,) = dialog.findChildren(QPlainTextEdit)
    assert text.toPlainText() == report
    assert text.isReadOnly()
    assert list(tmp_path.iterdir()) == []
    dialog.save(tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text() == report
    assert "has been saved" in dialog.said.text()
    dialog.save(tmp_path / "no folder" / "report.txt")
    assert "could not be saved" in dialog.said.text()
