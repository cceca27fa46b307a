"""What a data set gives to training: one small interface.

To add a data set: a module with a class that has `name`, `licence`, `found` and `slices`, and its
entry in `registry.DATA_SETS`. Packing and folds ask for no more; a recipe draws the kinds that it
gives a share (`recipes/app.toml`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from training.datasets.outlines import Polygon


@dataclass(frozen=True)
class TrainingSlice:
    """One slice and what is known of it.

    Attributes
    ----------
    path
        The file.
    name
        What it is called in figures and logs: its path within the data set.
    kind
        The pool that it is drawn from (a class's name, "type-unknown", "contrast-free" …):
        `Recipe.shares` says how often each is drawn.
    label
        The class's name; empty for a tumour of unknown type.
    fold
        On which of the folds it is left out, counting from 0.
    group
        Slices that must stay on one side of a split: a patient, or what is known instead.
    slice_id
        The same for copies of one picture.
    source
        Where it comes from, as the figures by source call it.
    polygons
        Outlines of tumour in the file's pixels, centres counting from 0.
    mask
        A picture of the file's size that is above 0 inside the tumour, or None.
    outlined
        Whether it is known where there is tumour and where not: false for a tumour that nobody
        outlined.
    volume
        The series that it is a slice of; empty where it stands alone.
    position
        Its place in the volume, as the data set counts; None where it stands alone.
    sequence
        "T1", "T1+C", "T2", "FLAIR" …; empty where it is not known.
    testing_only
        True where no copy stands in the official Training split.
    upside_down
        True where it is known to stand so.

    """

    path: Path
    name: str
    kind: str
    label: str
    fold: int
    group: str
    slice_id: str
    source: str
    polygons: tuple[Polygon, ...] = ()
    mask: Path | None = None
    outlined: bool = True
    volume: str = ""
    position: int | None = None
    sequence: str = ""
    testing_only: bool = False
    upside_down: bool = False


class DataSet(Protocol):
    """A data set: what it is called, under which licence, and its slices in a stable order."""

    name: str
    licence: str

    def found(self, data: Path) -> bool:
        """Return whether the data set stands in the folder `data`."""

    def slices(self, data: Path) -> Iterator[TrainingSlice]:
        """Give every different slice that may be trained on, in a stable order."""
