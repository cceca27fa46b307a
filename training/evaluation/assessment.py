"""What the app's recipe is worth.

Every figure is by group: each slice is answered once, by a network that never saw its group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.inference.classifier import softmax
from training.data.looks import LOOKS
from training.data.packing import TYPE_UNKNOWN, Packed
from training.datasets.whole_heads import CONTRAST_FREE, KINDS
from training.evaluation.evaluate import balanced_accuracy, figures
from training.evaluation.failures import (
    Answers,
    by_plane,
    by_size,
    by_source,
    errors,
    heat_inside,
    outlines,
    score_outlines,
)
from training.evaluation.intervals import (
    Weights,
    interval,
    mean,
    mean_interval,
    weighted_auc,
    weighted_balanced_accuracy,
)
from training.evaluation.predictions import FOLDS, Predictions, out_of_fold
from training.evaluation.trust import (
    fit_set_thresholds,
    fit_temperature,
    fit_tumour_from,
    unlike_threshold,
)
from training.evaluation.tumour_or_none import (
    called_tumour,
    told_apart,
    tumour,
    tumour_at_fitted_threshold,
)

MASSES = tuple(
    f"{split}/notumor/{name}.jpg"
    for split, names in {
        "Testing": ("Te-no_0020", "Te-no_0098", "Te-no_0128", "Te-no_0150", "Te-no_0228"),
        "Training": ("Tr-no_0464", "Tr-no_0991"),
    }.items()
    for name in names
)
"""The slices labelled as without a tumour that show one by eye (docs/data-audit.md)."""


@dataclass(frozen=True)
class Trust:
    """What is fitted on out-of-fold answers and goes into the bundle."""

    temperature: float
    set_thresholds: list[float]
    tumour_from: float
    unlike_threshold: float


def fit_trust(packed: Packed, predictions: Predictions, where: NDArray[np.bool_]) -> Trust:
    """Fit temperature, sets and the distance's threshold on the slices marked in `where`.

    The sets hold over all tumours, over all slices without one, and over those of whole heads of
    each kind and class apart.
    From which probability a tumour cannot be excluded is fitted on whole heads with contrast and
    without a tumour, or on all slices without one where there are none.
    """
    typed = where & (packed.labels != TYPE_UNKNOWN)
    labels = packed.labels[typed]
    temperature = fit_temperature(predictions.logits[typed], labels)
    probabilities = softmax(predictions.logits / temperature)
    none = list(packed.classes).index(NO_TUMOUR)
    ill = labels != none
    right = probabilities[typed][np.arange(len(labels)), labels]
    thresholds = np.full(len(packed.classes), _one_threshold(right[ill]))
    thresholds[none] = _one_threshold(right[~ill])
    heads = typed & in_volumes(packed)
    for kind in np.unique(packed.kinds[heads]):
        own = heads & (packed.kinds == kind)
        apart = fit_set_thresholds(probabilities[own], packed.labels[own])
        enough = apart > 0
        thresholds[enough] = np.minimum(thresholds, apart)[enough]
    free = where & (packed.labels == none)
    contrast = free & (packed.kinds == CONTRAST_FREE)
    judged = contrast if contrast.any() else free
    familiar = where & ~packed.upside_down
    return Trust(
        temperature,
        thresholds.tolist(),
        fit_tumour_from(1 - probabilities[judged, none]),
        unlike_threshold(predictions.distances[familiar]),
    )


def _one_threshold(right: NDArray[np.float64]) -> float:
    """The threshold of a class whose slices have the probabilities `right` (n,) for it."""
    both = np.column_stack([right, 1 - right])
    return float(fit_set_thresholds(both, np.zeros(len(right), np.int64))[0])


def in_volumes(packed: Packed) -> NDArray[np.bool_]:
    """Which slices are of whole heads, (n,): the figures by group are of the single pictures."""
    return np.asarray(np.isin(packed.kinds, KINDS))


def assess_runs(runs: Path, packed: Packed, folds: Sequence[int] = FOLDS) -> dict[str, Any]:
    """What `assess` says of the runs in `runs` that left out `folds`, and in short of all looks."""
    own = packed.of_folds(folds)
    predictions = out_of_fold(runs, packed, folds)
    looks = {
        look: under_look(own, predictions, out_of_fold(runs, packed, folds, look)) for look in LOOKS
    }
    return {**assess(own, predictions), "looks": looks, "folds": list(map(int, folds))}


def assess(packed: Packed, predictions: Predictions) -> dict[str, Any]:
    """Every figure of the recipe, ready for JSON.

    What is fitted (temperature, sets, distance) is fitted for each fold on the others, on whole
    heads as well; the figures are of the single pictures.
    """
    answers = out_of_fold_answers(packed, predictions)
    trust = vars(fit_trust(packed, predictions, np.ones(len(packed), bool)))
    alone = ~in_volumes(packed)
    packed, predictions = packed.take(alone), predictions.take(alone)
    answers = answers.take(alone)
    massless = ~np.isin(packed.names, MASSES)
    scores = score_outlines(packed, predictions)
    heat = heat_inside(packed, predictions, answers, scores.places)
    return {
        "slices": int((packed.labels != TYPE_UNKNOWN).sum()),
        "classes": _classes(packed, predictions, answers.probabilities),
        "tumour": tumour(packed, answers.probabilities),
        "tumour_without_masses": {
            "left_out": int((~massless).sum()),
            **tumour(packed.take(massless), answers.probabilities[massless]),
        },
        "tumour_at_fitted_threshold": tumour_at_fitted_threshold(packed, answers.probabilities),
        "calibration": _calibration(packed, answers.probabilities),
        "sets": _sets(packed, answers.possible),
        "outlines": {
            **outlines(packed, scores),
            **mean(packed.groups[scores.places], heat, "heat_peak_inside"),
        },
        "shown_in_other_folds": int(packed.shown_in.any(axis=1).sum()),
        "unlike_training": _unlike(packed, answers.unlike),
        "by_source": by_source(packed, answers),
        "by_plane": by_plane(packed, answers),
        "by_size": by_size(packed, answers, scores),
        "errors": errors(packed, answers, scores),
        "trust": trust,
    }


def under_look(packed: Packed, fitted: Predictions, changed: Predictions) -> dict[str, Any]:
    """The figures of slices with another look, trusted as `fitted` on slices as they are."""
    answers = out_of_fold_answers(packed, fitted, changed)
    alone = ~in_volumes(packed)
    packed, answers = packed.take(alone), answers.take(alone)
    upright = ~packed.upside_down
    typed = packed.labels != TYPE_UNKNOWN
    labels, groups = packed.labels[typed], packed.groups[typed]
    right = weighted_balanced_accuracy(labels, answers.probabilities[typed].argmax(axis=1))
    return {
        "balanced_accuracy": right(np.ones(len(labels), np.int64)),
        "balanced_accuracy_interval": interval(groups, right),
        **told_apart(packed, answers.called_tumour),
        **mean(packed.groups[upright], answers.unlike[upright], "unlike_training"),
    }


def out_of_fold_answers(
    packed: Packed, predictions: Predictions, changed: Predictions | None = None
) -> Answers:
    """What the app would say of each fold's slices, trusted as fitted on the other folds.

    With `changed`, what it would say of the same slices with another look.
    """
    judged = predictions if changed is None else changed
    probabilities = np.zeros(predictions.logits.shape)
    possible = np.zeros(probabilities.shape, bool)
    unlike = np.zeros(len(packed), bool)
    none = list(packed.classes).index(NO_TUMOUR)
    for fold in np.unique(packed.folds):
        own = packed.folds == fold
        trust = fit_trust(packed, predictions, ~own)
        probabilities[own] = softmax(judged.logits[own] / trust.temperature)
        sets = cannot_be_excluded(probabilities[own], np.array(trust.set_thresholds))
        possible[own] = or_any_tumour(sets, probabilities[own], trust.tumour_from, none)
        unlike[own] = judged.distances[own] > trust.unlike_threshold
    return Answers(probabilities, possible, unlike, called_tumour(packed, probabilities))


def cannot_be_excluded(
    probabilities: NDArray[np.float64], thresholds: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """The conformal sets (n, classes); the most probable class is always in."""
    sets = probabilities >= thresholds
    sets[np.arange(len(sets)), probabilities.argmax(axis=1)] = True
    return np.asarray(sets)


def or_any_tumour(
    sets: NDArray[np.bool_],
    probabilities: NDArray[np.float64],
    tumour_from: float,
    none: int,
) -> NDArray[np.bool_]:
    """The sets (n, classes), with a tumour in them where one cannot be excluded, else without.

    `none` is the column of no tumour; as `inference.classifier` does it.
    """
    tumours = np.delete(np.arange(sets.shape[1]), none)
    possible = 1 - probabilities[:, none] >= tumour_from
    alone = ~sets[:, tumours].any(axis=1) & possible
    likeliest = tumours[probabilities[:, tumours].argmax(axis=1)]
    changed = sets.copy()
    changed[alone, likeliest[alone]] = True
    changed[np.ix_(~possible, tumours)] = False
    changed[~possible, none] = True
    return changed


def _classes(
    packed: Packed, predictions: Predictions, probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    typed = packed.labels != TYPE_UNKNOWN
    labels, groups = packed.labels[typed], packed.groups[typed]
    answers = probabilities[typed].argmax(axis=1)
    result = figures(predictions.logits[typed], labels, groups)
    losses = -np.log(probabilities[typed][np.arange(len(labels)), labels] + 1e-12)
    aucs = {
        str(name): weighted_auc(probabilities[typed][:, number], labels == number)
        for number, name in enumerate(packed.classes)
    }
    recalls = {
        str(name): mean(groups[labels == number], (answers == labels)[labels == number], "recall")
        for number, name in enumerate(packed.classes)
    }
    return {
        **vars(result),
        **mean(groups, losses, "cross_entropy"),
        "by_fold": {
            int(fold): balanced_accuracy(labels[mine], answers[mine])
            for fold in np.unique(packed.folds)
            for mine in [packed.folds[typed] == fold]
        },
        "recall": {name: values["recall"] for name, values in recalls.items()},
        "recall_interval": {name: values["recall_interval"] for name, values in recalls.items()},
        "auc": {name: auc(np.ones(len(labels), np.int64)) for name, auc in aucs.items()},
        "auc_interval": {name: interval(groups, auc) for name, auc in aucs.items()},
        "blocks": _blocks(groups, labels, probabilities[typed]),
    }


def _blocks(
    groups: NDArray[np.str_], labels: NDArray[np.int64], probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    """The figures of whole groups, answered by the mean of their slices' probabilities."""
    names = np.unique(groups)
    members = [np.flatnonzero(groups == name) for name in names]
    truths = np.array([np.bincount(labels[block]).argmax() for block in members])
    answers = np.array([probabilities[block].mean(axis=0).argmax() for block in members])
    return {
        "count": len(names),
        "balanced_accuracy": balanced_accuracy(truths, answers),
        "balanced_accuracy_interval": interval(names, weighted_balanced_accuracy(truths, answers)),
    }


def _calibration(packed: Packed, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    typed = packed.labels != TYPE_UNKNOWN
    groups = packed.groups[typed]
    confidence = probabilities[typed].max(axis=1)
    right = probabilities[typed].argmax(axis=1) == packed.labels[typed]
    bins = np.minimum((confidence * 15).astype(int), 14)  # 15 bins, as Guo et al. 2017

    def error(weights: Weights) -> float:
        gaps = np.bincount(bins, weights * (confidence - right))
        return float(np.abs(gaps).sum() / weights.sum())

    occupied = [mine for mine in (bins == number for number in range(15)) if mine.any()]
    return {
        "expected_calibration_error": error(np.ones(len(right), np.int64)),
        "expected_calibration_error_interval": interval(groups, error),
        "bins": [
            (int(mine.sum()), float(confidence[mine].mean()), float(right[mine].mean()))
            for mine in occupied
        ],
        "bins_interval": [mean_interval(groups[mine], right[mine]) for mine in occupied],
    }


def _unlike(packed: Packed, unlike: NDArray[np.bool_]) -> dict[str, Any]:
    """How often upright slices are called unlike the training data, and those upside down."""
    turned = packed.upside_down
    return {
        **mean(packed.groups[~turned], unlike[~turned], "false_alarms"),
        **mean(packed.groups[turned], unlike[turned], "upside_down"),
    }


def _sets(packed: Packed, possible: NDArray[np.bool_]) -> dict[str, Any]:
    typed = packed.labels != TYPE_UNKNOWN
    coverage = {
        str(name): mean(packed.groups[own], possible[own, number], "coverage")
        for number, name in enumerate(packed.classes)
        for own in [packed.labels == number]
    }
    return {
        "coverage": {name: values["coverage"] for name, values in coverage.items()},
        "coverage_interval": {name: v["coverage_interval"] for name, v in coverage.items()},
        **mean(packed.groups[typed], possible[typed].sum(axis=1), "mean_size"),
    }
