"""The Qt binding does not wear out Python's own objects, which would end a long session."""

from __future__ import annotations

import sys

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


class Painted(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        pass


def test_painting_takes_no_reference_from_none(qtbot: QtBot) -> None:
    widget = Painted()
    qtbot.addWidget(widget)
    widget.grab()
    before = sys.getrefcount(None)
    for _ in range(200):
        widget.grab()
    assert sys.getrefcount(None) > before - 100
