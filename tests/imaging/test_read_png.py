"""PNG, against Pillow, and against pixels that are known."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zlib
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image, ImageOps

from braintumor_desktop import errors
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.raster.png import Header
from braintumor_desktop.imaging.read import decode_slice

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def head() -> np.ndarray:
    """matplotlib's MRI head: uint16 (256, 256)."""
    packed = Path(mpl.get_data_path()) / "sample_data" / "s1045.ima.gz"
    return np.frombuffer(gzip.decompress(packed.read_bytes()), np.uint16).reshape(256, 256)


@pytest.fixture(scope="module")
def grey(head: np.ndarray) -> np.ndarray:
    return (head >> 2).clip(0, 255).astype(np.uint8)


def read(data: bytes) -> MRISlice:
    return decode_slice(data, Path("slice.png"))


def pillow(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG", **options)
    return stream.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(name + body)
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", checksum)


def png(ihdr: tuple[int, ...], rows: bytes, *between: bytes) -> bytes:
    """A PNG of hand-made rows, each with its filter byte."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *ihdr))
    data = chunk(b"IDAT", zlib.compress(rows))
    return SIGNATURE + header + b"".join(between) + data + chunk(b"IEND", b"")


def kinds(slice_: MRISlice) -> list[str]:
    return [warning.kind for warning in slice_.warnings]


def test_grey_16_bits_keep_every_value(head: np.ndarray) -> None:
    values = head * np.uint16(7) + np.uint16(3)
    assert np.array_equal(read(pillow(Image.fromarray(values))).pixels, values)


def test_rgb_16_bits_are_not_cut(head: np.ndarray) -> None:
    planes = np.dstack([head, head + np.uint16(1), head + np.uint16(2)])
    ok, data = cv2.imencode(".png", planes[..., ::-1])
    assert ok
    luma = planes.astype(np.int64) @ (299, 587, 114) / 1000
    result = read(data.tobytes())
    assert np.array_equal(result.pixels, luma.astype(np.float32)), "the same on every processor"
    assert result.warnings == ()  # a spread of 2 in 65535 is no colour


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1"])
def test_8_bits_of_every_kind(mode: str, grey: np.ndarray) -> None:
    image = Image.fromarray(grey)
    image = image.convert("RGBA").convert("LA") if mode == "LA" else image.convert(mode)
    result = read(pillow(image))
    assert np.array_equal(result.pixels, np.asarray(image.convert("L")))
    assert result.warnings == ()


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_grey_of_few_bits_is_scaled_to_255(bits: int, grey: np.ndarray) -> None:
    levels = grey >> (8 - bits)
    packed = np.zeros((256, 256 * bits // 8), np.uint8)
    per_byte = 8 // bits
    for place in range(per_byte):
        packed |= levels[:, place::per_byte] << (8 - bits * (place + 1))
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    result = read(png((256, 256, bits, 0, 0, 0, 0), rows))
    assert np.array_equal(result.pixels, levels.astype(np.float32) * (255 // (2**bits - 1)))


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_palette_of_few_bits(bits: int, grey: np.ndarray) -> None:
    image = Image.fromarray(grey).quantize(2**bits)
    data = pillow(image, bits=bits)
    assert data[24] == bits
    assert np.array_equal(read(data).pixels, np.asarray(image.convert("L")))


def test_interlaced_as_pillow_reads_it(grey: np.ndarray) -> None:
    rows = bytearray()
    picture = grey[:37, :29]
    for left, top, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for row in picture[top::down, left::across]:
            rows += b"\0" + row.tobytes()
    data = png((29, 37, 8, 0, 0, 0, 1), bytes(rows))
    assert Header(29, 37, 8, 0, interlaced=True).filtered_bytes == len(rows)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), picture)
    assert np.array_equal(read(data).pixels, picture)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_alpha_is_laid_over_black(mode: str, grey: np.ndarray) -> None:
    alpha = Image.fromarray(np.roll(grey, 40))
    if mode == "P":
        image = Image.fromarray(grey).convert("P")
        data = pillow(image, transparency=bytes(range(256)))
    else:
        image = Image.merge("LA", [Image.fromarray(grey), alpha]).convert(mode)
        data = pillow(image)
    straight = Image.open(io.BytesIO(data)).convert("RGBA")
    black = Image.new("RGBA", straight.size, (0, 0, 0, 255))
    expected = np.asarray(Image.alpha_composite(black, straight).convert("L"), dtype=float)
    result = read(data)
    assert kinds(result) == ["alpha"]
    assert np.abs(result.pixels - expected).max() <= 1


def test_a_transparent_grey_level_is_black(grey: np.ndarray) -> None:
    level = int(grey.max())
    result = read(pillow(Image.fromarray(grey), transparency=level))
    assert np.array_equal(result.pixels, np.where(grey == level, 0, grey))
    assert kinds(result) == ["alpha"]


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_transparent_colour_is_black(depth: type, grey: np.ndarray) -> None:
    picture = grey[:32, 96:128].astype(depth)
    level = int(picture.max())
    big_endian = np.dstack([picture] * 3).astype(np.dtype(depth).newbyteorder(">"))
    rows = b"".join(b"\0" + row.tobytes() for row in big_endian)
    bits = 8 * np.dtype(depth).itemsize
    key = chunk(b"tRNS", struct.pack(">HHH", level, level, level))
    result = read(png((32, 32, bits, 2, 0, 0, 0), rows, key))
    assert np.array_equal(result.pixels, np.where(picture == level, 0, picture))


def test_colour_is_luma_with_a_warning(grey: np.ndarray) -> None:
    planes = np.dstack([grey, np.roll(grey, 30), 255 - grey])
    result = read(pillow(Image.fromarray(planes)))
    assert np.abs(result.pixels - planes @ np.array([0.299, 0.587, 0.114])).max() < 1e-3
    assert kinds(result) == ["colour"]
    assert "%" in str(result.warnings[0])


@pytest.mark.parametrize("brightest", [4095, 65535])
def test_colour_of_16_bits_is_warned_of(brightest: int, head: np.ndarray) -> None:
    # 12 bits in 16 are common: no channel is further from another than a sixteenth of 65535.
    level = (head / head.max() * brightest).astype(np.uint16)
    rgb = np.dstack([level, level, level])
    assert kinds(read(cv2.imencode(".png", rgb)[1].tobytes())) == []
    rgb[100:120, 100:120] = (0, 0, brightest)  # OpenCV's order: red last
    assert kinds(read(cv2.imencode(".png", rgb)[1].tobytes())) == ["colour"]
    rgb[0, 0] = 2**16 - 1  # as of letters
    assert kinds(read(cv2.imencode(".png", rgb)[1].tobytes())) == ["colour"]


def test_gamma_and_profiles_leave_the_values(grey: np.ndarray) -> None:
    gamma = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"sRGB", b"\0")
    rows = b"".join(b"\0" + row.tobytes() for row in grey)
    assert np.array_equal(read(png((256, 256, 8, 0, 0, 0, 0), rows, gamma)).pixels, grey)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int, grey: np.ndarray) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    data = pillow(Image.fromarray(grey[:100]), exif=exif)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.array_equal(read(data).pixels, expected)


def test_every_flipped_byte_is_found(grey: np.ndarray) -> None:
    whole = pillow(Image.fromarray(grey))
    for place in np.random.default_rng(1).integers(8, len(whole), size=100):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        with pytest.raises(errors.SliceReadError):
            read(bytes(damaged))


def test_a_writer_that_stopped_half_way(grey: np.ndarray) -> None:
    rows = b"".join(b"\0" + row.tobytes() for row in grey[:128])
    with pytest.raises(errors.TruncatedFileError, match="after 50 %"):
        read(png((256, 256, 8, 0, 0, 0, 0), rows))


@pytest.mark.parametrize("size", [(20000, 10), (10, 20000), (9000, 9000), (0, 5)])
def test_absurd_dimensions_are_refused_from_the_header(size: tuple[int, int]) -> None:
    with pytest.raises(errors.DimensionsError, match="PNG header"):
        read(png((*size, 8, 0, 0, 0, 0), b""))


def test_animations_are_refused_by_name(grey: np.ndarray) -> None:
    frames = [Image.fromarray(grey), Image.fromarray(255 - grey)]
    data = pillow(frames[0], save_all=True, append_images=frames[1:])
    with pytest.raises(errors.UnsupportedImageError, match="animated"):
        read(data)


def test_an_animation_of_one_picture_behind_another_is_refused(grey: np.ndarray) -> None:
    # Programs that know animations show the second, all others the first.
    first, second = (pillow(Image.fromarray(picture)) for picture in (grey, 255 - grey))
    start, end = (first.index(name) - 4 for name in (b"IDAT", b"IEND"))
    control = chunk(b"fcTL", struct.pack(">5IHH2B", 0, 256, 256, 0, 0, 1, 10, 0, 0))
    frame = second[second.index(b"IDAT") + 4 : second.index(b"IEND") - 8]
    still = first[:end] + chunk(b"fdAT", struct.pack(">I", 1) + frame) + first[end:]
    assert np.array_equal(read(still).pixels, read(first).pixels)  # without acTL it means nothing
    data = first[:start] + chunk(b"acTL", struct.pack(">II", 1, 0)) + first[start:end]
    with pytest.raises(errors.UnsupportedImageError, match="animated"):
        read(data + control + chunk(b"fdAT", struct.pack(">I", 1) + frame) + first[end:])


@pytest.mark.parametrize(("bits", "interlaced"), [(8, False), (8, True), (4, False), (2, False)])
def test_a_palette_that_lacks_the_brightest(bits: int, interlaced: bool, grey: np.ndarray) -> None:
    """libpng would show them black."""
    indices = grey >> 8 - bits
    indices = np.minimum(indices, 250)
    colours = np.repeat(np.arange(indices.max() + 1, dtype=np.uint8), 3) << 8 - bits
    packed = (indices[..., None] >> np.arange(bits)[::-1]) & 1
    rows = np.packbits(packed.reshape(len(grey), -1), axis=1)
    filtered = np.hstack([np.zeros((len(rows), 1), np.uint8), rows]).tobytes()
    header = (256, 256, bits, 3, 0, 0, 0)
    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4)]
        passes += [(1, 0, 2, 2), (0, 1, 1, 2)]
        parts = [indices[top::down, left::across] for left, top, across, down in passes]
        filtered = b"".join(b"\0" + row.tobytes() for part in parts for row in part)
        header = (256, 256, 8, 3, 0, 0, 1)
    whole = read(png(header, filtered, chunk(b"PLTE", colours.tobytes())))
    assert np.array_equal(whole.pixels, indices << 8 - bits)
    with pytest.raises(errors.TruncatedFileError, match="colours do not exist"):
        read(png(header, filtered, chunk(b"PLTE", colours[:-3].tobytes())))


def test_a_large_exif_chunk_costs_no_memory(grey: np.ndarray) -> None:
    entries = b"".join(struct.pack("<HHII", 1000 + n, 2, 60_000, 8) for n in range(20_000))
    exif = b"II*\0\x08\0\0\0" + struct.pack("<H", 20_000) + entries
    whole = pillow(Image.fromarray(grey))
    end = whole.rindex(b"IEND") - 4
    tracemalloc.start()
    try:
        result = read(whole[:end] + chunk(b"eXIf", exif) + whole[end:])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.array_equal(result.pixels, grey)
    assert peak < 20e6
