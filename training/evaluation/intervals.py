"""95 % intervals by bootstrap over groups, since slices of one group say nearly the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000

Interval = tuple[float, float]
Weights = NDArray[np.int64]
"""How often each slice stands in a resample, (n,)."""


def interval(groups: NDArray[np.str_], figure: Callable[[Weights], float]) -> Interval:
    """The percentile bootstrap interval of a figure of weighted slices, drawing whole groups.

    `groups` (n,). Resamples that have no figure (NaN: no slice of a class, say) do not count.
    """
    drawn, members = _drawn(groups)
    return _percentiles(np.array([figure(weights[members]) for weights in drawn]))


def mean_interval(groups: NDArray[np.str_], values: NDArray[Any]) -> Interval:
    """The same for the mean of `values` (n,), bool for a share."""
    drawn, members = _drawn(groups)
    sums = np.bincount(members, values.astype(np.float64))
    return _percentiles(drawn @ sums / (drawn @ np.bincount(members)))


def mean(groups: NDArray[np.str_], values: NDArray[Any], name: str) -> dict[str, Any]:
    """The mean of `values` (n,) as `name`, its interval as `name`_interval; None where n is 0."""
    if not len(values):
        return {name: None, f"{name}_interval": None}
    return {name: float(np.mean(values)), f"{name}_interval": mean_interval(groups, values)}


def weighted_balanced_accuracy(
    labels: NDArray[np.int64], answers: NDArray[np.int64]
) -> Callable[[Weights], float]:
    """The mean of the recalls of the classes that occur in a resample."""
    right = labels == answers

    def figure(weights: Weights) -> float:
        counts = np.bincount(labels, weights)
        hits = np.bincount(labels, weights * right)
        return float(np.mean(hits[counts > 0] / counts[counts > 0]))

    return figure


def weighted_auc(
    scores: NDArray[np.float64], positive: NDArray[np.bool_]
) -> Callable[[Weights], float]:
    """The area under the ROC curve: the share of pairs in order, ties half (Mann and Whitney)."""
    places = np.unique(scores, return_inverse=True)[1]

    def figure(weights: Weights) -> float:
        true = np.bincount(places, weights * positive)
        false = np.bincount(places, weights * ~positive)
        pairs = true.sum() * false.sum()
        below = np.cumsum(false) - false / 2
        return float((true * below).sum() / pairs) if pairs else float("nan")

    return figure


def _drawn(groups: NDArray[np.str_]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """How often each group was drawn, (resamples, groups), and each slice's group, (n,)."""
    names, members = np.unique(groups, return_inverse=True)
    draws = np.random.default_rng(0).integers(0, len(names), (RESAMPLES, len(names)))
    return np.stack([np.bincount(row, minlength=len(names)) for row in draws]), members


def _percentiles(values: NDArray[np.float64]) -> Interval:
    low, high = np.nanpercentile(values, (2.5, 97.5))
    return float(low), float(high)
