"""What the network sees, on the head that matplotlib ships and on slices made from it."""

import gzip
from dataclasses import replace
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pydicom
import pydicom.data
import pytest

from braintumor_desktop.domain.image import MRISlice, SliceSource
from braintumor_desktop.errors import BlankSliceError, UnsupportedImageError
from braintumor_desktop.imaging import prepare as preparation
from braintumor_desktop.imaging.levels import byte_levels
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice

GOLDEN = Path(__file__).with_name("golden_prepared_head.npy")
SIZE = 64


def as_slice(pixels, spacing_mm=None):
    source = SliceSource(Path("head"), "test")
    return MRISlice(np.array(pixels, np.float32), source, spacing_mm)


@pytest.fixture(scope="module")
def head():
    """A sagittal T1 head, uint16 (256, 256), up to 55,040, read as matplotlib's own examples do."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "s1045.ima.gz"
    return np.frombuffer(gzip.decompress(path.read_bytes()), "<u2").reshape(256, 256)


def test_output_is_pinned(head):
    # Written by: np.save(GOLDEN, prepare(as_slice(head), SIZE).pixels). A change of this array is
    # a change of the preprocessing: raise VERSION, train again.
    assert preparation.VERSION == "1"
    np.testing.assert_allclose(prepare(as_slice(head), SIZE).pixels, np.load(GOLDEN), atol=2e-3)


@pytest.mark.parametrize(
    ("gain", "offset"),
    [(1 / 256, 0), (1, 0), (1, -1000), (0.01, 0), (1e-4, 0.5)],
    ids=["8-bit range", "16-bit range", "signed", "dim", "fractions"],
)
def test_units_do_not_matter(head, gain, offset):
    reference = prepare(as_slice(head), SIZE)
    other = prepare(as_slice(head.astype(np.float64) * gain + offset), SIZE)
    assert other.crop == reference.crop
    np.testing.assert_allclose(other.pixels, reference.pixels, atol=1e-3)


def test_bright_label_in_a_corner_does_not_win(head):
    small = np.zeros((512, 512), np.float32)
    small[150:406, 150:406] = head
    alone = prepare(as_slice(small), SIZE)
    letter = np.zeros((512, 512), np.uint8)
    cv2.putText(letter, "R", (8, 40), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 255, 4)
    labelled = np.where(letter > 0, 60_000, small)
    assert prepare(as_slice(labelled), SIZE).crop == alone.crop
    assert alone.crop.width < 300
    np.testing.assert_allclose(prepare(as_slice(labelled), SIZE).pixels, alone.pixels, atol=0.05)


def test_head_cut_by_the_border_stays_whole(head):
    inside = head[60:200, 60:200]  # brain and skull reach every border
    crop = prepare(as_slice(inside), SIZE).crop
    assert (crop.left, crop.top, crop.width, crop.height) == (0, 0, 140, 140)


def test_skull_stripped_parts_stay_together(head):
    two = np.zeros((256, 256), np.float32)
    two[100:150, 20:90] = head[100:150, 90:160]
    two[100:150, 160:230] = head[100:150, 90:160]
    crop = prepare(as_slice(two), SIZE).crop
    assert crop.left < 22
    assert crop.left + crop.width > 228


def test_noise_around_the_head_does_not_keep_it_from_being_cropped(head):
    rng = np.random.default_rng(0)
    noisy = np.abs(rng.normal(0, 800, (512, 512)))
    noisy[128:384, 128:384] += head
    assert prepare(as_slice(noisy), SIZE).crop.width < 310


@pytest.mark.parametrize("shape", [(256, 128), (100, 240)])
def test_aspect_ratio_is_kept(head, shape):
    part = cv2.resize(head.astype(np.float32), shape[::-1], interpolation=cv2.INTER_AREA)
    crop = prepare(as_slice(part), SIZE).crop
    assert crop.width == pytest.approx(crop.height, rel=0.02)


def test_aspect_ratio_is_that_of_millimetres(head):
    flat = cv2.resize(head.astype(np.float32), (256, 128), interpolation=cv2.INTER_AREA)
    tall = prepare(as_slice(flat, spacing_mm=(2.0, 1.0)), 128)
    reference = prepare(as_slice(head, spacing_mm=(1.0, 1.0)), 128)
    assert tall.crop.width == pytest.approx(2 * tall.crop.height, rel=0.02)
    assert np.abs(tall.pixels - reference.pixels).mean() < 0.03


def test_crop_maps_prepared_points_to_the_source(head):
    marked = np.zeros((512, 512), np.float32)
    marked[100:356, 180:436] = head
    marked[230:238, 300:308] = 120_000  # centre (304, 234), edges counting from 0
    prepared = prepare(as_slice(marked), 256)
    spot = np.argwhere(prepared.pixels >= 0.99)
    bright = cv2.GaussianBlur((prepared.pixels >= 0.99).astype(np.float32), (9, 9), 0)
    y, x = np.unravel_index(int(bright.argmax()), bright.shape)
    assert len(spot)
    assert prepared.crop.to_source(x + 0.5, y + 0.5, 256) == pytest.approx((304, 234), abs=3)
    back = prepared.crop.to_prepared(*prepared.crop.to_source(10.0, 20.0, 256), 256)
    assert back == pytest.approx((10.0, 20.0))


@pytest.mark.parametrize("value", [0, 7, -1000])
def test_blank_is_an_error(value):
    with pytest.raises(BlankSliceError, match="blank"):
        prepare(as_slice(np.full((64, 64), value)), SIZE)


def test_almost_blank_is_an_error():
    pixels = np.zeros((256, 256))
    pixels[3, 3] = 255
    with pytest.raises(BlankSliceError):
        prepare(as_slice(pixels), SIZE)


@pytest.mark.parametrize("shape", [(1, 300), (300, 1), (2, 2), (5, 3)])
def test_tiny_slices_do_not_fail(shape):
    pixels = np.arange(shape[0] * shape[1]).reshape(shape)
    prepared = prepare(as_slice(pixels), SIZE)
    assert prepared.pixels.shape == (SIZE, SIZE)
    assert 0 <= prepared.pixels.min() < prepared.pixels.max() <= 1


def test_the_range_of_brightness_is_that_of_numpy_to_the_last_bit(head, data_folder):
    paths = sorted((data_folder / "brain-tumor-mri").glob("*/*/*.jpg"))[::100]
    paths += sorted((data_folder / "dicom-series").glob("*.dcm"))
    paths.append(Path(pydicom.data.get_testdata_file("MR_small.dcm")))  # 16 bits
    images = [read_slice(path).pixels for path in paths]
    images += [head.astype(np.float32), *(pixels * np.float32(0.37) - 11 for pixels in images[::4])]
    counted = 0
    for pixels in images:
        expected = tuple(np.percentile(pixels, (0.5, 99.5)))
        levels = byte_levels(pixels).counts
        assert preparation._brightness_range(pixels, levels) == expected
        assert preparation._brightness_range(pixels, None) == expected
        counted += levels is not None
    assert len(images) / 2 < counted < len(images)


def test_levels_that_were_counted_for_other_pixels_are_not_taken(head):
    mri = as_slice(head // 216)
    counted = byte_levels(mri.pixels)
    with_counts = replace(mri, byte_levels=counted)
    assert counted.levels is not None
    assert (prepare(with_counts, SIZE).pixels == prepare(mri, SIZE).pixels).all()
    turned = as_slice(head[::-1] // 500)
    stale = replace(turned, byte_levels=counted)
    assert (prepare(stale, SIZE).pixels == prepare(turned, SIZE).pixels).all()


def test_every_slice_of_the_data_set_keeps_its_head(data_folder):
    paths = sorted((data_folder / "brain-tumor-mri").glob("*/*/*.jpg"))[::50]
    assert len(paths) > 100
    for path in paths:
        mri = read_slice(path)
        prepared = prepare(mri, 160)
        height, width = mri.pixels.shape
        crop = prepared.crop
        shown = (min(width, crop.left + crop.width) - max(0, crop.left)) * (
            min(height, crop.top + crop.height) - max(0, crop.top)
        )
        assert shown >= 0.25 * width * height, path.name
        assert prepared.pixels.dtype == np.float32
        assert prepared.pixels.max() == pytest.approx(1, abs=0.05)
        assert prepared.pixels.min() == pytest.approx(0, abs=0.05)


def test_values_beyond_all_brightness_are_an_error(head):
    pixels = head.astype(np.float32)
    pixels[head < 1000] = -3.4e38
    pixels[head > 30000] = 3.4e38
    with pytest.raises(UnsupportedImageError, match="no brightness"):
        prepare(as_slice(pixels), SIZE)


@pytest.mark.parametrize("offset", [2**31, -(2**31)])
def test_values_too_large_to_be_told_apart_are_an_error(head, offset):
    dim = (head >> 4).astype(np.float64)  # up to 3,440, as of 12 bits
    with pytest.raises(UnsupportedImageError, match="too close together"):
        prepare(as_slice(dim + offset), SIZE)
    assert prepare(as_slice(dim + offset / 2**15), SIZE)
