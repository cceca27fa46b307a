from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from braintumor_desktop.domain.image import MRISlice, SliceSource
from braintumor_desktop.domain.measurement import Measurement, MeasurementKind, SliceNotes
from braintumor_desktop.rendering import measure

LENGTH, ANGLE, ELLIPSE, VALUE = MeasurementKind


def slice_of(pixels: np.ndarray, spacing: tuple[float, float] | None = None) -> MRISlice:
    return MRISlice(pixels.astype(np.float32), SliceSource(Path("a.dcm"), "DICOM"), spacing)


def test_lengths_are_in_mm_where_rows_and_columns_lie_differently_apart() -> None:
    mri = slice_of(np.zeros((100, 100)), (2.0, 0.5))
    across = measure.measured(Measurement(LENGTH, ((10, 10), (50, 10))), mri)
    down = measure.measured(Measurement(LENGTH, ((10, 10), (10, 50))), mri)
    slanted = measure.measured(Measurement(LENGTH, ((0, 0), (60, 20))), mri)
    assert (across.length, down.length) == (20, 80)
    assert slanted.length == 50  # 30 mm across, 40 mm down
    assert across.known_mm


def test_without_spacing_lengths_are_said_to_be_pixels() -> None:
    figures = measure.measured(Measurement(LENGTH, ((0, 0), (3, 4))), slice_of(np.zeros((9, 9))))
    assert figures.length == 5
    assert not figures.known_mm


def test_an_angle_is_that_in_the_patient_not_that_on_the_pixels() -> None:
    drawn = Measurement(ANGLE, ((10, 0), (0, 0), (10, 10)))
    square = measure.measured(drawn, slice_of(np.zeros((20, 20)), (1, 1)))
    tall = measure.measured(drawn, slice_of(np.zeros((20, 20)), (math.sqrt(3), 1)))
    assert square.degrees == pytest.approx(45)
    assert tall.degrees == pytest.approx(60)
    assert measure.angle((0, 0), (0, 0), (5, 5)) is None
    assert measure.angle((-3, 0), (0, 0), (4, 0)) == pytest.approx(180)


def test_an_ellipse_has_area_mean_and_deviation_of_the_pixels_inside() -> None:
    pixels = np.zeros((40, 40))
    pixels[10:20] = 100
    mri = slice_of(pixels, (2.0, 0.5))
    figures = measure.measured(Measurement(ELLIPSE, ((30, 10), (10, 20))), mri)
    assert figures.area == pytest.approx(math.pi * 5 * 10)  # radii of 10 mm down, 5 mm across
    assert (figures.mean, figures.deviation) == (100, 0)
    half = measure.measured(Measurement(ELLIPSE, ((10, 0), (30, 20))), mri)
    assert half.mean == pytest.approx(50)
    assert half.deviation == pytest.approx(50)
    # The pixels inside are about as many as the area says.
    assert half.count == pytest.approx(math.pi * 100, rel=0.02)


def test_an_ellipse_that_reaches_over_the_edge_counts_what_there_is() -> None:
    mri = slice_of(np.full((10, 10), 7.0))
    over = measure.measured(Measurement(ELLIPSE, ((-10, -10), (10, 10))), mri)
    assert over.mean == 7
    assert 0 < over.count < 100
    beside = measure.measured(Measurement(ELLIPSE, ((20, 20), (30, 30))), mri)
    assert beside.mean is None


def test_a_value_is_that_of_the_pixel_under_the_point() -> None:
    pixels = np.arange(12.0).reshape(3, 4)
    for point, value in (((0.0, 0.0), 0), ((3.99, 2.99), 11), ((1.5, 1.5), 5)):
        figures = measure.measured(Measurement(VALUE, (point,)), slice_of(pixels))
        assert figures.mean == value
    assert measure.value_at(pixels, (4.0, 1.0)) is None
    assert measure.value_at(pixels, (-0.1, 1.0)) is None


def test_lines_and_handles_are_hit_where_they_are_drawn() -> None:
    line = ((0.0, 0.0), (100.0, 0.0))
    assert measure.hit_line(line, (50, 4), 5)
    assert not measure.hit_line(line, (50, 6), 5)
    assert not measure.hit_line(line, (108, 0), 5)
    assert measure.hit_handle(line, (97, 3), 5) == 1
    assert measure.hit_handle(line, (50, 0), 5) is None
    ellipse = Measurement(ELLIPSE, ((0, 0), (100, 50)))
    outline = measure.outline_points(ellipse)
    assert measure.hit_line(outline, (50, 1), 3)
    assert not measure.hit_line(outline, (50, 25), 3)


@pytest.mark.parametrize("handle", range(4))
def test_an_ellipse_is_changed_by_each_of_its_corners_while_the_opposite_one_stays(
    handle: int,
) -> None:
    ellipse = Measurement(ELLIPSE, ((10, 20), (50, 80)))
    corners = measure.handles(ellipse)
    opposite = {0: 1, 1: 0, 2: 3, 3: 2}[handle]
    changed = measure.handles(measure.with_handle(ellipse, handle, (5.0, 95.0)))
    assert changed[handle] == (5.0, 95.0)
    assert changed[opposite] == corners[opposite]


def test_notes_come_back_as_they_were() -> None:
    notes = SliceNotes(
        (
            Measurement(LENGTH, ((0.1, 1 / 3), (2.0, 5.5))),
            Measurement(VALUE, ((4.0, 4.0),)),
        ),
        key_image=True,
    )
    assert SliceNotes.from_json(notes.to_json()) == notes
    assert not SliceNotes()
    with pytest.raises(ValueError, match="takes 3 points"):
        Measurement(ANGLE, ((0, 0), (1, 1)))


@pytest.mark.parametrize(("most", "bar"), [(37, 20), (99, 50), (10, 10), (0.7, 0.5), (5.0, 5)])
def test_bars_have_round_lengths(most: float, bar: float) -> None:
    assert measure.nice_length(most) == pytest.approx(bar)
