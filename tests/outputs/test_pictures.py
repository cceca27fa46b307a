"""The report and Secondary Capture show what the window shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from braintumor_desktop.domain.answer import HeatMap, ModelInfo, Prediction
from braintumor_desktop.domain.image import (
    Crop,
    DisplayWindow,
    MRISlice,
    PreparedSlice,
    SliceSource,
)
from braintumor_desktop.outputs.secondary_capture import picture
from braintumor_desktop.rendering.composite import LEAST_SIDE
from braintumor_desktop.rendering.display import to_grey
from braintumor_desktop.rendering.heat_map import heat_rgba
from braintumor_desktop.rendering.slice_picture import slice_picture

WINDOW = DisplayWindow(200, 200)


@pytest.fixture
def mri() -> MRISlice:
    """A ramp to 630, of which the file wants 100 to 300 shown."""
    pixels = np.tile(np.arange(64, dtype=np.float32) * 10, (64, 1))
    return MRISlice(pixels, SliceSource(Path("a.dcm"), "DICOM"), (1.0, 1.0), WINDOW)


@pytest.fixture
def prediction() -> Prediction:
    """Evidence in one of 196 cells, and some against the tumour everywhere else."""
    values = np.full((14, 14), -0.5, np.float32)
    values[3, 9] = 6.0
    heat = HeatMap(values, Crop(0, 0, 64, 64, 64, 64))
    shares = {"glioma": 0.95, "notumor": 0.05}
    return Prediction(shares, ("glioma",), False, heat, (), None, ModelInfo("n", "0"))


def test_the_report_has_the_window_that_the_file_asks_for(
    mri: MRISlice, prediction: Prediction
) -> None:
    prepared = PreparedSlice(np.zeros((64, 64), np.float32), prediction.heat_map.crop)
    shown = slice_picture(mri, prepared, prediction)
    assert (shown.original == to_grey(mri.pixels, WINDOW)).all()


def test_the_report_tints_no_more_cells_than_the_window(
    mri: MRISlice, prediction: Prediction
) -> None:
    prepared = PreparedSlice(np.zeros((64, 64), np.float32), prediction.heat_map.crop)
    tint = slice_picture(mri, prepared, prediction).heat_rgba()
    assert tint is not None
    assert (tint == heat_rgba(prediction.heat_map.values)).all()
    assert (tint[..., 3] > 0).mean() < 3 / 196, "one cell and what is smooth around it"


@pytest.mark.parametrize("turn", [1, 3, 6, 8])
def test_a_secondary_capture_stands_upright_like_the_report(
    mri: MRISlice, prediction: Prediction, turn: int
) -> None:
    corner = np.array([[2, 2], [14, 2], [14, 14], [2, 14]], float)
    outlined = replace(prediction, outline=(corner,))
    lying = replace(mri, turn=turn)
    prepared = PreparedSlice(np.zeros((64, 64), np.float32), prediction.heat_map.crop)
    report = slice_picture(lying, prepared, outlined)
    shown = picture(lying, outlined)[:LEAST_SIDE]
    step = LEAST_SIDE // 64
    greys = shown[step // 2 :: step, step // 2 :: step].astype(int)
    plain = np.ptp(greys, axis=2) == 0  # beside the outline
    assert plain.mean() > 0.8
    assert np.abs(greys[..., 0] - report.original.astype(int))[plain].mean() < 4
    rows, columns = np.nonzero(np.ptp(shown.astype(int), axis=2) > 60)
    drawn = np.array([columns.mean(), rows.mean()]) / step
    assert drawn == pytest.approx(report.outline[0].mean(axis=0), abs=1)


def test_a_secondary_capture_has_the_same_greys_and_says_what_it_is(
    mri: MRISlice, prediction: Prediction
) -> None:
    shown = picture(mri, prediction)
    grey = to_grey(mri.pixels, WINDOW)
    step = LEAST_SIDE // 64
    for column in (5, 15, 20, 25, 50):
        assert abs(int(shown[100, column * step + step // 2, 0]) - int(grey[0, column])) <= 8
    assert shown.shape[0] > LEAST_SIDE
    assert shown[LEAST_SIDE:].max() > 100, "the mark below the picture"
    unlike = replace(prediction, unlike_training=True)
    assert (np.ptp(picture(mri, unlike)[:LEAST_SIDE].astype(int), axis=2) == 0).all()
