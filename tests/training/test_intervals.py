"""Bootstrap intervals over groups: their figures are scikit-learn's, their width that of groups."""

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, roc_auc_score

from training.evaluation.intervals import (
    interval,
    mean_interval,
    weighted_auc,
    weighted_balanced_accuracy,
)


@pytest.fixture
def drawn():
    """300 slices with tied scores, and how often each stands in a resample."""
    rng = np.random.default_rng(0)
    truths = rng.integers(0, 3, 300)
    scores = np.round(rng.normal(size=300) + truths, 1)
    return truths, scores, rng.integers(0, 4, 300)


def test_weighted_figures_are_those_of_repeated_slices(drawn):
    truths, scores, weights = drawn
    positive = truths == 2
    expected = roc_auc_score(np.repeat(positive, weights), np.repeat(scores, weights))
    assert weighted_auc(scores, positive)(weights) == pytest.approx(expected)
    answers = np.clip(scores.round(), 0, 2).astype(int)
    expected = balanced_accuracy_score(np.repeat(truths, weights), np.repeat(answers, weights))
    assert weighted_balanced_accuracy(truths, answers)(weights) == pytest.approx(expected)


def test_independent_slices_have_the_normal_interval():
    rng = np.random.default_rng(1)
    right = rng.random(2000) < 0.8
    low, high = mean_interval(np.arange(2000).astype(str), right)
    error = 1.96 * np.sqrt(0.8 * 0.2 / 2000)
    assert (low, high) == pytest.approx((right.mean() - error, right.mean() + error), abs=0.004)


def test_copies_in_one_group_make_no_interval_narrower():
    rng = np.random.default_rng(2)
    right = rng.random(40) < 0.8
    groups = np.arange(40).astype(str)
    alone = mean_interval(groups, right)
    copied = mean_interval(np.repeat(groups, 50), np.repeat(right, 50))
    assert copied == pytest.approx(alone)
    low, high = mean_interval(np.arange(2000).astype(str), np.repeat(right, 50))
    assert high - low < (alone[1] - alone[0]) / 4


def test_share_and_figure_have_the_same_interval(drawn):
    truths, _, _ = drawn
    groups = (np.arange(300) // 7).astype(str)
    right = truths == 1
    figure = interval(groups, lambda weights: float((weights * right).sum() / weights.sum()))
    assert figure == pytest.approx(mean_interval(groups, right))
