from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.rendering.orientation import EdgeLetters
from braintumor_desktop.ui.viewer.looking import adjust_window, turn
from braintumor_desktop.ui.viewer.slices import Caption, LoadedSlices
from braintumor_desktop.ui.viewer.state import Layout
from braintumor_desktop.ui.viewer.viewer import Viewer

Hover = Callable[..., None]
Screen = Callable[[Viewer], np.ndarray]
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def test_letters_stand_at_the_edges_and_follow_the_keys(looking: Viewer, qtbot: QtBot) -> None:
    pane = looking.active
    assert pane.scene().letters == EdgeLetters("R", "L", "A", "P")
    qtbot.keyClick(pane.canvas, Qt.Key.Key_X)
    assert pane.scene().letters == EdgeLetters("L", "R", "A", "P")
    qtbot.keyClick(pane.canvas, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    assert pane.scene().letters == EdgeLetters("P", "A", "L", "R")
    qtbot.keyClick(pane.canvas, Qt.Key.Key_R, CONTROL_SHIFT)
    qtbot.keyClick(pane.canvas, Qt.Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    assert pane.scene().letters == EdgeLetters("L", "R", "P", "A")
    assert "Side not marked" not in pane.scene().captions.top_right


def test_a_file_that_says_no_side_is_said_to_say_none(
    viewer: Viewer, head: list[SliceAnswer]
) -> None:
    mute = dataclasses.replace(head[3], slice=dataclasses.replace(head[3].slice, geometry=None))
    viewer.show_slices(LoadedSlices([mute], "mute"), 0)
    scene = viewer.active.scene()
    assert not scene.letters
    assert "Side not marked" in scene.captions.top_right


def test_turning_and_mirroring_turn_the_pixels(looking: Viewer, screen: Screen) -> None:
    looking.actions_.network.setChecked(False)
    before = screen(looking)
    turn(looking.active, looking.active.state.viewport.turn.flipped_across())
    middle = slice(150, -150)
    np.testing.assert_allclose(
        screen(looking)[middle, middle], before[:, ::-1][middle, middle], atol=30
    )
    turn(looking.active, looking.active.state.viewport.turn.flipped_across())
    np.testing.assert_array_equal(screen(looking), before)


def test_nothing_that_is_done_to_the_original_changes_what_the_network_is_shown_to_see(
    looking: Viewer,
) -> None:
    network = looking.network.canvas
    before = network.sheet().paint()
    prepared = looking.active.current.prepared.pixels.copy()  # type: ignore[union-attr]
    for action in (looking.actions_.inverted, *looking.actions_.list.groups["&Window"][:6]):
        action.trigger()
    turn(looking.active, looking.active.state.viewport.turn.rotated(1))
    assert network.sheet().paint() == before
    np.testing.assert_array_equal(looking.active.current.prepared.pixels, prepared)  # type: ignore[union-attr]


def test_keys_set_the_window_and_reset_it(looking: Viewer, qtbot: QtBot) -> None:
    pane, first = looking.active, looking.window_now
    assert first is not None
    pixels = pane.current.slice.pixels  # type: ignore[union-attr]
    qtbot.keyClick(pane.canvas, Qt.Key.Key_F5)
    assert looking.window_now == DisplayWindow(float(np.ptp(pixels)) / 2, float(np.ptp(pixels)))
    qtbot.keyClick(pane.canvas, Qt.Key.Key_F4)
    assert looking.window_now.width < first.width
    with qtbot.waitSignal(looking.window_changed) as changed:
        qtbot.keyClick(pane.canvas, Qt.Key.Key_F2)
    assert changed.args == [first]
    qtbot.keyClick(pane.canvas, Qt.Key.Key_C)
    assert looking.window_now.width == pytest.approx(0.9 * first.width)
    qtbot.keyClick(pane.canvas, Qt.Key.Key_B)
    assert looking.window_now.center == pytest.approx(first.center - 0.1 * first.width)
    assert f"W {looking.window_now.width:.0f} " in pane.scene().captions.bottom_left[-1]
    qtbot.keyClick(pane.canvas, Qt.Key.Key_R)
    assert looking.window_now == first


def test_one_window_for_a_series_from_the_file_else_from_the_volume(
    viewer: Viewer, head: list[SliceAnswer]
) -> None:
    told = DisplayWindow(40, 80)
    slices = LoadedSlices(head, "with a window", "P-17", window=told)
    viewer.show_slices(slices, 0)
    assert viewer.window_now == told
    alone = LoadedSlices(head, "without", "P-17")
    viewer.show_slices(alone, 12)
    first = viewer.window_now
    viewer.active.scroll(8)
    assert viewer.window_now == first
    # Known only later: taken, but not where a person has chosen another meanwhile.
    viewer.show_slices(dataclasses.replace(alone, window=told), 12)
    assert viewer.window_now == told
    adjust_window(viewer.active, 0.5, 0)
    chosen = viewer.window_now
    viewer.refresh()
    assert viewer.window_now == chosen != told


def test_one_to_one_and_true_size(looking: Viewer, qtbot: QtBot) -> None:
    pane = looking.active
    qtbot.keyClick(pane.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ShiftModifier)
    assert pane.state.viewport.scale * pane.canvas.devicePixelRatioF() == pytest.approx(1)
    qtbot.keyClick(pane.canvas, Qt.Key.Key_Z, CONTROL_SHIFT)
    bar = pane.scene().scale_bar
    assert bar is not None
    dots_per_mm = pane.canvas.screen().physicalDotsPerInchX() / 25.4
    assert bar.words.endswith(" mm")
    assert bar.length == pytest.approx(float(bar.words.split()[0]) * dots_per_mm)


def test_the_scale_bar_is_in_mm_or_says_pixels(viewer: Viewer, head: list[SliceAnswer]) -> None:
    viewer.show_slices(LoadedSlices(head, "a"), 0)
    pane = viewer.active
    bar, spacing = pane.scene().scale_bar, head[0].slice.spacing_mm
    assert bar is not None
    assert spacing is not None
    mm = float(bar.words.removesuffix(" mm"))
    assert bar.length == pytest.approx(mm / spacing[1] * pane.state.viewport.scale)
    bare = dataclasses.replace(head[0], slice=dataclasses.replace(head[0].slice, spacing_mm=None))
    viewer.show_slices(LoadedSlices([bare], "b"), 0)
    bar = pane.scene().scale_bar
    assert bar is not None
    assert bar.length == pytest.approx(
        float(bar.words.removesuffix(" pixels")) * pane.state.viewport.scale
    )


def test_value_and_place_under_the_cursor(looking: Viewer, qtbot: QtBot, hover: Hover) -> None:
    pane = looking.active
    mri = pane.current.slice  # type: ignore[union-attr]
    x, y = pane.state.viewport.to_view((130.5, 160.5), pane.size)
    hover(pane.canvas, QPoint(round(x), round(y)))
    place, value, *_ = pane.scene().captions.bottom_left
    assert value == f"x 130  y 160   value {mri.pixels[160, 130]:g}"
    point = mri.geometry.point(*pane.view.cursor, mri.spacing_mm)  # type: ignore[union-attr,misc]
    for coordinate, letters in zip(point, ("LR", "PA", "HF"), strict=True):
        assert f"{letters[coordinate < 0]} {abs(coordinate):.1f}" in place
        pane.canvas.leaveEvent(None)  # type: ignore[arg-type]
    assert len(pane.scene().captions.bottom_left) == 1


def test_the_magnifier_shows_the_place_under_the_cursor_larger(
    looking: Viewer, qtbot: QtBot, screen: Screen, hover: Hover
) -> None:
    pane = looking.active
    hover(pane.canvas, QPoint(300, 300))
    before = screen(looking)
    qtbot.keyClick(pane.canvas, Qt.Key.Key_G)
    changed = np.argwhere(np.abs(screen(looking) - before).max(axis=2) > 8)
    assert np.abs(changed.mean(axis=0) - 300).max() < 30
    assert 100 < np.ptp(changed[:, 0]) < 200
    qtbot.keyClick(pane.canvas, Qt.Key.Key_G)
    np.testing.assert_array_equal(screen(looking), before)


def test_words_name_patient_study_series_and_technique_and_a_key_hides_who_it_is(
    looking: Viewer, qtbot: QtBot
) -> None:
    said = looking.active.scene().captions
    assert said.top_left == (
        "HERNÁNDEZ, ANA  P-17",
        "F  64 y  born 1961-04-12",
        "2026-03-01  MR BRAIN",
    )
    assert said.top_right == ("AX T1", "13 of 24", "Thickness 5 mm", "TR 2200  TE 4.62")
    qtbot.keyClick(looking.active.canvas, Qt.Key.Key_H, CONTROL_SHIFT)
    said = looking.active.scene().captions
    assert said.top_left == ("F  64 y",)
    assert said.top_right[0] == "AX T1"
    qtbot.keyClick(looking.active.canvas, Qt.Key.Key_W, Qt.KeyboardModifier.ShiftModifier)
    assert looking.active.scene().captions.top_left == ()
    assert looking.active.scene().letters  # sides are never hidden


def test_a_screen_reader_is_told_which_slice_is_shown(looking: Viewer) -> None:
    looking.active.scroll(1)
    said = looking.active.canvas.accessibleDescription()
    assert said == "AX T1, 14 of 24, Thickness 5 mm, TR 2200  TE 4.62"


def test_a_file_s_name_is_hidden_too(viewer: Viewer, head: list[SliceAnswer]) -> None:
    viewer.show_slices(LoadedSlices(head, "x", caption=Caption(name="SMITH_JOHN.png")), 0)
    assert viewer.active.scene().captions.top_left == ("SMITH_JOHN.png",)
    viewer.actions_.names.trigger()
    assert viewer.active.scene().captions.top_left == ()


def colours(seen: np.ndarray) -> int:
    return int((np.ptp(seen, axis=2) > 60).sum())


def test_marks_are_off_until_asked_for_and_gone_while_the_key_is_held(
    looking: Viewer, qtbot: QtBot, screen: Screen
) -> None:
    canvas = looking.active.canvas
    letters = colours(screen(looking))
    assert not looking.active.scene().overlay
    for key in (Qt.Key.Key_H, Qt.Key.Key_O):
        qtbot.keyClick(canvas, key)
    shown = screen(looking)
    assert colours(shown) > letters + 500
    assert looking.active.scene().badge == "AI, not for diagnosis"
    qtbot.keyPress(canvas, Qt.Key.Key_V)
    assert colours(screen(looking)) == letters
    assert looking.active.scene().badge == ""
    qtbot.keyRelease(canvas, Qt.Key.Key_V)
    np.testing.assert_array_equal(screen(looking), shown)


def test_marks_have_an_opacity_each(looking: Viewer) -> None:
    looking.actions_.heat.setChecked(True)
    looking.actions_.outline.setChecked(True)
    for action in looking.actions_.list.groups["O&pacity"]:
        if action.text() in ("Heat map 25 %", "Outline 50 %"):
            action.trigger()
    overlay = looking.active.scene().overlay
    assert (overlay.heat_opacity, overlay.outline_opacity) == (0.25, 0.5)


def test_an_unlike_slice_has_no_marks_until_a_person_asks(
    viewer: Viewer, head: list[SliceAnswer]
) -> None:
    assert head[5].prediction is not None
    strange = dataclasses.replace(head[5].prediction, unlike_training=True)
    answer = dataclasses.replace(head[5], prediction=strange)
    viewer.actions_.heat.setChecked(True)
    viewer.actions_.outline.setChecked(True)
    viewer.show_slices(LoadedSlices([answer], "strange"), 0)
    assert not viewer.active.scene().overlay
    viewer.shared.ask_for(answer.slice)
    assert viewer.active.scene().overlay.outline
    viewer.show_slices(LoadedSlices([head[6]], "other"), 0)
    assert viewer.active.scene().overlay


def test_cine_plays_round_and_round(looking: Viewer, qtbot: QtBot) -> None:
    looking.active.go_to(22)
    looking.cine.set_rate(30)
    seen: list[int] = []
    looking.slice_asked.connect(seen.append)
    qtbot.keyClick(looking.active.canvas, Qt.Key.Key_K)
    assert looking.cine.playing
    qtbot.waitUntil(lambda: len(seen) >= 3)
    assert seen[:3] == [23, 0, 1]
    qtbot.keyClick(looking.active.canvas, Qt.Key.Key_K)
    assert not looking.cine.playing


def test_cine_waits_for_a_slice_that_is_not_read(
    viewer: Viewer, head: list[SliceAnswer], qtbot: QtBot
) -> None:
    class Reading(LoadedSlices):
        def at(self, index: int) -> SliceAnswer | None:
            return None if index == 2 else self.slices[index]

    viewer.show_slices(Reading(head, "s", "P-17"), 1)
    viewer.actions_.cine.trigger()
    with qtbot.waitSignal(viewer.slice_needed) as needed:
        viewer.cine.step()
    assert needed.args[1] == 2
    assert viewer.active.scene().note == "Reading…"
    viewer.cine.step()
    assert viewer.active.index == 2


def test_what_is_seen_is_saved_with_letters_and_with_the_word_that_it_is_ai_s(
    looking: Viewer, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking.actions_.outline.setChecked(True)
    with_words = looking.grid.sheet(2.0).paint()
    looking.actions_.outline.setChecked(False)
    assert looking.grid.sheet(2.0).paint() != with_words
    looking.actions_.outline.setChecked(True)
    for name in ("seen.png", "seen.jpg"):
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), "")
        )
        with qtbot.waitSignal(looking.picture_written) as written:
            qtbot.keyClick(looking.active.canvas, Qt.Key.Key_S, CONTROL_SHIFT)
        assert written.args == [tmp_path / name]
        picture = cv2.imread(str(tmp_path / name))
        assert picture.shape[:2] == (with_words.height(), with_words.width())
    kept = cv2.imread(str(tmp_path / "seen.png"))[..., ::-1].astype(int)
    yellow = np.argwhere((kept[..., 0] > 220) & (kept[..., 1] > 200) & (kept[..., 2] < 100))
    height, width = kept.shape[:2]
    # R and L at the sides, A and P above and below.
    assert yellow[:, 1].min() < 0.05 * width
    assert yellow[:, 1].max() > 0.95 * width
    assert yellow[:, 0].min() < 0.1 * height
    assert yellow[:, 0].max() > 0.9 * height


def test_a_picture_that_cannot_be_written_says_why(
    looking: Viewer, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "no folder" / "seen.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    with qtbot.waitSignal(looking.picture_failed) as failed:
        qtbot.keyClick(looking.active.canvas, Qt.Key.Key_S, CONTROL_SHIFT)
    assert "seen.png cannot be written" in str(failed.args[0])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "seen.gif"), ""))
    with qtbot.waitSignal(looking.picture_failed) as failed:
        qtbot.keyClick(looking.active.canvas, Qt.Key.Key_S, CONTROL_SHIFT)
    assert "PNG or JPEG" in str(failed.args[0])
    assert list(tmp_path.iterdir()) == []


def test_what_is_seen_is_copied(looking: Viewer, qtbot: QtBot) -> None:
    with qtbot.waitSignal(looking.picture_copied):
        qtbot.keyClick(looking.active.canvas, Qt.Key.Key_C, CONTROL_SHIFT)
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == looking.grid.sheet(2.0).paint().size()


def test_what_is_seen_is_printed_on_one_page(looking: Viewer, tmp_path: Path) -> None:
    from PySide6.QtPrintSupport import QPrinter

    from braintumor_desktop.ui.viewer.picture_export import paint_page

    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "page.pdf"))
    paint_page(printer, looking.grid.sheet(2.0).paint())
    written = (tmp_path / "page.pdf").read_bytes()
    assert written.startswith(b"%PDF")
    assert written.count(b"/Type /Page\n") == 1


def test_what_the_network_sees_stands_narrower_beside_the_original_and_n_hides_it(
    looking: Viewer, qtbot: QtBot
) -> None:
    network = looking.network.canvas
    assert network.isVisible()
    assert network.width() < looking.active.canvas.width() / 2
    assert looking.active.canvas.height() > 0.9 * looking.height()
    qtbot.keyClick(looking.active.canvas, Qt.Key.Key_N)
    assert not network.isVisible()
    qtbot.waitUntil(lambda: looking.active.canvas.width() > 0.95 * looking.width())
    assert looking.active.scene().frame is None
    qtbot.keyClick(looking.active.canvas, Qt.Key.Key_N)
    assert network.isVisible()
    assert looking.shared.display.layout is Layout.ONE


def test_every_action_has_a_key_of_its_own(viewer: Viewer) -> None:
    actions = [action for group in viewer.actions_.list.groups.values() for action in group]
    keys = [key.toString() for action in actions for key in action.shortcuts()]
    assert len(keys) > 40
    assert len(keys) == len(set(keys))
