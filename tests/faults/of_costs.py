"""Small files that cost much: what is counted before anything is allocated."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
from outcome import Outcome, of_reading
from PIL import Image

from braintumor_desktop.imaging.read import decode_slice

_SECONDS, _BYTES = 2.0, 256 * 2**20


def _saved(form: str, **options: object) -> bytes:
    stream = io.BytesIO()
    ramp = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    Image.fromarray(ramp).save(stream, form, **options)
    return stream.getvalue()


def _tags() -> bytes:
    """0.45 MB: 4,000 tags that all point to the same 400,000 bytes. 7.7 GB in version 0.1."""
    whole = _saved("TIFF")
    (start,) = struct.unpack_from("<I", whole, 4)
    (count,) = struct.unpack_from("<H", whole, start)
    own = whole[start + 2 : start + 2 + 12 * count]
    more = b"".join(struct.pack("<HHII", 1000 + n, 1, 400_000, len(whole)) for n in range(4000))
    directory = struct.pack("<H", count + 4000) + own + more + bytes(4)
    place = struct.pack("<I", len(whole) + 400_000)
    return whole[:4] + place + whole[8:] + bytes(400_000) + directory


def _comments() -> bytes:
    """0.4 MB of empty comments. 26 s in version 0.1."""
    whole = _saved("JPEG")
    return whole[:2] + b"\xff\xfe\0\2" * 100_000 + whole[2:]


def _chunks() -> bytes:
    whole = _saved("PNG")
    return whole[:33] + struct.pack(">I4sI", 0, b"teSt", zlib.crc32(b"teSt")) * 500_000 + whole[33:]


def _scans() -> bytes:
    whole = _saved("JPEG", progressive=True)
    first = whole.index(b"\xff\xda")
    scan = whole[first : whole.index(b"\xff\xc4", first)]
    return whole[:first] + scan * 20_000 + whole[first:]


def _bomb() -> bytes:
    """A PNG whose header names 64 pixels a side and whose data inflate to 1 GB."""
    whole = _saved("PNG")
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(2**24)) for _ in range(64)) + packer.flush()
    chunk = b"IDAT" + body
    data = struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return whole[:33] + data + whole[-12:]


def costly(make: Callable[[], bytes], form: str) -> Callable[[Path], Iterator[Outcome]]:
    """Read it; silent where it takes more than 2 s or 256 MB."""

    def inject(folder: Path) -> Iterator[Outcome]:
        before, data = decode_slice(_saved(form), folder), make()
        start = time.process_time()
        outcome = of_reading(data, before)
        seconds = time.process_time() - start
        tracemalloc.start()
        of_reading(data, before)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        if seconds > _SECONDS or peak > _BYTES:
            outcome = Outcome("silent", f"{seconds:.0f} s, {peak // 2**20} MB")
        yield outcome

    return inject


FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    ("TIFF of 0.45 MB whose 4,000 tags hold the same bytes", costly(_tags, "TIFF")),
    ("JPEG of 0.4 MB of empty comments", costly(_comments, "JPEG")),
    ("JPEG of 20,000 scans", costly(_scans, "JPEG")),
    ("PNG of 500,000 chunks", costly(_chunks, "PNG")),
    ("PNG of 1 MB that inflates to 1 GB", costly(_bomb, "PNG")),
)
