"""DICOM files that were damaged on the way: what would be another picture is refused or said."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pydicom.data
import pytest
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import DeflatedExplicitVRLittleEndian, JPEG2000Lossless

from braintumor_desktop import errors
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.read import decode_frames, decode_slice

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

FILES = Path(pydicom.data.__file__).parent / "test_files"


def slice_with(**attributes: Any) -> bytes:
    """A slice of 64 x 64 pixels whose last rows are black, as those of most slices are."""
    dataset = pydicom.dcmread(FILES / "MR_small.dcm")
    stored = np.array(dataset.pixel_array)
    stored[-8:] = 0
    dataset.PixelData = stored.tobytes()
    dataset.SliceThickness = 5
    del dataset["DataSetTrailingPadding"]
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def read(data: bytes) -> MRISlice:
    return decode_slice(data, Path("slice.dcm"))


def kinds(data: bytes) -> list[str]:
    return [warning.kind for warning in read(data).warnings]


def pixels_at(data: bytes) -> int:
    """Where the pixels begin, behind the head of their element."""
    return data.rindex(b"\xe0\x7f\x10\x00OW\0\0") + 12


@pytest.mark.parametrize("count", [1, 2, 3, 8, 64, 256])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("longer", [False, True], ids=["behind", "in the element"])
def test_bytes_put_into_the_pixels_do_not_shift_them(count: int, seed: int, longer: bool) -> None:
    whole = bytearray(slice_with())
    start = pixels_at(whole)
    random = np.random.default_rng(seed)
    if longer:
        whole[start - 4 : start] = struct.pack("<I", 64 * 64 * 2 + count)
    place = start + int(random.integers(64 * 56 * 2))
    whole[place:place] = random.bytes(count)
    with pytest.raises(errors.SliceReadError, match=r"pixels of the DICOM file|Behind the pixels"):
        read(bytes(whole))


@pytest.mark.parametrize("tail", [b"\xff" * 512, b"\xff" * 6, bytes(2**20), bytes(512)])
def test_what_fills_a_file_up_is_not_in_the_way(tail: bytes) -> None:
    whole = slice_with()
    assert np.array_equal(read(whole + tail).pixels, read(whole).pixels)
    # Behind a black edge it could be the picture's own end: that is said.
    assert ("ending" in kinds(whole + tail)) == (tail[:1] == b"\0")


def test_zeros_that_cannot_be_the_pixels_end_are_padding() -> None:
    dataset = pydicom.dcmread(io.BytesIO(slice_with()))
    dataset.PixelData = dataset.PixelData[:-2] + b"\x07\0"
    stream = io.BytesIO()
    dataset.save_as(stream)
    assert "ending" not in kinds(stream.getvalue() + bytes(16))


def test_elements_behind_the_pixels_are_read() -> None:
    whole = slice_with()
    late = b"\x18\0\x50\0DS\4\0001.5 "
    (word,) = map(str, read(whole + late).warnings)  # the first of the two, 5 mm, counts
    assert word == (
        "The file says SliceThickness (0018,0050) twice, with different values; the first is used."
    )
    assert kinds(whole + b"\x18\0\x15\0CS\4\0KNEE") == ["body_part"]
    with pytest.raises(errors.TruncatedFileError):
        read(whole + late[:-2])
    with pytest.raises(errors.TruncatedFileError):
        read(whole + b"The end of the file.")


@pytest.mark.parametrize(
    "element",
    [
        b"\x28\0\x04\0CS\x0c\0MONOCHROME1 ",
        b"\x28\0\x30\0DS\x04\x001\\1 ",
        b"\x10\0\x20\0LO\4\0another "[:12],
        b"\x28\0\x10\0US\2\0\x20\0",
        b"\x20\0\x0e\0UI\4\x001.2\0",
    ],
    ids=["photometric", "spacing", "patient", "rows", "series"],
)
def test_an_element_that_stands_twice_is_refused_where_it_decides(element: bytes) -> None:
    with pytest.raises(errors.UnsupportedImageError, match="twice, with different values"):
        read(slice_with() + element)


def test_an_element_that_stands_twice_with_one_value_says_nothing() -> None:
    whole = slice_with()
    assert kinds(whole + b"\x28\0\x10\0US\2\0\x40\0") == []


def deflated(body: bytes) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(slice_with()))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    written = stream.getvalue()
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    head = 144 + int.from_bytes(written[140:144], "little")
    return written[:head] + packer.compress(body) + packer.flush()


def test_a_deflated_file_is_held_to_its_own_lengths_and_said() -> None:
    whole = slice_with()
    body = whole[144 + int.from_bytes(whole[140:144], "little") :]
    assert np.array_equal(read(deflated(body)).pixels, read(whole).pixels)
    assert kinds(deflated(body)) == ["deflated"]
    for wrong in (body[:-2], body + bytes(2), body[:-100] + bytes(2) + body[-100:]):
        with pytest.raises(errors.SliceReadError):
            read(deflated(wrong))


def test_the_checksum_that_some_writers_put_behind_a_deflated_file_counts() -> None:
    whole = (FILES / "image_dfl.dcm").read_bytes()
    assert read(whole).pixels.shape == (512, 512)
    with pytest.raises(errors.TruncatedFileError, match="deflated data set is damaged"):
        read(whole[:-8] + bytes(4) + whole[-4:])


def test_a_frame_in_pieces_is_joined() -> None:
    dataset = pydicom.dcmread(FILES / "MR_small_jp2klossless.dcm")
    whole = read((FILES / "MR_small_jp2klossless.dcm").read_bytes()).pixels
    codestream = get_frame(dataset.PixelData, 0, number_of_frames=1)
    item = b"\xfe\xff\0\xe0"
    pieces = [codestream[:1000], codestream[1000:1500], codestream[1500:]]
    dataset.PixelData = (
        item + bytes(4) + b"".join(item + struct.pack("<I", len(piece)) + piece for piece in pieces)
    )
    dataset["PixelData"].is_undefined_length = True
    stream = io.BytesIO()
    dataset.save_as(stream)
    assert np.array_equal(read(stream.getvalue()).pixels, whole)


def test_two_pictures_in_one_frame_are_refused() -> None:
    dataset = pydicom.dcmread(FILES / "MR_small_jp2klossless.dcm")
    codestream = get_frame(dataset.PixelData, 0, number_of_frames=1)
    dataset.PixelData = encapsulate([codestream, codestream], has_bot=False)
    stream = io.BytesIO()
    dataset.save_as(stream)
    with pytest.raises(errors.UnsupportedImageError, match="NumberOfFrames"):
        read(stream.getvalue())


@pytest.mark.parametrize(
    ("name", "keyword", "value"),
    [
        ("MR_small_jp2klossless.dcm", "Rows", 63),
        ("MR_small_jp2klossless.dcm", "Columns", 65),
        ("MR_small_jpeg_ls_lossless.dcm", "Columns", 128),
        ("JPGExtended.dcm", "Rows", 1023),
        ("SC_rgb_jpeg_gdcm.dcm", "Columns", 99),
    ],
)
def test_a_frame_of_another_size_is_refused_before_it_is_decoded(
    name: str, keyword: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("braintumor_desktop.imaging.decoder_process.decode", decode)
    dataset = pydicom.dcmread(FILES / name)
    setattr(dataset, keyword, value)
    stream = io.BytesIO()
    dataset.save_as(stream)
    with pytest.raises(errors.UnsupportedImageError, match=keyword):
        read(stream.getvalue())


def test_the_codestream_says_which_jpeg_it_is() -> None:
    """A lossless file whose transfer syntax says JPEG 2000, as archives have left them."""
    dataset = pydicom.dcmread(FILES / "MR_small_jpeg_ls_lossless.dcm")
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset)
    plain = read((FILES / "MR_small.dcm").read_bytes()).pixels
    assert np.array_equal(read(stream.getvalue()).pixels, plain)


def run_lengths(data: bytes) -> bytes:
    return get_frame(pydicom.dcmread(io.BytesIO(data)).PixelData, 0, number_of_frames=1)


def test_a_run_that_was_put_in_does_not_shift_the_rest() -> None:
    """pydicom cuts off what is too much at the end, and calls that a picture."""
    dataset = pydicom.dcmread(FILES / "MR_small_RLE.dcm")
    frame = bytearray(get_frame(dataset.PixelData, 0, number_of_frames=1))
    first, second = struct.unpack_from("<2I", frame, 4)
    frame[first:first] = bytes([1, 9, 9])  # a literal run of two bytes
    struct.pack_into("<I", frame, 8, second + 3)
    dataset.PixelData = encapsulate([bytes(frame)])
    stream = io.BytesIO()
    dataset.save_as(stream)
    shifted = pydicom.dcmread(io.BytesIO(stream.getvalue())).pixel_array
    assert not np.array_equal(shifted, pydicom.dcmread(FILES / "MR_small.dcm").pixel_array)
    with pytest.raises(errors.TruncatedFileError, match="run lengths"):
        read(stream.getvalue())


def test_the_file_meta_information_is_one() -> None:
    """pydicom takes the last transfer syntax that a file names, and reads pixels by it."""
    whole = bytearray(slice_with())
    syntax = b"\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.2\0"
    end = 144 + int.from_bytes(whole[140:144], "little")
    whole[end:end] = syntax
    with pytest.raises(
        errors.UnsupportedImageError, match=r"TransferSyntaxUID \(0002,0010\) twice"
    ):
        read(bytes(whole))


def test_frames_are_decoded_one_by_one() -> None:
    path = FILES / "rtdose.dcm"
    frames = decode_frames(path.read_bytes(), path)
    stored = pydicom.dcmread(path)
    assert len(frames) == stored.NumberOfFrames == 15
    assert [mri.source.frame for mri in frames] == list(range(15))
    assert len({mri.source.sha256 for mri in frames}) == 1
    for index in (0, 14):
        assert np.array_equal(frames[index].pixels, stored.pixel_array[index].astype(np.float32))
    with pytest.raises(IndexError):
        frames[15]


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "SC_rgb_small_odd_jpeg.dcm",
        "JPEG-lossy.dcm",
    ],
)
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("change", [-64, -1, 1, 64])
def test_bytes_lost_or_put_into_a_codestream_are_refused(name: str, seed: int, change: int) -> None:
    """Also where the lengths around it were made to fit, as a program does that writes it anew."""
    dataset = pydicom.dcmread(FILES / name)
    frame = bytearray(get_frame(dataset.PixelData, 0, number_of_frames=1))
    random = np.random.default_rng(seed)
    place = int(random.integers(len(frame) // 2, len(frame) - 80))
    plain = read((FILES / name).read_bytes()).pixels
    frame[place : place + max(0, -change)] = random.bytes(max(0, change))
    dataset.PixelData = encapsulate([bytes(frame)])
    dataset["PixelData"].is_undefined_length = True
    stream = io.BytesIO()
    dataset.save_as(stream)
    try:
        result = read(stream.getvalue())
    except errors.SliceReadError:
        return
    # A lossy JPEG of 12 bits has nothing to be told by: it is always said to be lossy.
    assert np.array_equal(result.pixels, plain) or "lossy" in [w.kind for w in result.warnings]


def test_absurd_numbers_end_at_once() -> None:
    with pytest.raises(errors.DimensionsError, match="2000000000 frames"):
        read(slice_with(NumberOfFrames=2_000_000_000))
    whole = slice_with()
    start = whole.rindex(b"\xe0\x7f\x10\0OW")
    many = b"".join(struct.pack("<HH2sH", 0x6001, n, b"LO", 0) for n in range(60_000))
    with pytest.raises(errors.TruncatedFileError, match="elements"):
        read(whole[:start] + many + whole[start:])
    deep = b"\x09\0\1\0SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff" * 3000
    with pytest.raises(errors.TruncatedFileError, match="elements"):
        read(whole[:start] + deep + whole[start:])


def test_a_character_set_that_is_no_text() -> None:
    """One bit of its VR made it a whole number, which ended in an error that nobody foresaw."""
    data = slice_with(SpecificCharacterSet="ISO_IR 100")
    head = b"\x08\0\x05\0CS"
    assert head in data
    with pytest.raises(errors.TruncatedFileError, match="SpecificCharacterSet"):
        read(data.replace(head, b"\x08\0\x05\0SS", 1))
