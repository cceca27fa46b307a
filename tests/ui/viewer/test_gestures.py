from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer.slices import LoadedSlices
from braintumor_desktop.ui.viewer.state import Tool
from braintumor_desktop.ui.viewer.tools.mouse_map import DEFAULT_MAP, MOUSE_MAPS, mouse_map
from braintumor_desktop.ui.viewer.viewer import Viewer

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
Wheel = Callable[..., None]
Drag = Callable[..., None]
Hover = Callable[..., None]
Screen = Callable[[Viewer], np.ndarray]


def test_the_wheel_walks_one_slice_a_notch_and_stops_at_the_ends(
    looking: Viewer, wheel: Wheel, qtbot: QtBot
) -> None:
    pane = looking.active
    with qtbot.waitSignal(looking.slice_asked) as asked:
        wheel(pane.canvas, -120)
    assert asked.args == [13]
    wheel(pane.canvas, 240)
    assert pane.index == 11
    for _ in range(40):
        wheel(pane.canvas, -120)
    assert pane.index == 23
    with qtbot.assertNotEmitted(looking.slice_asked):
        wheel(pane.canvas, -120)


def test_a_touchpad_s_small_steps_add_up_and_forget_the_way_back(
    looking: Viewer, wheel: Wheel
) -> None:
    pane = looking.active
    for _ in range(11):
        wheel(pane.canvas, -10)
    assert pane.index == 12
    wheel(pane.canvas, 10)
    wheel(pane.canvas, -10)
    assert pane.index == 12
    for _ in range(11):
        wheel(pane.canvas, -10)
    assert pane.index == 13


def test_the_wheel_walks_over_what_the_network_sees_too(looking: Viewer, wheel: Wheel) -> None:
    wheel(looking.network.canvas, -240)
    assert looking.active.index == 14


def test_control_and_wheel_zoom_to_the_cursor(looking: Viewer, wheel: Wheel) -> None:
    pane = looking.active
    cursor = (200.0, 150.0)
    before, scale = pane.state.viewport.to_source(cursor, pane.size), pane.state.viewport.scale
    wheel(pane.canvas, 240, QPointF(*cursor), control=True)
    assert pane.index == 12
    assert pane.state.viewport.scale == pytest.approx(scale * 1.44)
    assert pane.state.viewport.to_source(cursor, pane.size) == pytest.approx(before)


def test_left_drag_is_window_and_level(looking: Viewer, drag: Drag, screen: Screen) -> None:
    pane = looking.active
    first, before = looking.window_now, screen(looking)
    assert first is not None
    drag(pane.canvas, QPoint(200, 200), QPoint(300, 120), LEFT)
    now = looking.window_now
    assert now is not None
    assert now.width == pytest.approx(first.width * 1.25)
    assert now.center == pytest.approx(first.center - first.width * 0.2)
    assert screen(looking).mean() > before.mean()  # up brightens
    assert pane.index == 12


def test_right_drag_zooms_to_where_it_began(looking: Viewer, drag: Drag) -> None:
    pane = looking.active
    scale, at = pane.state.viewport.scale, (250.0, 300.0)
    before = pane.state.viewport.to_source(at, pane.size)
    drag(pane.canvas, QPoint(250, 300), QPoint(250, 200), RIGHT)
    assert pane.state.viewport.scale > 2 * scale
    assert pane.state.viewport.to_source(at, pane.size) == pytest.approx(before)
    drag(pane.canvas, QPoint(250, 300), QPoint(250, 400), RIGHT)
    assert pane.state.viewport.scale == pytest.approx(scale)


def test_middle_drag_pans(looking: Viewer, drag: Drag) -> None:
    pane = looking.active
    x, y = pane.state.viewport.to_view((100, 100), pane.size)
    drag(pane.canvas, QPoint(200, 200), QPoint(240, 170), MIDDLE)
    assert pane.state.viewport.to_view((100, 100), pane.size) == pytest.approx((x + 40, y - 30))


def test_with_the_scroll_tool_a_left_drag_walks(looking: Viewer, drag: Drag) -> None:
    looking.actions_.tools[Tool.SCROLL].trigger()
    pane = looking.active
    drag(pane.canvas, QPoint(200, 200), QPoint(200, 200 + round(pane.size[1] / 4)), LEFT)
    assert pane.index in (22, 23)
    drag(pane.canvas, QPoint(200, 500), QPoint(200, 20), LEFT)
    assert pane.index == 0


@pytest.mark.parametrize("tool", [Tool.ZOOM, Tool.PAN])
def test_the_left_button_has_the_tool_that_is_chosen(
    looking: Viewer, drag: Drag, tool: Tool
) -> None:
    looking.actions_.tools[tool].trigger()
    pane = looking.active
    before, window = pane.state.viewport, looking.window_now
    drag(pane.canvas, QPoint(200, 200), QPoint(230, 240), LEFT)
    assert looking.window_now == window
    assert (pane.state.viewport.scale != before.scale) == (tool is Tool.ZOOM)
    assert pane.state.viewport.centre != before.centre


def test_a_setting_swaps_wheel_and_buttons(looking: Viewer, wheel: Wheel, drag: Drag) -> None:
    pane = looking.active
    looking.shared.set_mouse(mouse_map("zooming_wheel"))
    assert looking.actions_.tools[Tool.PAN].isChecked()
    scale, window = pane.state.viewport.scale, looking.window_now
    wheel(pane.canvas, 120)
    assert pane.state.viewport.scale == pytest.approx(1.2 * scale)
    wheel(pane.canvas, -120, control=True)
    assert pane.index == 13
    before = pane.state.viewport.to_view((100, 100), pane.size)
    drag(pane.canvas, QPoint(200, 200), QPoint(230, 200), LEFT)
    assert pane.state.viewport.to_view((100, 100), pane.size)[0] == pytest.approx(before[0] + 30)
    drag(pane.canvas, QPoint(200, 200), QPoint(240, 200), RIGHT)
    assert looking.window_now != window
    assert mouse_map("unheard of") == MOUSE_MAPS[DEFAULT_MAP]


def press(canvas: QWidget, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
    at = QPoint(200, 200)
    place = QPointF(canvas.mapToGlobal(at))
    keys = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseButtonPress, QPointF(at), place, button, held, keys)
    QApplication.sendEvent(canvas, event)


def test_a_second_button_does_not_disturb_a_drag_and_a_lost_release_does_not_stick(
    looking: Viewer, hover: Hover, qtbot: QtBot
) -> None:
    canvas, first = looking.active.canvas, looking.window_now
    viewport = looking.active.state.viewport
    qtbot.mousePress(canvas, LEFT, pos=QPoint(200, 200))
    press(canvas, RIGHT, LEFT | RIGHT)
    hover(canvas, QPoint(240, 200), LEFT | RIGHT)
    assert looking.window_now != first
    assert looking.active.state.viewport == viewport
    # The release went elsewhere, as where a dialog came up meanwhile.
    press(canvas, RIGHT, RIGHT)
    hover(canvas, QPoint(200, 150), RIGHT)
    assert looking.active.state.viewport != viewport


def test_a_double_click_shows_all_of_the_slice(looking: Viewer, wheel: Wheel, qtbot: QtBot) -> None:
    pane = looking.active
    fitted = pane.state.viewport
    wheel(pane.canvas, 480, QPointF(100, 100), control=True)
    qtbot.mouseDClick(pane.canvas, LEFT, pos=QPoint(100, 100))
    assert pane.state.viewport == fitted


def test_home_and_end_walk_to_the_ends_of_the_series(looking: Viewer, qtbot: QtBot) -> None:
    pane = looking.active
    pane.canvas.setFocus()
    for key, index in (
        (Qt.Key.Key_End, 23),
        (Qt.Key.Key_Home, 0),
    ):
        qtbot.keyClick(pane.canvas, key)
        assert pane.index == index


def test_zoom_window_and_turn_stay_through_the_series_and_come_back_with_it(
    looking: Viewer, sagittal: LoadedSlices, series: LoadedSlices, wheel: Wheel, drag: Drag
) -> None:
    pane = looking.active
    drag(pane.canvas, QPoint(200, 200), QPoint(260, 240), LEFT)
    wheel(pane.canvas, 240, QPointF(90, 90), control=True)
    looking.actions_.inverted.trigger()
    kept = pane.state
    wheel(pane.canvas, -360)
    assert pane.index == 15
    assert pane.state == kept
    looking.show_slices(sagittal, 3)
    assert pane.state.viewport.fitted == pane.bounds
    assert not pane.state.inverted
    assert not looking.actions_.inverted.isChecked()
    looking.show_slices(series, 5)
    assert pane.state == kept
    assert looking.actions_.inverted.isChecked()


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_a_right_click_that_is_no_drag_opens_the_menu(
    looking: Viewer, qtbot: QtBot, hover: Hover
) -> None:
    pane = looking.active
    with qtbot.waitSignal(pane.canvas.menu_asked):
        qtbot.mouseClick(pane.canvas, RIGHT, pos=QPoint(200, 200))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [action.text() for action in menu.actions()]
    menu.close()
    assert texts[:8] == [action.text() for action in looking.actions_.tools.values()]
    with qtbot.assertNotEmitted(pane.canvas.menu_asked):
        qtbot.mousePress(pane.canvas, RIGHT, pos=QPoint(200, 200))
        hover(pane.canvas, QPoint(200, 240), RIGHT)
        qtbot.mouseRelease(pane.canvas, RIGHT, pos=QPoint(200, 240))


def test_toolbar_and_menu_are_the_same_actions(looking: Viewer) -> None:
    tools = set(looking.actions_.tools.values())
    assert tools <= set(looking.toolbar.actions())
    assert tools <= set(looking.menu().actions())


def test_who_goes_by_keyboard_sees_which_picture_has_the_keys(looking: Viewer) -> None:
    canvas = looking.active.canvas

    def frame() -> str:
        return canvas.grab().toImage().pixelColor(canvas.width() // 2, 0).name()

    canvas.setFocus(Qt.FocusReason.MouseFocusReason)
    assert frame() != theme.PICTURE_ACCENT
    canvas.clearFocus()
    canvas.setFocus(Qt.FocusReason.TabFocusReason)
    assert frame() == theme.PICTURE_ACCENT
