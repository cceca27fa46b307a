"""Which slices may show one patient: what no network may have seen of those that it is judged by.

The folds that come with the data hold runs of neighbouring slices together. But figshare stands in
the order of plane first, then patient: the same tumour comes again in each plane's run, at about
the same place (docs/data-audit.md). So where that order can be followed, folds are cut here by the
place in the run, the same for all planes. What else shows one picture or one head in two folds is
found by comparing.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.audit.copies import NEAR, find_alike
from training.audit.indexing import FOLDS
from training.audit.reading import COARSE, shrink, unit

PLANES = ("axial", "coronal", "sagittal")

RUNS = {
    "meningioma": (((1, 210), (211, 441), (442, 708)),),
    "pituitary": (
        ((918, 1033), (1034, 1165), (1166, 1282)),
        ((1283, 1461), (1462, 1639), (1640, 1840)),
    ),
}
"""The first and last number of figshare's axial, coronal and sagittal runs of the same patients.

The gliomas are left as the data's index has them: no order was found that their runs follow."""

_GROUPS_OF_A_FOLD = 3

MARGIN = 0.08
"""The share of a run by which the planes' orders may differ: outlines of neighbouring planes follow
each other best where one is moved by up to 0.06."""

SAME_HEAD = NEAR
"""Correlation at 32x32 from which two slices of figshare are taken for one head."""

SAME_SERIES = 10
"""How far from such a slice, in figshare's order, others of its group are taken for its series'."""

_SAME_PICTURES = Path(__file__).with_name("same_pictures.csv")


@dataclass(frozen=True)
class Place:
    """Where a slice of figshare belongs: `near` are further folds that may hold its patient."""

    plane: str
    group: str
    fold: int
    near: tuple[int, ...]


def place_of(number: int, label: str) -> Place | None:
    """The place of figshare's slice `number`, None where its order says nothing of the patient."""
    for block, runs in enumerate(RUNS.get(label, ())):
        for plane, (first, last) in zip(PLANES, runs, strict=True):
            if first <= number <= last:
                share = (number - first + 0.5) / (last - first + 1)
                group = int(share * FOLDS * _GROUPS_OF_A_FOLD)
                parts = {int(np.clip(share + by, 0, 0.999) * FOLDS) for by in (-MARGIN, 0, MARGIN)}
                part = int(share * FOLDS)
                return Place(
                    plane,
                    f"{label} {block} {group:02}",
                    (part + 2 * block) % FOLDS,
                    tuple((other + 2 * block) % FOLDS for other in parts - {part}),
                )
    return None


def read_same_pictures() -> list[tuple[str, str]]:
    """The pairs of files, by their names in the data, that show one picture in two folds."""
    with _SAME_PICTURES.open(newline="", encoding="utf-8") as file:
        return [(row["first"], row["second"]) for row in csv.DictReader(file)]


def same_series(
    pixels: NDArray[np.float16], groups: NDArray[np.str_], numbers: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether one slice's series shows the head of another slice, (n, n), for figshare's.

    `pixels` (n, size, size), compared in the 8 rotations and mirrorings; `numbers` (n,) are those
    in figshare's order.
    """
    coarse = [unit(shrink(one.astype(np.float32), COARSE)) for one in pixels]
    alike = find_alike(np.stack(coarse), SAME_HEAD)
    near = (groups[:, None] == groups) & (abs(numbers[:, None] - numbers) <= SAME_SERIES)
    shows = np.zeros((len(pixels), len(pixels)), bool)
    for first, second in zip(alike.first, alike.second, strict=True):
        shows[near[first], second] = True
        shows[near[second], first] = True
    return shows
