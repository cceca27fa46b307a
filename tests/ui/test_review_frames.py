"""In the worklist a frame of a file is a slice of its own: shown, decided and pictured as such."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.ui.main_window import MainWindow

WAIT = 30_000


@pytest.fixture
def framed(tmp_path: Path) -> Path:
    """A file of three different frames."""
    dataset = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    pixels = dataset.pixel_array
    dataset.NumberOfFrames = 3
    dataset.PixelData = b"".join(np.roll(pixels, 9 * frame, axis=0).tobytes() for frame in range(3))
    (tmp_path / "slices").mkdir()
    path = tmp_path / "slices" / "frames.dcm"
    dataset.save_as(path)
    return path


def test_a_frame_s_row_shows_and_decides_that_frame(
    qtbot: QtBot, open_review: Callable[..., MainWindow], framed: Path
) -> None:
    window = open_review()
    window.reviewing.start([framed.parent])
    assert window.reviewing.dock is not None
    page = window.reviewing.dock.page
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    page.view.bar.grouping.setCurrentIndex(0)  # a line a slice
    names = [page.view.model.index(line, 1).data() for line in range(3)]
    assert names == ["frames.dcm", "frames.dcm, frame 2", "frames.dcm, frame 3"]
    page.view.table.selectRow(2)
    qtbot.waitUntil(
        lambda: page.desk.on_screen(page.view.lines.current()) and window.bench.loaded is not None,
        timeout=WAIT,
    )
    assert window.bench.loaded is not None
    assert window.bench.loaded.slice.source.frame == 2
    icons = [
        page.view.model.index(line, 1).data(Qt.ItemDataRole.DecorationRole).pixmap(64).toImage()
        for line in range(3)
    ]
    assert icons[0] != icons[1]
    assert icons[1] != icons[2]
    page.decisions.decide("unsure")
    content = page.view.model.rows[2].content
    assert window.session.review is not None
    records = window.session.review.records
    assert records is not None
    assert records.decision(slice_subject(content, 2)) == Decision("unsure")
    assert records.decision(content) == Decision(), "nothing is decided about the first frame"
    (event,) = [event for event in records.audit() if event["event"] == "decided"]
    assert (event["content"], event["frame"]) == (content, 2)
