"""Open, walk, decide, take back, find it again: by mouse, by keys, and with two patients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

Drive = Callable[..., dict[str, Any]]

BY_MOUSE = """
def click(widget, place=None):
    QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, place or widget.rect().center())

def steps(window):
    wait(lambda: window.bench.model_settled and window.bench.loaded is not None)
    wait(lambda: not window.bench.scans.going)
    series = window.bench.series
    told["slices"] = len(series)
    strip = window.answer.series.strip
    click(strip, strip.place_of(4).toPoint())
    wait(lambda: window.bench.loaded is not None)
    told["at"] = series.index[window.bench.selected.key]
    told["series_words"] = window.answer.series.counts.text()
    window.reviewing.start([FOLDER])
    wait(lambda: window.reviewing.dock is not None and window.reviewing.dock.page.settled)
    page = window.reviewing.dock.page
    told["grouped"] = page.view.lines.is_grouped
    page.view.bar.grouping.setCurrentIndex(0)
    page.view.table.selectRow(2)
    wait(lambda: on_screen(window))
    unsure = window.answer.decisions._buttons[2]
    click(unsure)
    told["decided"] = marks(page)
    page.view.table.selectRow(2)
    wait(lambda: on_screen(window))
    told["beside"] = window.answer.decisions.decided.text()
"""

BY_KEYS = """
def steps(window):
    wait(lambda: window.bench.model_settled and window.bench.loaded is not None)
    wait(lambda: not window.bench.scans.going)
    window.activateWindow()
    window.list.setFocus()
    told["focus"] = type(window.focusWidget()).__name__
    before = window.bench.series.index[window.bench.selected.key]
    QTest.keyClick(window, Key.Key_Up if before else Key.Key_Down)
    told["moved"] = window.bench.series.index[window.bench.selected.key] - before
    wait(lambda: window.bench.loaded is not None)
    QTest.keyClick(window, Key.Key_W)
    wait(lambda: window.reviewing.dock is not None)
    window.reviewing.start([FOLDER])
    page = window.reviewing.dock.page
    wait(lambda: page.settled and len(page.view.model.rows) == 6)
    page.view.bar.grouping.setCurrentIndex(0)
    page.view.table.selectRow(0)
    page.view.table.setFocus()
    for key in (Key.Key_U, Key.Key_1):
        wait(lambda: on_screen(window))
        QTest.keyClick(page.view.table, key)
    told["decided"] = marks(page)
    QTest.keyClick(page.view.table, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    told["undone"] = marks(page)
"""

TWO_PATIENTS = """
def steps(window):
    wait(lambda: window.bench.model_settled and window.bench.loaded is not None)
    wait(lambda: not window.bench.scans.going)
    told["anna"] = "ANNA-1" in words(window)
    window.actions_.copy_answer.trigger()
    told["copied"] = bool(QGuiApplication.clipboard().text())
    seen = []
    window.bench.shown_changed.connect(lambda: seen.append(words(window)))
    window.open_paths([FOLDER])
    seen.append(words(window))
    told["clipboard"] = QGuiApplication.clipboard().text()
    wait(lambda: window.bench.loaded is not None and not window.bench.scans.going)
    seen.append(words(window))
    told["bert"] = "BERT-2" in words(window) or "BERT-1" in words(window)
    told["anna_seen"] = any("ANNA" in said for said in seen)
    canvas = window.views.active
    told["picture_of"] = str(canvas.slices.patient.name)
"""


def _on(steps: str, folder: Path) -> str:
    return f"from pathlib import Path\nFOLDER = Path({str(folder)!r})\n{steps}"


def test_by_mouse(drive: Drive, patients: tuple[Path, Path]) -> None:
    anna, _ = patients
    told = drive(_on(BY_MOUSE, anna), anna)
    assert told["slices"] == 6
    assert told["at"] == 4
    assert told["grouped"], "a series stands in one line"
    assert told["decided"].count("?") == 1
    assert told["decided"][2] == "?"
    assert told["beside"] == "Unsure (Ctrl+Z)"
    assert "of" in told["series_words"]


def test_by_keyboard_alone(drive: Drive, patients: tuple[Path, Path]) -> None:
    anna, _ = patients
    told = drive(_on(BY_KEYS, anna), anna)
    assert told["focus"] == "QTreeView"
    assert abs(told["moved"]) == 1
    assert told["decided"][0] == "?"
    assert told["decided"][1] in ("✓", "≠")
    assert told["undone"][:2] == ["?", ""]


def test_nothing_of_one_patient_is_seen_or_copied_once_another_is_opened(
    drive: Drive, patients: tuple[Path, Path]
) -> None:
    anna, bert = patients
    told = drive(_on(TWO_PATIENTS, bert), anna)
    assert told["anna"]
    assert told["copied"]
    assert told["clipboard"] == ""
    assert not told["anna_seen"]
    assert told["bert"]
    assert told["picture_of"] == "Bert"
