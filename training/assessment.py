"""What the app's recipe is worth.

Every figure is by group: each slice is answered once, by a network that never saw its group.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from braintumor_desktop.inference.classifier import softmax
from training.evaluate import balanced_accuracy, figures
from training.localizing import coarse
from training.packing import NO_TUMOUR, TYPE_UNKNOWN, Packed
from training.predictions import Predictions
from training.trust import fit_set_thresholds, fit_temperature, unlike_threshold

RESAMPLES = 1000


@dataclass(frozen=True)
class Trust:
    """What is fitted on out-of-fold answers and goes into the bundle."""

    temperature: float
    set_thresholds: list[float]
    unlike_threshold: float


def fit_trust(packed: Packed, predictions: Predictions, where: NDArray[np.bool_]) -> Trust:
    """Fit temperature, sets and the distance's threshold on the slices marked in `where`."""
    typed = where & (packed.labels != TYPE_UNKNOWN)
    logits, labels = predictions.logits[typed], packed.labels[typed]
    temperature = fit_temperature(logits, labels)
    thresholds = fit_set_thresholds(softmax(logits / temperature), labels)
    return Trust(temperature, thresholds.tolist(), unlike_threshold(predictions.distances[where]))


def assess(packed: Packed, predictions: Predictions) -> dict[str, Any]:
    """Every figure of the recipe, ready for JSON.

    What is fitted (temperature, sets, distance) is fitted for each fold on the other four.
    """
    probabilities = np.zeros(predictions.logits.shape)
    possible = np.zeros(probabilities.shape, bool)
    unlike = np.zeros(len(packed), bool)
    for fold in np.unique(packed.folds):
        own = packed.folds == fold
        trust = fit_trust(packed, predictions, ~own)
        probabilities[own] = softmax(predictions.logits[own] / trust.temperature)
        possible[own] = cannot_be_excluded(probabilities[own], np.array(trust.set_thresholds))
        unlike[own] = predictions.distances[own] > trust.unlike_threshold
    return {
        "slices": int((packed.labels != TYPE_UNKNOWN).sum()),
        "classes": _classes(packed, predictions, probabilities),
        "tumour": _tumour(packed, probabilities),
        "calibration": _calibration(packed, probabilities),
        "sets": _sets(packed, possible),
        "outlines": _outlines(packed, predictions),
        "unlike_training": {"false_alarms": float(unlike.mean())},
        "trust": vars(fit_trust(packed, predictions, np.ones(len(packed), bool))),
    }


def cannot_be_excluded(
    probabilities: NDArray[np.float64], thresholds: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """The conformal sets (n, classes); the most probable class is always in."""
    sets = probabilities >= thresholds
    sets[np.arange(len(sets)), probabilities.argmax(axis=1)] = True
    return np.asarray(sets)


def _classes(
    packed: Packed, predictions: Predictions, probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    typed = packed.labels != TYPE_UNKNOWN
    labels, groups = packed.labels[typed], packed.groups[typed]
    answers = probabilities[typed].argmax(axis=1)
    result = figures(predictions.logits[typed], labels)
    blocks = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    block_labels = np.array([np.bincount(labels[block]).argmax() for block in blocks])
    mean = np.stack([probabilities[typed][block].mean(axis=0) for block in blocks])
    return {
        **vars(result),
        "cross_entropy": float(
            -np.log(probabilities[typed][np.arange(len(labels)), labels] + 1e-12).mean()
        ),
        "balanced_accuracy_interval": _interval(
            groups, lambda places: balanced_accuracy(labels[places], answers[places])
        ),
        "by_fold": {
            int(fold): balanced_accuracy(labels[mine], answers[mine])
            for fold in np.unique(packed.folds)
            for mine in [packed.folds[typed] == fold]
        },
        "recall": {
            str(name): float((answers[labels == number] == number).mean())
            for number, name in enumerate(packed.classes)
        },
        "auc": {
            str(name): float(roc_auc_score(labels == number, probabilities[typed][:, number]))
            for number, name in enumerate(packed.classes)
        },
        "blocks": {
            "count": len(blocks),
            "balanced_accuracy": balanced_accuracy(block_labels, mean.argmax(axis=1)),
        },
    }


def _tumour(packed: Packed, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    none = list(packed.classes).index(NO_TUMOUR)
    called = probabilities[:, none] < 0.5
    unknown, healthy = packed.labels == TYPE_UNKNOWN, packed.labels == none
    known = ~unknown & ~healthy
    return {
        "type_unknown_called_tumour": float(called[unknown].mean()),
        "type_unknown_called_tumour_interval": _interval(
            packed.groups[unknown], lambda places: float(called[unknown][places].mean())
        ),
        "notumor_called_notumor": float((~called[healthy]).mean()),
        "notumor_called_notumor_interval": _interval(
            packed.groups[healthy], lambda places: float((~called[healthy])[places].mean())
        ),
        "known_types_called_tumour": float(called[known].mean()),
        "sensitivity_at_specificity_95": float(
            (
                probabilities[unknown, none]
                < np.quantile(probabilities[healthy, none], 0.05, method="higher")
            ).mean()
        ),
    }


def _calibration(packed: Packed, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    typed = packed.labels != TYPE_UNKNOWN
    confidence = probabilities[typed].max(axis=1)
    right = probabilities[typed].argmax(axis=1) == packed.labels[typed]
    bins = np.minimum((confidence * 15).astype(int), 14)  # 15 bins, as Guo et al. 2017
    rows = [
        (int(mine.sum()), float(confidence[mine].mean()), float(right[mine].mean()))
        for mine in (bins == number for number in range(15))
        if mine.any()
    ]
    error = sum(count * abs(sure - true) for count, sure, true in rows) / len(right)
    return {"expected_calibration_error": error, "bins": rows}


def _sets(packed: Packed, possible: NDArray[np.bool_]) -> dict[str, Any]:
    typed = packed.labels != TYPE_UNKNOWN
    return {
        "coverage": {
            str(name): float(possible[packed.labels == number, number].mean())
            for number, name in enumerate(packed.classes)
        },
        "mean_size": float(possible[typed].sum(axis=1).mean()),
    }


def _outlines(packed: Packed, predictions: Predictions) -> dict[str, Any]:
    places = np.flatnonzero(packed.outlined & packed.masks.any(axis=(1, 2)))
    dice, hits = [], []
    for place in places:
        truth = packed.masks[place]
        cells = predictions.masks[place].astype(np.float32)
        fine = cv2.resize(cells, truth.shape, interpolation=cv2.INTER_LINEAR)
        inside = np.asarray(fine) > 0.5
        dice.append(2 * truth[inside].sum() / (truth.sum() + inside.sum()))
        hits.append(coarse(truth.astype(np.float32)).flat[int(cells.argmax())] > 0)
    sources = packed.sources[places]
    return {
        "slices": len(places),
        "mean_dice": float(np.mean(dice)),
        "peak_inside": float(np.mean(hits)),
        "by_source": {
            str(source): {
                "mean_dice": float(np.mean(np.array(dice)[sources == source])),
                "peak_inside": float(np.mean(np.array(hits)[sources == source])),
            }
            for source in np.unique(sources)
        },
    }


def _interval(
    groups: NDArray[np.str_], figure: Callable[[NDArray[np.intp]], float]
) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of a figure, drawing whole groups."""
    rng = np.random.default_rng(0)
    names, inverse = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(inverse == number) for number in range(len(names))]
    values = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(0, len(names), len(names))
        values.append(figure(np.concatenate([members[number] for number in drawn])))
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)
