from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.study import Patient
from braintumor_desktop.ui.viewer.slices import Caption, LoadedSlices
from braintumor_desktop.ui.viewer.viewer import Viewer

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def beside(viewer: Viewer, series: LoadedSlices, sagittal: LoadedSlices, qtbot: QtBot) -> Viewer:
    """Axial at the left and active, sagittal at the right."""
    qtbot.keyClick(viewer.active.canvas, Qt.Key.Key_F7)
    viewer.show_slices(series, 12)
    qtbot.mouseClick(viewer.grid.panes[1].canvas, LEFT, pos=QPoint(50, 50))
    viewer.show_slices(sagittal, 8)
    qtbot.mouseClick(viewer.grid.panes[0].canvas, LEFT, pos=QPoint(50, 50))
    return viewer


def test_keys_choose_between_one_two_and_four_panes(looking: Viewer, qtbot: QtBot) -> None:
    for key, panes in ((Qt.Key.Key_F7, 2), (Qt.Key.Key_F8, 4), (Qt.Key.Key_F6, 1)):
        qtbot.keyClick(looking.active.canvas, key)
        assert sum(pane.canvas.isVisible() for pane in looking.grid.panes) == panes
    assert looking.active is looking.grid.panes[0]


def test_a_click_makes_a_pane_the_active_one(beside: Viewer, qtbot: QtBot) -> None:
    left, right = beside.grid.panes[:2]
    assert beside.active is left
    assert left.canvas.marked
    with qtbot.waitSignal(beside.pane_activated) as activated:
        qtbot.mouseClick(right.canvas, LEFT, pos=QPoint(50, 50))
    assert activated.args == [right.slices]
    inverted = left.state.inverted
    beside.actions_.inverted.trigger()
    assert right.state.inverted
    assert left.state.inverted == inverted
    assert beside.network.canvas.isVisible()


def test_reference_lines_show_where_the_other_slice_lies(beside: Viewer, qtbot: QtBot) -> None:
    left, right = beside.grid.panes[:2]
    (line,) = left.scene().lines
    (across,) = right.scene().lines
    # The sagittal cut was made at its column, the axial slice lies 11 steps below the top one.
    column = 8 * 16 + 0.5
    assert [end[0] for end in line] == pytest.approx([column, column], abs=0.5)
    rows = len(left.slices)  # type: ignore[arg-type]
    assert [end[1] for end in across] == pytest.approx([rows - 12 - 0.5] * 2, abs=0.2)
    left.scroll(3)
    (moved,) = right.scene().lines
    assert moved[0][1] == pytest.approx(across[0][1] - 3, abs=0.2)
    qtbot.keyClick(left.canvas, Qt.Key.Key_L, Qt.KeyboardModifier.ShiftModifier)
    assert right.scene().lines == ()


def test_series_of_one_space_walk_together_by_place(
    beside: Viewer, head: list[SliceAnswer], qtbot: QtBot
) -> None:
    left, right = beside.grid.panes[:2]
    thin = LoadedSlices(head[::-1][2:20], "reversed and shorter", "P-17")
    beside.grid.activate(right)
    beside.show_slices(thin, 0)
    beside.grid.activate(left)
    left.go_to(10)
    shown = right.current
    assert shown is not None
    assert shown.slice is head[10].slice
    left.go_to(23)  # beyond where the other reaches: it stays
    assert right.current is not None
    assert right.current.slice is head[10].slice
    qtbot.keyClick(left.canvas, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    left.go_to(8)
    assert right.current.slice is head[10].slice


def test_another_frame_of_reference_is_not_linked(beside: Viewer, head: list[SliceAnswer]) -> None:
    left, right = beside.grid.panes[:2]
    elsewhere = [
        dataclasses.replace(
            one,
            slice=dataclasses.replace(
                one.slice,
                geometry=dataclasses.replace(one.slice.geometry, frame_of_reference_uid="9.9"),  # type: ignore[type-var]
            ),
        )
        for one in head
    ]
    beside.grid.activate(right)
    beside.show_slices(LoadedSlices(elsewhere, "elsewhere", "P-17"), 3)
    beside.grid.activate(left)
    left.scroll(5)
    assert right.index == 3
    assert left.scene().lines == ()


@pytest.mark.parametrize("other", ["P-99", ""])
def test_nobody_else_stays_on_screen_when_a_patient_is_shown(
    beside: Viewer, head: list[SliceAnswer], other: str
) -> None:
    left, right = beside.grid.panes[:2]
    beside.grid.activate(right)
    who = Caption(Patient(other, "", "OTHER^ONE"))
    beside.show_slices(LoadedSlices(head, "another's", other, who), 0)
    assert left.slices is None
    assert left.scene().picture is None
    assert left.scene().captions.top_left == ()
    assert left.scene().letters.left == ""


def test_nothing_shown_is_nothing_at_all(beside: Viewer) -> None:
    beside.show_nothing("Nothing is open.")
    assert all(pane.scene().picture is None for pane in beside.grid.panes)
    assert beside.active.scene().note == "Nothing is open."
    assert beside.network.canvas._scene().picture is None


def test_a_slice_that_is_not_read_is_asked_for_and_shown_once_it_is(
    viewer: Viewer, head: list[SliceAnswer], qtbot: QtBot
) -> None:
    read: dict[int, SliceAnswer] = {0: head[0]}

    class Reading(LoadedSlices):
        def at(self, index: int) -> SliceAnswer | None:
            return read.get(index)

    slices = Reading(head, "reading", "P-17")
    viewer.show_slices(slices, 0)
    with qtbot.waitSignal(viewer.slice_needed) as needed:
        viewer.active.scroll(1)
    assert needed.args == [slices, 1]
    assert viewer.active.scene().picture is None  # never the last one under this one's number
    assert viewer.active.scene().captions.top_right[0] == "2 of 24"
    read[1] = head[1]
    viewer.refresh()
    assert viewer.active.scene().picture is not None
    read.clear()  # pixels are kept for a few slices only, but what is on screen stays there
    viewer.refresh()
    assert viewer.active.scene().picture is not None
    viewer.active.scroll(-1)
    assert viewer.active.scene().picture is None
