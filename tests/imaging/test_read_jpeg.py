"""JPEG, against Pillow: kinds, colours, orientation, and what a cut or damaged file does."""

from __future__ import annotations

import gzip
import io
import re
import struct
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image, ImageOps

from braintumor_desktop import errors
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.read import decode_slice

LUMA = (0.299, 0.587, 0.114)


@pytest.fixture(scope="module")
def head() -> Image.Image:
    """matplotlib's MRI head, 8 bits, 250x256: not a multiple of a coding unit."""
    packed = Path(mpl.get_data_path()) / "sample_data" / "s1045.ima.gz"
    values = np.frombuffer(gzip.decompress(packed.read_bytes()), np.uint16).reshape(256, 256)
    return Image.fromarray((values >> 8).astype(np.uint8)[:, :250])


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    """A photograph with colours."""
    path = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    return Image.open(path).convert("RGB")


def jpeg(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", **options)
    return stream.getvalue()


def read(data: bytes) -> MRISlice:
    return decode_slice(data, Path("slice.jpg"))


def expected(data: bytes) -> np.ndarray:
    """Luma of what Pillow decodes, upright."""
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    return np.asarray(image.convert("RGB"), dtype=np.float64) @ LUMA


OPTIONS = [
    {},
    {"progressive": True},
    {"quality": 30},
    {"optimize": True},
    {"restart_marker_blocks": 7},
    {"restart_marker_rows": 1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_grey(options: dict[str, object], head: Image.Image) -> None:
    data = jpeg(head, **options)
    result = read(data)
    assert np.abs(result.pixels - np.asarray(Image.open(io.BytesIO(data)))).max() <= 2
    assert result.warnings == ()


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_colour(options: dict[str, object], subsampling: int, photo: Image.Image) -> None:
    data = jpeg(photo, subsampling=subsampling, **options)
    result = read(data)
    assert np.abs(result.pixels - expected(data)).max() <= 2
    assert [warning.kind for warning in result.warnings] == ["colour"]


def test_grey_stored_as_colour_is_that_channel(head: Image.Image) -> None:
    data = jpeg(head.convert("RGB"))
    result = read(data)
    assert np.array_equal(result.pixels, np.asarray(Image.open(io.BytesIO(data)))[..., 0])
    assert result.warnings == ()


def test_rgb_without_transform(photo: Image.Image) -> None:
    data = jpeg(photo, keep_rgb=True)
    assert np.abs(read(data).pixels - expected(data)).max() <= 2


def test_adobe_cmyk_is_inverted(photo: Image.Image) -> None:
    data = jpeg(photo.convert("CMYK"))
    assert b"Adobe" in data[:40]
    assert np.abs(read(data).pixels - expected(data)).max() <= 2


def test_adobe_ycck(photo: Image.Image) -> None:
    # Pillow writes no YCCK. Of a CMYK file, Adobe's transform flag 2 makes a YCCK one with other
    # colours; both readers have to make the same of them.
    data = bytearray(jpeg(photo.convert("CMYK"), subsampling=0))
    data[data.index(b"Adobe") + 11] = 2
    assert np.abs(read(bytes(data)).pixels - expected(bytes(data))).max() <= 3


def test_cmyk_without_adobe_marker_is_undecided(photo: Image.Image) -> None:
    data = jpeg(photo.convert("CMYK"))
    start = data.index(b"\xff\xee")
    length = int.from_bytes(data[start + 2 : start + 4], "big")
    with pytest.raises(errors.UnsupportedImageError, match="CMYK"):
        read(data[:start] + data[start + 2 + length :])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured_once(orientation: int, head: Image.Image) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    data = jpeg(head, exif=exif)
    result = read(data).pixels
    assert result.shape == ((256, 250) if orientation < 5 else (250, 256))
    assert np.abs(result - expected(data)).max() <= 2


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_changes_nothing(value: int, head: Image.Image) -> None:
    exif = Image.Exif()
    exif[274] = value
    assert np.array_equal(read(jpeg(head, exif=exif)).pixels, read(jpeg(head)).pixels)


@pytest.mark.parametrize("trailer", [b"\0" * 10, b"\xff\xd9", b"text", b"\xff\xd8\xff\xe0"])
def test_bytes_behind_the_end_are_ignored(trailer: bytes, head: Image.Image) -> None:
    whole = jpeg(head)
    assert np.array_equal(read(whole + trailer).pixels, read(whole).pixels)


def test_another_picture_behind_the_first_is_said(head: Image.Image) -> None:
    first, second = jpeg(head), jpeg(head.transpose(Image.Transpose.ROTATE_180))
    found = read(first + b"\0" * 40 + second)
    np.testing.assert_array_equal(found.pixels, read(first).pixels)
    assert [str(one) for one in found.warnings if one.kind == "file"] == [
        "There is another picture behind the first in the JPEG file: it is not read."
    ]
    assert not [one for one in read(first + b"\xff\xd8 no picture").warnings if one.kind == "file"]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_a_cut_file_that_got_an_end_marker_back(
    options: dict[str, object], head: Image.Image
) -> None:
    whole = jpeg(head, **options)
    first = whole.index(b"\xff\xda") + 20
    last = whole.rindex(b"\xff\xda") if options.get("progressive") else len(whole) - 100
    for place in np.linspace(first, last, 30, dtype=int):
        with pytest.raises(errors.TruncatedFileError):
            read(whole[:place] + b"\xff\xd9")


@pytest.mark.parametrize("name", ["head", "photo"])
def test_a_progressive_file_with_a_hole(name: str, request: pytest.FixtureRequest) -> None:
    whole = jpeg(request.getfixturevalue(name), progressive=True)
    scans = [match.start() for match in re.finditer(b"\xff\xda", whole)]
    ends = [match.start() for match in re.finditer(b"\xff[\xc4\xd9\xda]", whole)]
    for start in scans:
        start += 2 + int.from_bytes(whole[start + 2 : start + 4], "big")
        end = min(place for place in ends if place >= start)
        for lost in {end - start, (end - start) // 2}:
            with pytest.raises(errors.TruncatedFileError, match="scan"):
                read(whole[: end - lost] + whole[end:])


def test_libjpeg_has_nothing_to_say_of_a_whole_progressive_file(
    head: Image.Image, capfd: pytest.CaptureFixture[str]
) -> None:
    read(jpeg(head, progressive=True))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("options", [{}, {"restart_marker_blocks": 7}], ids=str)
def test_a_piece_that_stands_twice_in_the_file(
    options: dict[str, object], head: Image.Image
) -> None:
    whole = jpeg(head, **options)
    first = whole.index(b"\xff\xda") + 10
    for place in np.linspace(first, len(whole) - 1500, 10, dtype=int):
        with pytest.raises(errors.TruncatedFileError):
            read(whole[: place + 1024] + whole[place:])


def test_fill_bytes_before_the_end_marker(head: Image.Image) -> None:
    for options in OPTIONS:
        whole = jpeg(head, **options)
        for fill in (b"\xff", b"\0"):
            filled = whole[:-2] + fill * 40 + whole[-2:]
            assert np.array_equal(read(filled).pixels, read(whole).pixels)


@pytest.mark.parametrize(
    "segment", [b"\xff\xee\0\x08Adobe\0", b"\xff\xe0\0\x08JFIF\0\1", b"\xff\xe2\0\x0dICC_PROFILE"]
)
def test_odd_metadata_of_a_progressive_file(segment: bytes, head: Image.Image) -> None:
    whole = jpeg(head, progressive=True)
    odd = whole[:2] + segment + whole[2:]
    assert np.array_equal(read(odd).pixels, read(whole).pixels)


def test_a_broken_exif_block_still_says_which_way_is_up(head: Image.Image) -> None:
    turned = read(jpeg(head)).pixels[::-1, ::-1]
    entries = [struct.pack("<HHII", 270, 2, 5000, 4000), struct.pack("<HHIHH", 274, 3, 1, 3, 0)]
    for block in (b"".join(entries), entries[1]):
        exif = b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + block
        assert np.array_equal(read(jpeg(head, exif=b"Exif\0\0" + exif)).pixels, turned)


@pytest.mark.parametrize("second", [b"\x01\0\x12\1\3\0\1\0\0\0\1\0\0\0", b"\0\0"])
def test_the_first_of_two_exif_blocks_counts(second: bytes, head: Image.Image) -> None:
    exif = Image.Exif()
    exif[274] = 6
    data = jpeg(head, exif=exif)
    start = data.index(b"\xff\xe1") + 2
    end = start + struct.unpack_from(">H", data, start)[0]
    body = b"Exif\0\0II*\0\x08\0\0\0" + second + bytes(4)
    both = data[:end] + b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + data[end:]
    assert np.abs(read(both).pixels - expected(both)).max() <= 2
    assert np.array_equal(read(both).pixels, read(data).pixels)


def test_a_file_with_a_lost_interval(head: Image.Image) -> None:
    whole = jpeg(head, restart_marker_blocks=7)
    start, end = whole.index(b"\xff\xd3"), whole.index(b"\xff\xd4")
    with pytest.raises(errors.TruncatedFileError, match="gap"):
        read(whole[:start] + whole[end:])


@pytest.mark.parametrize(
    ("marker", "name"), [(0xC3, "lossless"), (0xC9, "arithmetic"), (0xF7, "JPEG-LS")]
)
def test_other_processes_are_refused_by_name(marker: int, name: str, head: Image.Image) -> None:
    data = bytearray(jpeg(head))
    data[data.index(b"\xff\xc0") + 1] = marker
    with pytest.raises(errors.UnsupportedImageError, match=name):
        read(bytes(data))


def test_12_bits_are_refused(head: Image.Image) -> None:
    data = bytearray(jpeg(head))
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(errors.UnsupportedImageError, match="12 bits"):
        read(bytes(data))


def test_absurd_dimensions(head: Image.Image) -> None:
    data = bytearray(jpeg(head))
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(errors.DimensionsError, match="65535 x 65535"):
        read(bytes(data))


def test_an_exif_block_may_say_that_pixels_are_not_square() -> None:
    said = Image.Exif()
    said[282], said[283] = 100.0, 200.0
    stream = io.BytesIO()
    Image.fromarray(np.arange(4096, dtype=np.uint16).astype(np.uint8).reshape(64, 64)).save(
        stream, "JPEG", exif=said
    )
    found = decode_slice(stream.getvalue(), Path("slice.jpg"))
    assert "spacing" in [warning.kind for warning in found.warnings]
