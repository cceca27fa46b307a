"""Headers that contradict the pixels, files that cost too much, and what says nothing of pixels."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from braintumor_desktop import errors
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.read import decode_slice, read_slice

CASES = Path(__file__).resolve().parents[3] / "shared" / "cases"


@pytest.fixture(scope="module")
def grey() -> np.ndarray:
    """matplotlib's MRI head, with its dark rim: uint8 (256, 256)."""
    packed = Path(mpl.get_data_path()) / "sample_data" / "s1045.ima.gz"
    values = np.frombuffer(gzip.decompress(packed.read_bytes()), np.uint16).reshape(256, 256)
    head = (values >> 2).clip(0, 255).astype(np.uint8)
    head[:16] = head[-16:] = 0  # what is cut off may be black, and the rest sheared all the same
    return head


def read(data: bytes) -> MRISlice:
    return decode_slice(data, Path("slice"))


def saved(image: np.ndarray, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image).save(stream, form, **options)
    return stream.getvalue()


def png_with(data: bytes, width: int, height: int) -> bytes:
    body = struct.pack(">II", width, height) + data[24:29]
    return data[:16] + body + struct.pack(">I", zlib.crc32(b"IHDR" + body)) + data[33:]


def bmp_with(data: bytes, width: int, height: int) -> bytes:
    return data[:18] + struct.pack("<ii", width, height) + data[26:]


def tiff_with(data: bytes, width: int, height: int) -> bytes:
    """Pillow's TIFF, little-endian, with other values of the tags 256 and 257 (type LONG)."""
    data = bytearray(data)
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", data, entry)
        if tag in (256, 257):
            struct.pack_into("<HII", data, entry + 2, 4, 1, width if tag == 256 else height)
    return bytes(data)


SIZES = [(256, 250), (255, 256), (250, 256), (128, 256), (256, 128), (128, 128), (252, 252)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    ("form", "change", "options"),
    [
        ("PNG", png_with, {}),
        ("BMP", bmp_with, {}),
        ("TIFF", tiff_with, {}),
        ("TIFF", tiff_with, {"compression": "packbits"}),
        ("TIFF", tiff_with, {"compression": "tiff_lzw"}),
        ("TIFF", tiff_with, {"compression": "tiff_adobe_deflate"}),
    ],
    ids=["PNG", "BMP", "TIFF", "PackBits", "LZW", "Deflate"],
)
def test_a_header_of_fewer_rows_or_columns_than_there_are(
    size: tuple[int, int],
    form: str,
    change: Callable[[bytes, int, int], bytes],
    options: dict[str, object],
    grey: np.ndarray,
) -> None:
    whole = saved(grey, form, **options)
    assert np.array_equal(read(change(whole, 256, 256)).pixels, grey)
    if form == "BMP" and size == (255, 256):  # rows of 255 bytes are filled to 256
        cut = read(change(whole, *size))
        assert np.array_equal(cut.pixels, grey[:, :255])
        said = ["file"] if grey[:, 255].any() else []
        assert [warning.kind for warning in cut.warnings] == said
        return
    with pytest.raises(errors.SliceReadError):
        read(change(whole, *size))


def test_bytes_behind_a_whole_bmp_are_said(grey: np.ndarray) -> None:
    whole = saved(grey, "BMP")
    longer = read(whole + b"something")
    assert np.array_equal(longer.pixels, grey)
    assert [warning.kind for warning in longer.warnings] == ["file"]


def test_jpeg_of_comments_costs_no_time_or_is_refused(grey: np.ndarray) -> None:
    """100,000 segments of four bytes took 26 s in version 0.1: each was copied for the next."""
    whole = saved(grey, "JPEG")
    many = whole[:2] + b"\xff\xfe\0\2" * 50_000 + whole[2:]
    assert np.array_equal(read(many).pixels, read(whole).pixels)
    with pytest.raises(errors.UnsupportedImageError, match="more parts"):
        read(whole[:2] + b"\xff\xfe\0\2" * 100_000 + whole[2:])


def test_png_of_a_million_chunks_is_refused(grey: np.ndarray) -> None:
    whole = saved(grey, "PNG")
    empty = struct.pack(">I4sI", 0, b"teSt", zlib.crc32(b"teSt"))
    with pytest.raises(errors.UnsupportedImageError, match="more parts"):
        read(whole[:33] + empty * 70_000 + whole[33:])


def test_tiff_tags_that_all_point_to_everything_cost_no_memory(grey: np.ndarray) -> None:
    """4,000 tags with 400,000 values each, the same bytes: 7.7 GB in version 0.1."""
    whole = saved(grey, "TIFF")
    (start,) = struct.unpack_from("<I", whole, 4)
    (count,) = struct.unpack_from("<H", whole, start)
    own = whole[start + 2 : start + 2 + 12 * count]
    filler = bytes(400_000)
    place = len(whole) + len(filler)
    more = b"".join(struct.pack("<HHII", 1000 + n, 1, 400_000, len(whole)) for n in range(4000))
    directory = struct.pack("<H", count + 4000) + own + more + bytes(4)
    data = whole[:4] + struct.pack("<I", place) + whole[8:] + filler + directory
    tracemalloc.start()
    try:
        result = read(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.array_equal(result.pixels, grey)
    assert peak < 50e6


def test_tiff_whose_pages_lead_back_to_the_first(grey: np.ndarray) -> None:
    whole = bytearray(saved(grey, "TIFF"))
    (start,) = struct.unpack_from("<I", whole, 4)
    (count,) = struct.unpack_from("<H", whole, start)
    struct.pack_into("<I", whole, start + 2 + 12 * count, start)
    with pytest.raises(errors.UnsupportedImageError, match="more than one page"):
        read(bytes(whole))


@pytest.mark.parametrize("place", [0, "as the second"])
def test_tiff_whose_strips_lie_where_others_are(place: int | str, grey: np.ndarray) -> None:
    whole = bytearray(saved(grey, "TIFF", tiffinfo={278: 64}))
    offsets = list(Image.open(io.BytesIO(whole)).tag_v2[273])
    assert len(offsets) == 4
    listed = whole.index(struct.pack("<4I", *offsets))
    struct.pack_into("<I", whole, listed, offsets[1] if place else 0)
    with pytest.raises(errors.TruncatedFileError, match="one over the other"):
        read(bytes(whole))


def test_tiff_with_two_widths(grey: np.ndarray) -> None:
    whole = saved(grey, "TIFF")
    (start,) = struct.unpack_from("<I", whole, 4)
    (count,) = struct.unpack_from("<H", whole, start)
    own = whole[start + 2 : start + 2 + 12 * count]
    twice = struct.pack("<H", count + 1) + own[:12] + own + bytes(4)
    data = whole[:4] + struct.pack("<I", len(whole)) + whole[8:] + twice
    with pytest.raises(errors.TruncatedFileError, match="256 twice"):
        read(data)


def test_jpeg_of_more_scans_than_any_writer_makes(grey: np.ndarray) -> None:
    whole = saved(grey, "JPEG", progressive=True)
    first = whole.index(b"\xff\xda")
    scan = whole[first : whole.index(b"\xff\xc4", first)]
    with pytest.raises(errors.UnsupportedImageError, match="scans"):
        read(whole[:first] + scan * 101 + whole[first:])


def test_jpeg_that_lacks_the_scan_of_a_colour() -> None:
    """libjpeg shows the missing colour as if it were grey."""
    path = Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    stream = io.BytesIO()
    Image.open(path).convert("RGB").save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    frame = data.index(b"\xff\xc2")
    scan = data.index(b"\xff\xda")
    baseline = data[:frame] + b"\xff\xc0" + data[frame + 2 : scan]  # tables and frame header
    one = b"\xff\xda\0\x08\1\1\0\0\x3f\0" + bytes(100)
    with pytest.raises(errors.TruncatedFileError, match="last scan"):
        read(baseline + one + b"\xff\xd9")


@pytest.fixture
def cases() -> Path:
    if not CASES.is_dir():
        pytest.skip(f"no folder {CASES}")
    return CASES


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("01b_png_pHYs.png", "spacing"),
        ("01c_jfif_aspect.jpg", "spacing"),
        ("01d_tiff_resolution.tif", "spacing"),
        ("02_bmp_v4_alpha_zero.bmp", "file"),
        ("05_tiff_with_thumbnail.tif", "file"),
        ("11_junk_between_segments.jpg", "file"),
        ("16_png_bad_text_crc.png", "file"),
    ],
)
def test_sound_files_are_read_with_a_caution(name: str, kind: str, cases: Path) -> None:
    path = cases / "raster" / name
    read_ = read_slice(path)
    assert [warning.kind for warning in read_.warnings] == [kind]
    expected = cv2.imread(str(path), cv2.IMREAD_COLOR)[..., 0].astype(np.float64)
    assert np.abs(read_.pixels - expected).max() <= 1


@pytest.mark.parametrize("name", ["bmp_16bit_32bit_masks.bmp", "tif_colormap_signed.tif"])
def test_what_nobody_foresaw_is_refused_with_a_reason(name: str, cases: Path) -> None:
    with pytest.raises(errors.UnsupportedImageError, match="colour"):
        read_slice(cases / "readers" / name)
