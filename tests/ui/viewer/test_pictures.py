from __future__ import annotations

import numpy as np
import pytest

from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.ui.viewer.pictures import PictureCache, smaller


def test_fine_lines_are_averaged_where_many_pixels_fall_on_one_of_the_screen() -> None:
    stripes = np.zeros((400, 403), np.float32)
    stripes[:, ::2] = 100
    small = smaller(stripes, 4)
    assert small.shape == (100, 101)
    assert small == pytest.approx(np.full((100, 101), 50), abs=8)


@pytest.mark.parametrize("scale", [3.0, 1.0, 0.5, 0.21])
def test_a_picture_covers_all_of_its_slice_at_every_scale(scale: float) -> None:
    pixels = np.tile(np.linspace(0, 100, 301, dtype=np.float32), (200, 1))
    cache = PictureCache()
    picture = cache.grey(pixels, DisplayWindow(50, 100), scale)
    assert picture.place == (0, 0, 301, 200)
    image = picture.image
    assert image.pixelColor(0, 0).value() < 8
    assert image.pixelColor(image.width() - 1, image.height() - 1).value() > 247


def test_an_image_is_made_anew_only_where_something_has_changed() -> None:
    pixels = np.zeros((20, 20), np.float32)
    cache, window = PictureCache(), DisplayWindow(50, 100)
    first = cache.grey(pixels, window, 1.0).image
    assert cache.grey(pixels, window, 1.0).image is first
    assert cache.grey(pixels, DisplayWindow(0, 100), 1.0).image is not first
    assert cache.grey(pixels.copy(), window, 1.0).image.pixelColor(0, 0).value() == 0
