"""What is decided stays, is seen where it is taken back, and is about what is on screen."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pydicom
import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLineEdit, QMessageBox, QTableView
from pytestqt.qtbot import QtBot

from braintumor_desktop import paths
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.groups import By
from braintumor_desktop.screening.worklist import Column
from braintumor_desktop.store.records import Records
from braintumor_desktop.ui import app
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.worklist.review_model import COLUMNS
from braintumor_desktop.ui.worklist.review_page import ReviewPage

WAIT = 20_000
CONTROL = Qt.KeyboardModifier.ControlModifier
Opener = Callable[..., MainWindow]

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler's pdftotext is not installed"
)


@pytest.fixture
def folder(data_folder: Path, tmp_path: Path) -> Path:
    """A slice of each class, from glioma to pituitary, and the first one once more."""
    folder = tmp_path / "slices"
    folder.mkdir()
    testing = data_folder / "brain-tumor-mri" / "Testing"
    names = {
        "a.jpg": "glioma/Te-glTr_0001.jpg",
        "b.jpg": "meningioma/Te-me_0100.jpg",
        "c.jpg": "notumor/Te-no_0100.jpg",
        "d.jpg": "pituitary/Te-pi_0100.jpg",
        "e.jpg": "glioma/Te-glTr_0001.jpg",
    }
    for name, source in names.items():
        shutil.copy(testing / source, folder / name)
    return folder


@pytest.fixture
def patients(data_folder: Path, tmp_path: Path) -> Path:
    """Four slices of Anna's and four of Bert's."""
    folder = tmp_path / "patients"
    folder.mkdir()
    for i, path in enumerate(sorted((data_folder / "dicom-series").iterdir())[6:14]):
        anna = i < 4
        dataset = pydicom.dcmread(path)
        dataset.PatientID = "ANNA-1" if anna else "BERT-2"
        dataset.PatientName = "Anna^A" if anna else "Bert^B"
        dataset.save_as(folder / path.name)
    return folder


def _page(window: MainWindow) -> ReviewPage:
    assert window.reviewing.dock is not None
    return window.reviewing.dock.page


def _review(qtbot: QtBot, window: MainWindow, *roots: Path) -> ReviewPage:
    window.reviewing.start(list(roots))
    page = _page(window)
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    return page


def _column(page: ReviewPage, column: Column) -> list[str]:
    place = COLUMNS.index(column)
    return [page.view.model.index(line, place).data() for line in range(page.view.model.rowCount())]


def _wait_for(qtbot: QtBot, window: MainWindow, path: Path) -> None:
    def shown() -> bool:
        entry = window.bench.selected
        return entry is not None and entry.path == path and window.bench.loaded is not None

    qtbot.waitUntil(shown, timeout=WAIT)


def _press(
    qtbot: QtBot,
    window: MainWindow,
    key: Qt.Key,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a key once the selected row's slice is on screen."""
    page = _page(window)
    row = page.view.lines.current()
    if row is not None and page.view.table.isVisible():
        _wait_for(qtbot, window, row.path)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    qtbot.keyClick(
        page.view.table if page.view.table.isVisible() else page.view.grouped.table, key, held
    )


def _by_patient(page: ReviewPage) -> None:
    page.view.bar.grouping.setCurrentIndex(page.view.bar.grouping.findData(By.PATIENT))


def _select_group(page: ReviewPage, name: str) -> None:
    names = [
        page.view.grouped.model.group(line).name
        for line in range(page.view.grouped.model.rowCount())
    ]
    page.view.grouped.table.setCurrentIndex(page.view.grouped.model.index(names.index(name), 0))


def _only(page: ReviewPage, label: str) -> None:
    page.view.bar.labels.setCurrentIndex(page.view.bar.labels.findData(label))


def _click(
    qtbot: QtBot,
    table: QTableView,
    line: int,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    place = table.visualRect(table.model().index(line, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, held, place)


def _file_dialog(monkeypatch: pytest.MonkeyPatch, target: Path) -> list[str]:
    """Answers the file dialog with `target`; what it was asked with is gathered."""
    asked: list[str] = []

    def answer(parent: object, title: str, *_: Any) -> tuple[str, str]:
        asked.append(title)
        return str(target), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return asked


@needs_poppler
def test_a_report_from_the_groups_is_on_all_slices_of_the_selected_one(
    qtbot: QtBot,
    open_review: Opener,
    patients: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_review()
    window.actions_.slice_pages.setChecked(True)
    page = _review(qtbot, window, patients)
    target = tmp_path / "bert.pdf"
    asked = _file_dialog(monkeypatch, target)
    window.actions_.patient_data.setChecked(True)
    _by_patient(page)
    window.actions_.report.trigger()
    assert page.said.text() == "Nothing is selected to report on."
    assert asked == []
    _select_group(page, "BERT-2")
    with qtbot.waitSignal(page.handing_over.ended, timeout=WAIT):
        window.actions_.report.trigger()
    assert page.said.text() == "Written."
    done = subprocess.run(["pdftotext", str(target), "-"], capture_output=True, text=True)
    pages = done.stdout.split("\f")[:-1]
    bert = [row.name for row in page.view.model.rows[4:]]
    assert all("BERT-2" in text for text in pages)
    behind = pages[1:]  # the series' own
    assert all(name in text for text, name in zip(behind, bert, strict=True))
    assert "ANNA" not in done.stdout


@needs_poppler
def test_a_report_is_on_the_groups_that_were_selected_when_it_was_asked_for(
    qtbot: QtBot,
    open_review: Opener,
    patients: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_review()
    window.actions_.slice_pages.setChecked(True)
    page = _review(qtbot, window, patients)
    _by_patient(page)
    _click(qtbot, page.view.grouped.table, 0)
    _click(qtbot, page.view.grouped.table, 1, CONTROL)
    _click(qtbot, page.view.grouped.table, 1, CONTROL)  # not that one, though it is the current
    page.view.grouped.again()  # as rows that come do, and the end of the run
    assert {row.identifiers.patient_id for row in page.handing_over.reported()} == {"ANNA-1"}  # type: ignore[union-attr]

    _click(qtbot, page.view.grouped.table, 1, CONTROL)
    target = tmp_path / "both.pdf"

    def answer(*_: object) -> tuple[str, str]:
        page.view.grouped.again()
        _select_group(page, "BERT-2")
        return str(target), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    window.actions_.patient_data.setChecked(True)
    with qtbot.waitSignal(page.handing_over.ended, timeout=WAIT):
        window.actions_.report.trigger()
    done = subprocess.run(["pdftotext", str(target), "-"], capture_output=True, text=True)
    pages = done.stdout.split("\f")[:-1]
    anna = [True, False, *[True] * 4, *[False] * 4]  # a page for each series, then the slices'
    assert ["ANNA-1" in text for text in pages] == anna
    assert ["BERT-2" in text for text in pages] == [not hers for hers in anna]


class _Counted(list[FileResult]):
    """Rows that count how often they are gone through."""

    times = 0

    def __iter__(self) -> Iterator[FileResult]:
        self.times += 1
        return super().__iter__()


def test_the_rows_of_all_selected_groups_are_found_at_once(
    qtbot: QtBot, open_review: Opener, patients: Path
) -> None:
    page = _review(qtbot, open_review(), patients)
    _by_patient(page)
    page.view.grouped.table.selectAll()
    page.view.model.rows = rows = _Counted(page.view.model.rows)
    assert [row.number for row in page.handing_over.reported()] == list(range(8))
    assert rows.times == 1, "a thousand patients with a hundred slices each took 15 seconds"


def test_what_is_taken_back_is_shown(qtbot: QtBot, open_review: Opener, folder: Path) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    page.view.table.selectRow(3)
    _press(qtbot, window, Qt.Key.Key_U)
    assert page.view.table.currentIndex().row() == 4
    _press(qtbot, window, Qt.Key.Key_U)  # the copy of the first
    _only(page, "meningioma")
    assert _column(page, Column.FILE) == ["b.jpg"]
    _press(qtbot, window, Qt.Key.Key_Z, CONTROL)
    assert page.said.text() == "Taken back: e.jpg."
    assert _column(page, Column.FILE) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"]
    assert page.view.bar.labels.currentIndex() == 0
    assert page.view.table.currentIndex().row() == 4, "not the first with the same content"
    assert _column(page, Column.DECISION) == ["", "", "", "Unsure", ""]

    _by_patient(page)
    _press(qtbot, window, Qt.Key.Key_Z, CONTROL)
    assert "Decisions are about slices" in page.said.text()
    page.view.bar.grouping.setCurrentIndex(0)
    assert _column(page, Column.DECISION)[3] == "Unsure"
    _press(qtbot, window, Qt.Key.Key_Z, CONTROL)
    assert page.said.text() == "Taken back: d.jpg."
    assert set(_column(page, Column.DECISION)) == {""}


def test_an_undo_that_cannot_be_kept_is_said_and_tried_again(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    for _ in range(2):
        _press(qtbot, window, Qt.Key.Key_U)
    _take_writes(page, False)
    _press(qtbot, window, Qt.Key.Key_Z, CONTROL)
    assert "cannot be read or written" in page.said.text()
    assert _column(page, Column.DECISION)[:2] == ["Unsure", "Unsure"]
    _take_writes(page, True)
    _press(qtbot, window, Qt.Key.Key_Z, CONTROL)
    assert _column(page, Column.DECISION)[:2] == ["Unsure", ""]


def test_a_decision_that_cannot_be_kept_leads_nowhere(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    _take_writes(page, False)
    _press(qtbot, window, Qt.Key.Key_U)
    assert "cannot be read or written" in page.said.text()
    assert page.view.table.currentIndex().row() == 0
    _take_writes(page, True)
    _press(qtbot, window, Qt.Key.Key_U)
    assert page.said.text() == ""
    assert page.view.table.currentIndex().row() == 1
    assert _column(page, Column.DECISION)[0] == "Unsure"


def test_another_process_that_writes_does_not_stop_the_window_for_long(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    _wait_for(qtbot, window, page.view.model.row(0).path)
    with closing(sqlite3.connect(tmp_path / "records.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = monotonic()
        _press(qtbot, window, Qt.Key.Key_U)
        assert monotonic() - began < 6, "it was ten"
        assert "database is locked" in page.said.text()
    _press(qtbot, window, Qt.Key.Key_U)
    assert _column(page, Column.DECISION)[0] == "Unsure"


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be renamed there")
def test_nothing_is_decided_into_records_that_were_renamed(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    (tmp_path / "records.sqlite").rename(tmp_path / "records-damaged.sqlite")
    _press(qtbot, window, Qt.Key.Key_U)
    assert "records.sqlite cannot be found now" in page.said.text()
    assert set(_column(page, Column.DECISION)) == {""}


def test_return_on_a_group_leads_to_a_slice_of_its_own(
    qtbot: QtBot, open_review: Opener, patients: Path
) -> None:
    (patients / "letter.png").write_text("Dear colleague")
    window = open_review()
    page = _review(qtbot, window, patients)
    _by_patient(page)
    assert "filters" not in page.view.grouped.how.text()
    _select_group(page, "BERT-2")
    strongest = page.view.grouped.model.group(
        page.view.grouped.table.currentIndex().row()
    ).strongest
    assert strongest is not None
    page.view.bar.search.setText("ANNA")  # which hides it
    assert (
        "The filters choose among slices: groups are of all slices." in page.view.grouped.how.text()
    )
    _press(qtbot, window, Qt.Key.Key_Return)
    assert page.view.lines.current() is strongest
    _wait_for(qtbot, window, strongest.path)
    assert page.view.bar.search.text() == ""
    assert page.view.model.rowCount() == 9

    page.view.table.selectRow(0)
    _by_patient(page)
    _select_group(page, "")  # which no file of an answer is in
    _press(qtbot, window, Qt.Key.Key_Return)
    row = page.view.lines.current()
    assert row is not None
    assert row.name == "letter.png"


def test_what_has_changed_since_is_said_beside_its_group(
    qtbot: QtBot, open_review: Opener, patients: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, patients)
    _wait_for(qtbot, window, page.view.model.row(0).path)
    _by_patient(page)
    group = next(
        page.view.grouped.model.group(line)
        for line in range(page.view.grouped.model.rowCount())
        if page.view.grouped.model.group(line).name == "BERT-2"
    )
    assert group.strongest is not None
    path = group.strongest.path
    path.write_bytes(page.view.model.row(0).path.read_bytes())  # a slice of Anna's
    _select_group(page, "BERT-2")
    _wait_for(qtbot, window, path)
    assert f"{path.name} has changed since it was answered" in page.said.text()


def test_a_review_is_answered_by_the_network_of_the_window_though_its_files_were_replaced(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "model"
    shutil.copytree(paths.model_bundle(), bundle, copy_function=shutil.copyfile)
    window = open_review(bundle=bundle)
    before = json.loads((bundle / "model.json").read_text())
    changed = {**before, "temperature": 2 * before["temperature"]}  # an update: other numbers
    (bundle / "model.json").write_text(json.dumps(changed))
    page = _review(qtbot, window, folder)
    assert page.review.engine is window.bench.engine
    _wait_for(qtbot, window, page.view.model.row(0).path)
    assert window.bench.loaded is not None
    shown = window.bench.loaded.prediction.probabilities
    listed = dict(page.view.model.row(0).probabilities)
    assert shown == pytest.approx(listed, abs=1e-5), "picture and list by one network"


def test_a_window_whose_network_did_not_load_says_so_of_the_review_too(
    qtbot: QtBot, settings: QSettings, folder: Path, tmp_path: Path
) -> None:
    def fails() -> app.Engine:
        raise MemoryError

    records = tmp_path / "records.sqlite"
    window = app.build_window(settings, fails, lambda: app.open_records(records))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.bench.model_settled, timeout=WAIT)
    window.reviewing.start([folder])
    page = _page(window)
    words = "The model could not be loaded. Without it nothing can be reviewed."
    qtbot.waitUntil(lambda: page.said.text() == words, timeout=WAIT)
    assert page.view.model.rowCount() == 0
    window.close()


def test_a_decision_of_another_window_is_shown_and_not_overwritten(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window, other = open_review(), open_review()
    page, theirs = _review(qtbot, window, folder), _review(qtbot, other, folder)
    _press(qtbot, other, Qt.Key.Key_2)
    theirs.view.table.selectRow(0)
    said = theirs.view.model.index(0, COLUMNS.index(Column.COMMENT))
    theirs.view.model.setData(said, "Biopsy: meningioma")
    meant = Decision("disagree", "meningioma", "Biopsy: meningioma")
    assert theirs.view.model.decision(theirs.view.model.row(0)) == meant

    _press(qtbot, window, Qt.Key.Key_A)
    assert page.said.text() == "a.jpg was decided in another window meanwhile: look again."
    assert page.view.table.currentIndex().row() == 0
    assert page.view.model.decision(page.view.model.row(0)) == meant
    assert page.review.records is not None
    records = page.review.records
    assert records.decision(page.view.model.row(0).content) == meant

    _press(qtbot, window, Qt.Key.Key_A)  # now with eyes open
    agreed = Decision("agree", "glioma", "Biopsy: meningioma")
    assert records.decision(page.view.model.row(0).content) == agreed
    assert page.said.text() == ""

    _press(qtbot, other, Qt.Key.Key_Z, CONTROL)
    assert theirs.said.text() == "a.jpg was decided in another window meanwhile: look again."
    assert theirs.view.model.decision(theirs.view.model.row(0)) == agreed
    assert records.decision(page.view.model.row(0).content) == agreed


def test_a_comment_is_kept_when_its_line_goes_while_it_is_typed(
    qtbot: QtBot,
    open_review: Opener,
    data_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # few batches are under way
    many = _many(data_folder, tmp_path)
    window = open_review()
    page = _review_and_pause(qtbot, window, many)
    first = page.view.lines.current()
    assert first is not None
    page.view.bar.undecided.setChecked(True)
    _press(qtbot, window, Qt.Key.Key_U)
    page.view.table.selectRow(0)
    editor = _type(qtbot, window, "Second lesion")
    assert len(page.view.model.rows) < 40
    window.actions_.pause.setChecked(False)
    assert page.said.text() == ""
    qtbot.waitUntil(
        lambda: len(page.view.model.rows) == 40 and not page.review.running, timeout=WAIT
    )
    qtbot.keyClicks(editor, " at the back")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    assert first.name not in _column(page, Column.FILE), "it is decided"
    page.view.bar.undecided.setChecked(False)
    assert _column(page, Column.COMMENT)[0] == "Second lesion at the back"
    assert len([words for words in _column(page, Column.DECISION) if words]) == 1

    page.view.table.selectRow(1)
    _type(qtbot, window, "Artefact")
    page.view.bar.search.setText("nowhere")  # as a check box, which takes no focus on macOS, would
    page.view.bar.search.clear()
    assert _column(page, Column.COMMENT)[1] == "Artefact"
    page.view.table.selectRow(2)
    _type(qtbot, window, "Motion")
    _review(qtbot, window, many)
    assert _column(page, Column.COMMENT)[2] == "Motion"


def _many(data_folder: Path, tmp_path: Path) -> Path:
    """Forty slices: some are left when the first have come."""
    many = tmp_path / "many"
    many.mkdir()
    for path in sorted((data_folder / "brain-tumor-mri" / "Testing" / "glioma").iterdir())[:40]:
        shutil.copy(path, many)
    return many


def _review_and_pause(qtbot: QtBot, window: MainWindow, root: Path) -> ReviewPage:
    """Begin, and pause as the first rows come."""
    window.reviewing.start([root])
    page = _page(window)
    page.view.model.rowsInserted.connect(
        lambda *_: window.actions_.pause.setChecked(True),
        Qt.ConnectionType.SingleShotConnection,
    )
    qtbot.waitUntil(lambda: page.said.text().startswith("Paused."), timeout=WAIT)
    return page


@pytest.mark.parametrize("ended", ["by Down", "by a click", "by an export"])
def test_a_run_that_waited_for_a_comment_ends_with_it(
    qtbot: QtBot,
    open_review: Opener,
    data_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ended: str,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # few batches are under way
    window = open_review()
    page = _review_and_pause(qtbot, window, _many(data_folder, tmp_path))
    editor = _type(qtbot, window, "Second lesion")
    window.actions_.pause.setChecked(False)
    qtbot.waitUntil(
        lambda: len(page.view.model.rows) == 40 and not page.review.running, timeout=WAIT
    )
    assert not page.settled
    if ended == "by Down":
        qtbot.keyClick(editor, Qt.Key.Key_Down)
    elif ended == "by a click":
        _click(qtbot, page.view.table, 2)
    else:
        with qtbot.waitSignal(page.handing_over.ended, timeout=WAIT):
            page.handing_over.export(tmp_path / "export")
        assert page.said.text() == "Written."
        assert "Second lesion" in (tmp_path / "export" / "results.csv").read_text()
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    assert _column(page, Column.COMMENT)[0] == "Second lesion"


def test_a_comment_being_typed_is_kept_before_what_is_chosen_in_the_menu(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    _press(qtbot, window, Qt.Key.Key_U)
    said = ["", "Artefact", "Second lesion", "Motion", ""]
    for line, action in ((1, "agree"), (2, "unsure"), (3, "undo")):
        page.view.table.selectRow(line)
        _type(qtbot, window, said[line])
        getattr(window.actions_, action).trigger()  # the menu leaves the comment open beside it
    assert _column(page, Column.COMMENT) == said
    decided = ["Unsure", "Agreed: meningioma", "Unsure", "", "Unsure"]
    assert _column(page, Column.DECISION) == decided
    words = "The comment on d.jpg is kept: undo once more takes it back."
    assert page.said.text() == words
    assert page.review.records is not None
    assert page.review.records.decisions() == page.view.model.decisions

    window.actions_.undo.trigger()
    assert page.said.text() == "Taken back: d.jpg."
    assert _column(page, Column.COMMENT)[3] == ""
    window.actions_.undo.trigger()
    assert _column(page, Column.DECISION)[2] == ""
    assert _column(page, Column.COMMENT)[2] == "Second lesion"


def test_a_comment_is_kept_beside_what_somebody_else_decided_meanwhile(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    look = "a.jpg was decided in another window meanwhile: look again."
    content = page.view.model.row(0).content
    with closing(Records(tmp_path / "records.sqlite", "another")) as others:
        editor = _type(qtbot, window, "Second lesion")
        others.decide(content, "model", Decision("unsure"))
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: not page.view.table.typing, timeout=WAIT)
        assert page.said.text() == look
        assert others.decision(content) == Decision("unsure", comment="Second lesion")
        assert _column(page, Column.COMMENT)[0] == "Second lesion"

        _type(qtbot, window, "Artefact")  # in place of what is there
        others.decide(content, "model", Decision("agree", "glioma", "Biopsy: glioma"))
        window.actions_.unsure.trigger()
        assert page.said.text().startswith(f"{look} The comment is not kept yet")
        assert _column(page, Column.COMMENT)[0] == "Biopsy: glioma"
        assert _column(page, Column.DECISION)[0] == "Agreed: glioma", "not overwritten unseen"
        editor = _type(qtbot, window, "")
        assert editor.text() == "Artefact"
        qtbot.keyClick(editor, Qt.Key.Key_End)
        qtbot.keyClicks(editor, "?")
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: not page.view.table.typing, timeout=WAIT)
        assert others.decision(content) == Decision("agree", "glioma", "Artefact?")
    assert page.said.text() == ""


def test_a_comment_that_cannot_be_kept_can_be_kept_later(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    _take_writes(page, False)
    qtbot.keyClick(_type(qtbot, window, "Second lesion"), Qt.Key.Key_Down)
    assert "The comment is not kept yet" in page.said.text()
    assert _column(page, Column.COMMENT)[0] == ""
    _take_writes(page, True)
    page.view.table.selectRow(0)
    editor = _type(qtbot, window, "")
    assert editor.text() == "Second lesion"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.view.table.typing, timeout=WAIT)
    assert _column(page, Column.COMMENT)[0] == "Second lesion"
    assert page.said.text() == ""


def test_a_comment_that_could_not_be_kept_is_not_lost_by_closing_unasked(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    _take_writes(page, False)
    _type(qtbot, window, "Second lesion")
    window.close()
    assert window.isVisible()
    box = window.findChild(QMessageBox)
    assert box is not None
    assert box.text() == "What could not be kept is lost when the window closes."
    assert box.informativeText() == "a.jpg: Second lesion"
    qtbot.mouseClick(_button(box, "Stay"), Qt.MouseButton.LeftButton)
    page.view.table.selectRow(0)
    assert _type(qtbot, window, "").text() == "Second lesion"

    window.close()
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    qtbot.mouseClick(_button(box, "Close and lose them"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=WAIT)


def _take_writes(page: ReviewPage, on: bool) -> None:
    """Whether the records take what is decided; a full or a read-only disk does not."""
    assert page.review.records is not None
    page.review.records._file.connection.execute(f"PRAGMA query_only = {'OFF' if on else 'ON'}")


def _button(box: QMessageBox, text: str) -> QAbstractButton:
    return next(button for button in box.buttons() if button.text() == text)


def _type(qtbot: QtBot, window: MainWindow, text: str) -> QLineEdit:
    """Begin a comment on the selected row, and leave it open."""
    page = _page(window)
    _press(qtbot, window, Qt.Key.Key_M)
    editor = page.view.table.indexWidget(page.view.table.currentIndex())
    assert isinstance(editor, QLineEdit)
    qtbot.keyClicks(editor, text)
    return editor


def test_the_next_start_shows_what_was_begun_last(
    qtbot: QtBot, open_review: Opener, folder: Path, patients: Path
) -> None:
    window = open_review()
    _review(qtbot, window, folder / "a.jpg")
    window.reviewing.start([folder])
    window.actions_.cancel.trigger()
    qtbot.waitUntil(lambda: _page(window).settled, timeout=WAIT)
    _review(qtbot, window, patients)
    _review(qtbot, window, folder)
    window.close()
    again = open_review()
    qtbot.waitUntil(lambda: again.reviewing.dock is not None and _page(again).settled, timeout=WAIT)
    assert _column(_page(again), Column.FILE)[0] == "a.jpg"
