"""DICOM files of public collections, whose values other readers have confirmed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from braintumor_desktop.cli import main
from braintumor_desktop.imaging.read import decode_frames, read_slice, stored_values

_NAMES = json.loads((Path(__file__).parent / "dicom_cases.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def collections(cases: Path) -> Path:
    folder = cases.parent / "dicom-cases"
    if not folder.is_dir():
        pytest.skip(f"no collections in {folder}")
    return folder


@pytest.fixture(scope="session")
def known(collections: Path) -> dict[str, dict[str, Any]]:
    """By file, what is known of it; series are tested with the catalogue."""
    every = json.loads((collections / "cases.json").read_text(encoding="utf-8"))
    found = {case["file"]: case for case in every if case["kind"] != "series"}
    assert sorted(found) == sorted(_NAMES)
    return found


@pytest.mark.parametrize("name", _NAMES)
def test_the_values_are_those_that_others_read(
    name: str,
    collections: Path,
    known: dict[str, dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    case = known[name]
    status = main(["info", "--hash", "--json", str(collections / name)])
    (line,) = capsys.readouterr().out.splitlines()
    said = json.loads(line)
    if "must be refused" in case.get("note", ""):
        assert status == 1
        assert "mosaic of 48 slices" in said["error"]
        return
    assert status == 0
    assert said["transfer_syntax"] == case["transfer_syntax"]
    frames = case.get("frames") or ([case] if "sha256_f32le" in case else [])
    if frames:
        assert len(said["frames"]) == case.get("tiles", case["number_of_frames"])
    else:  # the file whose bits above BitsStored are set: its CSA header says 35 slices
        assert len(said["frames"]) == 35
    for frame in frames:
        found = said["frames"][frame.get("frame", frame.get("tile"))]
        assert found["shape"] == frame["shape"]
        assert (found["min"], found["max"]) == (frame["min"], frame["max"])
        if "JPGExtended" in name:  # lossy: the values are libjpeg's, others differ by a level
            assert found["mean"] == pytest.approx(frame["mean"], abs=0.02)
        else:
            assert found["mean"] == pytest.approx(frame["mean"], rel=1e-9)
            assert found["sha256"] == frame["sha256_f32le"]


@pytest.mark.parametrize(
    "name", [name for name in _NAMES if "dcm_qa_enh" in name or "xa60" in name]
)
def test_each_frame_has_its_own_place(
    name: str, collections: Path, known: dict[str, dict[str, Any]]
) -> None:
    path = collections / name
    frames = decode_frames(path.read_bytes(), path)
    places = set()
    for frame in known[name]["frames"]:
        mri = frames[frame["frame"]]
        assert mri.geometry is not None
        assert mri.source.frame == frame["frame"]
        assert mri.geometry.position == pytest.approx(frame["position"], abs=1e-3)
        directions = (*mri.geometry.row_direction, *mri.geometry.column_direction)
        assert directions == pytest.approx(frame["orientation"], abs=1e-6)
        assert mri.spacing_mm == pytest.approx(frame["spacing"], abs=1e-6)
        places.add(mri.geometry.position)
    assert len(places) > 1


def test_one_mosaic_in_nine_transfer_syntaxes_is_the_same(collections: Path) -> None:
    folder = collections / "neurolabusc+dcm_qa_ts" / "In"
    files = sorted(folder.glob("?.dcm"))
    assert len(files) == 9
    first = None
    for path in files:
        tiles = np.stack(list(stored_values(path.read_bytes(), path)[1]))
        assert tiles.shape == (35, 64, 64)
        first = tiles if first is None else first
        assert np.array_equal(tiles, first)


def test_tiles_of_a_mosaic_stand_side_by_side_in_the_head(collections: Path) -> None:
    path = collections / "neurolabusc+dcm_qa_ts" / "In" / "1.dcm"
    mosaic = decode_frames(path.read_bytes(), path)
    places = [mri.geometry for mri in mosaic]
    assert all(place is not None for place in places)
    steps = np.diff([place.position_mm for place in places if place is not None])
    assert np.allclose(steps, 3.6, atol=1e-3)
    # The first: ImagePositionPatient is that of a slice of 384 x 384 pixels with the same middle.
    middle = (384 - 64) / 2 * 3.25
    assert places[0] is not None
    assert places[0].position[0] == pytest.approx(-624 + middle, abs=1e-6)


def test_a_grid_of_united_imaging_has_a_place_for_each_slice(collections: Path) -> None:
    path = next((collections / "neurolabusc+dcm_qa_stc").rglob("0005.dcm"))
    grid = decode_frames(path.read_bytes(), path)
    assert len(grid) == 20
    assert grid[0].geometry is not None
    assert grid[0].geometry.position == pytest.approx((-154.647507, -58.5786934, -9.21860886))
    assert grid[1].geometry is not None
    assert grid[1].geometry.position == pytest.approx((-154.769119, -58.5786934, -5.02037001))


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("201_pCASL", "computed"),
        ("JPGExtended", "lossy"),
        ("WG04/J2KI/MR1_J2KI", "lossy"),
        ("jpeg_ls.dcm", "lossy"),
        ("5001001", "bits"),
        ("ovly_p01", "modality"),
    ],
)
def test_what_the_network_does_not_know_is_said(part: str, kind: str, collections: Path) -> None:
    (name,) = (name for name in _NAMES if part in name)
    assert kind in [warning.kind for warning in read_slice(collections / name).warnings]


@pytest.fixture(scope="module")
def plain(cases: Path) -> np.ndarray:
    """The picture that all files of `dicom/` show."""
    return read_slice(cases / "tables" / "s00.dcm").pixels


@pytest.mark.parametrize("number", ["01", "03", "06", "15", "17", "21b"])
def test_a_sound_file_is_read(number: str, cases: Path, plain: np.ndarray) -> None:
    (path,) = (cases / "dicom").glob(f"{number}_*")
    mri = read_slice(path)
    assert mri.pixels.shape == (256, 256)
    assert mri.pixels.max() == 55040
    assert [warning.kind for warning in mri.warnings] == []


def test_colours_without_their_configuration_are_named(cases: Path) -> None:
    path = cases / "dicom" / "02_rgb_no_planar.dcm"
    with pytest.raises(Exception, match=r"lacks the attribute PlanarConfiguration \(0028,0006\)"):
        read_slice(path)


def test_a_saved_screen_may_name_the_patient(cases: Path) -> None:
    mri = read_slice(cases / "dicom" / "16_sc_burned_in.dcm")
    assert "annotation" in [warning.kind for warning in mri.warnings]
    assert any("may name the patient" in str(warning) for warning in mri.warnings)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("thin_comma", "The slice is 0.7 mm thick"),
        ("iop_comma", "does not stand upright, by the file's ImageOrientationPatient (0020,0037)"),
        ("iop_five", "ImageOrientationPatient (0020,0037) cannot be read"),
    ],
)
def test_a_safety_attribute_that_is_oddly_written_counts(name: str, said: str, cases: Path) -> None:
    mri = read_slice(cases / "cautions" / f"{name}.dcm")
    assert any(said in str(warning) for warning in mri.warnings)
