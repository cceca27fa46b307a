"""The control that any result is read against: what ten statistics of the pixels already tell.

A classifier that cannot see a tumour, only how dark, wide or sharp a file is. As far as it gets,
a network may get by the source of a slice alone.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.imaging.read import read_slice
from training.audit.indexing import IndexRow, default_index, read_index
from training.datasets.patients import FIGSHARE, stretch_of

UNKNOWN = "tumor-type-unknown.csv"
STATISTICS = (
    "mean",
    "standard deviation",
    "10th percentile",
    "median",
    "90th percentile",
    "99th percentile",
    "share of black",
    "entropy",
    "aspect ratio",
    "mean gradient",
)
TREES = 300


@dataclass(frozen=True)
class Score:
    """Balanced accuracy (mean of the classes' recalls), accuracy and the recalls, in [0, 1]."""

    slices: int
    balanced_accuracy: float
    accuracy: float
    recalls: dict[str, float]


@dataclass(frozen=True)
class Control:
    """The control's figures; every slice answered by a forest that never saw its fold.

    `conflicting` slices stand under two labels and are left out. `unknown_called_tumour` is the
    share of the `unknown` tumours without a type that is called tumour; None where there are none.
    """

    tumour: Score
    types: Score
    conflicting: int
    unknown: int
    unknown_called_tumour: float | None


def statistics(path: Path) -> NDArray[np.float64]:
    """The ten `STATISTICS` of a file, float64 (10,), in the file's own units.

    Black is at most 2 % of the brightest pixel. Entropy is that of 64 bins from the least to the
    brightest, in bits. The aspect ratio is width over height. The gradient is the mean difference
    of neighbours, along both axes.
    """
    pixels = read_slice(path).pixels.astype(np.float64)
    counts, _ = np.histogram(pixels, bins=64)
    shares = counts[counts > 0] / pixels.size
    steps = [
        np.abs(np.diff(pixels, axis=axis)).mean() if min(pixels.shape) > 1 else 0.0
        for axis in (0, 1)
    ]
    return np.array(
        [
            pixels.mean(),
            pixels.std(),
            *np.percentile(pixels, (10, 50, 90, 99)),
            (pixels <= 0.02 * pixels.max()).mean(),
            -(shares * np.log2(shares)).sum(),
            pixels.shape[1] / pixels.shape[0],
            sum(steps) / 2,
        ]
    )


def control(data: Path, index: Path | None = None, unknown: Path | None = None) -> Control:
    """The control on `data` by the folds of `index` (by default `index.csv` in or beside it).

    But figshare's slices, where the index has figshare's numbers, are in folds by patient.

    One file for each slice, that of the training split where it has one. `unknown` is a CSV file
    with the columns path (beside the file) and fold, by default `tumor-type-unknown.csv` beside
    `data`. Raises `FileNotFoundError` without an index, `ValueError` where it has no folds, or not
    those of `unknown`.
    """
    path = index or default_index(data)
    if path is None:
        raise FileNotFoundError(f"No index.csv in or beside {data}: run `audit`, or name it.")
    rows, conflicting = different_slices(list(read_index(path).values()))
    folds = np.array([_fold(row) for row in rows], np.int64)
    if len(set(folds.tolist())) < 2 or (folds < 0).any():
        raise ValueError(f"{path} has no folds.")
    features = _features([data / row.path for row in rows])
    labels = np.array([row.label for row in rows])
    tumour = np.where(labels == NO_TUMOUR, NO_TUMOUR, "tumour")
    typed = labels != NO_TUMOUR
    if typed.all() or not typed.any():
        raise ValueError(f"The control needs a class {NO_TUMOUR} and at least one other.")

    unknown_paths, unknown_folds = _read_unknown(unknown or data.parent / UNKNOWN)
    if not set(unknown_folds.tolist()) <= set(folds.tolist()):
        raise ValueError(f"{path} has not the folds of the tumours of unknown type.")
    unknown_features = _features(unknown_paths)
    answers = _left_out(features, tumour, folds, unknown_features, unknown_folds)
    called = answers.beside == "tumour"
    types = _left_out(features[typed], labels[typed], folds[typed])
    return Control(
        tumour=_score(tumour, answers.own),
        types=_score(labels[typed], types.own),
        conflicting=conflicting,
        unknown=len(unknown_paths),
        unknown_called_tumour=float(called.mean()) if len(called) else None,
    )


def _fold(row: IndexRow) -> int:
    """That of the patient where figshare tells who it is; the index tears patients apart.

    An index that `audit` wrote has numbers of its own.
    """
    known = row.source == FIGSHARE and row.slice_id.startswith("C")
    return stretch_of(row.slice_id).fold if known else row.fold


def write_control(result: Control, path: Path) -> None:
    """The figures as JSON, with the names of the statistics."""
    text = json.dumps({"statistics": STATISTICS, **asdict(result)}, indent=2)
    path.write_text(text + "\n", encoding="utf-8")


def table(result: Control) -> list[str]:
    """The figures as lines of text."""
    lines = [f"{'':16}{'slices':>7}{'balanced':>10}{'accuracy':>10}   recalls"]
    for name, score in (("tumour or not", result.tumour), ("tumour type", result.types)):
        recalls = ", ".join(f"{label} {recall:.3f}" for label, recall in score.recalls.items())
        figures = f"{score.slices:7}{score.balanced_accuracy:10.3f}{score.accuracy:10.3f}"
        lines.append(f"{name:16}{figures}   {recalls}")
    if result.unknown_called_tumour is not None:
        called = round(result.unknown_called_tumour * result.unknown)
        share = f"{result.unknown_called_tumour:.3f}"
        lines.append(
            f"Tumours of unknown type called tumour: {called} of {result.unknown}, {share}"
        )
    lines.append(f"Left out: {result.conflicting} slices that stand under two labels.")
    return lines


def different_slices(rows: Sequence[IndexRow]) -> tuple[list[IndexRow], int]:
    """One row for each slice with one label, training first; and how many have several labels."""
    by_slice: dict[str, list[IndexRow]] = {}
    for row in sorted(rows, key=lambda row: (row.twin_in_training, row.path)):
        by_slice.setdefault(row.slice_id, []).append(row)
    kept = [m[0] for m in by_slice.values() if len({row.label for row in m}) == 1]
    return kept, len(by_slice) - len(kept)


@dataclass(frozen=True, eq=False)
class _Answers:
    own: NDArray[np.str_]
    beside: NDArray[np.str_]


def _left_out(
    features: NDArray[np.float64],
    labels: NDArray[np.str_],
    folds: NDArray[np.int64],
    beside: NDArray[np.float64] | None = None,
    beside_folds: NDArray[np.int64] | None = None,
) -> _Answers:
    """The answer for each slice, and for those beside of the same fold, of the others' forest."""
    from sklearn.ensemble import RandomForestClassifier

    own = np.empty_like(labels)
    answered = np.full(0 if beside is None else len(beside), "", labels.dtype)
    for fold in tqdm(sorted(set(folds.tolist())), desc="Forests", unit="fold"):
        left_out = folds == fold
        forest = RandomForestClassifier(TREES, class_weight="balanced", random_state=0)
        forest.fit(features[~left_out], labels[~left_out])
        if left_out.any():
            own[left_out] = forest.predict(features[left_out])
        if beside is not None and beside_folds is not None and (beside_folds == fold).any():
            answered[beside_folds == fold] = forest.predict(beside[beside_folds == fold])
    return _Answers(own, answered[answered != ""])


def _score(truth: NDArray[np.str_], answers: NDArray[np.str_]) -> Score:
    right = truth == answers
    recalls = {str(label): float(right[truth == label].mean()) for label in np.unique(truth)}
    balanced = float(np.mean(list(recalls.values())))
    return Score(len(truth), balanced, float(right.mean()), recalls)


def _features(paths: Sequence[Path]) -> NDArray[np.float64]:
    if not paths:
        return np.empty((0, len(STATISTICS)))
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
        measured = pool.map(statistics, paths, chunksize=32)
        return np.stack(list(tqdm(measured, total=len(paths), desc="Measuring", unit="file")))


def _read_unknown(path: Path) -> tuple[list[Path], NDArray[np.int64]]:
    if not path.is_file():
        return [], np.empty(0, np.int64)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [path.parent / row["path"] for row in rows], np.array([int(r["fold"]) for r in rows])
