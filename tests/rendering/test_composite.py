"""One picture for window, thumbnail, report and Secondary Capture."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from braintumor_desktop.domain.answer import HeatMap, ModelInfo, Prediction
from braintumor_desktop.domain.image import Crop, DisplayWindow, MRISlice, SliceSource
from braintumor_desktop.rendering.composite import LEAST_SIDE, composite
from braintumor_desktop.rendering.display import default_window, to_grey
from braintumor_desktop.rendering.heat_map import heat_rgba
from braintumor_desktop.rendering.palette import CLASS_COLOURS, class_colour, rgb
from braintumor_desktop.rendering.thumbnail import thumbnail_jpeg

SIDE = 64


@pytest.fixture
def ramp() -> MRISlice:
    """A slice from 0 to 630 whose file asks for a window of 100 to 300."""
    pixels = np.tile(np.arange(SIDE, dtype=np.float32) * 10, (SIDE, 1))
    source = SliceSource(Path("a.dcm"), "DICOM")
    return MRISlice(pixels, source, (1.0, 1.0), DisplayWindow(200, 200))


@pytest.fixture
def marked() -> Prediction:
    """Evidence in one cell of 4 x 4 and an outline around it."""
    values = np.full((4, 4), -1.0, np.float32)
    values[1, 2] = 5.0
    square = np.array([[34, 18], [46, 18], [46, 30], [34, 30]], float)
    heat = HeatMap(values, Crop(0, 0, SIDE, SIDE, SIDE, SIDE))
    shares = {"glioma": 0.95, "notumor": 0.05}
    return Prediction(shares, ("glioma",), False, heat, (square,), 144.0, ModelInfo("n", "0"))


def test_every_picture_shows_the_window_that_the_file_asks_for(ramp: MRISlice) -> None:
    window = default_window(ramp)
    assert window == DisplayWindow(200, 200)
    grey = to_grey(ramp.pixels, window)
    assert grey[0, 10] == 0
    assert grey[0, 30] == 255
    step = LEAST_SIDE // SIDE
    burned = composite(ramp)
    thumbnail = cv2.imdecode(np.frombuffer(thumbnail_jpeg(ramp), np.uint8), cv2.IMREAD_GRAYSCALE)
    for column in (5, 15, 20, 25, 50):
        assert abs(int(burned[100, column * step + step // 2, 0]) - int(grey[0, column])) <= 8
        assert abs(int(thumbnail[32, column]) - int(grey[0, column])) <= 8


def test_what_is_tinted_is_what_the_window_tints(ramp: MRISlice, marked: Prediction) -> None:
    plain = composite(ramp).astype(int)
    heated = composite(ramp, marked, heat_opacity=0.55, outline_opacity=0).astype(int)
    changed = np.abs(heated - plain).max(axis=2) > 8
    of_window = cv2.resize(heat_rgba(marked.heat_map.values)[..., 3], changed.shape) > 8
    assert (changed & ~of_window).mean() < 0.01
    share = changed.mean()
    assert 0.02 < share < 0.2, "one cell of sixteen, and what is smooth around it"


def test_the_outline_has_the_colour_of_its_class_and_its_place(
    ramp: MRISlice, marked: Prediction
) -> None:
    picture = composite(ramp, marked).astype(int)
    away = np.abs(picture - rgb(class_colour("glioma"))).max(axis=2)
    rows, columns = np.nonzero(away < 40)
    scale = LEAST_SIDE / SIDE
    assert (columns.min() / scale, columns.max() / scale) == pytest.approx((34, 46), abs=0.5)
    assert (rows.min() / scale, rows.max() / scale) == pytest.approx((18, 30), abs=0.5)


def test_nothing_is_marked_where_the_answer_is_withheld(ramp: MRISlice, marked: Prediction) -> None:
    strange = replace(marked, unlike_training=True)
    assert (composite(ramp, strange, heat_opacity=1.0) == composite(ramp)).all()


def test_pixels_that_are_no_squares_come_out_in_the_head_s_shape(ramp: MRISlice) -> None:
    tall = composite(replace(ramp, spacing_mm=(2.0, 1.0)))
    assert tall.shape == (LEAST_SIDE, LEAST_SIDE // 2, 3)


def _seen_by(colour: str, matrix: np.ndarray) -> np.ndarray:
    """A colour as somebody without one kind of cone sees it, in linear light."""
    linear = (np.array(rgb(colour)) / 255) ** 2.2
    return np.clip(matrix @ linear, 0, 1)


# Machado, Oliveira and Fernandes (2009), severity 1.
_PROTAN = np.array(
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]
)
_DEUTAN = np.array(
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]
)


@pytest.mark.parametrize("matrix", [np.eye(3), _PROTAN, _DEUTAN], ids=["all", "protan", "deutan"])
def test_classes_are_told_apart_with_any_colour_vision(matrix: np.ndarray) -> None:
    seen = [_seen_by(colour, matrix) for colour in CLASS_COLOURS.values()]
    apart = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(apart) > 0.1
