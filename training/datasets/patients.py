"""Which slices of figshare are of one patient, in whatever plane, and which files show one picture.

figshare stands in the order of plane first, then patient, so that the folds that come with the data
have a patient's planes on several sides. `patients.csv` says which stretches of that order are one
patient's, and cuts the patients of each class into five folds. They come from the patient numbers
that figshare 1512427 gives beside its slices (docs/data-audit.md); the names here are our own.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PLANES = ("axial", "coronal", "sagittal")

_PATIENTS = Path(__file__).with_name("patients.csv")
_SAME_PICTURES = Path(__file__).with_name("same_pictures.csv")

FIGSHARE = "figshare"
"""The source, in the data's index, of the slices whose patients are known."""


@dataclass(frozen=True)
class Stretch:
    """Slices of one patient in one plane, `first` to `last` in figshare's order."""

    first: int
    last: int
    plane: str
    patient: str
    fold: int


def stretch_of(slice_id: str) -> Stretch:
    """Where figshare's slice stands, "C0017" by its id; `ValueError` where there is none."""
    if not re.fullmatch(r"C\d+", slice_id):
        raise ValueError(f"{slice_id} is no number of figshare's.")
    number, stretches = int(slice_id[1:]), read_stretches()
    place = bisect_right(stretches, number, key=lambda one: one.first) - 1
    if place < 0 or number > stretches[place].last:
        raise ValueError(f"figshare has no slice {slice_id}.")
    return stretches[place]


@cache
def read_stretches() -> tuple[Stretch, ...]:
    """All stretches, in figshare's order."""
    with _PATIENTS.open(newline="", encoding="utf-8") as file:
        return tuple(
            Stretch(
                int(row["first"]), int(row["last"]), row["plane"], row["patient"], int(row["fold"])
            )
            for row in csv.DictReader(file)
        )


def read_same_pictures() -> list[tuple[str, str]]:
    """The pairs of files, by their names in the data, that show one picture in two folds."""
    with _SAME_PICTURES.open(newline="", encoding="utf-8") as file:
        return [(row["first"], row["second"]) for row in csv.DictReader(file)]
