"""Recipes side by side, on some of the folds: what an ablation or another try gave."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from braintumor_desktop.inference.classifier import softmax
from training.data.packing import TYPE_UNKNOWN, load_packed
from training.engine.recipe import read_recipe, run_name
from training.evaluation.assessment import in_volumes
from training.evaluation.evaluate import balanced_accuracy
from training.evaluation.failures import outlines, score_outlines
from training.evaluation.predictions import out_of_fold
from training.evaluation.tumour_or_none import tumour


def compare(runs: Path, folds: Sequence[int], look: str) -> dict[str, float]:
    """The figures of the runs in `runs` on these folds, by name, of slices with this look.

    Answers are taken as they are, without the temperature, which needs other folds to fit it.
    """
    packed = load_packed(Path(read_recipe(runs / run_name(folds[0])).packed))
    predictions = out_of_fold(runs, packed, folds, look)
    judged = packed.of_folds(folds)
    alone = ~in_volumes(judged)
    judged, predictions = judged.take(alone), predictions.take(alone)
    probabilities = softmax(predictions.logits)
    typed = judged.labels != TYPE_UNKNOWN
    labels, answers = judged.labels[typed], probabilities[typed].argmax(axis=1)
    recalls = {
        f"recall of {name}": float((answers == number)[labels == number].mean())
        for number, name in enumerate(judged.classes)
    }
    telling = tumour(judged, probabilities)
    fit = outlines(judged, score_outlines(judged, predictions))
    return {
        "balanced accuracy": balanced_accuracy(labels, answers),
        **recalls,
        "unknown type called tumour": telling["type_unknown_called_tumour"],
        "the same at 95 % specificity": telling["sensitivity_at_specificity_95"],
        "no tumour called so": telling["notumor_called_notumor"],
        "mean Dice": fit["mean_dice"],
        "strongest cell inside": fit["peak_inside"],
    }


def table(runs: Sequence[Path], folds: Sequence[int], look: str) -> list[str]:
    """A Markdown table, a column for each folder of runs."""
    columns = [compare(each, folds, look) for each in runs]
    names = " | ".join(each.name for each in runs)
    rows = [
        f"| {key} | " + " | ".join(f"{column[key]:.3f}" for column in columns) + " |"
        for key in columns[0]
    ]
    shown = ", ".join(str(fold) for fold in folds)
    return [f"| folds {shown}, {look} | {names} |", "| --- " * (len(runs) + 1) + "|", *rows]
