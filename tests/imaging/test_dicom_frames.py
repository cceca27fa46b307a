"""Files of several slices: frames with attributes of their own, mosaics and grids."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from braintumor_desktop import errors
from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.imaging.dicom.file import read_file
from braintumor_desktop.imaging.dicom.frames import slice_headers
from braintumor_desktop.imaging.read import decode_frames, decode_slice

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

FILES = Path(pydicom.data.__file__).parent / "test_files"
PATH = Path("slices.dcm")


def template(stored: np.ndarray, **attributes: Any) -> FileDataset:
    """MR_small with other pixels, (rows, columns) or (frames, rows, columns), of 16 bits."""
    dataset = pydicom.dcmread(FILES / "MR_small.dcm")
    dataset.Rows, dataset.Columns = stored.shape[-2:]
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 15, 0
    dataset.SliceThickness = 5
    dataset.PixelSpacing = [3, 3]
    dataset.AcquisitionMatrix = None
    dataset.ImagePositionPatient = [-96, -90, 10]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    for keyword in ("SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue"):
        if keyword in dataset:
            del dataset[keyword]
    dataset.PixelData = stored.astype("<u2").tobytes()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def written(dataset: FileDataset) -> bytes:
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def item(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        if isinstance(value, Dataset):
            value = Sequence([value])
        setattr(dataset, keyword, value)
    return dataset


def enhanced() -> FileDataset:
    """Two frames that differ in all that a frame can have of its own."""
    stored = np.arange(2 * 4 * 5).reshape(2, 4, 5)
    frames = [
        item(
            PlanePositionSequence=item(ImagePositionPatient=[0, 0, height]),
            PixelValueTransformationSequence=item(RescaleSlope=slope, RescaleIntercept=-1),
            FrameVOILUTSequence=item(WindowCenter=center, WindowWidth=20),
            MRImageFrameTypeSequence=item(FrameType=["ORIGINAL", "PRIMARY", "DIFFUSION", kind]),
        )
        for height, slope, center, kind in ((40, 2, 7, "NONE"), (35.5, 0.5, 9, "ADC"))
    ]
    shared = item(
        PixelMeasuresSequence=item(PixelSpacing=[2, 3], SliceThickness=5),
        PlaneOrientationSequence=item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1]),
    )
    dataset = template(
        stored,
        NumberOfFrames=2,
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence(frames),
    )
    for keyword in (
        "PixelSpacing",
        "SliceThickness",
        "ImagePositionPatient",
        "ImageOrientationPatient",
        "WindowCenter",
        "WindowWidth",
    ):
        del dataset[keyword]
    return dataset


def test_each_frame_has_what_its_group_says_else_what_all_share() -> None:
    stored = np.arange(2 * 4 * 5).reshape(2, 4, 5)
    first, second = decode_frames(written(enhanced()), PATH)
    assert np.array_equal(first.pixels, stored[0] * 2 - 1)
    assert np.array_equal(second.pixels, stored[1] * 0.5 - 1)
    assert (first.window, second.window) == (DisplayWindow(7, 20), DisplayWindow(9, 20))
    assert first.spacing_mm == second.spacing_mm == (2, 3)
    assert first.geometry is not None
    assert second.geometry is not None
    assert first.geometry.position == (0, 0, 40)
    assert second.geometry.position == (0, 0, 35.5)
    assert second.geometry.plane == "sagittal"
    assert "computed" not in [warning.kind for warning in first.warnings]
    assert "computed" in [warning.kind for warning in second.warnings]
    assert (first.source.frame, second.source.frame) == (0, 1)


def test_a_frame_without_the_rescale_that_others_have_is_refused() -> None:
    dataset = enhanced()
    del dataset.PerFrameFunctionalGroupsSequence[1].PixelValueTransformationSequence
    frames = decode_frames(written(dataset), PATH)
    assert frames[0].pixels.any()
    with pytest.raises(errors.UnsupportedImageError, match=r"rescale.*other frames"):
        frames[1]


@pytest.mark.parametrize(
    ("sop_class", "name"),
    [
        ("1.2.840.10008.5.1.4.1.1.88.33", "structured report"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "presentation state"),
        ("1.2.840.10008.5.1.4.1.1.66.4", "segmentation"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "radiotherapy structure set"),
        ("1.2.840.10008.5.1.4.1.1.66", "raw data"),
    ],
)
@pytest.mark.parametrize("with_pixels", [True, False])
def test_what_is_no_picture_is_named_with_pixels_or_without(
    sop_class: str, name: str, with_pixels: bool
) -> None:
    dataset = template(np.arange(64).reshape(8, 8))
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
    if not with_pixels:
        del dataset.PixelData
    with pytest.raises(errors.NoPixelDataError, match=f"no picture: {name}"):
        decode_slice(written(dataset), PATH)


def test_the_header_alone_says_where_frames_are() -> None:
    whole = written(enhanced())
    cut = whole[: whole.rindex(b"\xe0\x7f\x10\x00") + 12]  # the pixels were not sent
    headers = slice_headers(read_file(cut, header_only=True).dataset)
    assert [header.geometry and header.geometry.position for header in headers] == [
        (0, 0, 40),
        (0, 0, 35.5),
    ]
    assert [header.attributes.get("RescaleSlope") for header in headers] == [2, 0.5]


def test_groups_of_another_number_of_frames_are_refused() -> None:
    dataset = enhanced()
    dataset.PerFrameFunctionalGroupsSequence.append(item())
    with pytest.raises(errors.UnsupportedImageError, match="PerFrameFunctionalGroupsSequence"):
        decode_frames(written(dataset), PATH)


def test_a_file_of_several_frames_is_not_taken_for_one() -> None:
    with pytest.raises(errors.UnsupportedImageError, match="has 2 frames"):
        decode_slice(written(enhanced()), PATH)


def test_frames_without_places_of_their_own_have_none() -> None:
    frames = decode_frames(written(template(np.ones((3, 4, 4)), NumberOfFrames=3)), PATH)
    assert [mri.geometry for mri in frames] == [None] * 3


@pytest.mark.parametrize("number", ["0", "", "1"])
def test_one_frame_is_one_slice(number: str) -> None:
    (mri,) = decode_frames(written(template(np.ones((4, 4)), NumberOfFrames=number)), PATH)
    assert mri.geometry is not None


def test_colour_of_an_enhanced_object_is_refused_by_name() -> None:
    dataset = enhanced()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4.3"
    with pytest.raises(errors.UnsupportedImageError, match="enhanced MR image in colour"):
        decode_frames(written(dataset), PATH)


def tiles(count: int, across: int, down: int, side: int = 32) -> np.ndarray:
    """A picture of `count` slices, each of one value, from 1."""
    picture = np.zeros((down * side, across * side))
    for tile in range(count):
        row, column = divmod(tile, across)
        picture[row * side : (row + 1) * side, column * side : (column + 1) * side] = tile + 1
        picture[row * side, column * side] = 100 + tile
    return picture


def mosaic(count: int | None, said: int | None = None, **attributes: Any) -> bytes:
    """A Siemens mosaic of slices of 32 x 32 pixels."""
    across = int(np.ceil(np.sqrt(count or 1)))
    dataset = template(
        tiles(count or 1, across, across),
        ImageType=["ORIGINAL", "PRIMARY", "M", "ND", "MOSAIC"],
        AcquisitionMatrix=[32, 0, 0, 32],
        SpacingBetweenSlices=4,
    )
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    if said != 0:
        block = dataset.private_block(0x19, "SIEMENS MR HEADER", create=True)
        block.add_new(0x0A, "US", said or count)
    return written(dataset)


@pytest.mark.parametrize("count", [2, 4, 5, 9, 12])
@pytest.mark.parametrize("named", [True, False])
def test_a_mosaic_is_its_slices(count: int, named: bool) -> None:
    words = ["ORIGINAL", "PRIMARY", "M", "ND", *(["MOSAIC"] if named else [])]
    found = decode_frames(mosaic(count, ImageType=words), PATH)
    assert len(found) == count
    for index, mri in enumerate(found):
        assert mri.pixels.shape == (32, 32)
        assert mri.pixels[0, 0] == 100 + index
        assert set(mri.pixels[1:].ravel()) == {index + 1}
        assert mri.source.frame == index
    across = int(np.ceil(np.sqrt(count)))
    places = [mri.geometry.position for mri in found if mri.geometry is not None]
    middle = (across - 1) * 32 * 3 / 2
    assert places[0] == (-96 + middle, -90 + middle, 10)
    assert [place[2] for place in places] == [10 + 4 * index for index in range(count)]
    assert decode_frames(mosaic(count), PATH)[-1].spacing_mm == (3, 3)


def test_slices_run_against_the_normal_where_the_csa_header_says_so() -> None:
    dataset = pydicom.dcmread(io.BytesIO(mosaic(4)))

    def tag(name: str, values: list[str]) -> bytes:
        head = name.encode().ljust(64, b"\0") + bytes(12) + len(values).to_bytes(4, "little")
        found = head + bytes(4)
        for value in values:
            size = len(value).to_bytes(4, "little")
            found += (
                bytes(4) + size + bytes(8) + value.encode().ljust((len(value) + 3) // 4 * 4, b"\0")
            )
        return found

    csa = b"SV10\4\3\2\1" + (2).to_bytes(4, "little") + bytes(4)
    csa += tag("NumberOfImagesInMosaic", ["4       "]) + tag(
        "SliceNormalVector", ["0", "0", "-1.0"]
    )
    dataset.private_block(0x29, "SIEMENS CSA HEADER", create=True).add_new(0x10, "OB", csa)
    del dataset[0x19, 0x100A]
    found = decode_frames(written(dataset), PATH)
    heights = [mri.geometry.position[2] for mri in found if mri.geometry is not None]
    assert heights == [10, 6, 2, -2]


def test_the_word_that_was_left_over_makes_no_mosaic() -> None:
    """Slices that were cut out of a mosaic keep its header, and are slices."""
    for said in (0, 36, 16):
        dataset = pydicom.dcmread(io.BytesIO(mosaic(1, said)))
        (mri,) = decode_frames(written(dataset), PATH)
        assert mri.pixels.shape == (32, 32)


@pytest.mark.parametrize(
    ("count", "said", "attributes", "word"),
    [
        (9, 0, {}, "does not say how many"),
        (9, 48, {}, "mosaic of 48 slices, which its 96 x 96 pixels do not bear out"),
        (9, 7, {}, "mosaic of 7 slices, but has more"),
        (4, None, {"AcquisitionMatrix": None, "ImageType": ["ORIGINAL", "PRIMARY"]}, "bear out"),
    ],
)
def test_what_is_undecided_of_a_mosaic_is_refused(
    count: int, said: int | None, attributes: dict[str, Any], word: str
) -> None:
    with pytest.raises(errors.UnsupportedImageError, match=word):
        list(decode_frames(mosaic(count, said, **attributes), PATH))


def uih(count: int, items: int, number: int | None = None, named: bool = True) -> bytes:
    across = int(np.ceil(np.sqrt(count)))
    dataset = template(
        tiles(count, across, -(-count // across)),
        ImageType=["ORIGINAL", "PRIMARY", "M", *(["VFRAME"] if named else [])],
        AcquisitionMatrix=[32, 0, 0, 32],
    )
    block = dataset.private_block(0x65, "Image Private Header", create=True)
    if number != 0:
        block.add_new(0x50, "DS", str(number or count))
    places = [item(ImagePositionPatient=[0, index, 5 * index]) for index in range(items)]
    block.add_new(0x51, "SQ", Sequence(places))
    return written(dataset)


@pytest.mark.parametrize("count", [2, 6, 20])
@pytest.mark.parametrize("named", [True, False])
def test_a_united_imaging_grid_is_its_slices(count: int, named: bool) -> None:
    found = decode_frames(uih(count, count, named=named), PATH)
    assert [mri.pixels[0, 0] for mri in found] == [100 + index for index in range(count)]
    assert [mri.geometry.position for mri in found if mri.geometry] == [
        (0, index, 5 * index) for index in range(count)
    ]
    with pytest.raises(errors.UnsupportedImageError, match=f"mosaic of {count} slices"):
        decode_slice(uih(count, count), PATH)


def test_a_grid_s_places_are_read_although_an_archive_knew_none_of_them() -> None:
    dataset = pydicom.dcmread(io.BytesIO(uih(6, 6)))
    places = Dataset()
    places.add(dataset[0x65, 0x1051])
    stream = DicomBytesIO()
    stream.is_implicit_VR, stream.is_little_endian = True, True
    write_dataset(stream, places)
    dataset[0x65, 0x1051] = DataElement(0x00651051, "UN", stream.getvalue()[8:])
    found = decode_frames(written(dataset), PATH)
    assert [mri.geometry.position for mri in found if mri.geometry] == [
        (0, index, 5 * index) for index in range(6)
    ]


def test_whole_rows_of_slices_beyond_the_number_said_are_noticed() -> None:
    with pytest.raises(errors.UnsupportedImageError, match="but has more"):
        list(decode_frames(mosaic(9, said=6, ImageType=["ORIGINAL", "PRIMARY", "MOSAIC"]), PATH))


def test_a_grid_that_contradicts_itself_is_refused() -> None:
    for data in (uih(6, 5), uih(6, 6, 0), uih(6, 6, 7), uih(6, 7)):
        with pytest.raises(errors.UnsupportedImageError):
            list(decode_frames(data, PATH))


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("implicit", [False, True])
def test_an_attribute_that_stands_twice_in_a_group_is_refused(
    undefined: bool, implicit: bool
) -> None:
    dataset = enhanced()
    measures = dataset.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence
    dataset["SharedFunctionalGroupsSequence"].is_undefined_length = undefined
    measures[0].is_undefined_length_sequence_item = undefined
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2" if implicit else "1.2.840.10008.1.2.1"
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, implicit_vr=implicit, little_endian=True)
    whole = stream.getvalue()
    assert len(decode_frames(whole, PATH)) == 2
    # The thickness, which nobody asks for twice, becomes a second spacing.
    thickness, spacing = b"\x18\0\x50\0", b"\x28\0\x30\0"
    assert whole.count(thickness) == whole.count(spacing) == 1
    twice = whole.replace(thickness, spacing)
    with pytest.raises(errors.UnsupportedImageError, match=r"PixelSpacing .* twice"):
        decode_frames(twice, PATH)
