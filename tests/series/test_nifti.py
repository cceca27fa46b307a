from __future__ import annotations

import gzip
import itertools
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.domain.study import SeriesKind
from braintumor_desktop.domain.volume import series_affine
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.read import decode_frames
from braintumor_desktop.sources.catalogue import read_instance, scan
from braintumor_desktop.sources.volumes import read_volume

AXES = [
    codes
    for order in itertools.permutations(("RL", "AP", "SI"))
    for codes in itertools.product(*order)
]


def _volume(shape: tuple[int, ...] = (6, 5, 4), **header: Any) -> nibabel.Nifti1Image:
    """Every voxel another value; i to the right, j to the front, k to the head; thick along k."""
    values = np.arange(np.prod(shape), dtype=np.int16).reshape(shape)
    affine = np.diag([0.8, 0.9, 5.0, 1.0])
    affine[:3, 3] = -10, -20, 30
    image = nibabel.Nifti1Image(values, affine)
    for name, value in header.items():
        image.header[name] = value
    return image


@pytest.mark.parametrize("codes", AXES, ids="".join)
def test_however_voxels_are_stored_slices_look_and_lie_the_same(
    codes: tuple[str, ...], tmp_path: Path
) -> None:
    image = _volume()
    values = np.asanyarray(image.dataobj)
    turn = ornt_transform(io_orientation(image.affine), axcodes2ornt(codes))
    nibabel.save(image.as_reoriented(turn), tmp_path / "a.nii")
    (series,) = scan([tmp_path / "a.nii"]).series
    assert series.plane is Plane.AXIAL
    assert series.spacing_mm == pytest.approx((5.0, 0.9, 0.8))
    for place, instance in enumerate(series.instances):
        read = read_instance(instance)
        # Rows from the front to the back, columns from the patient's right to the left.
        assert np.array_equal(read.pixels, values[::-1, ::-1, place].T)
        assert read.geometry is not None
        # The first pixel: i = 5 is the right-most, j = 4 the front-most; L and P are DICOM's + way.
        assert read.geometry.position == pytest.approx((6.0, 16.4, 30 + 5 * place))
        assert read.geometry == instance.geometry
    volume = read_volume(series)
    assert [one.source.frame for one in volume.slices] == [one.frame for one in series.instances]
    matrix = volume.affine
    assert matrix is not None
    assert np.allclose(matrix @ [3, 4, 5, 1], [-6 + 16, 20, 45, 1])


@pytest.mark.parametrize(
    ("zooms", "plane", "rows", "columns"),
    [
        ((5.0, 1, 1), Plane.SAGITTAL, (0, 0, -1), (0, 1, 0)),
        ((1, 5.0, 1), Plane.CORONAL, (0, 0, -1), (1, 0, 0)),
        ((1, 1, 5.0), Plane.AXIAL, (0, 1, 0), (1, 0, 0)),
        ((1, 1, 1), Plane.AXIAL, (0, 1, 0), (1, 0, 0)),
    ],
)
def test_slices_are_taken_where_voxels_are_thickest(
    zooms: tuple[float, ...], plane: Plane, rows: Any, columns: Any, tmp_path: Path
) -> None:
    image = nibabel.Nifti1Image(np.zeros((3, 4, 5), np.float32), np.diag([*zooms, 1]))
    nibabel.save(image, tmp_path / "a.nii.gz")
    (series,) = scan([tmp_path]).series
    assert series.plane is plane
    geometry = series.instances[0].geometry
    assert geometry is not None
    assert geometry.column_direction == pytest.approx(rows)
    assert geometry.row_direction == pytest.approx(columns)
    places = [one.geometry.position_mm for one in series.instances if one.geometry]
    assert places == sorted(places)


def test_values_are_scaled_and_what_is_no_number_is_dark(tmp_path: Path) -> None:
    values = np.full((4, 4, 3), 7.5, np.float32)
    values[0, 0, 0], values[1, 1, 0] = np.nan, -2
    values[..., 2] = np.nan
    nibabel.save(nibabel.Nifti1Image(values, np.eye(4)), tmp_path / "a.nii")
    frames = decode_frames((tmp_path / "a.nii").read_bytes(), tmp_path)
    assert frames[0].pixels.min() == -2
    assert "not_numbers" in {warning.kind for warning in frames[0].warnings}
    with pytest.raises(BraintumorError, match="no numbers"):
        frames[2]

    image = nibabel.Nifti1Image(np.full((4, 4, 3), 10, np.uint8), np.eye(4))
    image.header.set_slope_inter(0.5, -1)
    image.to_filename(tmp_path / "b.nii")
    stored = bytearray((tmp_path / "b.nii").read_bytes())
    stored[112:120] = np.array([0.5, -1], "<f4").tobytes()
    stored[352:] = bytes([10]) * 48
    assert decode_frames(bytes(stored), tmp_path)[1].pixels.mean() == 4


def test_each_volume_is_a_series_and_labels_are_no_pictures(tmp_path: Path) -> None:
    nibabel.save(_volume((4, 4, 3, 2)), tmp_path / "bold.nii.gz")
    nibabel.save(_volume(intent_code=1002), tmp_path / "atlas.nii")
    nibabel.save(_volume(), tmp_path / "patient_seg.nii")
    found = {series.description: series for series in scan([tmp_path]).series}
    assert set(found) == {"bold.nii.gz [1]", "bold.nii.gz [2]", "atlas.nii", "patient_seg.nii"}
    assert [one.frame for one in found["bold.nii.gz [2]"].instances] == [3, 4, 5]
    second = read_instance(found["bold.nii.gz [2]"].instances[0]).pixels
    assert second[3, 3] == 1  # i = j = k = 0 of the second volume
    assert found["atlas.nii"].kind is SeriesKind.DERIVED
    assert found["patient_seg.nii"].kind is SeriesKind.DERIVED


def test_where_a_file_does_not_say_how_it_lies_that_is_said(tmp_path: Path) -> None:
    image = _volume()
    image.set_sform(None, 0)
    image.set_qform(None, 0)
    nibabel.save(image, tmp_path / "a.nii")
    (series,) = scan([tmp_path]).series
    assert series.plane is Plane.UNKNOWN
    assert series_affine(series) is None
    assert "orientation" in {caution.kind for caution in series.cautions}


def _refused(data: bytes, folder: Path, name: str = "a.nii") -> str:
    path = folder / name
    path.write_bytes(data)
    found = scan([path])
    if found.refused:
        return str(found.refused[0].reason)
    with pytest.raises(BraintumorError) as caught:
        read_instance(found.series[0].instances[0])
    return str(caught.value)


def test_damaged_and_other_files_are_refused_by_their_cause(tmp_path: Path) -> None:
    nibabel.save(_volume(), tmp_path / "good.nii")
    good = (tmp_path / "good.nii").read_bytes()
    packed = gzip.compress(good)
    assert "have 200 bytes of 240" in _refused(good[:-40], tmp_path)
    assert "ends early" in _refused(packed[:-12], tmp_path)
    damaged = bytearray(packed)
    damaged[-8] ^= 1  # the checksum
    assert "damaged" in _refused(bytes(damaged), tmp_path)

    huge = bytearray(good)
    huge[42:48] = np.array([30000, 30000, 100], "<i2").tobytes()
    assert "MiB" in _refused(bytes(huge), tmp_path)
    bomb = gzip.compress(bytes(huge) + bytes(1 << 20))
    assert "MiB" in _refused(bomb, tmp_path)

    many = bytearray(good)
    many[40:56] = np.array([5, 2, 2, 1, 30000, 400, 1, 1], "<i2").tobytes()
    many[70:74] = np.array([2, 8], "<i2").tobytes()
    assert "12000000 volumes" in _refused(bytes(many), tmp_path)
    early = bytearray(good)
    early[108:112] = np.array([-16], "<f4").tobytes()
    assert "header is damaged" in _refused(bytes(early), tmp_path)

    colour = bytearray(good)
    colour[70:74] = np.array([128, 24], "<i2").tobytes()
    assert "no brightness" in _refused(bytes(colour), tmp_path)
    pair = bytearray(good)
    pair[344:348] = b"ni1\0"
    assert ".hdr and .img" in _refused(bytes(pair), tmp_path)


def test_a_volume_is_no_single_slice(tmp_path: Path) -> None:
    from braintumor_desktop.imaging.read import decode_slice

    nibabel.save(_volume(), tmp_path / "a.nii")
    with pytest.raises(BraintumorError, match="4 slices, each of which"):
        decode_slice((tmp_path / "a.nii").read_bytes(), tmp_path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sub-01_brainmask", SeriesKind.DERIVED),
        ("t1_tumor_segmentation", SeriesKind.DERIVED),
        ("sub-01_ADC", SeriesKind.DERIVED),
        ("parcellation", SeriesKind.DERIVED),
        ("t1_masked", SeriesKind.IMAGES),
        ("family_t1", SeriesKind.IMAGES),
    ],
)
def test_labels_and_maps_are_known_by_name(name: str, kind: SeriesKind, tmp_path: Path) -> None:
    nibabel.save(_volume(), tmp_path / f"{name}.nii")
    (series,) = scan([tmp_path]).series
    assert series.kind is kind


def test_a_file_of_two_dimensions_is_one_slice(tmp_path: Path) -> None:
    values = np.arange(30, dtype=np.int16).reshape(6, 5)
    path = tmp_path / "slice.nii"
    nibabel.save(nibabel.Nifti1Image(values, np.diag([-1.0, -1.0, 5.0, 1.0])), path)
    (found,) = decode_frames(path.read_bytes(), path)
    assert np.array_equal(found.pixels, values.T)
    assert [len(series.instances) for series in scan([path]).series] == [1]
