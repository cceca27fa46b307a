"""The way a clinician goes: drop a folder, filter, decide by keys, undo, close, reopen, export."""

from __future__ import annotations

import csv
import os
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.groups import By, groups
from braintumor_desktop.screening.worklist import Certainty, Column
from braintumor_desktop.store.records import Records
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.session import pixel_store
from braintumor_desktop.ui.worklist.review_groups import GroupModel
from braintumor_desktop.ui.worklist.review_model import COLUMNS, ReviewModel
from braintumor_desktop.ui.worklist.review_page import ReviewPage
from tests.ui.selecting import select_row

WAIT = 20_000
Opener = Callable[..., MainWindow]
Drop = Callable[[MainWindow, Sequence[Path]], None]


@pytest.fixture
def folder(slices: list[Path], no_image: Path) -> Path:
    """Nine slices, two of them in an archive, a copy, and a letter."""
    folder = slices[0].parent
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        for path in slices[7:]:
            archive.write(path, path.name)
            path.unlink()
    (folder / "copy.png").write_bytes(slices[0].read_bytes())
    no_image.rename(folder / "letter.png")
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
    model = page.view.model
    place = COLUMNS.index(column)
    return [model.index(line, place).data() for line in range(model.rowCount())]


def _look(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until the selected row's slice, or why it was refused, is on screen."""

    def shown() -> bool:
        row, entry = _page(window).view.lines.current(), window.bench.selected
        if row is None or entry is None or entry.path != row.path:
            return False
        return window.bench.loaded is not None or entry.error is not None

    qtbot.waitUntil(shown, timeout=WAIT)
    assert _page(window).desk.on_screen(_page(window).view.lines.current())


def _press(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    _look(qtbot, window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=WAIT)
    qtbot.keyClick(_page(window).view.table, key)


def test_the_clinician_s_way(
    drop: Drop,
    qtbot: QtBot,
    open_review: Opener,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_review()
    drop(window, [folder])
    page = _page(window)
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    names = _column(page, Column.FILE)
    assert names == [
        "copy.png",
        "letter.png",
        *(f"slice{i}.png" for i in range(7)),
        "z.zip/slice7.png",
        "z.zip/slice8.png",
    ]
    assert _column(page, Column.VERDICT)[1] == "Not an image"
    assert "copy.png" in _column(page, Column.WARNINGS)[2]
    withheld = sum(row.unlike_training for row in page.view.model.rows)
    assert sum(int(number) for _, number in page.view.side.counts.lines()) == 10 - withheld

    # The selection is shown beside what the network sees, archives included.
    page.view.lines.step(10)
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    assert window.bench.selected is not None
    assert window.bench.selected.path == folder / "z.zip" / "slice8.png"
    assert window.bench.slices.rowCount() == 1
    assert not window.browser.isVisible()

    # Keys decide about the selected slice and go on.
    page.view.table.selectRow(2)
    row = page.view.lines.current()
    assert row is not None
    _press(qtbot, window, Qt.Key.Key_A)
    assert page.view.model.decision(row).verdict == "agree"
    assert page.view.table.currentIndex().row() == 3
    _press(qtbot, window, Qt.Key.Key_U)
    second = page.view.model.row(4)
    other = next(i for i, name in enumerate(page.review.classes) if name != second.label)
    _press(qtbot, window, Qt.Key(Qt.Key.Key_1 + other))
    assert page.view.model.decision(second) == Decision("disagree", page.review.classes[other])
    assert _column(page, Column.DECISION)[3] == "Unsure"

    # Undo takes the last one back, and goes there.
    window.actions_.undo.trigger()
    assert page.view.model.decision(second) == Decision()
    assert page.view.lines.current() is second

    # A copy has the decision of the slice that it is a copy of.
    assert _column(page, Column.DECISION)[0] == _column(page, Column.DECISION)[2]

    # Filters.
    page.view.bar.undecided.setChecked(True)
    assert page.view.model.rowCount() == 8
    page.view.bar.undecided.setChecked(False)
    page.view.bar.search.setText("Z.ZIP")
    assert page.view.model.rowCount() == 2
    page.view.bar.search.clear()
    failed = page.view.bar.certainty.findData(Certainty.FAILED)
    page.view.bar.certainty.setCurrentIndex(failed)
    assert _column(page, Column.FILE) == ["letter.png"]
    page.view.bar.certainty.setCurrentIndex(0)
    page.view.bar.needs_look.setChecked(True)
    assert "letter.png" in _column(page, Column.FILE)
    page.view.bar.needs_look.setChecked(False)
    assert page.view.model.rowCount() == 11

    # Closed and opened again it is all there.
    window.close()
    again = open_review()
    qtbot.waitUntil(lambda: again.reviewing.dock is not None, timeout=WAIT)
    page = _page(again)
    qtbot.waitUntil(lambda: _page(again).settled, timeout=WAIT)
    assert _column(page, Column.FILE) == names
    assert _column(page, Column.DECISION)[3] == "Unsure"
    assert _column(page, Column.DECISION)[2].startswith("Agreed")

    # Handed over.
    target = tmp_path / "export"
    with qtbot.waitSignal(page.handing_over.ended, timeout=WAIT):
        page.handing_over.export(target)
    with (target / "results.csv").open(newline="", encoding="utf-8-sig") as stream:
        lines = list(csv.DictReader(stream))
    assert [line["decision"] for line in lines[:4]] == ["agree", "", "agree", "unsure"]
    assert len((target / "results.jsonl").read_text().splitlines()) == 11
    assert '"undone"' in (target / "audit.jsonl").read_text()
    page.view.table.selectRow(2)
    with qtbot.waitSignal(page.handing_over.ended, timeout=WAIT):
        page.handing_over.report(
            page.handing_over.reported(), tmp_path / "report.pdf", patient_data=False
        )
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_a_review_that_was_cut_off_says_that_it_resumes(
    qtbot: QtBot, open_review: Opener, folder: Path, settings: QSettings, tmp_path: Path
) -> None:
    window = open_review()
    _review(qtbot, window, folder)
    key = _page(window).review.engine.key  # type: ignore[union-attr]
    window.close()
    records = Records(tmp_path / "records.sqlite", "tester")
    records.begin_run([folder], key)  # as a kill leaves it
    records.close()
    window = open_review()
    qtbot.waitUntil(lambda: window.reviewing.dock is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: _page(window).settled, timeout=WAIT)
    assert "goes on where it was" in _page(window).said.text()


def test_sorting_and_comments(qtbot: QtBot, open_review: Opener, folder: Path) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    column = COLUMNS.index(Column.PROBABILITY)
    page.view.table.sortByColumn(column, Qt.SortOrder.DescendingOrder)
    rows = page.view.model.shown_rows()
    shares = [row.probability for row in rows if not row.unlike_training]
    assert shares == sorted(shares, reverse=True)
    withheld = [row.unlike_training for row in rows]
    assert withheld == sorted(withheld), "a withheld answer's number orders nothing"
    page.view.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    page.view.table.selectRow(3)
    window.actions_.comment.trigger()
    (editor,) = page.view.table.viewport().findChildren(QLineEdit)
    qtbot.keyClicks(editor, "Clear artefact")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _column(page, Column.COMMENT)[3] == "Clear artefact", timeout=WAIT)
    _press(qtbot, window, Qt.Key.Key_A)
    assert _column(page, Column.COMMENT)[3] == "Clear artefact", "a decision keeps the comment"


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux only")
def test_names_that_are_no_text_stay_different_in_the_worklist(
    qtbot: QtBot, open_review: Opener, slices: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    names = [os.fsdecode(b"M" + odd + b"ller.png") for odd in (b"\xf6", b"\xfc")]
    for name, content in zip(names, slices, strict=False):
        (folder / name).write_bytes(content.read_bytes())
    (folder / "z.png").write_bytes(slices[1].read_bytes())
    page = _review(qtbot, open_review(), folder)
    shown = [name.rsplit("/", 1)[-1] for name in _column(page, Column.FILE)]
    assert shown == [r"M\udcf6ller.png", r"M\udcfcller.png", "z.png"]
    assert r"M\udcfcller.png" in _column(page, Column.WARNINGS)[2]


def test_groups_say_how_they_are_computed(
    qtbot: QtBot, open_review: Opener, data_folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, data_folder / "dicom-series")
    page.view.bar.grouping.setCurrentIndex(page.view.bar.grouping.findData(By.PATIENT))
    assert page.view.grouped.model.rowCount() >= 1
    assert page.view.grouped.table.isVisible()
    assert "1 less that of no tumour" in page.view.grouped.how.text()
    strongest = page.view.grouped.model.group(0).strongest
    page.view.grouped.table.activated.emit(page.view.grouped.model.index(0, 0))
    assert page.view.table.isVisible()
    assert page.view.lines.current() is strongest


@pytest.mark.usefixtures("qapp")
def test_a_group_has_no_class_and_no_mean_but_counts_with_their_denominator() -> None:
    rows = [
        FileResult(number=n, content=f"{n:064x}", label=label, probabilities=((label, 1.0),))
        for n, label in enumerate(("meningioma", "glioma", "notumor"))
    ]
    model = GroupModel()
    model.show_groups(groups(rows, By.PATIENT), By.PATIENT)
    said = [str(model.index(0, column).data()) for column in range(model.columnCount())]
    assert any(words.startswith("2 of 3") for words in said)
    assert not any("lioma" in words or "eningioma" in words or "%" in words for words in said)


@pytest.mark.usefixtures("qapp")
def test_two_patients_whose_identifiers_differ_by_what_cannot_be_seen_do_not_look_alike() -> None:
    rows = []
    for n, patient in enumerate(("12", "\u202e21", "1\x002")):
        dicom = DicomIdentifiers(patient_id=patient)
        rows.append(FileResult(number=n, content=f"{n:064x}", label="glioma", identifiers=dicom))
    model, grouped = ReviewModel(lambda _: None, lambda *_: None), GroupModel()
    model.append(rows)
    grouped.show_groups(groups(rows, By.PATIENT), By.PATIENT)
    column = COLUMNS.index(Column.PATIENT)
    for place, table in ((column, model), (1, grouped)):
        said = [table.index(line, place).data() for line in range(3)]
        assert said == ["12", r"\u202e21", r"1\x002"]


@pytest.mark.usefixtures("qapp")
def test_two_series_of_a_siemens_scanner_do_not_look_alike() -> None:
    uids = [f"1.3.12.2.1107.5.2.43.66044.2026050109{n}4512.0.0.0" for n in (12, 37)]
    model = ReviewModel(lambda _: None, lambda *_: None)
    for n, uid in enumerate([*uids, ""]):
        dicom = DicomIdentifiers(series_instance_uid=uid, series_description="t1_mpr")
        row = FileResult(number=n, content=str(n), label="glioma", identifiers=dicom)
        model.append([row])
    cells = [model.index(line, COLUMNS.index(Column.SERIES)) for line in range(3)]
    shown = [cell.data() for cell in cells]
    assert shown == ["…09124512.0.0.0 t1_mpr", "…09374512.0.0.0 t1_mpr", ""]
    grouped = GroupModel()
    grouped.show_groups(groups(model.rows, By.SERIES), By.SERIES)
    assert [grouped.index(line, 2).data() for line in range(2)] == shown[:2]
    assert [cell.data(Qt.ItemDataRole.ToolTipRole) for cell in cells] == [*uids, ""]


def test_the_worklist_comes_back_as_it_was_left(
    qtbot: QtBot, open_review: Opener, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_review()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    window.actions_.review_folder.trigger()
    page = _page(window)
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    assert window.reviewing.dock is not None
    window.resizeDocks(
        [window.reviewing.dock], [window.reviewing.dock.height() + 60], Qt.Orientation.Vertical
    )
    page.view.table.setColumnWidth(COLUMNS.index(Column.FILE), 333)
    height = window.reviewing.dock.height()
    window.close()
    again = open_review()
    qtbot.waitUntil(lambda: again.reviewing.dock is not None and _page(again).settled, timeout=WAIT)
    assert again.reviewing.dock is not None
    assert _page(again).view.table.columnWidth(COLUMNS.index(Column.FILE)) == 333
    assert again.reviewing.dock.height() == height


def test_pause_cancel_and_an_archive_dropped(
    drop: Drop, qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    drop(window, [folder / "z.zip"])
    page = _page(window)
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    assert _column(page, Column.FILE) == ["z.zip/slice7.png", "z.zip/slice8.png"]
    drop(window, [folder])  # where the worklist is, there it goes
    window.actions_.pause.setChecked(True)
    window.actions_.cancel.trigger()
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    window.actions_.review.setChecked(False)
    assert not page.isVisible()
    assert not window.actions_.agree.isEnabled()


def test_records_that_cannot_be_opened_are_said(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "records.sqlite").mkdir()
    window = open_review()
    window.reviewing.start([folder])
    page = _page(window)
    qtbot.waitUntil(lambda: "is no regular file" in page.said.text(), timeout=WAIT)


def test_nothing_is_decided_about_a_file_that_has_changed(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    changed = folder / "slice1.png"
    changed.write_bytes((folder / "slice2.png").read_bytes())
    line = [row.path for row in page.view.model.shown_rows()].index(changed)
    page.view.table.selectRow(line)
    words = "slice1.png has changed since it was answered"
    qtbot.waitUntil(lambda: words in page.said.text(), timeout=WAIT)
    page.decisions.decide("agree")
    page.view.model.setData(page.view.model.index(line, COLUMNS.index(Column.COMMENT)), "Seen")
    assert _column(page, Column.DECISION)[line] == _column(page, Column.COMMENT)[line] == ""

    page = _review(qtbot, window, folder)
    page.view.table.selectRow(line)
    _look(qtbot, window)
    page.decisions.decide("agree")
    assert _column(page, Column.DECISION)[line].startswith("Agreed")
    comment = page.view.model.index(line, COLUMNS.index(Column.COMMENT))
    assert page.view.model.setData(comment, comment.data(Qt.ItemDataRole.EditRole))
    assert _column(page, Column.COMMENT)[line] == "Seen"


def test_what_is_opened_beside_the_worklist_takes_its_place(
    qtbot: QtBot, open_review: Opener, folder: Path, meningioma: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    _look(qtbot, window)
    window.open_paths([meningioma])  # by the menu, a recent path, a second start
    qtbot.waitUntil(
        lambda: window.answer.headline == "AI: suspicious for tumour, most like meningioma",
        timeout=WAIT,
    )
    assert not page.isVisible()
    assert window.browser.isVisible()
    assert window.actions_.agree.isEnabled(), "about the picture that is open"
    window.activateWindow()
    window.list.setFocus()
    qtbot.keyClick(window.list, Qt.Key.Key_A)
    assert not window.answer.decisions.decided.isVisible(), "not from the list of studies"
    page.decisions.decide("agree")  # though it could not be asked for
    assert set(_column(page, Column.DECISION)) == {""}

    window.actions_.review.trigger()
    _look(qtbot, window)
    assert page.isVisible()
    page.decisions.decide("agree")
    assert _column(page, Column.DECISION)[0].startswith("Agreed")


def test_a_key_decides_once_and_only_about_what_is_on_screen(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    actions = window.actions_
    for action in (actions.agree, actions.unsure, actions.undo, *actions.classes_menu.actions()):
        assert not action.autoRepeat()
    page.view.table.selectRow(2)
    _look(qtbot, window)
    page.decisions.decide("agree")
    entry = window.bench.selected
    for _ in range(5):  # sooner than the next slice can be read
        page.decisions.decide("agree")
    assert [bool(words) for words in _column(page, Column.DECISION)].count(True) == 2  # and a copy
    assert "slice1.png was not on screen yet" in page.said.text()
    assert window.bench.selected is entry, "what is being read is not asked for anew"
    _look(qtbot, window)
    page.decisions.decide("agree")
    assert _column(page, Column.DECISION)[3].startswith("Agreed")
    assert page.said.text() == ""


def test_nothing_is_agreed_with_beside_a_file_that_cannot_be_opened_any_more(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    (folder / "slice1.png").unlink()
    page.view.table.selectRow(3)
    _look(qtbot, window)
    assert window.answer.headline == "No answer"
    page.decisions.decide("agree")
    assert set(_column(page, Column.DECISION)) == {""}
    assert "slice1.png has changed since it was answered" in page.said.text()
    page.view.table.selectRow(1)  # a letter, refused then as now
    _look(qtbot, window)
    page.decisions.decide("unsure")
    assert _column(page, Column.DECISION)[1] == "Unsure"


def test_a_slice_whose_pixels_were_given_up_is_not_on_screen_before_it_is_read_again(
    qtbot: QtBot, open_review: Opener, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pixel_store, "SLICES_IN_MEMORY", 6)
    window = open_review()
    page = _review(qtbot, window, folder)
    page.view.table.selectRow(2)
    _look(qtbot, window)
    with qtbot.waitSignal(window.bench.idle, timeout=WAIT):
        window.open_paths([folder])
    row = window.bench.slices.row(folder / "slice0.png")
    others = [window.bench.slices.row(folder / f"slice{number}.png") for number in range(1, 7)]
    for line in (row, *others):
        select_row(window, line)
        qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    select_row(window, row)
    assert window.bench.loaded is None
    assert not page.desk.on_screen(page.view.lines.current())


def test_a_window_started_with_a_file_shows_it_and_not_the_last_review(
    qtbot: QtBot, open_review: Opener, folder: Path, meningioma: Path
) -> None:
    window = open_review()
    _review(qtbot, window, folder)
    window.close()
    again = open_review(meningioma)
    qtbot.waitUntil(
        lambda: again.answer.headline == "AI: suspicious for tumour, most like meningioma",
        timeout=WAIT,
    )
    assert again.reviewing.dock is None
    again.actions_.review.trigger()
    qtbot.waitUntil(lambda: again.reviewing.dock is not None and _page(again).settled, timeout=WAIT)
    assert len(_column(_page(again), Column.FILE)) == 11


def test_groups_are_those_of_the_review_on_screen(
    qtbot: QtBot, open_review: Opener, folder: Path, data_folder: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, data_folder / "dicom-series")
    page.view.bar.grouping.setCurrentIndex(page.view.bar.grouping.findData(By.PATIENT))
    before = page.view.grouped.model.group(0)
    window.reviewing.start([folder])
    assert page.view.grouped.model.rowCount() == 0  # at once
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    assert before.strongest is not None
    assert page.view.model.line_of(before.strongest) == -1
    assert [
        page.view.grouped.model.group(line).slices
        for line in range(page.view.grouped.model.rowCount())
    ] == [10]  # a copy counts once
    _look(qtbot, window)
    page.decisions.decide("agree")
    assert "open the group's strongest" in page.said.text()
    assert set(_column(page, Column.DECISION)) == {""}


def test_a_table_of_a_part_of_the_review_says_so_and_nothing_asked_for_is_dropped(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path
) -> None:
    window = open_review()
    page = _review(qtbot, window, folder)
    window.reviewing.start([folder])
    window.actions_.cancel.trigger()
    qtbot.waitUntil(lambda: page.settled, timeout=WAIT)
    with qtbot.waitSignal(page.handing_over.ended, timeout=WAIT):
        page.handing_over.export(tmp_path / "part")
        page.handing_over.export(tmp_path / "other")
        assert "ask again when it is done" in page.said.text()
    assert "answered so far, not the whole review" in page.said.text()
    assert not (tmp_path / "other").exists()
    page = _review(qtbot, window, folder)
    with qtbot.waitSignal(page.handing_over.ended, timeout=WAIT):
        page.handing_over.export(tmp_path / "whole")
    assert page.said.text() == "Written."


def test_records_that_were_damaged_are_said_in_a_box(
    qtbot: QtBot, open_review: Opener, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "records.sqlite").write_bytes(bytes(8192))
    window = open_review()
    page = _review(qtbot, window, folder)
    (box,) = page.findChildren(QMessageBox)
    assert box.isVisible()
    assert "The records were damaged. They are kept as records-damaged" in box.text()
    assert len(list(tmp_path.glob("records-damaged*"))) >= 1


def test_the_slice_on_screen_is_that_of_the_line_that_is_selected(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    patient = Path(str(get_testdata_file("MR_small.dcm")))
    (folder / "z.dcm").write_bytes(patient.read_bytes())
    window = open_review()
    page = _review(qtbot, window, folder)
    _look(qtbot, window)
    page.view.bar.search.setText("slice2")
    _look(qtbot, window)
    assert window.stage.name() == "slice2.png"
    page.view.bar.search.setText("nowhere")
    assert page.view.model.rowCount() == 0
    assert window.bench.selected is None
    assert not window.answer.isVisible()
    page.view.bar.search.setText("")
    _look(qtbot, window)
    page.view.bar.grouping.setCurrentIndex(page.view.bar.grouping.findData(By.PATIENT))
    assert page.view.grouped.model.rowCount() == 2
    for line in range(page.view.grouped.model.rowCount()):
        page.view.grouped.table.setCurrentIndex(page.view.grouped.model.index(line, 0))
        strongest = page.view.grouped.model.group(line).strongest
        assert strongest is not None

        def shown(path: Path = strongest.path) -> bool:
            entry = window.bench.selected
            return entry is not None and entry.path == path and window.bench.loaded is not None

        qtbot.waitUntil(shown, timeout=WAIT)
    page.view.bar.search.setText("nowhere")  # which hides slices, not groups
    assert window.bench.selected is not None
    assert page.view.grouped.model.group(1).strongest is not None
    assert window.bench.selected.path == page.view.grouped.model.group(1).strongest.path
    page.view.bar.grouping.setCurrentIndex(0)
    assert window.bench.selected is None
    page.view.bar.search.setText("")
    _look(qtbot, window)


def test_a_group_without_an_answer_shows_none(
    qtbot: QtBot, open_review: Opener, folder: Path
) -> None:
    patient = Path(str(get_testdata_file("MR_small.dcm")))
    only = folder / "only"
    only.mkdir()
    (only / "a.dcm").write_bytes(patient.read_bytes())
    (only / "b.png").write_text("Dear colleague")
    window = open_review()
    page = _review(qtbot, window, only)
    _look(qtbot, window)
    page.view.bar.grouping.setCurrentIndex(page.view.bar.grouping.findData(By.PATIENT))
    lines = [
        page.view.grouped.model.group(line).strongest
        for line in range(page.view.grouped.model.rowCount())
    ]
    assert None in lines
    page.view.grouped.table.setCurrentIndex(page.view.grouped.model.index(lines.index(None), 0))
    assert window.bench.selected is None
    assert not window.answer.isVisible()


def test_a_worklist_without_rows_leaves_what_is_open(
    qtbot: QtBot, open_review: Opener, slices: list[Path]
) -> None:
    window = open_review(*slices[:3])
    qtbot.waitUntil(lambda: window.bench.slices.rowCount() == 3, timeout=WAIT)
    window.actions_.review.trigger()
    page = _page(window)
    qtbot.waitUntil(lambda: bool(page.review.classes), timeout=WAIT)
    assert window.bench.slices.rowCount() == 3
    window.actions_.review.trigger()
    assert window.browser.isVisible()
