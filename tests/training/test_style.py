"""Looks that carry no class keep what a slice shows."""

from __future__ import annotations

import numpy as np
import pytest

from training.data.style import change_tumour_contrast, match_histogram, random_convolution


@pytest.fixture
def head() -> np.ndarray:
    """A round head of smooth tissue, 96x96, around which all is black."""
    y, x = np.mgrid[:96, :96] - 47.5
    inside = np.hypot(x, y) < 40
    return np.where(inside, 0.5 + 0.2 * np.sin(x / 7) * np.cos(y / 9), 0).astype(np.float32)


@pytest.fixture
def tumour() -> np.ndarray:
    y, x = np.mgrid[:96, :96]
    return (np.hypot(x - 60, y - 40) < 8).astype(np.float32)


def test_another_histogram_keeps_the_order_of_brightness(head: np.ndarray) -> None:
    other = head**3
    view = match_histogram(head, other, np.random.default_rng(1))
    inside = head > 0.03
    assert view[inside].mean() < head[inside].mean()  # the other head is darker
    order = np.argsort(head[inside], kind="stable")
    assert (np.diff(view[inside][order]) >= -1e-6).all()
    assert (view[~inside] == 0).all()


def test_an_empty_slice_gives_no_histogram(head: np.ndarray) -> None:
    view = match_histogram(head, np.zeros_like(head), np.random.default_rng(1))
    np.testing.assert_array_equal(view, head)


@pytest.mark.parametrize("seed", range(8))
def test_random_convolutions_stay_in_range_and_in_the_head(head: np.ndarray, seed: int) -> None:
    view = random_convolution(head, np.random.default_rng(seed))
    assert view.dtype == np.float32
    assert view.min() >= 0
    assert view.max() <= 1
    assert view[:4, :4].max() < 0.05  # no look for what lies around the head
    again = random_convolution(head, np.random.default_rng(seed))
    np.testing.assert_array_equal(view, again)


def test_random_convolutions_can_turn_bright_into_dark(head: np.ndarray) -> None:
    inside = head > 0.03
    likeness = [
        np.corrcoef(head[inside], random_convolution(head, np.random.default_rng(s))[inside])[0, 1]
        for s in range(30)
    ]
    assert min(likeness) < 0 < max(likeness)


def test_only_the_tumour_gets_another_contrast(head: np.ndarray, tumour: np.ndarray) -> None:
    bright = np.clip(head + 0.3 * tumour, 0, 1).astype(np.float32)
    ring = (np.hypot(*(np.mgrid[:96, :96] - np.array([40, 60])[:, None, None])) < 14) & (
        tumour == 0
    )
    ratios = []
    for seed in range(20):
        view = change_tumour_contrast(bright, tumour, np.random.default_rng(seed))
        assert view is not None
        far = np.hypot(*(np.mgrid[:96, :96] - np.array([40, 60])[:, None, None])) > 20
        np.testing.assert_allclose(view[far], bright[far], atol=1e-3)
        ratios.append(view[tumour > 0].mean() / view[ring].mean())
    assert min(ratios) < 0.8  # darker than what lies around it, as without contrast
    assert max(ratios) > 1.1


def test_without_a_tumour_there_is_no_contrast_to_change(head: np.ndarray) -> None:
    assert change_tumour_contrast(head, np.zeros_like(head), np.random.default_rng(0)) is None
