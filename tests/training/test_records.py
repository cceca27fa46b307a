"""Records hold what the data folder holds, and say so when it changes."""

import shutil

import numpy as np
import pytest

from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from training.dataset import find_slices
from training.prepared import load_prepared
from training.records import read_manifest, read_records, write_records


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


def test_without_an_index_copies_share_an_identifier(small_data, tmp_path):
    copy = shutil.copytree(small_data, tmp_path / "data")
    (copy / "index.csv").unlink()
    file = next(copy.glob("Training/glioma/*.jpg"))
    shutil.copyfile(file, file.with_name("copy.jpg"))
    slices = {item.path.name: item for item in find_slices(copy)}
    assert slices["copy.jpg"].slice_id == slices[file.name].slice_id
    assert len({item.group for item in slices.values()}) == 52


def test_file_that_the_index_does_not_know_is_named(small_data, tmp_path):
    copy = shutil.copytree(small_data, tmp_path / "data")
    file = next(copy.glob("Training/glioma/*.jpg"))
    file.rename(file.with_name("new.jpg"))
    with pytest.raises(ValueError, match=r"Training/glioma/new\.jpg"):
        find_slices(copy)


def test_prepared_slices_are_what_the_app_prepares(small_data, small_records):
    first = load_prepared(small_records, "Testing", 64)
    paths = [item.path for item in find_slices(small_data) if item.split == "Testing"]
    for path, pixels in zip(paths, first.pixels, strict=True):
        np.testing.assert_array_equal(pixels, prepare(read_slice(path), 64).pixels)
    again = load_prepared(small_records, "Testing", 64)
    for name, array in vars(first).items():
        np.testing.assert_array_equal(array, getattr(again, name))
