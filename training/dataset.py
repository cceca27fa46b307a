"""Which slices there are: class folders, and the index that says which slices belong together."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

SPLITS = ("Training", "Testing")


@dataclass(frozen=True)
class LabelledSlice:
    """One file of the data set.

    `label` is the class folder's name. `slice_id` is the same for copies of one picture, `group`
    for slices that must stay on one side of a split; `fold` is -1 where no index gives one.
    `twin_in_training` marks a Testing slice that also stands in Training.
    """

    path: Path
    split: str
    label: str
    slice_id: str
    group: str
    fold: int
    twin_in_training: bool


def find_slices(data: Path, index: Path | None = None) -> list[LabelledSlice]:
    """The slices below `data`/Training/CLASS and `data`/Testing/CLASS, in a stable order.

    `index` is a CSV file with the columns path, slice_id, group, fold, twin_in_training; by default
    `index.csv` in `data` or beside it. Without one every different file is a group of its own.
    Raises `FileNotFoundError` where a split is missing, `ValueError` where a file is not in the
    index.
    """
    rows = _read_index(index or _default_index(data))
    found = []
    for split in SPLITS:
        folder = data / split
        if not folder.is_dir():
            raise FileNotFoundError(f"{data} has no folder {split}.")
        files = (f for f in folder.glob("*/*") if f.is_file() and not f.name.startswith("."))
        for path in sorted(files):
            found.append(_labelled(path, split, path.relative_to(data).as_posix(), rows))
    return found


def _default_index(data: Path) -> Path | None:
    candidates = (data / "index.csv", data.parent / "index.csv")
    return next((path for path in candidates if path.is_file()), None)


def _read_index(index: Path | None) -> dict[str, dict[str, str]] | None:
    if index is None:
        return None
    with index.open(newline="", encoding="utf-8") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def _labelled(
    path: Path, split: str, name: str, rows: dict[str, dict[str, str]] | None
) -> LabelledSlice:
    label = path.parent.name
    if rows is None:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        return LabelledSlice(path, split, label, digest, digest, -1, twin_in_training=False)
    if name not in rows:
        raise ValueError(f"The index has no row for {name}.")
    row = rows[name]
    twin = row.get("twin_in_training") == "1"
    return LabelledSlice(path, split, label, row["slice_id"], row["group"], int(row["fold"]), twin)
