"""The pictures of an audit's report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from braintumor_desktop.domain.image import FloatImage
from braintumor_desktop.imaging.read import read_slice
from training.audit.copies import COPY_COARSE, COPY_FINE, Copies, Pair, view
from training.audit.file_views import COARSE, ReadFile, shrink, unit
from training.audit.findings import Findings

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""The Okabe-Ito palette."""

SHOWN_PAIRS = 8
_SIDE = 256


def plot_classes(findings: Findings, path: Path) -> None:
    """Files and different slices of each class, a panel for each split."""
    figure = Figure(figsize=(4.5 * len(findings.counts), 3.5), layout="constrained")
    panels = figure.subplots(1, len(findings.counts), sharey=True, squeeze=False)[0]
    for axes, (split, counts) in zip(panels, findings.counts.items(), strict=True):
        places = np.arange(len(counts))
        for shift, values, name in (
            (-0.2, counts, "files"),
            (0.2, findings.slices[split], "different slices"),
        ):
            bars = axes.bar(places + shift, values.values(), 0.4, label=name)
            axes.bar_label(bars, fontsize=8)
        axes.set(title=split or "All", xticks=places)
        axes.set_xticklabels(counts, rotation=20)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=120)


def plot_files(files: Sequence[ReadFile], path: Path) -> None:
    """Width against height of the files by class, and their modes."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    labels = sorted({file.file.label for file in files})
    modes = sorted({file.mode for file in files})
    below = np.zeros(len(labels))
    for number, label in enumerate(labels):
        members = [file for file in files if file.file.label == label]
        sizes = Counter((file.width, file.height) for file in members)
        x, y = zip(*sizes, strict=True)
        area = [6 + 3 * count**0.5 for count in sizes.values()]
        colour = COLOURS[number % len(COLOURS)]
        left.scatter(x, y, s=area, label=label, alpha=0.5, color=colour)
    for mode in modes:
        counted = Counter(file.file.label for file in files if file.mode == mode)
        values = np.array([counted[label] for label in labels])
        right.bar(labels, values, bottom=below, label=mode)
        below += values
    left.set(title="Size", xlabel="Width in pixels", ylabel="Height in pixels")
    right.set(title="Mode", ylabel="Files", ylim=(0, 1.35 * below.max()))  # room for the legend
    left.legend()
    right.legend()
    figure.savefig(path, dpi=120)


def plot_pairs(copies: Copies, path: Path) -> None:
    """What decides: coarse against fine correlation of the pairs that were looked at."""
    figure = Figure(figsize=(6.5, 5), layout="constrained")
    axes = figure.subplots()
    kinds = (("joined", copies.joined), ("apart", copies.apart), ("in doubt", copies.doubtful))
    for number, (name, pairs) in enumerate(kinds):
        x, y = [pair.coarse for pair in pairs], [pair.fine for pair in pairs]
        axes.scatter(x, y, s=8, alpha=0.5, color=COLOURS[number], label=f"{name}: {len(pairs)}")
    axes.axvline(COPY_COARSE, color="grey", linestyle=":")
    axes.axhline(COPY_FINE, color="grey", linestyle=":")
    axes.set(xlabel="Correlation at 32x32", ylabel="Correlation of the fine views")
    axes.legend()
    figure.savefig(path, dpi=120)


def plot_folds(fold_classes: Mapping[int, Mapping[str, int]], path: Path) -> None:
    """Different slices of each class in each fold."""
    figure = Figure(figsize=(6.5, 3.5), layout="constrained")
    axes = figure.subplots()
    labels = sorted({label for counts in fold_classes.values() for label in counts})
    below = np.zeros(len(fold_classes))
    for number, label in enumerate(labels):
        values = np.array([counts.get(label, 0) for counts in fold_classes.values()])
        colour = COLOURS[number % len(COLOURS)]
        axes.bar(list(map(str, fold_classes)), values, bottom=below, label=label, color=colour)
        below += values
    axes.set(xlabel="Fold", ylabel="Different slices")
    axes.legend()
    figure.savefig(path, dpi=120)


def show_pairs(files: Sequence[ReadFile], pairs: Sequence[Pair], path: Path) -> None:
    """Pairs side by side for a person to judge: the first, the second turned to fit it."""
    shown = pairs[:SHOWN_PAIRS]
    figure = Figure(figsize=(9, 2.6 * ((len(shown) + 1) // 2)), layout="constrained")
    panels = figure.subplots((len(shown) + 1) // 2, 4, squeeze=False).reshape(-1, 2)
    for axes in panels.flat:
        axes.axis("off")
    for (left, right), pair in zip(panels, shown, strict=False):
        first, second = (_square(files[place].file.path) for place in (pair.first, pair.second))
        for axes, picture in ((left, first), (right, _turned(second, first))):
            axes.imshow(picture, cmap="gray")
        left.set_title(files[pair.first].file.path.name, fontsize=7)
        name = files[pair.second].file.path.name
        right.set_title(f"{name}\n{pair.coarse:.3f}, fine {pair.fine:.2f}", fontsize=7)
    figure.savefig(path, dpi=100)


def _square(path: Path) -> FloatImage:
    return shrink(read_slice(path).pixels, _SIDE)


def _turned(pixels: FloatImage, to: FloatImage) -> FloatImage:
    target = unit(shrink(to, COARSE))
    views = [np.ascontiguousarray(view(pixels, number)) for number in range(8)]
    return max(views, key=lambda picture: float(np.vdot(unit(shrink(picture, COARSE)), target)))
