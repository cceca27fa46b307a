"""Discs as clinics hand them out: DICOMDIR, names written in other ways, viewers."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from braintumor_desktop.cli import main
from braintumor_desktop.domain.study import Catalogue
from braintumor_desktop.sources.catalogue import read_instance, scan


def _check(found: Catalogue) -> None:
    said = [
        (one.patient.name, [(s.description, len(s.instances)) for s in one.studies[0].series])
        for one in found.patients
    ]
    both = [("AX T1", 12), ("AX FLAIR", 12)]
    assert said == [("Test^One", both), ("Test^Two", both)]
    assert not found.refused
    for series in found.series:
        assert series.slice_spacing_mm == 5.0
        heights = [one.geometry.position_mm for one in series.instances if one.geometry]
        assert heights == [5.0 * place for place in range(12)]


def test_a_disc_is_two_patients_and_one_line_for_the_rest(
    disc: Path, disc_viewer: tuple[str, ...], tmp_path: Path
) -> None:
    found = scan([disc])
    _check(found)
    names = {one.path.relative_to(disc).as_posix() for one in found.other_files}
    assert names == {"DICOMDIR", *disc_viewer}

    packed = Path(shutil.make_archive(str(tmp_path / "packed"), "zip", disc))
    found = scan([packed])
    _check(found)
    assert len(found.other_files) == len(disc_viewer) + 1
    middle = found.series[0].middle
    assert read_instance(middle).source.path == middle.path


def test_what_is_named_in_several_ways_is_there_once(disc: Path) -> None:
    first = scan([disc]).series[0].instances[0].path
    _check(scan([first, disc / "DICOMDIR", disc, disc / "VIEWER"]))


def test_the_command_line_says_the_rest_in_one_line(
    disc: Path, disc_viewer: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["series", "--json", str(disc)]) == 0
    said = capsys.readouterr()
    records = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["patient_id"], one["description"], one["frames"]) for one in records] == [
        ("One", "AX T1", 12),
        ("One", "AX FLAIR", 12),
        ("Two", "AX T1", 12),
        ("Two", "AX FLAIR", 12),
    ]
    assert said.err.strip() == f"{len(disc_viewer) + 1} other files"


def test_a_dicomdir_that_is_named_gives_the_same_patients(disc: Path) -> None:
    _check(scan([disc / "DICOMDIR"]))


@pytest.mark.parametrize("name", ["cd_lower", "cd_suffix"])
def test_names_that_are_written_in_another_way_are_found(name: str, shared_cases: Path) -> None:
    found = scan([shared_cases / "discs" / name / "DICOMDIR"])
    assert not found.refused
    assert sum(len(series.instances) for series in found.series) == 2
    assert not scan([shared_cases / "discs" / name]).refused


@pytest.mark.parametrize(
    "rename", [str.lower, lambda name: name + ".dcm", lambda name: name + ";1", lambda n: n + "."]
)
def test_every_way_to_write_a_name_is_found(disc: Path, tmp_path: Path, rename: object) -> None:
    assert callable(rename)
    copy = tmp_path / "cd"
    shutil.copytree(disc, copy)
    for path in list(copy.rglob("*")):
        if path.is_file() and path.name != "DICOMDIR":
            path.rename(path.with_name(rename(path.name)))
    _check(scan([copy / "DICOMDIR"]))


def test_names_that_differ_in_case_alone_are_refused(shared_cases: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cd"
    shutil.copytree(shared_cases / "discs" / "cd_lower", copy)
    one = copy / "dicom" / "im000001"
    twin = one.with_name("Im000001")
    if twin.exists():
        pytest.skip("this file system does not tell them apart")
    shutil.copy(one, twin)
    found = scan([copy / "DICOMDIR"])
    assert sum(len(series.instances) for series in found.series) == 1
    ((reason),) = (str(one.reason) for one in found.refused)
    assert "which is meant is undecided" in reason


def test_another_picture_under_a_disc_s_name_is_refused(disc: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cd"
    shutil.copytree(disc, copy)
    first, second = scan([copy]).series[0].instances[:2]
    shutil.copy(second.path, first.path)
    found = scan([copy / "DICOMDIR"])
    assert [one.path for one in found.refused] == [first.path]
    assert "another picture" in str(found.refused[0].reason)


def test_files_that_a_disc_lacks_are_said(disc: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cd"
    shutil.copytree(disc, copy)
    gone = scan([copy]).series[0].instances[3].path
    gone.unlink()
    found = scan([copy / "DICOMDIR"])
    assert [one.path for one in found.refused] == [gone]
    assert "it is not there" in str(found.refused[0].reason)
    (left_out,) = scan([copy]).refused
    assert left_out.path == copy / "DICOMDIR"
    assert str(left_out.reason) == "The DICOMDIR names files that are not there: 1."


def test_a_damaged_slice_is_no_other_file(disc: Path, tmp_path: Path) -> None:
    copy = tmp_path / "cd"
    shutil.copytree(disc, copy)
    damaged = scan([copy]).series[0].instances[3].path
    damaged.write_bytes(bytes(len(damaged.read_bytes())))
    empty = copy / "scan.dcm"
    empty.touch()
    assert {one.path for one in scan([copy]).refused} == {damaged, empty}


def test_without_an_index_pictures_beside_programs_are_the_viewer_s(
    disc: Path, demo_slice: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "cd"
    shutil.copytree(disc, copy)
    (copy / "DICOMDIR").unlink()
    (copy / "VIEWER" / "ICON.BMP").unlink()
    (copy / "IMAGES").mkdir()
    shutil.copy(demo_slice, copy / "IMAGES" / "1.png")  # as some discs have slices
    found = scan([copy])
    assert not found.refused
    pictures = [series for series in found.series if not series.series_instance_uid]
    assert [one.description for one in pictures] == ["1.png"]


def test_a_patient_s_disc_of_the_cases_is_one_series(shared_cases: Path) -> None:
    found = scan([shared_cases / "discs" / "patient_cd"])
    assert [len(series.instances) for series in found.series] == [1]
    assert not found.refused
    assert len(found.other_files) == 5


@pytest.mark.parametrize(
    ("name", "method"), [("deflate64", "Deflate64"), ("zstd", "Zstandard"), ("xz", "XZ")]
)
def test_compressions_that_are_not_read_are_named(
    name: str, method: str, shared_cases: Path
) -> None:
    found = scan([shared_cases / "archives" / f"{name}.zip"])
    (reason,) = (str(one.reason) for one in found.refused)
    assert reason == f"The file in the archive is compressed by {method}, which is not read."


def test_compressions_that_are_read_give_the_slice(demo_slice: Path, tmp_path: Path) -> None:
    for number, method in enumerate((zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w", method) as archive:
            archive.writestr("slice.png", demo_slice.read_bytes())
    found = scan([tmp_path]).series
    assert len(found) == 3
    assert all(read_instance(series.middle).pixels.shape == (256, 256) for series in found)


def test_a_viewer_s_pictures_and_texts_lie_beside_the_slices(
    shared_cases: Path, tmp_path: Path
) -> None:
    cd = tmp_path / "cd"
    shutil.copytree(shared_cases / "discs/patient_cd", cd)
    picture = shared_cases / "raster/16_png_bad_text_crc.png"
    for name in ("VIEWER/logo.png", "VIEWER/skin/1.png"):
        (cd / name).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(picture, cd / name)
    (cd / "license2").write_text("Permission is hereby granted")
    found = scan([cd])
    assert [len(series.instances) for series in found.series] == [1]
    assert not found.refused
    others = {one.path.name for one in found.other_files}
    assert {"logo.png", "1.png", "license2"} <= others


def test_pictures_below_a_folder_that_has_a_program_among_others_are_slices(
    shared_cases: Path, tmp_path: Path
) -> None:
    (tmp_path / "slices").mkdir()
    (tmp_path / "setup.exe").write_bytes(b"MZ")
    shutil.copy(shared_cases / "raster/16_png_bad_text_crc.png", tmp_path / "slices/1.png")
    assert len(scan([tmp_path]).series) == 1


@pytest.mark.parametrize("name", ["IM000001.IMA", "im000001.img;1"])
def test_a_disc_s_files_may_have_a_scanner_s_suffix(
    name: str, shared_cases: Path, tmp_path: Path
) -> None:
    cd = tmp_path / "cd"
    shutil.copytree(shared_cases / "discs/cd_suffix", cd)
    (cd / "DICOM/IM000001.dcm").rename(cd / "DICOM" / name)
    assert not scan([cd / "DICOMDIR"]).refused
