"""A data set of real slices small enough to train on in a test."""

import csv
import os
import shutil
from pathlib import Path
from typing import Any

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
        _copy(data_folder / "brain-tumor-mri", small, row["path"])
    _write_rows(small / "index.csv", kept)
    return small


@pytest.fixture(scope="session")
def small_records(small_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as TFRecords."""
    from training.data.tfrecords import write_records
    from training.datasets.folder import find_slices

    records = tmp_path_factory.mktemp("records")
    write_records(find_slices(small_data), records)
    return records


@pytest.fixture(scope="session")
def small_packed_data(data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every class in every fold, some Testing slices, outlines, ten tumours of unknown type.

    And beside these an abdomen, which stands among them, a head without a tumour upside down, and
    one picture that the index has in two folds.
    """
    small = tmp_path_factory.mktemp("small-data")
    with (data_folder / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = [row for row in rows if row["split"] == "Testing" and row["twin_in_training"] == "0"][:9]
    for fold in range(5):
        for label in ("glioma", "meningioma", "notumor", "pituitary"):
            members = [r for r in rows if (r["fold"], r["label"]) == (str(fold), label)]
            kept += [r for r in members if r["split"] == "Training"][::20][:3]
    further = [f"Testing/notumor/Te-no_{number}.jpg" for number in ("0033", "0099")]
    further = [path for path in further if path not in {row["path"] for row in kept}]
    kept += [row for row in rows if row["path"] in ("Training/notumor/Tr-no_0477.jpg", *further)]
    for row in kept:
        _copy(data_folder / "brain-tumor-mri", small / "brain-tumor-mri", row["path"])
    _write_rows(small / "index.csv", kept)
    with (data_folder / "tumor-type-unknown.csv").open(newline="", encoding="utf-8") as file:
        unknown = list(csv.DictReader(file))
    few = [r for fold in range(5) for r in [u for u in unknown if u["fold"] == str(fold)][:2]]
    few += [r for r in unknown if r["path"] == "tumor-type-unknown/n-Y248.JPG"]
    for row in few:
        _copy(data_folder, small, row["path"])
    _write_rows(small / "tumor-type-unknown.csv", few)
    shutil.copyfile(data_folder / "tumor-outlines.jsonl", small / "tumor-outlines.jsonl")
    return small


@pytest.fixture(scope="session")
def packed_file(small_packed_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in one file, 64 px."""
    from training import __main__ as command

    out = tmp_path_factory.mktemp("packed") / "packed.npz"
    assert command.main(["pack", str(small_packed_data), "--out", str(out), "--size", "64"]) == 0
    return out


@pytest.fixture(scope="session")
def packed(packed_file: Path) -> Any:
    """What is in it."""
    from training.data.packing import load_packed

    return load_packed(packed_file)


@pytest.fixture(scope="session")
def runs(packed_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five tiny runs, one on everything and the official one, one epoch each, two at once."""
    from training import __main__ as command

    folder = tmp_path_factory.mktemp("runs")
    settings = ["--epochs", "1", "--draws", "32", "--at-once", "2", "--everything", "--official"]
    assert command.main(["folds", str(folder), "--packed", str(packed_file), *settings]) == 0
    return folder


def _copy(source: Path, target: Path, name: str) -> None:
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / name, target / name)


def _write_rows(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
