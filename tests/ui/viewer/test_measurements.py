from __future__ import annotations

import dataclasses
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.measurement import Measurement, MeasurementKind, SliceNotes
from braintumor_desktop.rendering.measure import length
from braintumor_desktop.ui.viewer.shared import notes_key
from braintumor_desktop.ui.viewer.slices import LoadedSlices
from braintumor_desktop.ui.viewer.state import Tool
from braintumor_desktop.ui.viewer.viewer import Viewer

LEFT = Qt.MouseButton.LeftButton
Drag = Callable[..., None]
Hover = Callable[..., None]


def kept(viewer: Viewer) -> tuple[Measurement, ...]:
    assert viewer.active.current is not None
    return viewer.shared.notes(viewer.active.current.slice).measurements


def words(viewer: Viewer) -> list[str]:
    return [drawn.words for drawn in viewer.active.scene().measurements]


def at(viewer: Viewer, x: float, y: float) -> QPoint:
    place = viewer.active.state.viewport.to_view((x, y), viewer.active.size)
    return QPoint(round(place[0]), round(place[1]))


def choose(viewer: Viewer, tool: Tool) -> None:
    viewer.actions_.tools[tool].trigger()


def test_a_drag_from_end_to_end_is_a_length_in_mm(looking: Viewer, drag: Drag) -> None:
    choose(looking, Tool.LENGTH)
    window = looking.window_now
    drag(looking.active.canvas, QPoint(200, 200), QPoint(320, 290), LEFT)
    (measured,) = kept(looking)
    assert measured.kind is MeasurementKind.LENGTH
    mri = looking.active.current.slice  # type: ignore[union-attr]
    mm = length(*measured.points, mri.spacing_mm)
    # 150 screen pixels, each as many mm as the scale says.
    assert mri.spacing_mm is not None
    assert mm == pytest.approx(150 * mri.spacing_mm[1] / looking.active.state.viewport.scale)
    assert words(looking) == [f"{mm:.1f} mm"]
    assert looking.window_now == window


def test_an_angle_is_two_drags_or_three_clicks(
    looking: Viewer, drag: Drag, qtbot: QtBot, hover: Hover
) -> None:
    choose(looking, Tool.ANGLE)
    canvas = looking.active.canvas
    drag(canvas, QPoint(200, 200), QPoint(300, 200), LEFT)
    assert kept(looking) == ()
    hover(canvas, QPoint(300, 300))
    assert words(looking) == ["90.0°"]
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(300, 300))
    assert len(kept(looking)) == 1
    for place in (QPoint(400, 400), QPoint(450, 400), QPoint(500, 400)):
        hover(canvas, place)
        qtbot.mouseClick(canvas, LEFT, pos=place)
    assert words(looking) == ["90.0°", "180.0°"]


def test_an_ellipse_says_area_mean_and_deviation_of_what_is_under_it(
    looking: Viewer, drag: Drag
) -> None:
    choose(looking, Tool.ELLIPSE)
    drag(looking.active.canvas, at(looking, 100, 150), at(looking, 160, 210), LEFT)
    (drawn,) = looking.active.scene().measurements
    area, mean, deviation = drawn.words.splitlines()
    assert area.endswith("mm²")
    assert mean.startswith("mean ")
    assert deviation.startswith("SD ")
    mri = looking.active.current.slice  # type: ignore[union-attr]
    (x0, y0), (x1, y1) = drawn.measurement.points
    mask = np.zeros(mri.pixels.shape, np.uint8)
    middle, half = ((x0 + x1) / 2 - 0.5, (y0 + y1) / 2 - 0.5), (abs(x1 - x0), abs(y1 - y0))
    cv2.ellipse(mask, (middle, half, 0.0), 1, -1)
    inside = mri.pixels[mask > 0]
    assert float(mean.split()[1]) == pytest.approx(float(inside.mean()), rel=0.02)
    assert float(deviation.split()[1]) == pytest.approx(float(inside.std()), rel=0.02)


def test_a_click_with_the_value_tool_says_the_pixel_s_value(looking: Viewer, qtbot: QtBot) -> None:
    choose(looking, Tool.VALUE)
    qtbot.mouseClick(looking.active.canvas, LEFT, pos=at(looking, 130.5, 160.5))
    mri = looking.active.current.slice  # type: ignore[union-attr]
    assert words(looking) == [f"{mri.pixels[160, 130]:g}"]


def test_a_measurement_is_changed_by_its_ends_moved_by_its_line_and_deleted(
    looking: Viewer, drag: Drag, qtbot: QtBot
) -> None:
    choose(looking, Tool.LENGTH)
    canvas = looking.active.canvas
    drag(canvas, at(looking, 60, 60), at(looking, 160, 60), LEFT)
    first = kept(looking)[0]
    drag(canvas, at(looking, *first.points[1]), at(looking, 160, 160), LEFT)
    (changed,) = kept(looking)
    assert changed.points[0] == first.points[0]
    assert changed.points[1] == pytest.approx((160, 160), abs=1)
    drag(canvas, at(looking, 110, 110), at(looking, 130, 110), LEFT)
    (moved,) = kept(looking)
    assert moved.points[0][0] == pytest.approx(changed.points[0][0] + 20, abs=1)
    assert length(*moved.points) == pytest.approx(length(*changed.points))
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert kept(looking) == ()


def test_with_another_tool_a_line_is_selected_by_a_click_and_not_moved_by_a_drag(
    looking: Viewer, drag: Drag, qtbot: QtBot
) -> None:
    choose(looking, Tool.LENGTH)
    canvas = looking.active.canvas
    drag(canvas, at(looking, 60, 60), at(looking, 160, 60), LEFT)
    before = kept(looking)
    choose(looking, Tool.WINDOW)
    qtbot.mouseClick(canvas, LEFT, pos=at(looking, 20, 20))
    assert looking.active.view.selected is None
    drag(canvas, at(looking, 110, 60), at(looking, 130, 90), LEFT)
    assert kept(looking) == before
    qtbot.mouseClick(canvas, LEFT, pos=at(looking, 110, 60))
    assert looking.active.view.selected == 0


def test_an_answer_that_comes_does_not_take_a_draft_away(
    looking: Viewer, series: LoadedSlices, qtbot: QtBot, hover: Hover
) -> None:
    choose(looking, Tool.LENGTH)
    canvas = looking.active.canvas
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(200, 200))
    looking.show_slices(dataclasses.replace(series), 12)
    hover(canvas, QPoint(300, 200))
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(300, 200))
    assert len(kept(looking)) == 1


def test_escape_gives_a_draft_up(looking: Viewer, qtbot: QtBot, hover: Hover) -> None:
    choose(looking, Tool.LENGTH)
    canvas = looking.active.canvas
    canvas.setFocus()
    qtbot.mouseClick(canvas, LEFT, pos=QPoint(200, 200))
    hover(canvas, QPoint(300, 200))
    assert len(words(looking)) == 1
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert words(looking) == []
    assert kept(looking) == ()


def test_measurements_belong_to_their_slice_and_are_told_once_a_drag_is_done(
    looking: Viewer, drag: Drag, qtbot: QtBot
) -> None:
    choose(looking, Tool.LENGTH)
    pane = looking.active
    told: list[tuple[object, SliceNotes]] = []
    looking.notes_edited.connect(lambda key, notes: told.append((key, notes)))
    drag(pane.canvas, at(looking, 60, 60), at(looking, 160, 60), LEFT)
    drag(pane.canvas, at(looking, 160, 60), at(looking, 160, 120), LEFT)
    assert len(told) == 2
    mri = pane.current.slice  # type: ignore[union-attr]
    assert told[1] == (notes_key(mri), SliceNotes(kept(looking)))
    assert notes_key(mri) == (mri.source.sha256, 0)
    pane.scroll(1)
    assert kept(looking) == ()
    pane.scroll(-1)
    assert len(kept(looking)) == 1


def test_a_drag_that_walks_on_never_changes_another_slice_s_measurement(
    looking: Viewer, drag: Drag, qtbot: QtBot, hover: Hover
) -> None:
    choose(looking, Tool.LENGTH)
    pane = looking.active
    drag(pane.canvas, at(looking, 60, 60), at(looking, 160, 60), LEFT)
    pane.scroll(1)
    drag(pane.canvas, at(looking, 60, 60), at(looking, 160, 60), LEFT)
    before = kept(looking)
    qtbot.mousePress(pane.canvas, LEFT, pos=at(looking, 160, 60))
    pane.scroll(-1)
    hover(pane.canvas, at(looking, 160, 160), LEFT)
    qtbot.mouseRelease(pane.canvas, LEFT, pos=at(looking, 160, 160))
    assert len(kept(looking)) == 1
    assert kept(looking)[0].points[1] == pytest.approx((160, 60), abs=1)
    pane.scroll(1)
    assert kept(looking) == before


def test_notes_kept_earlier_are_shown_and_those_of_now_are_not_lost(looking: Viewer) -> None:
    mri = looking.active.current.slice  # type: ignore[union-attr]
    earlier = Measurement(MeasurementKind.LENGTH, ((10.0, 10.0), (20.0, 10.0)))
    looking.take_notes({notes_key(mri): SliceNotes((earlier,))})
    assert kept(looking) == (earlier,)
    looking.actions_.key_image.trigger()
    looking.take_notes({notes_key(mri): SliceNotes()})
    assert looking.shared.notes(mri) == SliceNotes((earlier,), key_image=True)
    assert looking.active.scene().captions.bottom_left[0].startswith("★")
    looking.actions_.delete_measurements.trigger()
    assert kept(looking) == ()
