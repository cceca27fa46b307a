"""Copies, leaks and groups, found in folders of real slices."""

import csv
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.__main__ import main
from training.audit.command import audit
from training.audit.copies import find_alike, find_copies, fine_correlation, view
from training.audit.file_views import COARSE, FINE, find_files, fine_view, read_files, unit
from training.audit.findings import Findings
from training.audit.indexing import IndexRow, draw_folds, read_index, write_index
from training.audit.union import Union

NEIGHBOURS = ("glioma/Tr-gl_0159.jpg", "glioma/Tr-gl_0160.jpg")  # 0.992 at 32x32, yet two slices


@pytest.fixture(scope="module")
def originals(data_folder: Path) -> list[Path]:
    """Twenty slices, five of each class, no two of one group of the given index."""
    rows = read_index(data_folder / "index.csv").values()
    found = []
    for label in ("glioma", "meningioma", "notumor", "pituitary"):
        groups = {row.group: row.path for row in rows if row.label == label}
        found += list(groups.values())[:5]
    return [data_folder / "brain-tumor-mri" / path for path in found]


def edited(path: Path) -> dict[str, np.ndarray]:
    """Copies of a slice as they are found in data sets, by name."""
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    soft = cv2.GaussianBlur(pixels, (0, 0), 1.5)
    height, width = pixels.shape
    copies = {f"view{n}": np.ascontiguousarray(view(pixels, n)) for n in range(1, 8)}
    return copies | {
        "brighter": np.clip(pixels * 1.2 + 8, 0, 255).astype(np.uint8),
        "sharper": cv2.addWeighted(pixels, 1.7, soft, -0.7, 0),
        "smaller": cv2.resize(pixels, (width * 2 // 3, height * 2 // 3)),
    }


@pytest.fixture(scope="module")
def copied(originals: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The originals in Training; in Testing the edited copies of one of each class."""
    data = tmp_path_factory.mktemp("copied")
    for number, path in enumerate(originals):
        label = path.parent.name
        for split in ("Training", "Testing"):
            (data / split / label).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, data / "Training" / label / f"{number}.jpg")
        if number % 5 == 0:
            for name, pixels in edited(path).items():
                copy = data / "Testing" / label / f"{number}-{name}.jpg"
                cv2.imwrite(str(copy), pixels, [cv2.IMWRITE_JPEG_QUALITY, 70])
    return data


@pytest.fixture(scope="module")
def audited(copied: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Findings, Path]:
    out = tmp_path_factory.mktemp("audited")
    return audit(copied, out, pixels_only=True), out


def test_every_edited_copy_is_found_and_nothing_else(audited: tuple[Findings, Path]) -> None:
    findings, out = audited
    ids: dict[str, set[str]] = {}
    for row in read_index(out / "index.csv").values():
        number = Path(row.path).stem.split("-")[0]
        ids.setdefault(number, set()).add(row.slice_id)
    assert all(len(of_one) == 1 for of_one in ids.values()), ids
    assert findings.different == 20


def test_leaks_and_twins_are_told(audited: tuple[Findings, Path]) -> None:
    findings, out = audited
    rows = read_index(out / "index.csv").values()
    leaks = {(leak.split, leak.other): (leak.files, leak.twins) for leak in findings.leaks}
    assert leaks == {("Testing", "Training"): (40, 40), ("Training", "Testing"): (20, 4)}
    assert {row.twin_in_training for row in rows if row.split == "Testing"} == {1}
    assert {row.twin_in_training for row in rows if row.split == "Training"} == {0}


def test_groups_lie_in_one_fold_and_all_folds_are_used(audited: tuple[Findings, Path]) -> None:
    rows = read_index(audited[1] / "index.csv").values()
    folds: dict[str, set[int]] = {}
    for row in rows:
        folds.setdefault(row.group, set()).add(row.fold)
    assert all(len(of_one) == 1 for of_one in folds.values())
    assert set.union(*folds.values()) == {0, 1, 2, 3, 4}


def test_the_report_shows_its_pictures(audited: tuple[Findings, Path]) -> None:
    text = (audited[1] / "report.md").read_text(encoding="utf-8")
    shown = [line.split("(")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")]
    assert {"classes.png", "files.png", "pairs.png", "folds.png"} <= set(shown)
    for name in shown:
        assert cv2.imread(str(audited[1] / name)) is not None
    assert "Of 40 slices in Testing, 40 have a twin in Training (100.0%)." in text


def test_neighbours_in_a_volume_are_not_merged(data_folder: Path) -> None:
    found = find_files(data_folder / "brain-tumor-mri")
    pair = [file for file in found if file.name.removeprefix("Training/") in NEIGHBOURS]
    files, _ = read_files(pair)
    alike = find_alike(np.stack([file.coarse for file in files]))
    copies = find_copies(files, alike)
    assert alike.coarse[0] > 0.99
    assert copies.picture.tolist() == [0, 1]
    assert [(pair.first, pair.second) for pair in copies.apart] == [(0, 1)]


def test_a_part_of_the_real_data_falls_into_the_given_slices(data_folder: Path) -> None:
    """The files of every sixth slice: the same sets as in the given index."""
    given = read_index(data_folder / "index.csv")
    kept = set(sorted({row.slice_id for row in given.values()})[::6])
    found = find_files(data_folder / "brain-tumor-mri")
    files, refused = read_files([file for file in found if given[file.name].slice_id in kept])
    copies = find_copies(files, find_alike(np.stack([file.coarse for file in files])))
    pairs = {
        (number, given[file.file.name].slice_id)
        for number, file in zip(copies.picture.tolist(), files, strict=True)
    }
    assert refused == []
    assert len(files) > 1000
    assert len(pairs) == len(kept) == copies.picture.max() + 1


def test_one_picture_under_two_labels_is_a_conflict(copied: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(copied / "Training", data)
    shutil.copyfile(data / "glioma" / "0.jpg", data / "pituitary" / "again.jpg")
    (data / "glioma" / "notes.jpg").write_text("not a picture")
    findings = audit(data, tmp_path / "out", pixels_only=True)
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert findings.conflicts == [["glioma/0.jpg", "pituitary/again.jpg"]]
    assert findings.exact == 2
    assert findings.leaks == []
    assert "glioma/notes.jpg" not in read_index(tmp_path / "out" / "index.csv")
    assert "- `glioma/notes.jpg`: " in report


def test_groups_and_folds_of_a_given_index_are_kept(
    small_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", str(small_data), "--out", str(tmp_path)]) == 0
    given = read_index(small_data / "index.csv")
    rows = read_index(tmp_path / "index.csv")
    assert rows.keys() == given.keys()
    for name, row in rows.items():
        assert (row.fold, row.source, row.mirrored) == (
            given[name].fold,
            given[name].source,
            given[name].mirrored,
        )
    pairs = {(rows[name].group, given[name].group) for name in given}
    assert len(pairs) == len({row.group for row in given.values()})
    assert "0 merged, 0 torn, adjusted Rand index 1.0000" in capsys.readouterr().out


def test_an_index_of_other_files_is_refused(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [replace(row, path=f"elsewhere/{row.path}") for row in read_index_of(copied, tmp_path)]
    write_index(rows, tmp_path / "other.csv")
    arguments = ["audit", str(copied), "--index", str(tmp_path / "other.csv")]
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 1
    assert "has no row for any of the files" in capsys.readouterr().err


def test_folds_that_are_drawn_anew_are_said_to_be(
    copied: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A copy of one slice that the given index puts into another group takes both along."""
    rows = read_index_of(copied, tmp_path)
    write_index(rows, tmp_path / "whole.csv")
    arguments = ["audit", str(copied), "--out", str(tmp_path / "out"), "--index"]
    assert main([*arguments, str(tmp_path / "whole.csv")]) == 0
    said = capsys.readouterr().out
    assert f"{len(rows)} files are in the given fold" in said
    assert "drawn anew" not in said
    copies = Counter(row.slice_id for row in rows)
    torn = next(place for place, row in enumerate(rows) if copies[row.slice_id] > 1)
    rows[torn] = replace(rows[torn], group="another", fold=(rows[torn].fold + 1) % 5)
    write_index(rows, tmp_path / "torn.csv")
    assert main([*arguments, str(tmp_path / "torn.csv")]) == 0
    assert "drawn anew" in capsys.readouterr().out


def read_index_of(data: Path, tmp_path: Path) -> list[IndexRow]:
    """The rows of an audit by pixels alone."""
    audit(data, tmp_path / "pixels", pixels_only=True)
    return list(read_index(tmp_path / "pixels" / "index.csv").values())


def test_an_audit_can_be_the_index_of_the_next_command(copied: Path, tmp_path: Path) -> None:
    from training.datasets.folder import find_slices

    audit(copied, tmp_path, pixels_only=True)
    slices = find_slices(copied, tmp_path / "index.csv")
    assert len({item.slice_id for item in slices}) == 20
    assert all(0 <= item.fold <= 4 for item in slices)


@pytest.mark.parametrize("names", [[], ["a.jpg"], ["x/a.jpg", "y/z/b.jpg"], ["1/2/3/a.jpg"]])
def test_a_folder_of_another_shape_is_refused(
    names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert main(["audit", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("training: ")
    assert not (tmp_path / "out").exists()


def test_an_index_without_a_column_is_refused_by_name(tmp_path: Path) -> None:
    with (tmp_path / "index.csv").open("w", newline="") as file:
        csv.writer(file).writerow(["path", "split", "label", "source", "slice_id", "group", "fold"])
    with pytest.raises(ValueError, match="mirrored, twin_in_training"):
        read_index(tmp_path / "index.csv")


def test_the_eight_views_are_all_different_and_undone_by_one_another() -> None:
    pixels = np.random.default_rng(0).random((COARSE, COARSE), np.float32)
    views = [view(pixels, number) for number in range(8)]
    assert len({np.ascontiguousarray(picture).tobytes() for picture in views}) == 8
    stack = np.stack([unit(picture) for picture in views])
    alike = find_alike(stack, 0.999)
    assert len(alike.first) == 8 * 7 // 2
    for i, j, number in zip(alike.first, alike.second, alike.view, strict=True):
        np.testing.assert_array_equal(view(views[j], int(number)), views[i])


def test_blank_slices_are_like_nothing() -> None:
    flat = unit(np.full((COARSE, COARSE), 7, np.float32))
    assert not flat.any()
    assert not fine_view(np.zeros((40, 60), np.float32)).any()
    assert len(find_alike(np.stack([flat, flat])).first) == 0


def test_the_fine_view_forgives_a_shift_of_four_pixels_and_no_more() -> None:
    pixels = unit(np.random.default_rng(0).standard_normal((FINE, FINE)).astype(np.float32))
    assert fine_correlation(pixels, np.roll(pixels, (4, -4), (0, 1))) == pytest.approx(1, abs=1e-3)
    assert fine_correlation(pixels, np.roll(pixels, (6, 0), (0, 1))) < 0.2


def test_union_numbers_sets_by_first_appearance() -> None:
    union = Union(6)
    for first, second in ((5, 1), (3, 4), (4, 5)):
        union.join(first, second)
    assert union.numbers().tolist() == [0, 1, 2, 1, 1, 1]


@pytest.mark.parametrize(
    ("labels", "groups"), [(["a"] * 8, [0, 0, 1, 1, 2, 2, 3, 3]), (["a", "b"] * 4, range(8))]
)
def test_where_no_folds_can_be_drawn_they_are_minus_one(
    labels: list[str], groups: list[int]
) -> None:
    folds = draw_folds(labels, np.array(groups), np.arange(8), seed=0)
    assert folds.tolist() == [-1] * 8


def test_folds_keep_the_classes_balanced() -> None:
    labels = ["a"] * 50 + ["b"] * 25
    folds = draw_folds(labels, np.arange(75) // 5, np.arange(75), seed=0)
    for fold in range(5):
        assert [labels[i] for i in np.flatnonzero(folds == fold)] == ["a"] * 10 + ["b"] * 5


def test_an_index_of_other_files_gives_nothing(copied: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(copied / "Training", data)
    (tmp_path / "index.csv").write_text(
        "path,split,label,source,slice_id,group,fold,mirrored,twin_in_training\n"
        "elsewhere/a.jpg,,elsewhere,,S1,g1,0,0,0\n"
    )
    assert audit(data, tmp_path / "out").agreement is None
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert "The given index has the groups of 0 of the 20 files." in report


def test_a_group_that_copies_join_is_kept_whole(copied: Path, tmp_path: Path) -> None:
    """Two given groups in two folds, with one picture in both: one group, one fold."""
    data = tmp_path / "data"
    shutil.copytree(copied / "Training", data)
    shutil.copyfile(data / "glioma" / "0.jpg", data / "glioma" / "again.jpg")
    lines = ["path,split,label,source,slice_id,group,fold,mirrored,twin_in_training"]
    for n, path in enumerate(sorted(data.glob("*/*"))):
        label = path.parent.name
        lines.append(f"{label}/{path.name},,{label},,S{n},g{n},{n % 5},0,0")
    (data / "index.csv").write_text("\n".join(lines) + "\n")
    audit(data, tmp_path / "out")
    rows = read_index(tmp_path / "out" / "index.csv")
    first, again = rows["glioma/0.jpg"], rows["glioma/again.jpg"]
    assert (first.group, first.fold) == (again.group, again.fold)
    assert len({row.group for row in rows.values()}) == 20
