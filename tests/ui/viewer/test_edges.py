"""What stands at the edges of a picture keeps clear of the letters, and no number is cut."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF, QGuiApplication
from pytestqt.qtbot import QtBot

from braintumor_desktop.ui.viewer.marks import fitting


@pytest.fixture
def metrics(qtbot: QtBot) -> QFontMetricsF:
    return QFontMetricsF(QGuiApplication.font())


def test_parts_are_left_out_whole_from_the_last(metrics: QFontMetricsF) -> None:
    line = "W 57896   L 28948   2.1x"
    for room in range(0, 300, 7):
        said = fitting(metrics, line, room)
        assert said in ("", "W 57896", "W 57896   L 28948", line), "no number is cut"
        assert metrics.horizontalAdvance(said) <= room or not said
    assert fitting(metrics, line, 1000) == line


def test_a_name_ends_in_dots_where_there_is_no_room(metrics: QFontMetricsF) -> None:
    room = metrics.horizontalAdvance("HERNÁNDEZ, ANA")
    said = fitting(metrics, "HERNÁNDEZ, ANA MARÍA  MX-42", room, may_cut=True)
    assert said.startswith("HERNÁNDEZ")
    assert said.endswith("…")
    assert "42" not in said, "half an identifier is another one's"
