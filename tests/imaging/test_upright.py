"""A slice that is stored sideways is answered as the same slice that stands upright is."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pydicom
import pydicom.data
import pytest

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import decode_slice, read_slice
from braintumor_desktop.imaging.turning import as_stored, upright
from braintumor_desktop.inference.classifier import Classifier

FILES = Path(pydicom.data.__file__).parent / "test_files"
SIZE = 64

# By Exif's code: the directions of rows and columns in which an axial slice is stored.
AXIAL = {
    1: (1, 0, 0, 0, 1, 0),
    2: (-1, 0, 0, 0, 1, 0),
    3: (-1, 0, 0, 0, -1, 0),
    4: (1, 0, 0, 0, -1, 0),
    5: (0, 1, 0, 1, 0, 0),
    6: (0, 1, 0, -1, 0, 0),
    7: (0, -1, 0, -1, 0, 0),
    8: (0, -1, 0, 1, 0, 0),
}


@pytest.fixture(scope="module")
def head(demo_slice: Path) -> np.ndarray:
    """A head that no turn leaves as it is, 200 rows of 256 columns."""
    return np.array(read_slice(demo_slice).pixels[:200], np.uint16)


def stored(picture: np.ndarray, code: int, orientation: tuple[float, ...]) -> MRISlice:
    """The picture as a file in which it has to be turned by `code` to be looked at."""
    pixels = as_stored(picture, code)
    dataset = pydicom.dcmread(FILES / "MR_small.dcm")
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 15, 0
    dataset.PixelData = pixels.astype("<u2").tobytes()
    dataset.SliceThickness = 5
    dataset.PixelSpacing = [1, 2] if code < 5 else [2, 1]
    dataset.ImageOrientationPatient = list(orientation)
    del dataset.SmallestImagePixelValue, dataset.LargestImagePixelValue
    if "PixelPaddingValue" in dataset:
        del dataset.PixelPaddingValue
    stream = io.BytesIO()
    dataset.save_as(stream)
    return decode_slice(stream.getvalue(), Path("slice.dcm"))


def test_turning_back_is_the_inverse(head: np.ndarray) -> None:
    for code in range(1, 9):
        assert np.array_equal(upright(as_stored(head, code), code), head)


@pytest.mark.parametrize("code", AXIAL)
def test_the_network_sees_it_upright(code: int, head: np.ndarray) -> None:
    reference = prepare(stored(head, 1, AXIAL[1]), SIZE)
    mri = stored(head, code, AXIAL[code])
    assert mri.turn == code
    assert np.array_equal(mri.pixels, as_stored(head, code))  # the file's own pixels stay
    prepared = prepare(mri, SIZE)
    assert np.array_equal(prepared.pixels, reference.pixels)


@pytest.mark.parametrize("code", AXIAL)
def test_points_lead_back_into_the_file(code: int, head: np.ndarray) -> None:
    mri = stored(head, code, AXIAL[code])
    crop, reference = prepare(mri, SIZE).crop, prepare(stored(head, 1, AXIAL[1]), SIZE).crop
    ours = np.zeros(mri.pixels.shape)
    for x, y in ((11.3, 40.2), (50.1, 20.7)):
        across, down = crop.to_source(x, y, SIZE)
        ours[int(down), int(across)] += 1
        theirs = np.zeros(head.shape)
        right, below = reference.to_source(x, y, SIZE)
        theirs[int(below), int(right)] = 1
        assert np.array_equal(upright(ours, code), theirs)
        ours[:] = 0
        assert crop.to_prepared(across, down, SIZE) == pytest.approx((x, y))


@pytest.mark.parametrize(
    ("orientation", "code"),
    [
        ((1, 0, 0, 0, 0, -1), 1),  # coronal
        ((0, 0, -1, 1, 0, 0), 5),
        ((1, 0, 0, 0, 0, 1), 4),
        ((-1, 0, 0, 0, 0, -1), 2),
        ((0, 1, 0, 0, 0, -1), 1),  # sagittal, either way
        ((0, -1, 0, 0, 0, -1), 1),
        ((0, 0, -1, 0, 1, 0), 5),
        ((0, 0, 1, 0, 1, 0), 8),
        ((0, 1, 0, 0, 0, 1), 4),
        ((0.9, 0.44, 0, -0.44, 0.9, 0), 1),  # a head that is held askew
    ],
)
def test_each_plane_is_looked_at_in_its_way(
    orientation: tuple[float, ...], code: int, head: np.ndarray
) -> None:
    mri = stored(head, code, orientation)
    assert mri.turn == code
    said = [warning.kind for warning in mri.warnings]
    assert ("orientation" in said) == (code != 1)


@pytest.mark.parametrize("code", [3, 6, 8])
def test_the_answer_is_the_same_and_is_drawn_where_the_file_has_it(
    code: int, head: np.ndarray, classifier: Classifier
) -> None:
    size = classifier.input_size
    plain = classifier.classify(prepare(stored(head, 1, AXIAL[1]), size))
    mri = stored(head, code, AXIAL[code])
    turned = classifier.classify(prepare(mri, size))
    assert turned.probabilities == plain.probabilities
    across, down = turned.heat_map.peak
    marked = np.zeros(mri.pixels.shape)
    marked[min(int(down), marked.shape[0] - 1), min(int(across), marked.shape[1] - 1)] = 1
    expected = np.argwhere(upright(marked, code))[0]
    right, below = plain.heat_map.peak
    assert np.abs(expected - (below, right)).max() <= 1.5
