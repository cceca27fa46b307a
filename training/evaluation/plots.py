"""The pictures of a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

RIGHT, WRONG = "blue", "red"


def plot_learning_curves(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Cross-entropy and accuracy over the epochs, training beside validation."""
    epochs = range(1, len(history) + 1)
    figure = Figure(figsize=(10, 4), layout="constrained")
    for axes, name, title in zip(
        figure.subplots(1, 2), ("loss", "accuracy"), ("Cross-entropy", "Accuracy"), strict=True
    ):
        axes.plot(epochs, [row[name] for row in history], label="Training")
        axes.plot(epochs, [row[f"val_{name}"] for row in history], label="Validation")
        best = min(range(len(history)), key=lambda i: history[i]["val_loss"]) + 1
        axes.axvline(best, color="grey", linestyle=":", label=f"Kept: epoch {best}")
        axes.set(title=title, xlabel="Epoch", ylim=(0, None) if name == "loss" else (None, 1))
        axes.legend()
    figure.savefig(path, dpi=120)


def plot_losses(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Every loss of the history over the epochs."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name in history[0]:
        axes.plot(range(1, len(history) + 1), [row[name] for row in history], label=name)
    axes.set(xlabel="Epoch", ylabel="Training loss", ylim=(0, None))
    axes.legend()
    figure.savefig(path, dpi=120)


def plot_confusion(confusion: Sequence[Sequence[int]], classes: Sequence[str], path: Path) -> None:
    """Counts of true class (rows) against answer (columns), shaded by share of the row."""
    figure = Figure(figsize=(5, 4.5), layout="constrained")
    axes = figure.subplots()
    shares = [[count / max(1, sum(row)) for count in row] for row in confusion]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(confusion):
        for j, count in enumerate(row):
            axes.text(
                j, i, str(count), ha="center", color="white" if shares[i][j] > 0.5 else "black"
            )
    places = range(len(classes))
    axes.set(xticks=places, yticks=places, xlabel="Answer", ylabel="Truth")
    axes.set_xticklabels(classes, rotation=20)
    axes.set_yticklabels(classes)
    figure.savefig(path, dpi=120)


def answers_figure(
    pixels: NDArray[np.float32], truths: Sequence[str], answers: Sequence[str]
) -> Figure:
    """Prepared slices (n, size, size), each under its answer: blue where right, red where wrong.

    A wrong answer's title says the truth as well.
    """
    columns = math.ceil(math.sqrt(len(pixels)))
    rows = math.ceil(len(pixels) / columns)
    figure = Figure(figsize=(2.2 * columns, 2.4 * rows), layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in panels:
        axes.set_axis_off()
    for axes, slice_, truth, answer in zip(panels, pixels, truths, answers, strict=False):
        axes.imshow(slice_, cmap="gray", vmin=0, vmax=1)
        right = answer == truth
        title = answer if right else f"{answer}, not {truth}"
        axes.set_title(title, color=RIGHT if right else WRONG, fontsize=9)
    return figure
