"""DICOM: pydicom's own files, the dicom-series, and files changed by one attribute each."""

from __future__ import annotations

import contextlib
import io
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, RLELossless

from braintumor_desktop import errors
from braintumor_desktop.domain.image import DisplayWindow, MRISlice
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import decode_slice, read_slice

# pydicom warns of damaged values; the app silences it where it is imported, pytest listens again.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

FILES = Path(pydicom.data.__file__).parent / "test_files"


def changed(name: str = "MR_small.dcm", **attributes: Any) -> bytes:
    """One of pydicom's files with attributes set, as value or (VR, value), or removed by None.

    5 mm thick, for it is warned of thinner slices.
    """
    dataset = pydicom.dcmread(FILES / name)
    dataset.SliceThickness = 5
    for keyword, value in attributes.items():
        if value is None:
            if keyword in dataset:
                del dataset[keyword]
        elif isinstance(value, tuple):
            dataset.add_new(keyword, *value)
        else:
            setattr(dataset, keyword, value)
    return written(dataset)


def written(dataset: FileDataset) -> bytes:
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def picture(stored: np.ndarray, **attributes: Any) -> bytes:
    """MR_small with other pixels: integers of any type."""
    kind = stored.dtype
    bits = 8 * kind.itemsize
    layout = {
        "Rows": stored.shape[0],
        "Columns": stored.shape[1],
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": bits - 1,
        "PixelRepresentation": 1 if kind.kind == "i" else 0,
        "SmallestImagePixelValue": None,
        "LargestImagePixelValue": None,
        "PixelPaddingValue": None,
        "PixelData": stored.astype(kind.newbyteorder("<")).tobytes(),
    }
    return changed(**{**layout, **attributes})


def read(data: bytes) -> MRISlice:
    return decode_slice(data, Path("slice.dcm"))


def kinds(slice_: MRISlice) -> list[str]:
    return [warning.kind for warning in slice_.warnings]


@pytest.fixture(scope="module")
def mr_pixels() -> np.ndarray:
    """The stored values of MR_small.dcm, cut out of the file by hand."""
    data = (FILES / "MR_small.dcm").read_bytes()
    start = data.index(b"\xe0\x7f\x10\x00OW\0\0") + 12
    return np.frombuffer(data, "<i2", 64 * 64, start).reshape(64, 64)


@pytest.mark.parametrize(
    "name",
    [
        "MR_small.dcm",
        "MR_small_implicit.dcm",
        "MR_small_bigendian.dcm",
        "MR_small_expb.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
    ],
)
def test_one_slice_in_every_transfer_syntax(name: str, mr_pixels: np.ndarray) -> None:
    result = read_slice(FILES / name)
    assert np.array_equal(result.pixels, mr_pixels)
    assert result.pixels.dtype == np.float32
    assert result.source.format == "DICOM"
    assert result.spacing_mm == (0.3125, 0.3125)
    assert result.window == DisplayWindow(600, 1600)
    assert kinds(result) == ["thin"]
    identifiers = result.source.identifiers
    assert identifiers is not None
    assert identifiers.modality == "MR"
    assert identifiers.patient_id == "4MR1"
    assert identifiers.patient_name == "CompressedSamples^MR1"
    assert identifiers.sop_instance_uid.startswith("1.3.6.1.4.1.5962.")


def test_deflated(mr_pixels: np.ndarray) -> None:
    dataset = pydicom.dcmread(FILES / "MR_small.dcm")
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data = written(dataset)
    assert np.array_equal(read(data).pixels, mr_pixels)
    for place in np.linspace(len(data) // 2, len(data) - 10, 20, dtype=int):
        with pytest.raises(errors.TruncatedFileError):
            read(data[:place])
    assert read_slice(FILES / "image_dfl.dcm").pixels.shape == (512, 512)


def test_a_deflate_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("braintumor_desktop.imaging.dicom.file.MAX_FILE_BYTES", 100_000)
    monkeypatch.setattr("braintumor_desktop.imaging.limits.MAX_FILE_BYTES", 100_000)
    with pytest.raises(errors.DimensionsError):
        read_slice(FILES / "image_dfl.dcm")


def test_rescale_is_the_ct_in_hounsfield_units() -> None:
    result = read_slice(FILES / "CT_small.dcm")
    stored = pydicom.dcmread(FILES / "CT_small.dcm").PixelData
    expected = np.frombuffer(stored, "<i2").reshape(128, 128) - 1024.0
    assert np.array_equal(result.pixels, expected)
    assert kinds(result) == ["modality"]
    assert "CT" in str(result.warnings[0])


def test_a_fraction_as_slope(mr_pixels: np.ndarray) -> None:
    result = read(changed(RescaleSlope="0.37", RescaleIntercept="-4.5"))
    assert np.array_equal(result.pixels, (mr_pixels * 0.37 - 4.5).astype(np.float32))


@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
def test_half_a_rescale_is_refused(keyword: str) -> None:
    with pytest.raises(errors.UnsupportedImageError, match="Rescale"):
        read(changed(**{keyword: "2"}))


def test_a_slope_beyond_all_numbers_is_refused() -> None:
    with pytest.raises(errors.UnsupportedImageError, match="not numbers"):
        read(changed(RescaleSlope="1e300", RescaleIntercept="1"))


def test_a_slope_of_zero_is_refused() -> None:
    with pytest.raises(errors.UnsupportedImageError, match=r"RescaleSlope \(0028,1053\)"):
        read(changed(RescaleSlope="0", RescaleIntercept="1"))


def test_modality_lut() -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [4, 10, 16])
    item.add_new("LUTData", "US", [100, 300, 200, 7])
    item.ModalityLUTType = "US"
    stored = np.array([[0, 10, 11], [12, 13, 99]], np.uint16)
    result = read(picture(stored, ModalityLUTSequence=Sequence([item])))
    assert np.array_equal(result.pixels, [[100, 100, 300], [200, 7, 7]])


def test_a_modality_lut_without_a_value_is_none() -> None:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", None)
    item.add_new("LUTData", "US", None)
    assert np.array_equal(
        read(changed(ModalityLUTSequence=Sequence([item]))).pixels, read(changed()).pixels
    )
    item.add_new("LUTDescriptor", "US", [4, 10, 16])
    with pytest.raises(errors.UnsupportedImageError, match="modality table"):
        read(changed(ModalityLUTSequence=Sequence([item])))


def test_monochrome1_is_turned_with_its_window() -> None:
    stored = np.array([[0, 100, 4095]], np.uint16)
    options = {"BitsStored": 12, "HighBit": 11, "WindowCenter": "1000", "WindowWidth": "400"}
    bright = read(picture(stored, PhotometricInterpretation="MONOCHROME1", **options))
    assert np.array_equal(bright.pixels, [[4095, 3995, 0]])
    assert bright.window == DisplayWindow(3095, 400)
    scaled = read(
        picture(
            stored,
            PhotometricInterpretation="MONOCHROME1",
            RescaleSlope="2",
            RescaleIntercept="-10",
            **options,
        )
    )
    # Lowest + highest after the rescale: -10 + 8180.
    assert np.array_equal(scaled.pixels, 8170 - (2.0 * stored - 10))
    assert scaled.window == DisplayWindow(7170, 400)


def test_monochrome1_of_signed_pixels() -> None:
    stored = np.array([[-2048, 0, 2047]], np.int16)
    result = read(
        picture(stored, PhotometricInterpretation="MONOCHROME1", BitsStored=12, HighBit=11)
    )
    assert np.array_equal(result.pixels, [[2047, -1, -2048]])


@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
def test_overlays_above_bits_stored_are_masked(dtype: type) -> None:
    stored = np.array([[1, 2], [3, 2047]], np.uint16)
    overlay = np.array([[0x9000, 0x1000], [0x8000, 0]], np.uint16)
    dataset = pydicom.dcmread(
        io.BytesIO(picture((stored | overlay).view(dtype), BitsStored=12, HighBit=11))
    )
    assert "bits" in kinds(read(written(dataset)))
    dataset.add_new((0x6000, 0x0102), "US", 12)
    assert "bits" in kinds(read(written(dataset)))
    dataset.add_new((0x6002, 0x0102), "US", 15)
    result = read(written(dataset))
    assert np.array_equal(result.pixels, stored)
    assert "bits" not in kinds(result)


def test_an_overlay_among_the_stored_bits_is_refused() -> None:
    stored = np.array([[0x8001, 2], [3, 2047]], np.uint16)
    dataset = pydicom.dcmread(io.BytesIO(picture(stored)))
    dataset.add_new((0x6000, 0x0102), "US", 0)  # of an overlay on its own
    assert np.array_equal(read(written(dataset)).pixels, stored)
    dataset.add_new((0x6000, 0x0102), "US", 15)
    with pytest.raises(errors.UnsupportedImageError, match=r"BitsStored \(0028,0101\) is 16"):
        read(written(dataset))


@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
def test_values_beyond_bits_stored_are_masked_and_said(dtype: type) -> None:
    """Masked, the brightest can be among the darkest: a person has to look."""
    stored = np.array([[1, 2], [3, 4500]], dtype)
    result = read(picture(stored, BitsStored=12, HighBit=11))
    assert np.array_equal(result.pixels, [[1, 2], [3, 404]])
    (word,) = [str(warning) for warning in result.warnings if warning.kind == "bits"]
    assert word == (
        "1 pixels have values of more bits than BitsStored (0028,0101) says; only the lowest 12 "
        "are used."
    )


@pytest.mark.parametrize(
    "stored", [[[0x0FFF, 0x0800], [0x07FF, 1]], [[0xFFFF, 0xF800], [0x07FF, 1]]]
)
def test_signed_bits_above_bits_stored_are_the_sign(stored: list[list[int]]) -> None:
    values = np.array(stored, np.uint16).view(np.int16)
    result = read(picture(values, BitsStored=12, HighBit=11))
    assert np.array_equal(result.pixels, [[-1, -2048], [2047, 1]])


@pytest.mark.parametrize(
    ("orientation", "said"),
    [
        ([1, 0, 0, 0, 1, 0], ""),  # axial
        ([1, 0, 0, 0, 0.9, -0.44], ""),
        ([0.9, 0.44, 0, -0.44, 0.9, 0], ""),
        ([1, 0, 0, 0, 0, -1], ""),  # coronal
        ([0, 1, 0, 0, 0, -1], ""),  # sagittal
        ([0, -1, 0, 0, 0, -1], ""),
        ([1, 0, 0, 0, -1, 0], "does not stand upright"),
        ([-1, 0, 0, 0, -1, 0], "does not stand upright"),
        ([0, 1, 0, 1, 0, 0], "does not stand upright"),
        ([1, 0, 0, 0, 0, 1], "does not stand upright"),
        ([0, 0, -1, 0, 1, 0], "does not stand upright"),
        ([-1, 0, 0, 0, 1, 0], "is mirrored"),
        ([-1, 0, 0, 0, 0, -1], "is mirrored"),
        ([1, 0, 0, 1, 0, 0], ""),  # no plane
        ([0, 0, 0, 0, 0, 0], ""),
        (None, ""),
    ],
)
@pytest.mark.parametrize("enhanced", [False, True])
def test_how_the_slice_lies(enhanced: bool, orientation: list[float] | None, said: str) -> None:
    if enhanced and orientation is not None:
        plane = Dataset()
        plane.ImageOrientationPatient = orientation
        group = Dataset()
        group.PlaneOrientationSequence = Sequence([plane])
        data = changed(
            ImageOrientationPatient=None, SharedFunctionalGroupsSequence=Sequence([group])
        )
    else:
        data = changed(ImageOrientationPatient=orientation)
    result = read(data)
    words = [str(warning) for warning in result.warnings if warning.kind == "orientation"]
    assert len(words) == bool(said)
    assert all(said in word for word in words)
    assert np.array_equal(result.pixels, read(changed()).pixels)


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        (["L", "P"], ""),  # axial
        (["LP", "PR"], ""),
        (["L", "F"], ""),  # coronal
        (["P", "F"], ""),  # sagittal
        (["A", "FL"], ""),
        (["L", "A"], "does not stand upright, by the file's PatientOrientation (0020,0020)"),
        (["P", "R"], "does not stand upright"),
        (["A", "H"], "does not stand upright"),
        (["R", "P"], "is mirrored, by the file's PatientOrientation (0020,0020)"),
        (["RA", "F"], "is mirrored"),
        (["L", "R"], ""),  # no plane
        (["L", ""], ""),
        (["X", "Y"], ""),
        ("L", ""),
    ],
)
def test_how_the_slice_lies_by_letters(letters: Any, said: str) -> None:
    data = changed(ImageOrientationPatient=None, PatientOrientation=letters)
    words = [str(warning) for warning in read(data).warnings if warning.kind == "orientation"]
    assert len(words) == bool(said)
    assert all(said in word for word in words)
    both = changed(ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PatientOrientation=letters)
    assert "orientation" not in kinds(read(both))
    nothing = changed(ImageOrientationPatient=[0] * 6, PatientOrientation=letters)
    assert kinds(read(nothing)) == kinds(read(data))


def test_a_presentation_that_turns_what_is_bright_is_refused() -> None:
    with pytest.raises(errors.UnsupportedImageError, match="PresentationLUTShape"):
        read(changed(PresentationLUTShape="INVERSE"))
    assert read(changed(PresentationLUTShape="IDENTITY"))


@pytest.mark.parametrize("enhanced", [False, True])
def test_a_voi_lut_that_turns_what_is_bright_is_refused(enhanced: bool) -> None:
    def with_table(entries: list[int]) -> bytes:
        table, item, group = Dataset(), Dataset(), Dataset()
        levels = np.repeat(entries, 4096 // len(entries)).tolist()
        table.add_new("LUTDescriptor", "US", [len(levels), 0, 16])
        table.add_new("LUTData", "US", levels)
        if not enhanced:
            return changed(VOILUTSequence=Sequence([table]))
        item.VOILUTSequence = Sequence([table])
        group.FrameVOILUTSequence = Sequence([item])
        return changed(SharedFunctionalGroupsSequence=Sequence([group]))

    with pytest.raises(errors.UnsupportedImageError, match="VOILUTSequence"):
        read(with_table([9, 8, 3]))
    for entries in ([3, 8, 9], [4, 9, 4], [1]):
        assert np.array_equal(read(with_table(entries)).pixels, read(changed()).pixels)
    broken = changed(VOILUTSequence=Sequence([Dataset()]))
    assert np.array_equal(read(broken).pixels, read(changed()).pixels)


@pytest.mark.parametrize(
    ("table", "falls"),
    [
        (np.linspace(255, 0, 4096).astype(np.uint8).tobytes(), True),
        (np.linspace(255, 0, 4096).astype("<u2").tobytes(), True),
        (np.linspace(255, 0, 256).astype(np.uint8).tobytes(), True),
        (np.linspace(0, 255, 4096).astype(np.uint8).tobytes(), False),
        # Rises over all that the picture has; what is behind means nothing.
        (np.minimum(np.arange(2**16), 4096).astype("<u2")[:4096].tobytes() + bytes(120000), False),
    ],
)
def test_a_voi_lut_counts_where_the_picture_has_values(table: bytes, falls: bool) -> None:
    item = Dataset()
    entries = len(table) if len(table) <= 4096 else len(table) // 2
    item.add_new("LUTDescriptor", "US", [entries, 0, 8 if entries == len(table) else 16])
    item.add_new("LUTData", "OW", table)
    data = changed(VOILUTSequence=Sequence([item]))
    if falls:
        with pytest.raises(errors.UnsupportedImageError, match="VOILUTSequence"):
            read(data)
    else:
        assert np.array_equal(read(data).pixels, read(changed()).pixels)


def test_an_overlay_with_data_of_its_own_is_not_in_the_pixels() -> None:
    stored = np.array([[0, 100, 40000]], np.uint16)
    dataset = pydicom.dcmread(io.BytesIO(picture(stored)))
    dataset.add_new((0x6000, 0x0102), "US", 12)
    with pytest.raises(errors.UnsupportedImageError, match="BitsStored"):
        read(written(dataset))
    dataset.add_new((0x6000, 0x3000), "OW", b"\0\0")
    assert np.array_equal(read(written(dataset)).pixels, stored)


def test_sides_that_were_rounded_are_square() -> None:
    assert kinds(read(changed(PixelSpacing=None, ImagerPixelSpacing=[0.0847, 0.0846]))) == []
    assert "spacing" in kinds(read(changed(PixelSpacing=None, ImagerPixelSpacing=[0.5, 0.6])))


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("BRAIN", False),
        ("HEAD", False),
        ("HEADNECK", False),
        ("Kopf", False),
        ("", False),
        ("KNEE", True),
        ("CARDIAC", True),
        ("SACROILIAC JOINT", True),
        ("FEMORAL HEAD", True),
    ],
)
def test_another_body_part_is_said(part: str, said: bool) -> None:
    assert ("body_part" in kinds(read(changed(BodyPartExamined=part)))) == said


@pytest.mark.parametrize(
    ("keyword", "value", "kind"),
    [
        ("BurnedInAnnotation", "YES", "annotation"),
        ("BurnedInAnnotation", "NO", None),
        ("BurnedInAnnotation", "PERHAPS", "unreadable"),
        ("LossyImageCompression", "00", None),
        ("LossyImageCompression", "1", "unreadable"),
        ("ImageOrientationPatient", ["1", "0", "0", "0.5", "0.8", "0"], "unreadable"),
        ("ImagePositionPatient", ["1", "2"], "unreadable"),
        ("ConversionType", "WSD", None),
    ],
)
def test_what_is_oddly_said_is_not_unsaid(keyword: str, value: Any, kind: str | None) -> None:
    result = read(changed(**{keyword: value}))
    assert kinds(result) == ([kind] if kind else [])
    if kind == "unreadable":
        assert f"The file's {keyword} (" in str(result.warnings[0])


def test_bytes_of_big_endian_words_are_swapped() -> None:
    dataset = pydicom.dcmread(FILES / "MR_small_bigendian.dcm")
    stored = np.arange(3 * 5, dtype=np.uint8).reshape(3, 5)
    dataset.Rows, dataset.Columns = stored.shape
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue"):
        if keyword in dataset:
            del dataset[keyword]
    words = np.frombuffer(stored.tobytes() + b"\0", "<u2").byteswap().tobytes()
    dataset.add_new("PixelData", "OW", words)
    assert np.array_equal(read(written(dataset)).pixels, stored)


@pytest.mark.parametrize("presentation", ["COLOR", "MIXED", "TRUE_COLOR"])
def test_grey_values_that_stand_for_colours_are_refused(presentation: str) -> None:
    with pytest.raises(errors.UnsupportedImageError, match="PixelPresentation"):
        read(changed(PixelPresentation=presentation))
    assert read(changed(PixelPresentation="MONOCHROME"))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32])
def test_every_width_and_sign(dtype: type) -> None:
    limits = np.iinfo(dtype)
    stored = np.array([[limits.min, 1, 5], [limits.max, 0, 2]], dtype)
    assert np.array_equal(read(picture(stored)).pixels, stored.astype(np.float32))


def test_32_bits_keep_their_brightness_or_are_refused(mr_pixels: np.ndarray) -> None:
    dim = picture((4095 - mr_pixels).astype(np.uint32), PhotometricInterpretation="MONOCHROME1")
    with pytest.raises(errors.UnsupportedImageError, match="too close together"):
        prepare(read(dim), 64)
    raised = (mr_pixels.astype(np.int64) + 2**31).astype(np.uint32)
    offset = picture(raised, RescaleSlope=1, RescaleIntercept=-(2**31))
    assert np.array_equal(read(offset).pixels, mr_pixels)


def test_padding_does_not_stretch_the_range() -> None:
    stored = np.array([[-2000, 5, 9], [-2000, 7, 900]], np.int16)
    result = read(picture(stored, PixelPaddingValue=("SS", -2000)))
    assert np.array_equal(result.pixels, [[5, 5, 9], [5, 7, 900]])


def test_padding_written_with_the_wrong_sign() -> None:
    stored = np.array([[-2000, 5], [9, 7]], np.int16)
    result = read(picture(stored, PixelPaddingValue=("US", 65536 - 2000)))
    assert np.array_equal(result.pixels, [[5, 5], [9, 7]])


def test_padding_of_an_implicit_file_has_the_sign_of_the_pixels() -> None:
    dataset = pydicom.dcmread(FILES / "MR_small_implicit.dcm")
    dataset.add_new("PixelPaddingValue", "SS", -2000)
    stored = np.frombuffer(dataset.PixelData, "<i2").copy()
    stored[:100] = -2000
    dataset.PixelData = stored.tobytes()
    expected = np.where(stored == -2000, stored[100:].min(), stored).reshape(64, 64)
    assert np.array_equal(read(written(dataset)).pixels, expected)


def test_padding_range_and_monochrome1() -> None:
    stored = np.array([[4000, 4001, 9], [4095, 7, 900]], np.uint16)
    result = read(
        picture(
            stored,
            PixelPaddingValue=("US", 4095),
            PixelPaddingRangeLimit=("US", 4000),
            PhotometricInterpretation="MONOCHROME1",
            BitsStored=12,
            HighBit=11,
        )
    )
    assert np.array_equal(result.pixels, [[3195, 3195, 4086], [3195, 4088, 3195]])


def test_nothing_but_padding_is_no_picture() -> None:
    with pytest.raises(errors.NoPixelDataError, match="padding"):
        read(picture(np.full((4, 4), 7, np.uint16), PixelPaddingValue=("US", 7)))


def test_the_first_of_several_windows() -> None:
    assert read_slice(FILES / "examples_overlay.dcm").window == DisplayWindow(450, 790)


def test_no_window_and_no_spacing_are_no_warning() -> None:
    result = read(changed(WindowCenter=None, WindowWidth=None, PixelSpacing=None))
    assert result.window is None
    assert result.spacing_mm is None
    assert result.warnings == ()


@pytest.mark.parametrize("width", ["0", "-5"])
def test_a_window_without_range_is_not_used(width: str) -> None:
    result = read(changed(WindowWidth=width))
    assert result.window is None
    assert kinds(result) == ["window"]


@pytest.mark.parametrize("spacing", [["0", "1"], ["1", "-1"], ["1"]])
def test_a_spacing_that_is_no_distance_is_not_used(spacing: list[str]) -> None:
    result = read(changed(PixelSpacing=spacing))
    assert result.spacing_mm is None
    assert kinds(result) == ["spacing"]


def test_a_spacing_that_is_no_number_is_not_used() -> None:
    data = (FILES / "MR_small.dcm").read_bytes()
    assert data.count(b"0.3125\\0.3125") == 1
    result = read(data.replace(b"0.3125\\0.3125", b"0.3x25\\0.3125"))
    assert result.spacing_mm is None
    assert kinds(result) == ["spacing", "thin"]


def test_the_spacing_at_the_detector_is_not_the_patients() -> None:
    assert read(changed(PixelSpacing=None, ImagerPixelSpacing=["1", "1"])).spacing_mm is None


def test_rows_come_first_in_the_spacing() -> None:
    assert read(changed(PixelSpacing=["2", "0.5"])).spacing_mm == (2.0, 0.5)


def test_functional_groups_of_an_enhanced_object() -> None:
    measures, transform, window, shared, frame = (Dataset() for _ in range(5))
    measures.PixelSpacing = ["2", "3"]
    transform.RescaleSlope, transform.RescaleIntercept = "2", "1"
    window.WindowCenter, window.WindowWidth = "50", "20"
    shared.PixelMeasuresSequence = Sequence([measures])
    frame.PixelValueTransformationSequence = Sequence([transform])
    frame.FrameVOILUTSequence = Sequence([window])
    stored = np.array([[1, 2, 3]], np.uint16)
    result = read(
        picture(
            stored,
            NumberOfFrames=1,
            SharedFunctionalGroupsSequence=Sequence([shared]),
            PerFrameFunctionalGroupsSequence=Sequence([frame]),
        )
    )
    assert np.array_equal(result.pixels, [[3, 5, 7]])
    assert result.spacing_mm == (2, 3)
    assert result.window == DisplayWindow(50, 20)


def test_one_frame_with_the_groups_of_several_is_refused() -> None:
    frames = []
    for orientation in ([1, 0, 0, 0, 1, 0], [-1, 0, 0, 0, -1, 0]):
        plane, frame = Dataset(), Dataset()
        plane.ImageOrientationPatient = orientation
        frame.PlaneOrientationSequence = Sequence([plane])
        frames.append(frame)
    groups = Sequence(frames)
    with pytest.raises(errors.UnsupportedImageError, match="PerFrameFunctionalGroupsSequence"):
        read(changed(NumberOfFrames=1, PerFrameFunctionalGroupsSequence=groups))


def test_loss_and_missing_modality_are_said() -> None:
    result = read(changed(LossyImageCompression="01", Modality=""))
    assert kinds(result) == ["modality", "lossy"]


@pytest.mark.parametrize(
    "name",
    ["ExplVR_BigEnd.dcm", "examples_rgb_color.dcm", "SC_rgb_rle.dcm", "SC_rgb_rle_16bit.dcm"],
)
def test_rgb_is_luma(name: str) -> None:
    rgb = pydicom.dcmread(FILES / name).pixel_array.astype(float)
    result = read_slice(FILES / name)
    assert np.abs(result.pixels - rgb @ (0.299, 0.587, 0.114)).max() < 5e-3
    assert "colour" in kinds(result)


@pytest.mark.parametrize("name", ["examples_rgb_color.dcm", "SC_ybr_full_422_uncompressed.dcm"])
def test_colours_below_zero_are_refused(name: str) -> None:
    with pytest.raises(errors.UnsupportedImageError, match="PixelRepresentation"):
        read(changed(name, PixelRepresentation=1))


def test_ybr_is_luma() -> None:
    # The luma of YBR_FULL_422 is its Y: two of it before each pair of chroma (PS3.3, C.7.6.3.1.2).
    stored = pydicom.dcmread(FILES / "SC_ybr_full_422_uncompressed.dcm").PixelData
    y = np.frombuffer(stored, np.uint8).reshape(100, 50, 4)[..., :2].reshape(100, 100)
    result = read_slice(FILES / "SC_ybr_full_422_uncompressed.dcm")
    assert np.abs(result.pixels - y).max() <= 2


def test_palette_colours() -> None:
    dataset = pydicom.dcmread(FILES / "examples_palette.dcm")
    indices = np.frombuffer(dataset.PixelData, np.uint8).reshape(350, 800)
    luma = np.zeros((350, 800))
    for colour, weight in (("Red", 0.299), ("Green", 0.587), ("Blue", 0.114)):
        data = dataset[f"{colour}PaletteColorLookupTableData"].value
        luma += weight * np.frombuffer(data, "<u2")[indices]
    assert np.abs(read_slice(FILES / "examples_palette.dcm").pixels - luma).max() < 5e-3


def test_palette_indices_below_the_table_are_refused() -> None:
    # 8 bits called signed: the upper half of the indices would all be the first colour.
    with pytest.raises(errors.UnsupportedImageError, match="PixelRepresentation"):
        read(changed("examples_palette.dcm", PixelRepresentation=1))
    whole = read(changed("examples_palette.dcm")).pixels
    indices = pydicom.dcmread(FILES / "examples_palette.dcm").pixel_array
    wide = {"BitsAllocated": 16, "BitsStored": 16, "HighBit": 15, "PixelRepresentation": 1}
    signed = changed("examples_palette.dcm", PixelData=indices.astype("<i2").tobytes(), **wide)
    assert np.array_equal(read(signed).pixels, whole)


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.10008.1.2.4.55", "JPEG Full Progression"),
        ("1.2.840.10008.1.2.4.100", "MPEG2 Main Profile / Main Level"),
        ("1.2.840.10008.1.2.6.1", "RFC 2557 MIME encapsulation"),
    ],
)
def test_other_transfer_syntaxes_are_refused_by_name(uid: str, name: str) -> None:
    dataset = pydicom.dcmread(FILES / "MR_small_RLE.dcm")
    dataset.file_meta.TransferSyntaxUID = uid
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, implicit_vr=False, little_endian=True)
    with pytest.raises(errors.UnsupportedImageError) as caught:
        read(stream.getvalue())
    assert name in str(caught.value)
    assert f"({uid}), which is not read" in str(caught.value)


def test_an_unknown_transfer_syntax_is_named_by_its_uid() -> None:
    dataset = pydicom.dcmread(FILES / "MR_small.dcm")
    stream = io.BytesIO()
    dataset.save_as(stream)
    data = stream.getvalue().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.113619.5.2\0\0")
    with pytest.raises(errors.UnsupportedImageError, match=r"syntax 1\.2\.840\.113619\.5\.2,"):
        read(data)


@pytest.mark.parametrize("name", ["SC_rgb_rle_2frame.dcm", "rtdose.dcm"])
def test_several_frames_are_refused_by_name(name: str) -> None:
    with pytest.raises(errors.UnsupportedImageError, match=r"frames \(NumberOfFrames"):
        read_slice(FILES / name)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("rtplan.dcm", "radiotherapy plan"),
        ("reportsi.dcm", "structured report"),
        ("waveform_ecg.dcm", "waveform"),
        ("rtstruct.dcm", "radiotherapy structure set"),
    ],
)
def test_objects_without_a_picture(name: str, said: str) -> None:
    with pytest.raises(errors.NoPixelDataError, match=said):
        read_slice(FILES / name)


@pytest.mark.parametrize("name", ["MR_truncated.dcm", "rtplan_truncated.dcm"])
def test_truncated_objects(name: str) -> None:
    with pytest.raises(errors.TruncatedFileError):
        read_slice(FILES / name)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("meta_missing_tsyntax.dcm", errors.UnsupportedImageError),
        ("ExplVR_BigEndNoMeta.dcm", errors.NoPixelDataError),
        ("no_meta.dcm", errors.NotAnImageError),  # one stray byte stands before its first tag
        ("badVR.dcm", errors.UnsupportedImageError),
        ("README.txt", errors.NotAnImageError),
        ("crayons.icc", errors.NotAnImageError),
    ],
)
def test_what_is_undecided_is_refused(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_slice(FILES / name)


@pytest.mark.parametrize(
    "name", ["MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm"]
)
def test_without_preamble_and_meta_information(name: str, mr_pixels: np.ndarray) -> None:
    data = (FILES / name).read_bytes()
    dataset = pydicom.dcmread(FILES / name)
    body = 132 + 12 + dataset.file_meta.FileMetaInformationGroupLength
    assert np.array_equal(read(data[132:]).pixels, mr_pixels)
    assert np.array_equal(read(data[body:]).pixels, mr_pixels)


@pytest.mark.parametrize(
    "keyword", ["Rows", "Columns", "BitsAllocated", "BitsStored", "PhotometricInterpretation"]
)
def test_a_missing_attribute_is_named(keyword: str) -> None:
    with pytest.raises(errors.UnsupportedImageError, match=rf"{keyword} \(0028,"):
        read(changed(**{keyword: None}))


@pytest.mark.parametrize(
    "attributes",
    [
        {"HighBit": 14},
        {"BitsStored": 17, "HighBit": 16},
        {"SamplesPerPixel": 3},
        {"BitsAllocated": 64},
        {"PhotometricInterpretation": "HSV"},
    ],
    ids=str,
)
def test_contradictions_are_refused(attributes: dict[str, Any]) -> None:
    with pytest.raises(errors.UnsupportedImageError):
        read(changed(**attributes))


def test_absurd_dimensions_are_refused_before_decoding() -> None:
    with pytest.raises(errors.DimensionsError, match="65535 x 65535"):
        read(changed(Rows=65535, Columns=65535))
    with pytest.raises(errors.DimensionsError, match="DICOM"):
        read(changed(Rows=0))


@pytest.mark.parametrize("columns", [65, 128])
def test_fewer_pixels_than_the_header_describes(columns: int) -> None:
    with pytest.raises(errors.TruncatedFileError, match="8192"):
        read(changed(Columns=columns))


@pytest.mark.parametrize("attributes", [{"Columns": 63}, {"BitsAllocated": 8, "BitsStored": 8}])
def test_more_pixels_than_the_header_describes(attributes: dict[str, Any]) -> None:
    if "BitsAllocated" in attributes:
        attributes = {**attributes, "HighBit": 7}
    with pytest.raises(errors.UnsupportedImageError, match="8192"):
        read(changed(**attributes))


@pytest.mark.parametrize(
    "name", ["MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "MR_small_RLE.dcm"]
)
def test_a_cut_file_is_refused_wherever_it_is_cut(name: str) -> None:
    whole = (FILES / name).read_bytes()
    for place in np.linspace(133, len(whole) - 1, 80, dtype=int):
        with pytest.raises(errors.SliceReadError):
            read(whole[:place])


@pytest.mark.parametrize("name", ["MR_small.dcm", "MR_small_RLE.dcm", "image_dfl.dcm"])
def test_damaged_bytes_raise_nothing_but_the_errors_for_people(name: str) -> None:
    whole = (FILES / name).read_bytes()
    random = np.random.default_rng(2)
    for place in random.integers(128, min(len(whole), 3000), size=150):
        damaged = bytearray(whole)
        damaged[place] = random.integers(256)
        with contextlib.suppress(errors.SliceReadError):  # any other error fails the test
            assert np.isfinite(read(bytes(damaged)).pixels).all()


@pytest.mark.parametrize(
    "element",
    [
        b"\0\x52\x29\x92US\2\0\1\0",  # SharedFunctionalGroupsSequence
        b"\0\x52\x30\x92US\2\0\1\0",  # PerFrameFunctionalGroupsSequence
    ],
)
def test_values_of_another_kind_are_a_damaged_file(element: bytes) -> None:
    whole = changed()
    start = whole.rindex(b"\xe0\x7f\x10\x00OW\0\0")
    with pytest.raises(errors.TruncatedFileError, match="is damaged"):
        read(whole[:start] + element + whole[start:])
    with pytest.raises(errors.TruncatedFileError):  # a kind that there is not
        read(whole[:start] + whole[start:].replace(b"\x10\x00OW", b"\x10\x00NW", 1))
    image_type = b"\x08\0\x08\0US\2\0\1\0"  # only looked at for one word
    assert read(whole[:start] + image_type + whole[start:])


def test_pixels_in_pieces_that_the_transfer_syntax_does_not_have() -> None:
    # Its last rows are black, so that what stands behind the pixels looks like padding.
    stored = np.array(pydicom.dcmread(FILES / "MR_small.dcm").pixel_array)
    stored[-10:] = 0
    whole = picture(stored)
    start = whole.rindex(b"\xe0\x7f\x10\x00OW\0\0")
    item = b"\xfe\xff\x00\xe0"
    pixels = whole[start + 12 : start + 12 + stored.nbytes]
    pieces = item + bytes(4) + item + struct.pack("<I", len(pixels)) + pixels
    undefined = b"\xe0\x7f\x10\x00OB\0\0" + b"\xff" * 4
    with pytest.raises(errors.UnsupportedImageError, match="TransferSyntaxUID"):
        read(whole[:start] + undefined + pieces + b"\xfe\xff\xdd\xe0" + bytes(4))


def test_damaged_run_lengths() -> None:
    dataset = pydicom.dcmread(FILES / "MR_small_RLE.dcm")
    assert dataset.file_meta.TransferSyntaxUID == RLELossless
    pixels = bytearray(dataset.PixelData)
    pixels[100:4000] = bytes(3900)
    dataset.PixelData = bytes(pixels)
    with pytest.raises(errors.TruncatedFileError, match="run lengths"):
        read(written(dataset))


def test_a_preamble_that_is_a_tiff_is_still_dicom(mr_pixels: np.ndarray) -> None:
    data = (FILES / "MR_small.dcm").read_bytes()
    assert np.array_equal(read(b"II*\0" + data[4:]).pixels, mr_pixels)


@pytest.mark.parametrize("charset", ["ISO_IR 192", "GB18030", "ISO 2022 IR 87"])
def test_patients_whose_letters_are_not_of_the_files_character_set_stay_two(charset: str) -> None:
    data = changed(SpecificCharacterSet=charset, PatientID="MaxMunch", PatientName="MaxMunch")
    names = []
    for letter in (b"\xe4", b"\xf6"):
        identifiers = read(data.replace(b"MaxMunch", b"M" + letter + b" ler-7")).source.identifiers
        assert identifiers is not None
        names.append((identifiers.patient_id, identifiers.patient_name))
    assert names == [(r"M\xe4 ler-7",) * 2, (r"M\xf6 ler-7",) * 2]


def test_an_identifier_with_a_backslash_is_shown_as_it_stands() -> None:
    identifiers = read(changed(PatientID=["WARD", "12"])).source.identifiers
    assert identifiers is not None
    assert identifiers.patient_id == r"WARD\12"


def test_the_same_identifier_from_two_hospitals_is_two_patients() -> None:
    found = []
    for issuer in ("North", "South", ""):
        identifiers = read(changed(PatientID="12", IssuerOfPatientID=issuer)).source.identifiers
        assert identifiers is not None
        assert identifiers.patient_id == "12"
        found.append(identifiers.patient)
    assert found == ["12 (North)", "12 (South)", "12"]


def test_empty_identifiers() -> None:
    result = read(changed(PatientID="", PatientName=None, StudyInstanceUID=None))
    identifiers = result.source.identifiers
    assert identifiers is not None
    assert (identifiers.patient_id, identifiers.patient_name) == ("", "")
    assert identifiers.study_instance_uid == ""


def test_no_patient_name_reaches_the_log_or_the_screen(tmp_path: Path) -> None:
    data = (FILES / "MR_small.dcm").read_bytes()
    odd = data.replace(b"20040826", b"Doe\x80\xffJan").replace(
        b"CompressedSamples", b"Doe\xff" * 4 + b"^"
    )
    assert len(odd) == len(data)
    files = [odd, odd[:2000], odd[:-9], odd.replace(b"MONOCHROME2", b"MONOCHROME9")]
    for number, content in enumerate(files):
        (tmp_path / f"{number}.dcm").write_bytes(content)
    script = """
import logging, pathlib, sys
logging.basicConfig(level=logging.DEBUG)
from braintumor_desktop.errors import SliceReadError
from braintumor_desktop.imaging.read import read_slice
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    try:
        print(read_slice(path).pixels.shape)
    except SliceReadError as error:
        print(error)
"""
    # A process of its own: pytest changes the filters of warnings in this one.
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("(64, 64)\n")
    assert len(ran.stdout.splitlines()) == 4
    assert "Doe" not in ran.stdout + ran.stderr
    assert "pydicom" not in ran.stderr


def test_the_series_in_the_data_set(data_folder: Path) -> None:
    paths = sorted((data_folder / "dicom-series").glob("*.dcm"))
    assert len(paths) == 24
    for path in paths:
        result = read_slice(path)
        data = path.read_bytes()
        start = data.rindex(b"\xe0\x7f\x10\x00") + 8  # implicit little endian, at the end
        expected = np.frombuffer(data, "<i2", 384 * 274, start).reshape(384, 274)
        assert np.array_equal(result.pixels, expected)
        assert result.spacing_mm == pytest.approx((2 / 3, 0.7), abs=1e-4)
        assert [str(warning) for warning in result.warnings] == [
            "The slice is 0.7 mm thick, as those of a volume are: the network learned from thicker "
            "ones, and more often takes healthy tissue for a tumour here."
        ]


@pytest.mark.parametrize(
    ("thickness", "warned"),
    [(None, []), (1.9, ["thin"]), (2, []), (6, []), (0, []), (-1, [])],
)
def test_slices_of_volumes_are_warned_of(thickness: Any, warned: list[str]) -> None:
    assert kinds(read(changed(SliceThickness=thickness))) == warned


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"ImageType": ["DERIVED", "PRIMARY", "DIFFUSION", "ADC", "ND"]}, "ADC"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "P", "ND"]}, "P"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "PHASE MAP", "P", "FFE"]}, "PHASE MAP"),
        ({"ImageType": ["DERIVED", "SECONDARY", "MODULUS SUBTRACT"]}, "MODULUS SUBTRACT"),
        ({"ComplexImageComponent": "IMAGINARY"}, "IMAGINARY"),
        ({"VolumeBasedCalculationTechnique": "MAX_IP"}, "MAX_IP"),
    ],
)
def test_a_computed_picture_is_warned_of(attributes: dict[str, Any], kind: str) -> None:
    ((warning,), (keyword,)) = read(changed(**attributes)).warnings, attributes
    assert str(warning).startswith(f"This is a computed picture, {kind} by the file's {keyword} (")


def test_a_derived_map_may_be_named_in_the_series_description_alone() -> None:
    data = changed(ImageType=["DERIVED", "PRIMARY"], SeriesDescription="ADC (10^-6 mm2/s)")
    assert "computed" in kinds(read(data))
    kept = changed(ImageType=["ORIGINAL", "PRIMARY"], SeriesDescription="before ADC")
    assert "computed" not in kinds(read(kept))


@pytest.mark.parametrize(
    "part",
    ["CRÂNIO", "CRÁNEO", "CERVEAU", "CERVELLO", "ENCÉFALO", "HJERNE", "HUVUD", "GLOWA", "BEYIN"],
)
def test_a_head_is_a_head_in_other_languages(part: str) -> None:
    assert not read(changed(BodyPartExamined=part)).warnings


@pytest.mark.parametrize("part", ["HEAD OF FEMUR", "PANCREAS HEAD", "METATARSAL HEAD", "NECK"])
def test_the_head_of_something_else_is_none(part: str) -> None:
    assert kinds(read(changed(BodyPartExamined=part))) == ["body_part"]


@pytest.mark.parametrize("word", ["SCREEN_SAVE", "SCREENSHOT", "SCREEN CAPTURE", "SCREENSAVE"])
def test_a_saved_screen_is_known_however_it_is_spelt(word: str) -> None:
    assert kinds(read(changed(ImageType=["DERIVED", "SECONDARY", word]))) == ["annotation"]


def test_digitised_film_may_name_the_patient_unless_the_file_says_no() -> None:
    assert kinds(read(changed(ConversionType="DF"))) == ["annotation"]
    assert not read(changed(ConversionType="DF", BurnedInAnnotation="NO")).warnings


@pytest.mark.parametrize(("number", "name"), [(1, "PHASE"), (2, "REAL"), (3, "IMAGINARY")])
def test_parts_of_a_complex_image_by_ge_are_no_plain_pictures(number: int, name: str) -> None:
    dataset = pydicom.dcmread(io.BytesIO(changed()))
    dataset.private_block(0x43, "GEMS_PARM_01", create=True).add_new(0x2F, "SS", number)
    target = io.BytesIO()
    dataset.save_as(target)
    (warning,) = read(target.getvalue()).warnings
    assert str(warning).startswith(f"This is a computed picture, {name} by the file's GEMS_PARM_01")


@pytest.mark.parametrize(
    ("group", "creator", "element", "vr", "value"),
    [
        (0x0019, "SIEMENS MR HEADER", 0x0C, "IS", 1000),
        (0x0043, "GEMS_PARM_01", 0x39, "IS", [1000001000, 8, 0, 0]),
        (0x0065, "Image Private Header", 0x09, "FD", 1000.0),
    ],
)
def test_diffusion_is_known_by_the_vendors_b_value(
    group: int, creator: str, element: int, vr: str, value: Any
) -> None:
    dataset = pydicom.dcmread(io.BytesIO(changed()))
    dataset.private_block(group, creator, create=True).add_new(element, vr, value)
    target = io.BytesIO()
    dataset.save_as(target)
    assert kinds(read(target.getvalue())) == ["sequence"]


def test_letter_case_and_spaces_of_an_interpretation_say_nothing() -> None:
    plain = read(changed())
    for said in (" MONOCHROME2", "monochrome2"):
        assert np.array_equal(read(changed(PhotometricInterpretation=said)).pixels, plain.pixels)


def test_two_slopes_are_one_too_many() -> None:
    with pytest.raises(errors.UnsupportedImageError, match="RescaleSlope"):
        read(changed(RescaleSlope=["1", "2"], RescaleIntercept="0"))


@pytest.mark.parametrize(
    ("image_type", "kind"),
    [
        (r"DERIVED\PRIMARY\OTHER\SUBTRACT", "SUBTRACT"),
        (r"ORIGINAL\PRIMARY\EADC_SE\EADC\SE", "EADC"),
        (r"DERIVED\SECONDARY\ISODWI", "ISODWI"),
        (r"DERIVED\PRIMARY\MULTI_QMAP\T1", "MULTI_QMAP"),
        (r"DERIVED\SECONDARY\rCBF", "RCBF"),
        (r"DERIVED\SECONDARY\TTP Basic", "TTP BASIC"),
        (r"DERIVED\SECONDARY\Tmax", "TMAX"),
        (r"DERIVED\SECONDARY\OEF Model Based", "OEF MODEL BASED"),
        (r"ORIGINAL\PRIMARY\MIP_TRA\NORM\DIS2D", "MIP_TRA"),
        (r"DERIVED\PRIMARY\MNIP\NORM\DIS2D", "MNIP"),
        (r"DERIVED\SECONDARY\PJN\HD MIP", "HD MIP"),
        (r"DERIVED\SECONDARY\OTHER\CSA MIP THIN\\M\ND", "CSA MIP THIN"),
        (r"ORIGINAL\PRIMARY\PROJECTION IMAG\M\FFE", "PROJECTION IMAG"),
        (r"ORIGINAL\PRIMARY\STDDEV_TRA\ND", "STDDEV_TRA"),
        (r"DERIVED\PRIMARY\T1\SYNTHETIC", "SYNTHETIC"),
        (r"DERIVED\SECONDARY\PROJECTION IMAGE\CSA MPR\\CSAPARALLEL\R\NORM", "R"),
        (r"ORIGINAL\PRIMARY\ADC_UNSPECIFIED\ADC\UNSPECIFIED", "ADC_UNSPECIFIED"),
        (r"DERIVED\PRIMARY\DIFFUSION\TRACE_B1000", "TRACE_B1000"),
        (r"DERIVED\SECONDARY\FRACTIONAL ANISOTROPY", "FRACTIONAL ANISOTROPY"),
        (r"DERIVED\SECONDARY\K-trans", "K-TRANS"),
        (r"DERIVED\SECONDARY\MIP_AXIAL", "MIP_AXIAL"),
        (r"DERIVED\SECONDARY\SUBTRACTED", "SUBTRACTED"),
    ],
)
def test_a_computed_picture_is_known_by_its_vendors_words(image_type: str, kind: str) -> None:
    (warning,) = read(changed(ImageType=image_type.split("\\"))).warnings
    assert str(warning).startswith(f"This is a computed picture, {kind} by the file's ImageType (")


@pytest.mark.parametrize(
    "attributes",
    [
        {"ImageType": ["ORIGINAL", "PRIMARY", "M", "ND", "NORM"]},
        {"ImageType": ["ORIGINAL", "PRIMARY", "M_SE", "M", "SE"]},
        {"ImageType": ["DERIVED", "SECONDARY", "MPR", "CSA MPR", "", "M", "ND"]},
        {"ImageType": ["DERIVED", "SECONDARY", "PROJECTION IMAGE", "CSA MPR", "", "M", "NORM"]},
        {"ImageType": ["DERIVED", "SECONDARY"]},
        {"ImageType": None},
        {"ComplexImageComponent": "MAGNITUDE", "VolumeBasedCalculationTechnique": "NONE"},
    ],
)
def test_a_picture_as_it_was_taken_is_not(attributes: dict[str, Any]) -> None:
    assert read(changed(**attributes)).warnings == ()


def test_a_mosaic_of_slices_is_refused_by_name() -> None:
    data = changed(ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"])
    with pytest.raises(errors.UnsupportedImageError, match="mosaic of several slices"):
        read(data)


def test_padding_that_cannot_be_stored_is_refused() -> None:
    stored = np.full((4, 4), 63536 & 4095, np.uint16)
    stored[1:3, 1:3] = [[100, 200], [300, 400]]
    layout: dict[str, Any] = {"BitsStored": 12, "HighBit": 11}
    with pytest.raises(errors.UnsupportedImageError, match="PixelPaddingValue"):
        read(picture(stored, PixelPaddingValue=("US", 63536), **layout))


def test_a_window_is_for_grey_values_alone() -> None:
    dataset = pydicom.dcmread(FILES / "examples_palette.dcm")
    dataset.WindowCenter, dataset.WindowWidth = 128, 256
    assert read(written(dataset)).window is None


@pytest.mark.parametrize(("ratio", "warned"), [([2, 1], ["spacing"]), ([1, 1], [])])
def test_pixels_that_are_not_square_are_warned_of(ratio: list[int], warned: list[str]) -> None:
    result = read(changed(PixelSpacing=None, PixelAspectRatio=("IS", ratio)))
    assert result.spacing_mm is None
    assert kinds(result) == warned


@pytest.mark.parametrize("keyword", ["ImagerPixelSpacing", "NominalScannedPixelSpacing"])
@pytest.mark.parametrize(
    ("spacing", "warned"), [(["0.25", "0.5"], ["spacing"]), (["0.143", "0.1430001"], [])]
)
def test_pixels_that_were_not_square_at_the_detector_are_warned_of(
    keyword: str, spacing: list[str], warned: list[str]
) -> None:
    assert kinds(read(changed(PixelSpacing=None, **{keyword: spacing}))) == warned
    assert kinds(read(changed(**{keyword: spacing}))) == []


@pytest.mark.parametrize("spacing", [["1E-6", "1E6"], ["1E300", "1E300"]])
def test_spacing_that_no_scanner_has_is_not_used(spacing: list[str]) -> None:
    result = read(changed(PixelSpacing=spacing))
    assert result.spacing_mm is None
    assert kinds(result) == ["spacing"]


@pytest.mark.parametrize(
    "part", ["dicom.file.data_element_generator", "dicom.frames.read_brightness"]
)
def test_want_of_memory_says_nothing_of_the_file(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(f"braintumor_desktop.imaging.{part}", fail)
    with pytest.raises(MemoryError):
        read_slice(FILES / "MR_small.dcm")
