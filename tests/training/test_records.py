"""Records hold what the data folder holds, and say so when it changes."""

import csv
import shutil
from dataclasses import replace

import numpy as np
import pytest

from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from training import __main__ as command
from training.data.prepared import load_prepared
from training.data.tfrecords import read_manifest, read_records, write_records
from training.datasets.folder import find_slices


def test_every_file_comes_back_byte_for_byte(small_data, small_records):
    slices = find_slices(small_data)
    assert len(slices) == 52
    records = [r for split in ("Training", "Testing") for r in read_records(small_records, split)]
    classes = read_manifest(small_records).classes
    assert classes == ("glioma", "meningioma", "notumor", "pituitary")
    for item, record in zip(slices, records, strict=True):
        assert record.image == item.path.read_bytes()
        assert record.name == item.path.relative_to(small_data).as_posix()
        assert classes[record.label] == item.label
        assert (record.slice_id, record.group, record.fold, record.twin_in_training) == (
            item.slice_id,
            item.group,
            item.fold,
            item.twin_in_training,
        )


def test_index_of_the_data_set_names_the_twins(data_folder):
    slices = find_slices(data_folder / "brain-tumor-mri")
    assert len(slices) == 7023
    assert sum(item.twin_in_training for item in slices) == 992
    assert len({item.slice_id for item in slices}) == 3550


def test_fingerprint_follows_the_content(small_data, small_records, tmp_path):
    copy = shutil.copytree(small_data, tmp_path / "data")
    first = write_records(find_slices(copy), tmp_path / "records")
    assert first.fingerprint == read_manifest(small_records).fingerprint
    changed = next(copy.glob("Training/glioma/*.jpg"))
    changed.write_bytes(changed.read_bytes() + b"\0")
    assert write_records(find_slices(copy), tmp_path / "records").fingerprint != first.fingerprint


def test_without_an_index_nothing_passes_for_free_of_twins(small_data, tmp_path, capsys):
    copy = shutil.copytree(small_data, tmp_path / "data")
    (copy / "index.csv").unlink()
    assert command.main(["records", str(copy), "--out", str(tmp_path / "records")]) == 1
    assert "run `audit`" in capsys.readouterr().err
    assert not (tmp_path / "records").exists()


def test_a_twin_is_one_by_its_slice_whatever_the_index_says(small_data, tmp_path):
    copy = shutil.copytree(small_data, tmp_path / "data")
    with (copy / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    twin, other = (
        next(r for r in rows if r["split"] == split) for split in ("Testing", "Training")
    )
    twin |= {"slice_id": other["slice_id"], "twin_in_training": "0"}
    with (copy / "index.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    slices = {item.path.relative_to(copy).as_posix(): item for item in find_slices(copy)}
    assert slices[twin["path"]].twin_in_training
    assert not slices[other["path"]].twin_in_training


def test_records_with_other_twins_are_other_records(small_data, tmp_path):
    slices = find_slices(small_data)
    other = [replace(item, twin_in_training=not item.twin_in_training) for item in slices]
    first, second = (
        write_records(some, tmp_path / name) for name, some in (("a", slices), ("b", other))
    )
    assert first.fingerprint != second.fingerprint


def test_part_of_the_records_does_not_pass_for_all(small_records, tmp_path, capsys):
    records = shutil.copytree(
        small_records, tmp_path / "records", ignore=shutil.ignore_patterns("*.npz", "Testing-*")
    )
    with pytest.raises(ValueError, match="lacks records of Testing"):
        load_prepared(records, "Testing", 64)


def test_file_that_the_index_does_not_know_is_named(small_data, tmp_path):
    copy = shutil.copytree(small_data, tmp_path / "data")
    file = next(copy.glob("Training/glioma/*.jpg"))
    file.rename(file.with_name("new.jpg"))
    with pytest.raises(ValueError, match=r"Training/glioma/new\.jpg"):
        find_slices(copy)
    file.with_name("new.jpg").unlink()
    with pytest.raises(ValueError, match=rf"{file.name}, which is not there"):
        find_slices(copy)


def test_slices_in_deeper_folders_are_not_lost_in_silence(small_data, tmp_path):
    copy = shutil.copytree(small_data, tmp_path / "data")
    deeper = copy / "Training" / "glioma" / "patient"
    deeper.mkdir()
    file = next(copy.glob("Training/glioma/*.jpg"))
    file.rename(deeper / file.name)
    with pytest.raises(ValueError, match="neither CLASS/FILE alone nor SPLIT/CLASS/FILE alone"):
        find_slices(copy)


def test_prepared_slices_are_what_the_app_prepares(small_data, small_records):
    first = load_prepared(small_records, "Testing", 64)
    paths = [item.path for item in find_slices(small_data) if item.split == "Testing"]
    for path, pixels in zip(paths, first.pixels, strict=True):
        np.testing.assert_array_equal(pixels, prepare(read_slice(path), 64).pixels)
    again = load_prepared(small_records, "Testing", 64)
    for name, array in vars(first).items():
        np.testing.assert_array_equal(array, getattr(again, name))
