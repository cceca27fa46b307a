"""Which slices there are: class folders, and the index that says which slices belong together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.audit.file_views import find_files
from training.audit.indexing import default_index, read_index

SPLITS = ("Training", "Testing")


@dataclass(frozen=True)
class LabelledSlice:
    """One file of the data set.

    `label` is the class folder's name. `slice_id` is the same for copies of one picture, `group`
    for slices that must stay on one side of a split; `fold` is -1 where the index gives none.
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
    """The slices in `data`/Training/CLASS and `data`/Testing/CLASS, in a stable order.

    `index` is a CSV file as `audit` writes it; by default `index.csv` in `data` or beside it.
    Raises `FileNotFoundError` where a split or the index is missing, `ValueError` where folders
    lie deeper, or where the files are not those of the index.
    """
    for split in SPLITS:
        if not (data / split).is_dir():
            raise FileNotFoundError(f"{data} has no folder {split}.")
    found = [file for file in find_files(data) if file.split in SPLITS]
    path = index or default_index(data)
    if path is None:
        raise FileNotFoundError(f"No index.csv in or beside {data}: run `audit`, or name it.")
    rows = read_index(path)
    names = {file.name for file in found}
    for file in found:
        if file.name not in rows:
            raise ValueError(f"The index has no row for {file.name}.")
    for name, row in rows.items():
        if row.split in SPLITS and name not in names:
            raise ValueError(f"The index has {name}, which is not there.")
    found.sort(key=lambda file: SPLITS.index(file.split))
    in_training = {rows[file.name].slice_id for file in found if file.split == "Training"}
    return [
        LabelledSlice(
            file.path,
            file.split,
            file.label,
            rows[file.name].slice_id,
            rows[file.name].group,
            rows[file.name].fold,
            twin_in_training=file.split == "Testing" and rows[file.name].slice_id in in_training,
        )
        for file in found
    ]
