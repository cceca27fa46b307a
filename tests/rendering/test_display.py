from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from braintumor_desktop.domain.image import DisplayWindow, MRISlice, SliceSource
from braintumor_desktop.rendering import display, heat_map
from braintumor_desktop.rendering.thumbnail import thumbnail_jpeg
from braintumor_desktop.ui.widgets.images import thumbnail


def slice_of(pixels: np.ndarray, window: DisplayWindow | None = None) -> MRISlice:
    return MRISlice(pixels.astype(np.float32), SliceSource(Path("a.png"), "PNG"), window=window)


def test_the_file_s_window_comes_first() -> None:
    window = DisplayWindow(40, 80)
    assert display.default_window(slice_of(np.arange(100).reshape(10, 10), window)) == window


def test_a_bright_label_does_not_darken_the_slice() -> None:
    pixels = np.tile(np.arange(200.0), (200, 1))
    pixels[:10, :10] = 60_000
    window = display.default_window(slice_of(pixels))
    assert window.center + window.width / 2 < 300


def test_an_even_image_still_has_a_width() -> None:
    assert display.default_window(slice_of(np.full((8, 8), 7.0))).width > 0


def test_the_window_s_ends_are_black_and_white() -> None:
    pixels = np.array([[-50, 0, 50, 100, 150]], np.float32)
    window = DisplayWindow(50, 100)
    assert display.to_grey(pixels, window).tolist() == [[0, 0, 128, 255, 255]]
    assert display.to_grey(pixels, window, inverted=True).tolist() == [[255, 255, 128, 0, 0]]


def test_pixels_are_not_changed_by_showing_them() -> None:
    mri = slice_of(np.arange(16.0).reshape(4, 4))
    before = mri.pixels.copy()
    display.to_grey(mri.pixels, display.default_window(mri), inverted=True)
    np.testing.assert_array_equal(mri.pixels, before)


def test_adjusting_never_loses_the_width() -> None:
    base = DisplayWindow(100, 200)
    window = base
    for _ in range(40):
        window = display.adjusted_window(window, base, -0.1, 0)
    assert 0 < window.width < 1
    assert display.adjusted_window(base, base, 0.5, 0.25) == DisplayWindow(150, 300)


def test_the_heat_map_s_strongest_point_stays_where_the_cell_is() -> None:
    values = np.zeros((8, 8), np.float32)
    values[2, 5] = 10
    rgba = heat_map.heat_rgba(values, side=256)
    row, column = np.unravel_index(np.argmax(rgba[..., 3]), rgba.shape[:2])
    # The strength saturates near the peak: the opaque spot is around the cell's centre.
    spot = np.argwhere(rgba[..., 3] == rgba[row, column, 3])
    assert np.allclose(spot.mean(axis=0), (2.5 * 32 - 0.5, 5.5 * 32 - 0.5), atol=1)
    assert rgba[..., 3].max() == round(255 * heat_map.HEAT_OPACITY)
    assert rgba[200, 20, 3] == 0


@pytest.mark.parametrize("value", [0.0, -3.0, 2.0])
def test_an_even_heat_map_says_nothing_of_where_and_is_transparent(value: float) -> None:
    assert not heat_map.heat_rgba(np.full((4, 6), value, np.float32))[..., 3].any()


def test_heat_colours_get_lighter_step_by_step() -> None:
    red, green, blue = heat_map.heat_colour(np.linspace(0, 1, 50)).astype(float).T
    lightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    assert (np.diff(lightness) > 0).all()


@pytest.mark.parametrize(
    ("spacing_mm", "shape"),
    [(None, (0.5, 1)), ((2.0, 1.0), (1, 1)), ((0.5, 1.0), (0.25, 1)), ((3.0, 1.0), (1, 2 / 3))],
)
def test_thumbnails_have_the_shape_of_the_head(
    spacing_mm: tuple[float, float] | None, shape: tuple[float, float]
) -> None:
    pixels = np.zeros((200, 400), np.float32)
    pixels[:, 200:] = 1
    mri = MRISlice(pixels, SliceSource(Path("slice.dcm"), "DICOM"), spacing_mm)
    of_window = thumbnail(mri)
    assert (of_window.height(), of_window.width()) == tuple(round(96 * side) for side in shape)
    jpeg = np.frombuffer(thumbnail_jpeg(mri), np.uint8)
    of_worklist = cv2.imdecode(jpeg, cv2.IMREAD_GRAYSCALE)
    assert of_worklist.shape == tuple(round(64 * side) for side in shape)
    middle = of_worklist.shape[1] // 2
    assert of_worklist[:, : middle - 2].max() < 20
    assert of_worklist[:, middle + 2 :].min() > 235
