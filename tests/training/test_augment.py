"""Augmentation turns, zooms and mirrors the slice and does nothing else to it."""

import numpy as np
import pytest

from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from training.data.augment import SEED_WARP, Appearance, Warp, change_appearance
from training.data.outliers import outlier


@pytest.fixture(scope="module")
def pixels(demo_slice):
    return prepare(read_slice(demo_slice), 128).pixels


def augment(pixels, warp, rng):
    return warp.apply(pixels, warp.matrix(len(pixels), rng))


def test_nothing_asked_for_changes_nothing(pixels):
    still = Warp(0, 0, 0, 0, flip=False)
    np.testing.assert_allclose(augment(pixels, still, np.random.default_rng(0)), pixels, atol=1e-6)


def test_mirroring_alone_mirrors_left_and_right_half_of_the_time(pixels):
    flips = Warp(0, 0, 0, 0, flip=True)
    rng = np.random.default_rng(0)
    mirrored = 0
    for _ in range(200):
        view = augment(pixels, flips, rng)
        if np.allclose(view, pixels[:, ::-1], atol=1e-6):
            mirrored += 1
        else:
            np.testing.assert_allclose(view, pixels, atol=1e-6)
    assert 70 < mirrored < 130


def test_views_differ_yet_show_the_same_head(pixels):
    rng = np.random.default_rng(0)
    views = [augment(pixels, Warp(flip=False), rng) for _ in range(20)]
    centre = np.mean([view[32:96, 32:96].mean() for view in views])
    assert all(view.shape == (128, 128) and view.dtype == np.float32 for view in views)
    assert all(view.min() >= 0 and view.max() <= 1.0001 for view in views)
    assert len({view.tobytes() for view in views}) == 20
    assert centre == pytest.approx(pixels[32:96, 32:96].mean(), rel=0.1)


def test_same_seed_same_view(pixels):
    one, other = (augment(pixels, SEED_WARP, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_mask_follows_its_slice(pixels):
    rng = np.random.default_rng(0)
    marked = np.zeros_like(pixels)
    marked[40:60, 30:70] = 1
    for _ in range(10):
        matrix = Warp().matrix(len(pixels), rng)
        corner = matrix @ [30, 40, 1]
        view = Warp().apply(marked, matrix)
        spot = np.argwhere(view > 0.5)[:, ::-1]
        assert np.linalg.norm(spot - corner, axis=1).min() < 2.5


def test_another_look_keeps_the_range_and_the_anatomy(pixels):
    rng = np.random.default_rng(0)
    for _ in range(20):
        view = change_appearance(pixels, Appearance(), rng)
        assert view.dtype == np.float32
        assert view.min() >= 0
        assert view.max() <= 1
        assert np.corrcoef(view.ravel(), pixels.ravel())[0, 1] > 0.8


def test_foreign_views_of_a_saturated_slice_are_numbers_in_the_range():
    # Averages of ones come out a hair above 1: inverted below 0, where a power is no number.
    saturated = np.ones((224, 224), np.float32)
    rng = np.random.default_rng(0)
    for _ in range(300):
        view = outlier(saturated, rng)
        assert 0 <= view.min() <= view.max() <= 1
        view = change_appearance(view, Appearance(), rng)
        assert 0 <= view.min() <= view.max() <= 1
