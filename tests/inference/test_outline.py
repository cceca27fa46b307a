"""Outlines lie where the mask's cells say, in the source's pixels."""

import numpy as np
import pytest

from braintumor_desktop.domain.answer import area
from braintumor_desktop.domain.image import Crop
from braintumor_desktop.inference.outline import outlines

# A prepared slice that shows the whole of a source of 640x320, padded above and below.
CROP = Crop(left=0, top=-160, width=640, height=640, image_width=640, image_height=320)


def mask_with(*squares):
    mask = np.full((32, 32), 0.01, np.float32)
    for rows, columns in squares:
        mask[rows, columns] = 0.99
    return mask


def test_square_comes_out_at_its_place_and_size():
    # Cells are 20 source pixels wide: rows 12-15 and columns 4-9 are y 80-160 and x 80-200.
    (polygon,) = outlines(mask_with((slice(12, 16), slice(4, 10))), CROP)
    assert polygon.min(axis=0) == pytest.approx((80, 80), abs=3)
    assert polygon.max(axis=0) == pytest.approx((200, 160), abs=3)
    assert area(polygon) == pytest.approx(120 * 80, rel=0.1)  # bilinear cells round the corners


def test_largest_comes_first():
    small, large = (slice(10, 12), slice(2, 4)), (slice(16, 22), slice(20, 26))
    first, second = outlines(mask_with(small, large), CROP)
    assert area(first) > area(second)


def test_outline_ends_at_the_border_of_the_source():
    (polygon,) = outlines(mask_with((slice(4, 14), slice(0, 4))), CROP)
    assert polygon.min() == 0
    assert polygon[:, 1].max() == pytest.approx(120, abs=3)


def test_nothing_outside_the_source_is_outlined():
    assert outlines(mask_with((slice(1, 5), slice(10, 14))), CROP) == ()


def test_no_tumour_no_outline():
    assert outlines(mask_with(), CROP) == ()


def test_area_is_that_of_the_shoelace():
    assert area(np.array([[0, 0], [4, 0], [4, 3]], float)) == 6
