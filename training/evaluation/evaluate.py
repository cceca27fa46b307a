"""What a trained network is worth: cross-entropy and accuracy, and what they hide."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from training.data.prepared import PreparedSet, load_prepared
from training.data.tfrecords import read_manifest
from training.engine.fitting import HISTORY
from training.engine.seed import CURVES, load_trained, read_configuration, split_training
from training.evaluation.intervals import (
    Interval,
    interval,
    mean_interval,
    weighted_balanced_accuracy,
)
from training.evaluation.plots import answers_figure, plot_confusion, plot_learning_curves
from training.models.networks import predict_logits
from training.release.onnx_graph import Logits, Predict, predictor, write_onnx

FIGURES = "figures.json"
GRAPH = "network.onnx"
SHOWN_SLICES = 25
SEED_FIGURES = {"training": (0.43, 0.841), "validation": (0.34, 0.894), "testing": (0.51, 0.811)}
"""Cross-entropy and accuracy that the student project of 2022 reports."""


@dataclass(frozen=True)
class Figures:
    """What a network gives on one set of slices.

    `cross_entropy` in nats; `accuracy` and `balanced_accuracy` (the mean of the classes' recalls)
    in [0, 1]; `confusion[i][j]` counts slices of class i answered as class j. The intervals are
    95 % bootstraps over groups, None where no groups are known.
    """

    slices: int
    cross_entropy: float
    accuracy: float
    balanced_accuracy: float
    confusion: list[list[int]]
    cross_entropy_interval: Interval | None = None
    accuracy_interval: Interval | None = None
    balanced_accuracy_interval: Interval | None = None


def figures(
    logits: Logits, labels: NDArray[np.int64], groups: NDArray[np.str_] | None = None
) -> Figures:
    """The figures of logits (n, classes) against class numbers (n,), of slices in groups (n,)."""
    classes = logits.shape[1]
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    log_probabilities = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    losses = -log_probabilities[np.arange(len(labels)), labels]
    confusion = np.zeros((classes, classes), np.int64)
    answers = logits.argmax(axis=1)
    np.add.at(confusion, (labels, answers), 1)
    known = Figures(
        slices=len(labels),
        cross_entropy=float(losses.mean()),
        accuracy=float(np.trace(confusion) / len(labels)),
        balanced_accuracy=balanced_accuracy(labels, answers),
        confusion=confusion.tolist(),
    )
    if groups is None:
        return known
    balanced = weighted_balanced_accuracy(labels, answers)
    return replace(
        known,
        cross_entropy_interval=mean_interval(groups, losses),
        accuracy_interval=mean_interval(groups, answers == labels),
        balanced_accuracy_interval=interval(groups, balanced),
    )


def balanced_accuracy(labels: NDArray[np.int64], answers: NDArray[np.int64]) -> float:
    """The mean of the recalls of the classes that occur."""
    return float(np.mean([(answers[labels == k] == k).mean() for k in np.unique(labels)]))


def by_runtime(
    model: keras.Model, graph: Path, sets: dict[str, PreparedSet]
) -> dict[str, dict[str, Figures]]:
    """The figures of a network on each set, by Keras and by ONNX Runtime from its `graph`."""
    runtimes: dict[str, Predict] = {
        "keras": lambda pixels: predict_logits(model, pixels),
        "onnxruntime": predictor(graph),
    }
    return {
        runtime: {
            name: figures(predict(data.pixels), data.labels, data.groups)
            for name, data in sets.items()
        }
        for runtime, predict in runtimes.items()
    }


def on_testing(
    model: keras.Model, records: Path, size: int, temperature: float
) -> dict[str, Figures]:
    """The figures of a network on the Testing split, its logits divided by `temperature` first."""
    return {
        name: figures(predict_logits(model, data.pixels) / temperature, data.labels, data.groups)
        for name, data in testing_sets(records, size).items()
    }


def testing_sets(records: Path, size: int) -> dict[str, PreparedSet]:
    """The Testing split, and the part of it whose pictures do not also stand in Training."""
    testing = load_prepared(records, "Testing", size)
    return {"testing": testing, "testing_without_twin": testing.take(~testing.twins)}


def evaluate(run: Path) -> dict[str, dict[str, Figures]]:
    """Evaluate a run's kept epoch by Keras and, as an ONNX graph, by ONNX Runtime.

    Writes into `run`: `network.onnx`, `figures.json`, the learning curves anew, a confusion matrix,
    and 25 random Testing slices with what Keras answered.
    """
    configuration = read_configuration(run)
    records = Path(configuration.records)
    training, validation = split_training(
        configuration, load_prepared(records, "Training", configuration.size)
    )
    sets = {"training": training, "validation": validation}
    sets |= testing_sets(records, configuration.size)
    model = load_trained(run)
    write_onnx(model, run / GRAPH)
    results = by_runtime(model, run / GRAPH, sets)
    stored = {
        runtime: {name: asdict(result) for name, result in parts.items()}
        for runtime, parts in results.items()
    }
    (run / FIGURES).write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    history = json.loads((run / HISTORY).read_text(encoding="utf-8"))
    plot_learning_curves(history, run / CURVES)
    classes = read_manifest(records).classes
    plot_confusion(results["keras"]["testing"].confusion, classes, run / "confusion.png")
    shown = random_slices(sets["testing"], configuration.seed)
    answers = predict_logits(model, shown.pixels).argmax(axis=1)
    answers_figure(
        shown.pixels, [classes[k] for k in shown.labels], [classes[k] for k in answers]
    ).savefig(run / "answers.png", dpi=120)
    return results


def random_slices(data: PreparedSet, seed: int) -> PreparedSet:
    """25 slices, or all where there are fewer, in random order."""
    return data.take(np.random.default_rng(seed).permutation(len(data))[:SHOWN_SLICES])
