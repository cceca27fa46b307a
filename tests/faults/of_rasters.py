"""Faults of ordinary image files: headers that name fewer rows or columns, progressive JPEG cut."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from outcome import Outcome, of_reading
from PIL import Image

from braintumor_desktop.imaging.read import decode_slice, read_slice
from braintumor_desktop.sources.demo import write_demo_slice

_SIZES = [(1, 0), (0, 1), (4, 0), (0, 6), (8, 8), (64, 0), (0, 64), (128, 128)]


def _grey(folder: Path) -> Image.Image:
    """The demo slice in 8 bits, with rows of black above and below, as most slices have."""
    pixels = read_slice(write_demo_slice(folder)).pixels
    grey = (pixels * (255 / pixels.max())).astype(np.uint8)
    grey[:12] = grey[-12:] = 0
    return Image.fromarray(grey)


def _saved(image: Image.Image, form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def _png(data: bytes, width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + body + struct.pack(">I", zlib.crc32(body)) + data[33:]


def _bmp(data: bytes, width: int, height: int) -> bytes:
    return data[:18] + struct.pack("<ii", width, height) + data[26:]


def _tiff(data: bytes, width: int, height: int) -> bytes:
    changed = bytearray(data)
    (start,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        (tag,) = struct.unpack_from("<H", data, entry)
        if tag in (256, 257):
            struct.pack_into("<HII", changed, entry + 2, 4, 1, width if tag == 256 else height)
    return bytes(changed)


def fewer(
    form: str, change: Callable[[bytes, int, int], bytes], **options: object
) -> Callable[[Path], Iterator[Outcome]]:
    """The header names fewer rows or columns than the data hold."""

    def inject(folder: Path) -> Iterator[Outcome]:
        image = _grey(folder)
        data = _saved(image, form, **options)
        before = decode_slice(data, folder)
        for columns, rows in _SIZES:
            size = image.width - columns, image.height - rows
            if form == "BMP" and columns == 1:
                continue  # rows of 255 bytes are filled to 256: the header contradicts nothing
            yield of_reading(change(data, *size), before)

    return inject


def between_scans(folder: Path) -> Iterator[Outcome]:
    """A progressive JPEG ends behind one of its scans, and got its end marker back."""
    data = _saved(_grey(folder), "JPEG", progressive=True)
    before = decode_slice(data, folder)
    for scan in list(re.finditer(b"\xff\xda", data))[1:]:
        yield of_reading(data[: scan.start()] + b"\xff\xd9", before)


def cut_and_ended(folder: Path) -> Iterator[Outcome]:
    """A JPEG lacks its last part, and got its end marker back."""
    data = _saved(_grey(folder), "JPEG")
    before = decode_slice(data, folder)
    for share in range(5, 100, 5):
        yield of_reading(data[: len(data) * share // 100] + b"\xff\xd9", before)


FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    ("PNG: the header names fewer rows or columns", fewer("PNG", _png)),
    ("BMP: the same", fewer("BMP", _bmp)),
    ("TIFF without compression: the same", fewer("TIFF", _tiff)),
    ("TIFF by PackBits: the same", fewer("TIFF", _tiff, compression="packbits")),
    ("TIFF by LZW: the same", fewer("TIFF", _tiff, compression="tiff_lzw")),
    ("TIFF by Deflate: the same", fewer("TIFF", _tiff, compression="tiff_adobe_deflate")),
    ("Progressive JPEG that ends between two scans", between_scans),
    ("JPEG without its last part, with an end marker", cut_and_ended),
)
