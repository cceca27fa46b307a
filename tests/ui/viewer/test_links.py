from __future__ import annotations

import dataclasses

import pytest

from braintumor_desktop.domain.geometry import SliceGeometry
from braintumor_desktop.rendering.orientation import EdgeLetters, view_letters
from braintumor_desktop.ui.viewer import links
from braintumor_desktop.ui.viewer.viewport import Turn


def axial(z: float, uid: str = "1.2") -> SliceGeometry:
    return SliceGeometry((-100.0, -100.0, z), (1, 0, 0), (0, 1, 0), uid)


def sagittal(x: float, uid: str = "1.2") -> SliceGeometry:
    return SliceGeometry((x, -100.0, 100.0), (0, 1, 0), (0, 0, -1), uid)


THICK = links.places([axial(5.0 * number) for number in range(20)])
REVERSED = links.places([axial(95 - 5.0 * number) for number in range(20)])


def test_the_slice_at_the_same_height_is_found_in_either_order() -> None:
    assert THICK is not None
    assert REVERSED is not None
    assert links.nearest(axial(31.0), THICK) == 6
    assert links.nearest(axial(31.0), REVERSED) == 13
    # Upside down it is the same place still.
    flipped = SliceGeometry((100.0, -100.0, 31.0), (-1, 0, 0), (0, 1, 0), "1.2")
    assert links.nearest(flipped, THICK) == 6


def test_nothing_is_linked_that_does_not_surely_belong_together() -> None:
    assert THICK is not None
    assert links.nearest(axial(31.0, "9.9"), THICK) is None
    assert links.nearest(axial(31.0, ""), THICK) is None
    assert links.nearest(sagittal(0.0), THICK) is None
    assert links.nearest(axial(300.0), THICK) is None
    assert links.places([axial(0.0, ""), axial(5.0, "")]) is None
    assert links.places([None, None]) is None


def test_a_reference_line_is_where_the_planes_meet_and_as_long_as_the_other_reaches() -> None:
    shown, other = axial(20.0), sagittal(-50.0)
    line = links.cut(shown, (1.0, 0.5), other, (1.0, 2.0), (150, 80))
    assert line is not None
    start, end = sorted(line, key=lambda point: point[1])
    # 50 mm from the first column's centre, half a millimetre a column.
    assert start[0] == end[0] == pytest.approx(100.5)
    # From 1 mm before the other's first centre (y = -100) over 80 columns of 2 mm.
    assert start[1] == pytest.approx(-0.5)
    assert end[1] == pytest.approx(159.5)


def test_there_is_no_line_where_planes_do_not_meet_or_are_of_different_frames() -> None:
    spacing, shape = (1.0, 1.0), (150, 80)
    assert links.cut(axial(20.0), spacing, axial(25.0), spacing, shape) is None
    assert links.cut(axial(20.0), spacing, sagittal(0.0, "9"), spacing, shape) is None
    assert links.cut(axial(200.0), spacing, sagittal(0.0), spacing, shape) is None


def test_letters_follow_turning_and_mirroring() -> None:
    lies = axial(0.0)
    assert view_letters(lies, Turn().matrix) == EdgeLetters(
        left="R", right="L", top="A", bottom="P"
    )
    right = view_letters(lies, Turn().rotated(1).matrix)
    assert right == EdgeLetters(left="P", right="A", top="R", bottom="L")
    assert view_letters(lies, Turn().rotated(2).matrix) == EdgeLetters("L", "R", "P", "A")
    assert view_letters(lies, Turn().flipped_across().matrix) == EdgeLetters("L", "R", "A", "P")
    assert view_letters(lies, Turn().flipped_down().matrix) == EdgeLetters("R", "L", "P", "A")
    turned = view_letters(lies, Turn().rotated(1).flipped_across().matrix)
    assert turned == EdgeLetters(left="A", right="P", top="R", bottom="L")
    assert view_letters(sagittal(0.0), Turn().matrix) == EdgeLetters("A", "P", "H", "F")


def test_an_oblique_slice_has_two_letters_and_an_unmarked_one_none() -> None:
    tilted = dataclasses.replace(axial(0.0), column_direction=(0.0, 0.8, -0.6))
    assert view_letters(tilted, Turn().matrix).bottom == "PF"
    assert not view_letters(None, Turn().matrix)
