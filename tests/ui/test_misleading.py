"""What could mislead about a patient: each of these failed on version 0.1."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QEvent, Qt, QThread
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.screening.worklist import Column
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.session.answering_thread import Engine
from braintumor_desktop.ui.system.digit_keys import digit_of
from braintumor_desktop.ui.worklist.review_model import COLUMNS
from braintumor_desktop.ui.worklist.review_page import ReviewPage
from tests.ui.selecting import select_row

WAIT = 30_000
Opener = Callable[..., MainWindow]
Opened = Callable[..., None]
FakeEngine = Callable[..., Callable[[], Engine]]


def _page(window: MainWindow) -> ReviewPage:
    assert window.reviewing.dock is not None
    return window.reviewing.dock.page


def _review(qtbot: QtBot, window: MainWindow, *roots: Path) -> ReviewPage:
    window.reviewing.start(list(roots))
    page = _page(window)
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    return page


def _on_screen(qtbot: QtBot, window: MainWindow) -> None:
    page = _page(window)
    qtbot.waitUntil(
        lambda: page.desk.on_screen(page.view.lines.current()) and window.bench.loaded is not None,
        timeout=WAIT,
    )


def _words(window: QWidget) -> str:
    """All that can be read on screen."""
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    return "\n".join([window.windowTitle(), *labels])


@pytest.fixture
def patients(data_folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A folder of Anna's and one of Bert's, two slices each."""
    folders = tmp_path / "anna", tmp_path / "bert"
    files = sorted((data_folder / "dicom-series").iterdir())[6:10]
    for folder, name, own in zip(
        folders, ("ANNA-1", "BERT-2"), (files[:2], files[2:]), strict=True
    ):
        folder.mkdir()
        for path in own:
            dataset = pydicom.dcmread(path)
            dataset.PatientID, dataset.PatientName = name, name.title()
            dataset.save_as(folder / path.name)
    return folders


def test_nothing_of_one_patient_is_seen_or_copied_once_another_is_asked_for(
    qtbot: QtBot, open_review: Opener, patients: tuple[Path, Path]
) -> None:
    anna, bert = patients
    window = open_review()
    page = _review(qtbot, window, anna)
    _on_screen(qtbot, window)
    assert "ANNA-1" in _words(window)
    window.actions_.copy_answer.trigger()
    assert "IM" in QGuiApplication.clipboard().text() or QGuiApplication.clipboard().text()
    page.view.bar.search.setText("ANNA")
    window.reviewing.start([bert])  # at once, before anything of Bert's is read
    assert window.bench.loaded is None
    assert "ANNA" not in _words(window)
    assert not window.answer.isVisible()
    assert QGuiApplication.clipboard().text() == ""
    assert page.view.bar.search.text() == "", "a filter does not outlive its review"
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    assert page.view.model.rowCount() == 2

    _on_screen(qtbot, window)
    window.actions_.copy_answer.trigger()
    window.open_paths([anna])
    assert window.bench.loaded is None
    assert "BERT" not in _words(window)
    assert QGuiApplication.clipboard().text() == ""


def test_a_filter_says_how_much_it_hides_and_is_cleared_by_a_click(
    qtbot: QtBot, open_review: Opener, patients: tuple[Path, Path]
) -> None:
    window = open_review()
    page = _review(qtbot, window, *patients)
    bar = page.view.bar
    assert not bar.shown.isVisible()
    bar.search.setText("ANNA")
    assert bar.shown.isVisible()
    assert bar.shown.text() == "2 of 4 shown · clear filters"
    qtbot.mouseClick(bar.shown, Qt.MouseButton.LeftButton)
    assert page.view.model.rowCount() == 4
    assert not bar.shown.isVisible()


def _decisions(page: ReviewPage) -> list[str]:
    column = COLUMNS.index(Column.DECISION)
    return [
        page.view.model.index(line, column).data() for line in range(page.view.model.rowCount())
    ]


def test_keys_decide_on_table_and_picture_alone(
    qtbot: QtBot, open_review: Opener, slices: list[Path]
) -> None:
    window = open_review()
    page = _review(qtbot, window, slices[0].parent)
    _on_screen(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    bar = page.view.bar
    boxes: Sequence[QWidget] = (bar.search, bar.needs_look, bar.undecided, bar.findings_first)
    for widget in (*boxes, *bar.findChildren(QComboBox)):
        widget.setFocus()
        for key in (Qt.Key.Key_A, Qt.Key.Key_U, Qt.Key.Key_1, Qt.Key.Key_2):
            qtbot.keyClick(widget, key)
        bar.clear()  # a letter may have chosen in a combo box
        bar.grouping.setCurrentIndex(0)
        assert set(_decisions(page)) == {""}, type(widget).__name__
    page.view.table.setFocus()
    _on_screen(qtbot, window)
    qtbot.keyClick(page.view.table, Qt.Key.Key_U)
    assert _decisions(page).count("Unsure") == 1


def test_digits_decide_on_a_french_keyboard(
    qtbot: QtBot, open_review: Opener, slices: list[Path]
) -> None:
    window = open_review()
    page = _review(qtbot, window, slices[0].parent)
    _on_screen(qtbot, window)
    page.view.table.setFocus()
    none = Qt.KeyboardModifier.NoModifier
    first = {"win32": 2}.get(sys.platform, 10)
    press, key = QEvent.Type.KeyPress, Qt.Key.Key_Eacute
    QApplication.sendEvent(
        page.view.table, QKeyEvent(press, key, none, first + 1, 19, 0, "é", False, 1)
    )
    row = page.view.model.row(0)
    assert page.view.model.decision(row).class_name == page.review.classes[1]


@pytest.mark.parametrize(
    ("key", "text", "held", "place", "system", "digit"),
    [
        (Qt.Key.Key_Ampersand, "&", "none", 10, "linux", 1),
        (Qt.Key.Key_QuoteDbl, '"', "none", 4, "win32", 3),
        (Qt.Key.Key_Apostrophe, "'", "none", 0, "darwin", 4),
        (Qt.Key.Key_2, "2", "shift", 11, "linux", 2),
        (Qt.Key.Key_A, "a", "none", 24, "linux", 0),
        (Qt.Key.Key_1, "", "control", 10, "linux", 0),
    ],
)
def test_a_digit_is_known_by_what_it_writes_or_by_its_place(
    key: Qt.Key, text: str, held: str, place: int, system: str, digit: int
) -> None:
    modifiers = {
        "none": Qt.KeyboardModifier.NoModifier,
        "shift": Qt.KeyboardModifier.ShiftModifier,
        "control": Qt.KeyboardModifier.ControlModifier,
    }[held]
    press, apple = QEvent.Type.KeyPress, 21
    event = QKeyEvent(press, key, modifiers, place, apple, 0, text, False, 1)
    assert digit_of(event, system) == digit


def test_a_decision_is_seen_at_once_in_its_line_and_beside_the_picture(
    qtbot: QtBot, open_review: Opener, slices: list[Path]
) -> None:
    window = open_review()
    page = _review(qtbot, window, slices[0])
    _on_screen(qtbot, window)
    bar = window.answer.decisions
    assert bar.isVisible()
    assert not bar.decided.isVisible()
    page.decisions.decide("agree")
    assert page.view.model.index(0, 0).data() == "✓"
    assert bar.decided.isVisible()
    assert bar.decided.text() == "Agreed: no tumour (Ctrl+Z)"
    page.decisions.undo()
    assert page.view.model.index(0, 0).data() == ""
    assert not bar.decided.isVisible()


@pytest.fixture
def unlike(fake_engine: FakeEngine) -> Callable[[], Engine]:
    """An engine that is sure of a glioma in a slice unlike all that it was trained on."""
    made = fake_engine((0.97, 0.01, 0.01, 0.01))()

    def answer(instance: Instance) -> object:
        loaded = made.answer(instance)
        assert loaded.prediction is not None
        return replace(loaded, prediction=replace(loaded.prediction, unlike_training=True))

    return lambda: replace(made, answer=answer)


def _coloured(window: MainWindow) -> bool:
    window.views.shared.update(captions=False)
    pictures = window.views.active.canvas.grab().toImage()
    flat = pictures.convertToFormat(pictures.Format.Format_RGB888)
    rows = np.frombuffer(flat.constBits(), np.uint8).reshape(flat.height(), flat.bytesPerLine())
    pixels = rows[:, : 3 * flat.width()].reshape(flat.height(), flat.width(), 3).astype(int)
    pixels = pixels[4:-4, 4:-4]  # without the frame of the focus
    return bool((np.ptp(pixels, axis=2) > 60).sum() > 200)


def test_abstaining_shows_no_class_no_bars_no_overlay_and_no_area_until_asked(
    open_window: Opener,
    opened: Opened,
    slices: list[Path],
    unlike: Callable[[], Engine],
) -> None:
    window = open_window(engine=unlike)
    window.views.actions_.heat.setChecked(True)
    window.views.actions_.outline.setChecked(True)
    opened(window, window.open_paths, slices[:2])
    for told in (_words(window), window.bench.slices.index(0).data(Qt.ItemDataRole.ToolTipRole)):
        assert "lioma" not in told
        assert "97" not in told
        assert "mm²" not in told
    assert window.answer.headline == "No answer: unlike the training images"
    assert not window.answer.bars.isVisible()
    assert not _coloured(window)
    window.actions_.copy_answer.trigger()
    assert "lioma" not in QGuiApplication.clipboard().text()

    window.answer.anyway.click()
    assert "glioma" in _words(window)
    assert window.answer.bars.isVisible()
    assert _coloured(window)
    opened(window, select_row, window, 1)
    assert "lioma" not in _words(window), "it was asked for one slice"
    select_row(window, 0)  # which is still in memory
    assert "lioma" not in _words(window)


MARKED = '<img src="file:nowhere.png"><b style="color:red">Normal</b>'


def test_the_text_of_a_file_is_never_taken_for_html(
    qtbot: QtBot, open_review: Opener, data_folder: Path, tmp_path: Path
) -> None:
    """One marked string through every field, and every widget looked at."""
    names = ["<b>folder<", "<i>one<.dcm", "<i>letter<.png"]
    if sys.platform == "win32":  # which has no such names
        names = [name.translate({ord("<"): None, ord(">"): None}) for name in names]
    folder, slice_file, letter = tmp_path / names[0], *names[1:]
    folder.mkdir()
    dataset = pydicom.dcmread(sorted((data_folder / "dicom-series").iterdir())[8])
    for keyword in ("PatientName", "PatientID", "StudyDescription", "SeriesDescription"):
        setattr(dataset, keyword, MARKED)
    dataset.IssuerOfPatientID = MARKED
    dataset.save_as(folder / slice_file)
    (folder / letter).write_text("Dear colleague")
    window = open_review()
    page = _review(qtbot, window, folder)
    page.view.table.selectRow(1)
    _on_screen(qtbot, window)
    records = page.review.records
    assert records is not None
    row = page.view.model.row(1)
    page.view.model.setData(page.view.model.index(1, COLUMNS.index(Column.COMMENT)), MARKED)
    _check_plain(window, page)
    page.view.bar.grouping.setCurrentIndex(1)
    _check_plain(window, page)
    with qtbot.waitSignal(window.bench.idle, timeout=WAIT):
        window.open_paths([folder])
    for number in range(window.bench.slices.rowCount()):
        select_row(window, number)
        _check_plain(window, page)
    window.actions_.recent_menu.aboutToShow.emit()
    for action in window.actions_.recent_menu.actions():
        assert _is_plain(action.toolTip())
    assert page.view.model.decision(row) == Decision(comment=MARKED)


def _is_plain(text: str) -> bool:
    """Whether Qt, which looks for a tag, shows no more of `text` than its words."""
    inside = text.removeprefix("<span>").removesuffix("</span>").replace("<br>", "")
    return "<" not in inside


def _check_plain(window: MainWindow, page: ReviewPage) -> None:
    for label in window.findChildren(QLabel):
        plain = label.textFormat() is Qt.TextFormat.PlainText
        assert plain or "<" not in label.text(), label.text()
    for widget in window.findChildren(QWidget):
        assert _is_plain(widget.toolTip()), widget.toolTip()
    models = (page.view.model, page.view.grouped.model, window.bench.slices)
    for model in models:
        for line in range(model.rowCount()):
            for column in range(1 if model is window.bench.slices else model.columnCount()):
                tip = model.index(line, column).data(Qt.ItemDataRole.ToolTipRole)
                assert tip is None or _is_plain(str(tip)), tip


FAILING = """
import errno, os, sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox
from braintumor_desktop.sources import catalogue
from braintumor_desktop.ui import app, theme
from braintumor_desktop.ui.worklist import review_dock

def fail(*args, **named):
    raise OSError(errno.EIO, "Input/output error")

q = QApplication([])
theme.apply(q)
def broken():
    raise RuntimeError("no engine")
window = app.build_window(
    QSettings(sys.argv[1] + "/s.ini", QSettings.Format.IniFormat), broken,
    lambda: app.open_records(Path(sys.argv[1]) / "records.sqlite"),
)
app._report_faults(window)
window.show()
for name in ("stat", "lstat", "scandir", "listdir", "open"):
    setattr(os, name, fail)
window.reviewing.start([Path(sys.argv[1])])
QTimer.singleShot(800, lambda: window.open_paths([Path(sys.argv[1]) / "a", Path("/")]))
def end():
    boxes = [box.text() for box in window.findChildren(QMessageBox)]
    print("running", window.bench.slices.rowCount() > 0, boxes)
    window.bench.stop()
    os._exit(0)
QTimer.singleShot(2500, end)
q.exec()
"""


@pytest.mark.parametrize("run", range(3))
def test_no_worker_dies_of_a_file_system_that_fails(tmp_path: Path, run: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "running True []"
    assert "QObject" not in done.stderr


def test_what_fails_in_a_thread_is_said_in_a_box_of_the_interface_s_thread(
    open_window: Opener, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from braintumor_desktop.ui.system.faults_shown import FaultBox

    window = open_window()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    box = FaultBox(window)

    class Fails(QThread):
        def run(self) -> None:
            box._take(OSError, OSError("secret"), None)

    thread = Fails()
    thread.start()
    assert thread.wait(WAIT)
    qtbot.waitUntil(lambda: box._box is not None, timeout=WAIT)
    assert box._box is not None
    assert box._box.thread() is window.thread()
    assert "secret" not in box._box.text()
    box._box.close()


def test_the_wheel_walks_through_the_series_of_a_line_and_decisions_follow_it(
    qtbot: QtBot, open_review: Opener, data_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    for number, path in enumerate(sorted((data_folder / "dicom-series").iterdir())[12:17]):
        (folder / f"{9 - number}.dcm").write_bytes(path.read_bytes())
    window = open_review()
    page = _review(qtbot, window, folder)
    assert page.view.lines.is_grouped, "a series stands in one line"
    _on_screen(qtbot, window)
    series = window.bench.series
    assert series is not None
    assert [key[0].name for key in series.keys] == [f"{9 - number}.dcm" for number in range(5)]
    assert series.caption.name == "", "the series is not called by one of its files"
    assert series.patient.patient_id, "whose it is stands on the picture"
    assert "unless asked" not in _words(window)
    at = series.index[window.bench.selected.key]  # type: ignore[union-attr]
    other = 4 if at < 4 else 0
    window.views.active.go_to(other)
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    assert window.bench.selected is not None
    assert window.bench.selected.path.name == f"{9 - other}.dcm"
    page.decisions.decide("unsure")
    subject = page.view.lines.subject()
    assert subject is not None
    assert subject.content.startswith("series ")
    assert page.view.lines.decision_on(subject).verdict == "unsure"

    page.view.bar.grouping.setCurrentIndex(0)
    _on_screen(qtbot, window)
    window.views.active.go_to(2)
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    row = page.view.lines.current()
    assert row is not None
    assert row.path.name == "7.dcm", "the line follows the picture"
    page.decisions.decide("unsure")
    assert page.view.model.decision(row).verdict == "unsure"


def test_decide_first_holds_the_answer_back_until_a_person_has_decided(
    qtbot: QtBot, open_review: Opener, meningioma: Path
) -> None:
    window = open_review()
    window.preferences.set("decide_first", True)
    window.views.actions_.outline.setChecked(True)
    page = _review(qtbot, window, meningioma)
    _on_screen(qtbot, window)
    assert window.answer.headline == "Decide first"
    assert "eningioma" not in window.answer.headline
    assert not window.answer.bars.isVisible()
    assert not _coloured(window)
    page.decisions.decide("disagree", "glioma")
    assert window.answer.headline == "AI: suspicious for tumour, most like meningioma"
    assert window.answer.bars.isVisible()
