"""From copies to an index: slice ids, groups, folds, and which slices leak between splits."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.audit.copies import Alike
from training.audit.file_views import Found
from training.audit.union import Union

FOLDS = 5
NO_FOLD = -1


@dataclass(frozen=True)
class IndexRow:
    """One row of `index.csv`.

    `slice_id` is equal for copies, `group` for slices that must stay on one side of a split. What
    pixels do not tell is taken from a given index, else `source` is empty and `mirrored` 0.
    `twin_in_training` is 1 outside the training split where a copy stands in it.
    """

    path: str
    split: str
    label: str
    source: str
    slice_id: str
    group: str
    fold: int
    mirrored: int
    twin_in_training: int


def default_index(data: Path) -> Path | None:
    """`index.csv` in `data` or beside it."""
    candidates = (data / "index.csv", data.parent / "index.csv")
    return next((path for path in candidates if path.is_file()), None)


def read_index(path: Path) -> dict[str, IndexRow]:
    """The rows of an index by path; `ValueError` where a column or a number is missing."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = {field.name for field in fields(IndexRow)} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path} has no column {', '.join(sorted(missing))}.")
        try:
            return {row["path"]: _row(row) for row in reader}
        except ValueError as error:
            raise ValueError(f"{path}, line {reader.line_num}: {error}.") from error


def write_index(rows: Sequence[IndexRow], path: Path) -> None:
    """Write an index with the columns of `IndexRow`, in that order."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(IndexRow)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def make_index(
    files: Sequence[Found],
    picture: NDArray[np.int64],
    alike: Alike,
    given: Mapping[str, IndexRow],
    seed: int = 0,
) -> list[IndexRow]:
    """The row of every file, in their order.

    Slice ids are `picture` (n,). Groups are those of `given`, joined where a copy stands in two; a
    file without a row there is joined with all that are `alike`. Folds are those of `given` where
    it has every file and its groups were not joined, else drawn anew.
    """
    groups = _groups(files, picture, alike, given)
    folds = _given_folds(files, groups, given)
    if folds is None:
        folds = draw_folds([file.label for file in files], groups, picture, seed)
    twins = in_training(files, picture)
    rows = []
    for file, number, group, fold, twin in zip(files, picture, groups, folds, twins, strict=True):
        known = given.get(file.name)
        rows.append(
            IndexRow(
                path=file.name,
                split=file.split,
                label=file.label,
                source=known.source if known else "",
                slice_id=f"S{number + 1:05d}",
                group=f"g{group + 1:05d}",
                fold=int(fold),
                mirrored=known.mirrored if known else 0,
                twin_in_training=int(twin),
            )
        )
    return rows


def is_training(split: str) -> bool:
    """Whether a split folder's name says training, as "Training" or "train" does."""
    return split.lower().startswith("train")


def in_training(files: Sequence[Found], picture: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Bool (n,): true for a file outside the training split with a copy inside it."""
    inside = np.array([is_training(file.split) for file in files], np.bool_)
    return ~inside & np.isin(picture, picture[inside])


def draw_folds(
    labels: Sequence[str], groups: NDArray[np.int64], picture: NDArray[np.int64], seed: int
) -> NDArray[np.int64]:
    """Folds 0 to 4, int64 (n,): groups whole, classes balanced over different slices.

    Copies lie in one group, so one file for each picture decides. -1 everywhere where there are
    fewer than five groups, or no class has five different slices.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    _, first = np.unique(picture, return_index=True)
    y, g = np.asarray(labels)[first], groups[first]
    if len(set(g.tolist())) < FOLDS or np.unique(y, return_counts=True)[1].max() < FOLDS:
        return np.full(len(groups), NO_FOLD, np.int64)
    fold_of: dict[int, int] = {}
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for fold, (_, left_out) in enumerate(splitter.split(y, y, g)):
        fold_of |= dict.fromkeys(g[left_out].tolist(), fold)
    return np.array([fold_of[group] for group in groups.tolist()], np.int64)


def _row(row: Mapping[str, str]) -> IndexRow:
    return IndexRow(
        path=row["path"],
        split=row["split"],
        label=row["label"],
        source=row["source"],
        slice_id=row["slice_id"],
        group=row["group"],
        fold=int(row["fold"]),
        mirrored=int(row["mirrored"]),
        twin_in_training=int(row["twin_in_training"]),
    )


def _groups(
    files: Sequence[Found],
    picture: NDArray[np.int64],
    alike: Alike,
    given: Mapping[str, IndexRow],
) -> NDArray[np.int64]:
    union = Union(len(files))
    seen: dict[object, int] = {}
    for place, file in enumerate(files):
        union.join(place, seen.setdefault(int(picture[place]), place))
        if file.name in given:
            union.join(place, seen.setdefault(given[file.name].group, place))
    known = np.array([file.name in given for file in files], np.bool_)
    open_pairs = ~(known[alike.first] & known[alike.second])
    for i, j in zip(alike.first[open_pairs], alike.second[open_pairs], strict=True):
        union.join(int(i), int(j))
    return union.numbers()


def _given_folds(
    files: Sequence[Found], groups: NDArray[np.int64], given: Mapping[str, IndexRow]
) -> NDArray[np.int64] | None:
    """The given folds, or None where a file has none or a group would be torn."""
    if any(file.name not in given for file in files):
        return None
    folds = np.array([given[file.name].fold for file in files], np.int64)
    whole = len(set(zip(groups.tolist(), folds.tolist(), strict=True))) == groups.max() + 1
    return folds if whole and (folds >= 0).all() else None
