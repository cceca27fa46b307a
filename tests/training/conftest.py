"""A data set of real slices small enough to train on in a test."""

import csv
import os
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@pytest.fixture(scope="session")
def small_data(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten Training and three Testing slices of each class, with their rows of the index."""
    small = tmp_path_factory.mktemp("data") / "brain-tumor-mri"
    with (data_folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = []
    for split, count in (("Training", 10), ("Testing", 3)):
        for label in ("glioma", "meningioma", "notumor", "pituitary"):
            members = [row for row in rows if (row["split"], row["label"]) == (split, label)]
            kept += members[:: len(members) // count][:count]
    for row in kept:
        target = small / row["path"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(data_folder / "brain-tumor-mri" / row["path"], target)
    with (small / "index.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(kept)
    return small


@pytest.fixture(scope="session")
def small_records(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as TFRecords."""
    from training.dataset import find_slices
    from training.records import write_records

    records = tmp_path_factory.mktemp("records")
    write_records(find_slices(small_data), records)
    return records
