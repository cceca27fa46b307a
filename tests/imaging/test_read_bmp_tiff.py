"""BMP and TIFF: against Pillow, and against files made byte by byte."""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image, ImageOps

from braintumor_desktop import errors
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.read import decode_slice


@pytest.fixture(scope="module")
def head() -> np.ndarray:
    """matplotlib's MRI head: uint16 (256, 250)."""
    packed = Path(mpl.get_data_path()) / "sample_data" / "s1045.ima.gz"
    values = np.frombuffer(gzip.decompress(packed.read_bytes()), np.uint16).reshape(256, 256)
    return values[:, :250].copy()


@pytest.fixture(scope="module")
def grey(head: np.ndarray) -> np.ndarray:
    return (head >> 2).clip(0, 255).astype(np.uint8)


def read(data: bytes) -> MRISlice:
    return decode_slice(data, Path("slice"))


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def tiff(
    pixels: np.ndarray,
    photometric: int = 1,
    order: str = "<",
    rows_per_strip: int = 64,
    planes: bool = False,
    deflated: bool = False,
    more: dict[int, tuple[str, list[int]]] | None = None,
    following: int = 0,
) -> bytes:
    """A TIFF of `pixels` (height, width[, samples]) as TIFF 6.0 describes it."""
    stored = pixels.reshape(*pixels.shape[:2], -1)
    stored = stored.astype(stored.dtype.newbyteorder(order))
    height, width, samples = stored.shape
    parts = [stored[..., [n]] for n in range(samples)] if planes else [stored]
    strips = [
        part[top : top + rows_per_strip].tobytes()
        for part in parts
        for top in range(0, height, rows_per_strip)
    ]
    if deflated:
        strips = [zlib.compress(strip) for strip in strips]
    body, offsets = b"", []
    for strip in strips:
        offsets.append(8 + len(body))
        body += strip + b"\0" * (len(strip) % 2)
    tags = {
        256: ("I", [width]),
        257: ("I", [height]),
        258: ("H", [8 * stored.dtype.itemsize] * samples),
        259: ("H", [8 if deflated else 1]),
        262: ("H", [photometric]),
        273: ("I", offsets),
        277: ("H", [samples]),
        278: ("I", [rows_per_strip]),
        279: ("I", [len(strip) for strip in strips]),
        284: ("H", [2 if planes else 1]),
        339: ("H", [{"u": 1, "i": 2, "f": 3}[stored.dtype.kind]] * samples),
        **(more or {}),
    }
    directory = 8 + len(body)
    beyond = directory + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag, (code, numbers) in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        kind = {"B": 2, "H": 3, "I": 4}[code]
        entries += struct.pack(order + "HHI", tag, kind, len(numbers))
        if len(packed) <= 4:
            entries += packed.ljust(4, b"\0")
        else:
            entries += struct.pack(order + "I", beyond + len(values))
            values += packed
    magic = b"II*\0" if order == "<" else b"MM\0*"
    count = struct.pack(order + "H", len(tags))
    end = struct.pack(order + "I", following)
    return magic + struct.pack(order + "I", directory) + body + count + entries + end + values


# --- BMP


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_bmp_as_pillow_writes_it(mode: str, grey: np.ndarray) -> None:
    image = Image.fromarray(grey).convert(mode)
    result = read(saved(image, "BMP"))
    assert np.array_equal(result.pixels, np.asarray(image.convert("L")))
    assert result.warnings == ()


def bmp(header: bytes, body: bytes) -> bytes:
    start = 14 + len(header)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + body


def test_bmp_of_4_bits_and_an_odd_width() -> None:
    # Width 3, palette of 3 greys; rows are padded to four bytes; the lowest row comes first.
    palette = bytes([0, 0, 0, 0, 100, 100, 100, 0, 255, 255, 255, 0])
    header = struct.pack("<IiiHHIIiiII", 40, 3, 2, 1, 4, 0, 0, 0, 0, 3, 0) + palette
    result = read(bmp(header, bytes([0x01, 0x20, 0, 0, 0x22, 0x10, 0, 0])))
    assert np.array_equal(result.pixels, [[255, 255, 100], [0, 100, 255]])


def test_bmp_with_a_colour_that_does_not_exist() -> None:
    header = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 8, 0, 0, 0, 0, 2, 0) + bytes(8)
    with pytest.raises(errors.TruncatedFileError, match="colours do not exist"):
        read(bmp(header, bytes([2, 0, 0, 0])))


def test_bmp_of_32_bits_has_no_alpha_and_may_stand_on_its_feet() -> None:
    header = struct.pack("<IiiHHIIiiII", 40, 2, -2, 1, 32, 0, 0, 0, 0, 0, 0)
    result = read(bmp(header, bytes([9, 9, 9, 0, 8, 8, 8, 0, 7, 7, 7, 0, 6, 6, 6, 0])))
    assert np.array_equal(result.pixels, [[9, 8], [7, 6]])
    assert result.warnings == ()


def test_bmp_of_16_bits_5_6_5_as_pillow_reads_it(grey: np.ndarray) -> None:
    words = (grey[:, :250].astype(np.uint16) >> 3) * np.uint16(0x0801) | np.uint16(0x0200)
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    header = struct.pack("<IiiHHIIiiII", 40, 250, 256, 1, 16, 3, 0, 0, 0, 0, 0) + masks
    data = bmp(header, words.astype("<u2").tobytes())
    rgb = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), dtype=float)
    assert np.abs(read(data).pixels - rgb @ (0.299, 0.587, 0.114)).max() < 1.5


def test_compressed_bmp_is_refused_by_name() -> None:
    header = struct.pack("<IiiHHIIiiII", 40, 2, 2, 1, 8, 1, 0, 0, 0, 0, 0) + bytes(1024)
    with pytest.raises(errors.UnsupportedImageError, match="RLE8"):
        read(bmp(header, bytes(8)))


def test_bmp_of_absurd_size() -> None:
    header = struct.pack("<IiiHHIIiiII", 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0)
    with pytest.raises(errors.DimensionsError, match="BMP"):
        read(bmp(header, bytes(8)))


# --- TIFF


@pytest.mark.parametrize("compression", ["raw", "packbits", "tiff_lzw", "tiff_adobe_deflate"])
@pytest.mark.parametrize("bits", [8, 16])
def test_tiff_as_libtiff_compresses_it(
    compression: str, bits: int, head: np.ndarray, grey: np.ndarray
) -> None:
    pixels = grey if bits == 8 else head * np.uint16(11)
    data = saved(Image.fromarray(pixels), "TIFF", compression=compression)
    assert np.array_equal(read(data).pixels, pixels)


def test_tiff_with_a_predictor(head: np.ndarray) -> None:
    for pixels in (head, np.dstack([head, head + np.uint16(2), head])):
        differences = np.diff(pixels, axis=1, prepend=np.zeros_like(pixels[:, :1]))
        plain = tiff(pixels, 1 if pixels.ndim == 2 else 2)
        predicted = tiff(
            differences, 1 if pixels.ndim == 2 else 2, deflated=True, more={317: ("H", [2])}
        )
        assert np.array_equal(read(predicted).pixels, read(plain).pixels)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int8, np.int16])
@pytest.mark.parametrize("deflated", [False, True])
def test_tiff_whole_numbers_and_min_is_white(
    order: str, dtype: type, deflated: bool, grey: np.ndarray
) -> None:
    pixels = (grey // 2).astype(dtype)
    if np.dtype(dtype).kind == "i":
        pixels -= np.array(64, dtype)
    bright = read(tiff(pixels, 1, order, deflated=deflated))
    assert np.array_equal(bright.pixels, pixels)
    dark = read(tiff(pixels, 0, order, deflated=deflated))
    limits = np.iinfo(dtype)
    assert np.array_equal(dark.pixels, limits.max + limits.min - pixels.astype(float))


@pytest.mark.parametrize("order", ["<", ">"])
def test_tiff_float(order: str, head: np.ndarray) -> None:
    pixels = head.astype(np.float32) / 7 - 3
    assert np.array_equal(read(tiff(pixels, order=order)).pixels, pixels)


def test_tiff_float_that_is_no_number(head: np.ndarray) -> None:
    pixels = head.astype(np.float32)
    pixels[3, 4] = np.nan
    with pytest.raises(errors.UnsupportedImageError, match="not numbers"):
        read(tiff(pixels))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("planes", [False, True])
def test_tiff_colour(dtype: type, planes: bool, head: np.ndarray) -> None:
    scale = np.dtype(dtype).itemsize * 8 - 8
    values = (head >> 2).clip(0, 255).astype(dtype) << dtype(scale)
    pixels = np.dstack([values, np.roll(values, 9), values // dtype(2)])
    result = read(tiff(pixels, 2, planes=planes))
    luma = pixels.astype(float) @ (0.299, 0.587, 0.114)
    assert np.abs(result.pixels - luma).max() < 5e-3
    assert [warning.kind for warning in result.warnings] == ["colour"]


@pytest.mark.parametrize(("kind", "multiplied"), [(1, False), (2, True)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_tiff_alpha_associated_or_not(
    kind: int, multiplied: bool, dtype: type, grey: np.ndarray
) -> None:
    full = np.iinfo(dtype).max
    alpha = np.where(grey > 99, dtype(full // 5), dtype(full))
    pixels = np.dstack([grey.astype(dtype), alpha])
    result = read(tiff(pixels, 1, more={338: ("H", [kind])}))
    expected = grey * (alpha / full if multiplied else 1.0)
    assert np.abs(result.pixels - expected).max() < 1e-3
    assert [warning.kind for warning in result.warnings] == ["alpha"]


def test_tiff_with_an_extra_channel_of_unknown_meaning(grey: np.ndarray) -> None:
    with pytest.raises(errors.UnsupportedImageError, match="extra channel"):
        read(tiff(np.dstack([grey, grey]), 1, more={338: ("H", [0])}))


def test_tiff_palette(grey: np.ndarray) -> None:
    image = Image.fromarray(grey).convert("P")
    assert np.array_equal(read(saved(image, "TIFF")).pixels, grey * 256.0)


@pytest.mark.parametrize("kind", [1, 2])
def test_tiff_palette_with_alpha_is_refused(kind: int, grey: np.ndarray) -> None:
    colours = ("H", [value * 256 for value in range(256)] * 3)
    data = tiff(np.dstack([grey, grey]), 3, more={320: colours, 338: ("H", [kind])})
    with pytest.raises(errors.UnsupportedImageError, match="extra channel"):
        read(data)


@pytest.mark.parametrize("scale", [1, 257])
def test_tiff_palette_of_colours_is_warned_of(scale: int, grey: np.ndarray) -> None:
    # TIFF 6.0 wants 16 bits in the table; some writers put 8 there.
    red, black = [value * scale for value in range(256)], [0] * 256
    result = read(tiff(grey, 3, more={320: ("H", red + black + black)}))
    assert [warning.kind for warning in result.warnings] == ["colour"]
    assert np.abs(result.pixels - 0.299 * scale * grey).max() < 0.01


def test_tiff_in_tiles(head: np.ndarray) -> None:
    tile = 64
    padded = np.pad(head, ((0, 0), (0, 6)))
    pieces = [
        padded[top : top + tile, left : left + tile]
        for top in range(0, 256, tile)
        for left in range(0, 256, tile)
    ]
    data = tiff(np.concatenate(pieces), rows_per_strip=tile)
    # The strips of 64x64 become tiles: other tags, other width and height.
    for old, new in ((273, 324), (279, 325), (278, 323)):
        data = data.replace(struct.pack("<HH", old, 4), struct.pack("<HH", new, 4))
    data = data.replace(struct.pack("<HHII", 256, 4, 1, 64), struct.pack("<HHII", 256, 4, 1, 250))
    data = data.replace(struct.pack("<HHII", 257, 4, 1, 1024), struct.pack("<HHII", 257, 4, 1, 256))
    data = data.replace(struct.pack("<HHI", 284, 3, 1), struct.pack("<HHI", 322, 3, 1))
    start = data.index(struct.pack("<HHI", 322, 3, 1))
    data = data[: start + 8] + struct.pack("<I", tile) + data[start + 12 :]
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), head)
    assert np.array_equal(read(data).pixels, head)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_tiff_orientation(orientation: int, grey: np.ndarray) -> None:
    data = tiff(grey, more={274: ("H", [orientation])})
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.array_equal(read(data).pixels, expected)


def test_tiff_of_several_pages_is_refused_by_name(grey: np.ndarray) -> None:
    image = Image.fromarray(grey)
    with pytest.raises(errors.UnsupportedImageError, match="more than one page"):
        read(saved(image, "TIFF", save_all=True, append_images=[image]))


def test_tiff_imagej_stack_behind_one_directory(grey: np.ndarray) -> None:
    text = b"ImageJ=1.54f\nimages=24\nslices=24\n\0"
    with pytest.raises(errors.UnsupportedImageError, match="24 pictures"):
        read(tiff(grey, more={270: ("B", list(text))}))


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({259: ("H", [7])}, "compression: JPEG"),
        ({262: ("H", [5])}, "CMYK"),
        ({317: ("H", [3])}, "predictor"),
        ({317: ("H", [2])}, "predictor"),  # of data that are not compressed
        ({266: ("H", [2])}, "fill order"),
        ({258: ("H", [12])}, "bits a sample: 12"),
        ({339: ("H", [6])}, "bits a sample"),
    ],
)
def test_tiff_variants_are_refused_by_name(
    more: dict[int, tuple[str, list[int]]], what: str, grey: np.ndarray
) -> None:
    with pytest.raises(errors.UnsupportedImageError, match=what):
        read(tiff(grey, more=more))


def test_tiff_with_more_pixels_than_it_says(head: np.ndarray) -> None:
    """16 bits under a header of 8 would show every other byte."""
    data = tiff(head, more={258: ("H", [8])})
    with pytest.raises(errors.UnsupportedImageError, match="more than its header describes"):
        read(data)


def test_tiff_of_absurd_size(grey: np.ndarray) -> None:
    with pytest.raises(errors.DimensionsError, match="TIFF"):
        read(tiff(grey, more={256: ("I", [2**31])}))


@pytest.mark.parametrize("compression", ["tiff_adobe_deflate", "tiff_lzw"])
def test_damaged_compressed_tiff(compression: str, head: np.ndarray) -> None:
    data = bytearray(saved(Image.fromarray(head), "TIFF", compression=compression))
    data[len(data) // 2 : len(data) // 2 + 64] = b"\xff" * 64
    with pytest.raises(errors.TruncatedFileError, match="damaged"):
        read(bytes(data))


def test_a_deflate_bomb_is_not_inflated(grey: np.ndarray) -> None:
    bomb = tiff(np.zeros((16000, 3000), np.uint8), rows_per_strip=16000, deflated=True)
    small = bomb.replace(struct.pack("<HHII", 256, 4, 1, 3000), struct.pack("<HHII", 256, 4, 1, 3))
    with pytest.raises(errors.TruncatedFileError):
        read(small)


def test_tiff_with_an_empty_orientation_is_upright(grey: np.ndarray) -> None:
    assert np.array_equal(read(tiff(grey, more={274: ("H", [])})).pixels, grey)
