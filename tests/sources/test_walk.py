from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.fileset import FileSet

from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.sources import archive as source
from braintumor_desktop.sources.archive import read_named
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.sources.instances import InstanceReader
from braintumor_desktop.sources.walk import Item, walk


def _kinds(items: list[Item]) -> dict[str, str]:
    return {item.name: item.problem.kind if item.problem else "" for item in items}


def _failure(item: Item) -> BraintumorError:
    assert item.read is not None
    with pytest.raises(BraintumorError) as caught:
        item.read()
    return caught.value


def test_everything_is_named_in_order(mixed: Path) -> None:
    found = _kinds(list(walk([mixed])))
    assert list(found) == [
        ".DS_Store",
        *(f"a{i}.png" for i in range(10)),
        "b/copy.png",
        "b/cut.png",
        "b/letter.txt",
        "c.zip/.hidden",
        *(f"c.zip/in/z{i}.png" for i in range(5)),
    ]
    assert {name for name, kind in found.items() if kind} == {".DS_Store", "c.zip/.hidden"}


def test_the_walk_is_lazy(mixed: Path) -> None:
    walked = walk([mixed, mixed / "gone"])
    next(walked)
    (mixed / "b" / "later.png").write_bytes(b"x")
    assert "mixed/b/later.png" in {item.name for item in walked}


def test_members_of_an_archive_are_read_in_memory(mixed: Path) -> None:
    (member,) = (item for item in walk([mixed / "c.zip"]) if item.name.endswith("z3.png"))
    assert member.read is not None
    assert member.read().startswith(b"\x89PNG")
    assert read_named(member.path).source.format == "PNG"
    assert read_named(mixed / "a0.png").source.format == "PNG"


def test_a_row_shows_the_member_that_was_answered_or_says_that_it_cannot(
    tmp_path: Path, demo_slice: Path
) -> None:
    path = tmp_path / "odd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("./in//once.png", "twice.png", "./twice.png"):
            archive.writestr(name, demo_slice.read_bytes())
        archive.writestr("same.png", demo_slice.read_bytes())
        with pytest.warns(UserWarning, match="Duplicate name"):  # as exporters do all the same
            archive.writestr("same.png", b"another")
    items = list(walk([path]))
    assert [item.name for item in items].count("odd.zip/same.png") == 2
    found = {item.name: item for item in items}
    once = found["odd.zip/./in//once.png"]
    assert once.read is not None
    assert read_named(once.path).pixels.size
    for name in ("odd.zip/twice.png", "odd.zip/./twice.png", "odd.zip/same.png"):
        problem = found[name].problem
        assert problem is not None
        assert problem.kind == "archive"
        with pytest.raises(BraintumorError, match="several files") as caught:
            read_named(found[name].path)
        assert str(caught.value) == str(problem)


def test_names_that_lead_out_of_an_archive_lead_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "evil.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../outside.png", b"not an image")
        archive.writestr("/absolute.png", b"not an image")
    before = sorted(tmp_path.rglob("*"))
    items = list(walk([path]))
    assert [item.read() for item in items if item.read] == [b"not an image"] * 2
    assert sorted(tmp_path.rglob("*")) == before


def test_a_bomb_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.png", bytes(source._LARGE + 1))
    opened: list[str] = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: opened.append("opened"))
    (item,) = walk([path])
    assert "unpacks to far more" in str(_failure(item))
    assert not opened


def test_damaged_and_encrypted_archives_are_rows_with_their_reason(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\3\4 and no more")
    (item,) = walk([broken])
    assert item.problem is not None
    assert item.problem.kind == "archive"

    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", b"content")
    data = bytearray(path.read_bytes())
    flags = data.index(b"PK\1\2") + 8
    path.write_bytes(data[:flags] + b"\1\0" + data[flags + 2 :])
    (item,) = walk([path])
    assert "encrypted" in str(_failure(item))

    data[data.index(b"content")] ^= 1  # the checksum no longer fits
    path.write_bytes(data)
    (item,) = walk([path])
    assert "damaged" in str(_failure(item))


def test_an_archive_whose_list_of_files_is_damaged_is_not_a_shorter_one(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = b"of a disc"
        archive.writestr("1.png", b"one")
        archive.writestr("2.png", b"two")
    assert len(list(walk([path]))) == 2
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\5\6")
    data[end + 12] //= 2  # the list's size: of one entry
    path.write_bytes(data)
    (item,) = walk([path])
    assert "its list of files is not whole" in str(item.problem)


def test_a_dicomdir_leads_to_its_images_in_its_order(tmp_path: Path) -> None:
    files = FileSet()
    for name in ("MR_small.dcm", "CT_small.dcm"):
        files.add(str(get_testdata_file(name)))
    files.write(tmp_path / "cd")
    items = list(walk([tmp_path / "cd" / "DICOMDIR"]))
    assert len(items) == 2
    assert all(item.read is not None and item.read() for item in items)
    items[1].path.unlink()
    gone = list(walk([tmp_path / "cd" / "DICOMDIR"]))[1]
    assert str(gone.problem) == "The DICOMDIR names this file, but it is not there."
    kinds = _kinds(list(walk([tmp_path / "cd"])))
    assert sorted(kinds.values()) == ["", "not_found"]
    shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path / "cd")
    kinds = _kinds(list(walk([tmp_path / "packed.zip"])))
    assert kinds["packed.zip/DICOMDIR"] == "index"
    assert len(kinds) == 2


def test_a_dicomdir_cannot_point_outside(tmp_path: Path) -> None:
    files = FileSet()
    files.add(str(get_testdata_file("MR_small.dcm")))
    files.write(tmp_path / "cd")
    path = tmp_path / "cd" / "DICOMDIR"
    index = pydicom.dcmread(path)
    for record in index.DirectoryRecordSequence:
        if "ReferencedFileID" in record:
            record.ReferencedFileID = ["..", "SECRET"]
    index.save_as(path)
    (item,) = walk([path])
    assert item.problem is not None
    assert "outside" in str(item.problem)


def test_a_dicomdir_that_was_cut_off_does_not_pass_for_a_shorter_one(tmp_path: Path) -> None:
    files = FileSet()
    for name in ("MR_small.dcm", "CT_small.dcm"):
        files.add(str(get_testdata_file(name)))
    files.write(tmp_path / "cd")
    path = tmp_path / "cd" / "DICOMDIR"
    whole = path.read_bytes()
    for length in range(400, len(whole), 50):
        path.write_bytes(whole[:length])
        (item,) = walk([path])
        assert item.problem is not None
        assert "damaged" in str(item.problem)


def test_a_damaged_dicomdir_and_an_empty_folder_say_so(tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(b"nothing")
    (tmp_path / "empty").mkdir()
    items = list(walk([tmp_path / "DICOMDIR", tmp_path / "empty"]))
    assert ["damaged" in str(items[0].problem), "no files" in str(items[1].problem)] == [True, True]


def test_roots_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for patient in ("a", "b"):
        (tmp_path / patient / "DICOM").mkdir(parents=True)
        (tmp_path / patient / "DICOM" / "IM1").write_bytes(b"x")
        (tmp_path / patient / "slice.jpg").write_bytes(b"x")
    folders = [tmp_path / "a" / "DICOM", tmp_path / "b" / "DICOM"]
    assert [item.name for item in walk(folders)] == ["a/DICOM/IM1", "b/DICOM/IM1"]
    files = [tmp_path / "a" / "slice.jpg", tmp_path / "b" / "slice.jpg", folders[0]]
    assert [item.name for item in walk(files)] == ["a/slice.jpg", "b/slice.jpg", "DICOM/IM1"]


def test_a_part_of_an_archive_and_other_archives_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("1.png", b"one")
    data = bytearray(path.read_bytes())
    end = data.rindex(b"PK\5\6")
    data[end + 4 : end + 8] = b"\1\0\0\0"  # the second disk of several
    path.write_bytes(data)
    (item,) = walk([path])
    assert str(item.problem) == "The archive is one part of several, which are not read."

    beginnings = {"7-Zip": b"7z\xbc\xaf\x27\x1c", "RAR": b"Rar!\x1a\x07\x01\0"}
    beginnings["tar"] = bytes(257) + b"ustar\x0000"
    for name, data in beginnings.items():
        path = tmp_path / f"study.{name}"
        path.write_bytes(data)
        (left_out,) = scan([path]).refused
        assert str(left_out.reason) == f"The file is {name}, which is not read."


def test_members_are_read_one_after_the_other(mixed: Path) -> None:
    paths = [item.path for item in walk([mixed / "c.zip"]) if item.read]
    with InstanceReader() as reader:
        shapes = [reader.read(Instance(path)).pixels.shape for path in [*paths, mixed / "a0.png"]]
    assert len(shapes) == 6
    assert len(set(shapes)) > 1
