from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from braintumor_desktop.domain.image import DisplayWindow, MRISlice
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.rendering.series_window import SeriesWindow


@pytest.fixture(scope="module")
def head(data_folder: Path) -> list[MRISlice]:
    files = sorted((data_folder / "dicom-series").glob("*.dcm"))
    return [dataclasses.replace(read_slice(path), window=None) for path in files]


def test_a_series_has_the_window_of_all_its_values_whatever_came_first(
    head: list[MRISlice],
) -> None:
    series = SeriesWindow()
    assert series.window is None
    for index in reversed(range(1, len(head))):
        series.add(index, head[index])
        series.add(index, head[index])
    series.add(0, head[0])
    low, high = np.percentile(np.concatenate([one.pixels.ravel() for one in head]), (0.5, 99.5))
    assert series.window is not None
    assert series.window.width == pytest.approx(high - low, rel=0.1)
    assert series.window.center == pytest.approx((low + high) / 2, rel=0.1)


def test_the_file_s_own_window_goes_before(head: list[MRISlice]) -> None:
    series = SeriesWindow()
    for index in range(3):
        told = DisplayWindow(100 + index, 200)
        series.add(index, dataclasses.replace(head[index], window=told))
    assert series.window == DisplayWindow(101, 200)


def test_a_series_of_one_value_has_none(head: list[MRISlice]) -> None:
    series = SeriesWindow()
    series.add(0, dataclasses.replace(head[0], pixels=np.full((8, 8), 3, np.float32)))
    assert series.window is None


def test_a_dark_slice_at_the_end_that_was_read_first_does_not_stay_the_measure(
    head: list[MRISlice],
) -> None:
    dark = dataclasses.replace(head[0], pixels=head[0].pixels * np.float32(0.02))
    series = SeriesWindow()
    series.add(0, dark)
    first = series.window
    series.add(12, head[12])
    assert first is not None
    assert series.window is not None
    assert series.window.width > 10 * first.width


def test_it_settles_and_is_that_of_all_in_the_end(head: list[MRISlice]) -> None:
    series = SeriesWindow()
    seen = []
    for index in range(len(head)):
        series.add(index, head[index])
        seen.append(series.window)
    assert len(set(seen[6:])) <= 8
    low, high = np.percentile(np.concatenate([one.pixels.ravel() for one in head]), (0.5, 99.5))
    assert seen[-1] is not None
    assert seen[-1].width == pytest.approx(high - low, rel=0.15)
