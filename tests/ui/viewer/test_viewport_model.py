from __future__ import annotations

import pytest

from braintumor_desktop.ui.viewer import viewport as vp
from braintumor_desktop.ui.viewer.viewport import LARGEST, Turn, Viewport

SIZE = (400.0, 300.0)
WHOLE = (0.0, 0.0, 200.0, 200.0)
FITTED = vp.fit(Viewport(), WHOLE, SIZE)
TURNS = [Turn(quarters, mirrored) for quarters in range(4) for mirrored in (False, True)]


def test_fit_shows_the_whole_rectangle_in_the_middle() -> None:
    assert FITTED.scale == 1.5
    assert FITTED.rect_to_view(WHOLE, SIZE) == (50, 0, 300, 300)


@pytest.mark.parametrize("turn", TURNS)
def test_to_source_undoes_to_view_however_turned(turn: Turn) -> None:
    looks = vp.turned(vp.fit(Viewport(aspect=1.7), WHOLE, SIZE), turn, SIZE)
    looks = vp.zoom(looks, 2.3, (30, 40), SIZE, WHOLE)
    assert looks.to_source(looks.to_view((12.5, 170), SIZE), SIZE) == pytest.approx((12.5, 170))


@pytest.mark.parametrize("turn", TURNS)
def test_zoom_keeps_what_is_under_the_cursor_however_turned(turn: Turn) -> None:
    looks = vp.turned(FITTED, turn, SIZE)
    before = looks.to_source((260, 90), SIZE)
    closer = vp.zoom(looks, 3, (260, 90), SIZE, WHOLE)
    assert closer.scale == pytest.approx(4.5)
    assert closer.to_source((260, 90), SIZE) == pytest.approx(before)


@pytest.mark.parametrize("turn", TURNS)
def test_pan_moves_the_picture_with_the_hand_however_turned(turn: Turn) -> None:
    looks = vp.turned(FITTED, turn, SIZE)
    x, y = looks.to_view((100, 100), SIZE)
    moved = vp.pan(looks, 30, -20, WHOLE)
    assert moved.to_view((100, 100), SIZE) == pytest.approx((x + 30, y - 20))
    assert moved.fitted is None


def test_the_slice_cannot_be_lost() -> None:
    assert vp.pan(FITTED, 1e6, 1e6, WHOLE).centre == (0, 0)
    assert vp.zoom(FITTED, 1e9, (0, 0), SIZE, WHOLE).scale == LARGEST


def test_rows_are_as_tall_as_the_spacing_says_also_lying_on_the_side() -> None:
    upright = vp.fit(Viewport(aspect=2), (0, 0, 100, 100), SIZE)
    _, _, width, height = upright.rect_to_view((0, 0, 100, 100), SIZE)
    assert (width, height) == (150, 300)
    lying = vp.turned(upright, Turn(1), SIZE)
    _, _, width, height = lying.rect_to_view((0, 0, 100, 100), SIZE)
    assert (width, height) == (400, 200)


def test_quarters_go_clockwise_and_mirroring_is_of_the_screen() -> None:
    right_of_middle = (150, 100)
    for quarters, (dx, dy) in enumerate(((75, 0), (0, 75), (-75, 0), (0, -75))):
        turned = vp.turned(FITTED, Turn().rotated(quarters), SIZE)
        assert turned.to_view(right_of_middle, SIZE) == pytest.approx((200 + dx, 150 + dy))
    for turn in TURNS:
        x, y = vp.turned(FITTED, turn, SIZE).to_view((150, 120), SIZE)
        across = vp.turned(FITTED, turn.flipped_across(), SIZE).to_view((150, 120), SIZE)
        down = vp.turned(FITTED, turn.flipped_down(), SIZE).to_view((150, 120), SIZE)
        assert across == pytest.approx((400 - x, y))
        assert down == pytest.approx((x, 300 - y))
