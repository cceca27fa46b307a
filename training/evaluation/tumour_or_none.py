"""How well tumour and no tumour are told apart, whatever the tumour's type."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from braintumor_desktop.domain.answer import NO_TUMOUR
from training.data.packing import TYPE_UNKNOWN, Packed
from training.evaluation.intervals import Weights, interval, mean


def called_tumour(packed: Packed, probabilities: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which slices are called tumour, of whatever type, (n,)."""
    return np.asarray(probabilities[:, list(packed.classes).index(NO_TUMOUR)] < 0.5)


def tumour(packed: Packed, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    """How well tumour and no tumour are told apart, probabilities (n, classes)."""
    none = list(packed.classes).index(NO_TUMOUR)
    called, groups = called_tumour(packed, probabilities), packed.groups
    unknown, healthy = packed.labels == TYPE_UNKNOWN, packed.labels == none
    known = ~unknown & ~healthy
    upright = unknown & ~packed.upside_down
    judged = unknown | healthy
    free = probabilities[judged, none]

    def sensitivity(weights: Weights) -> float:
        drawn, ill = np.repeat(free, weights), np.repeat(unknown[judged], weights)
        if ill.all() or not ill.any():
            return float("nan")
        return float((drawn[ill] < np.quantile(drawn[~ill], 0.05, method="higher")).mean())

    return {
        **told_apart(packed, called),
        **mean(groups[known], called[known], "known_types_called_tumour"),
        **mean(groups[upright], called[upright], "upright_type_unknown_called_tumour"),
        "sensitivity_at_specificity_95": sensitivity(np.ones(len(free), np.int64)),
        "sensitivity_at_specificity_95_interval": interval(groups[judged], sensitivity),
    }


def tumour_at_fitted_threshold(
    packed: Packed, probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    """Tumour or not where both errors are as frequent, by a threshold fitted on the other folds."""
    none = list(packed.classes).index(NO_TUMOUR)
    free, unknown = probabilities[:, none], packed.labels == TYPE_UNKNOWN
    judged = unknown | (packed.labels == none)
    called = np.zeros(len(packed), bool)
    for fold in np.unique(packed.folds):
        own = packed.folds == fold
        fitted = ~own & judged
        alarms, found, thresholds = roc_curve(
            unknown[fitted], -free[fitted], drop_intermediate=False
        )
        even = np.abs(1 - found - alarms).argmin()
        called[own] = -free[own] >= thresholds[even : even + 2].mean()  # amid the two slices
    return told_apart(packed, called)


def told_apart(packed: Packed, called: NDArray[np.bool_]) -> dict[str, Any]:
    """The shares of the right answers, where `called` (n,) says which slices are called tumour."""
    unknown = packed.labels == TYPE_UNKNOWN
    healthy = packed.labels == list(packed.classes).index(NO_TUMOUR)
    return {
        **mean(packed.groups[unknown], called[unknown], "type_unknown_called_tumour"),
        **mean(packed.groups[healthy], ~called[healthy], "notumor_called_notumor"),
    }
