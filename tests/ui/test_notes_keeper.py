from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.measurement import Measurement, MeasurementKind, SliceNotes
from braintumor_desktop.store.records import Records
from braintumor_desktop.ui.session.notes_keeper import NotesKeeper
from braintumor_desktop.ui.session.session import OpenedOnce
from tests.ui.conftest import out_of_reach

NOTES = SliceNotes((Measurement(MeasurementKind.LENGTH, ((1.0, 2.0), (3.0, 4.0))),), True)
KEY = ("ab" * 32, 2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture
def keeper(file: Path, qtbot: QtBot) -> Iterator[NotesKeeper]:
    store = OpenedOnce(lambda: Records(file, "tester"), lambda _records: None)
    made = NotesKeeper(store.get)
    yield made
    made.stop()
    store.close()


def test_notes_are_found_again_by_the_next_session(
    keeper: NotesKeeper, file: Path, qtbot: QtBot
) -> None:
    keeper.keep(KEY, SliceNotes((), True))
    keeper.keep(KEY, NOTES)
    keeper.stop()
    assert keeper.unkept == 0
    store = OpenedOnce(lambda: Records(file, "tester"), lambda _records: None)
    again = NotesKeeper(store.get)
    with qtbot.waitSignal(again.found) as found:
        again.find(KEY[0])
    assert found.args == [{KEY: NOTES}]
    again.stop()
    store.close()


def test_what_could_not_be_kept_is_said_and_tried_again(
    keeper: NotesKeeper, file: Path, qtbot: QtBot
) -> None:
    keeper.keep(KEY, NOTES)
    qtbot.waitUntil(lambda: keeper.unkept == 0)
    with out_of_reach(file):
        with qtbot.waitSignal(keeper.failed, timeout=60_000) as failed:
            keeper.keep(KEY, SliceNotes())
        locked = sys.platform == "win32"
        why = "cannot be read or written" if locked else "cannot be found now"
        assert why in str(failed.args[0])
        assert keeper.unkept == 1
    other = ("cd" * 32, 0)
    keeper.keep(other, NOTES)
    qtbot.waitUntil(lambda: keeper.unkept == 0)
    store = Records(file, "tester")
    assert store.notes.of(KEY[0]) == {}
    assert store.notes.of(other[0]) == {0: NOTES}
    store.close()
