from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from braintumor_desktop.errors import EmptyFileError
from braintumor_desktop.ui.browser.slice_model import Entry, EntryRole, SliceListModel, State


@pytest.fixture
def model(qtmodeltester: ModelTester) -> SliceListModel:
    result = SliceListModel()
    qtmodeltester.check(result)  # stays attached, and follows every change
    result.append([Entry(Path(name), number) for number, name in enumerate(("a", "b", "c"))])
    return result


def test_rows_paths_and_counts_agree(model: SliceListModel) -> None:
    assert model.rowCount() == model.count(State.WAITING) == 3
    assert [model.row(Path(name)) for name in "abcd"] == [0, 1, 2, -1]
    model.remove(Path("a"))
    assert [model.row(Path(name)) for name in "abc"] == [-1, 0, 1]
    assert model.count(State.WAITING) == 2
    model.clear()
    assert model.rowCount() == model.count(State.WAITING) == 0


def test_many_changes_are_one_signal(model: SliceListModel, qtbot: QtBot) -> None:
    entries = [model.index(row).data(EntryRole) for row in (0, 2)]
    error = EmptyFileError("{file} is empty.", file="a")
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.replace(replace(entry, state=State.REFUSED, error=error) for entry in entries)
    top, bottom = changed.args[:2]
    assert (top.row(), bottom.row()) == (0, 2)
    assert (model.count(State.REFUSED), model.count(State.WAITING)) == (2, 1)


def test_a_screen_reader_hears_file_and_verdict(model: SliceListModel) -> None:
    error = EmptyFileError("{file} is empty.", file="a")
    model.replace([Entry(Path("a"), 0, State.REFUSED, error=error)])
    index = model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "a: Empty file"
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "b: Waiting"
