"""The compressions of TIFF: chunk → bytes. Damage raises TruncatedFileError.

Each function takes the compressed bytes and the most that a strip or tile can have, and gives one
byte more where there are more: then the header contradicts the pixels. libtiff is not asked: it
drops what is left over and goes on where the data are damaged.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

from braintumor_desktop.errors import TruncatedFileError

NAMES = {
    2: "CCITT",
    3: "CCITT",
    4: "CCITT",
    6: "JPEG (old)",
    7: "JPEG",
    34712: "JPEG 2000",
    34925: "LZMA",
    50000: "ZSTD",
    50001: "WebP",
}

_WORD = 4  # some writers pad to whole ones
_CLEAR, _END = 256, 257
_MAX_CODE_BITS = 12
_FIRST_CODES = (*(bytes((value,)) for value in range(256)), b"", b"")


def _stored(chunk: bytes, capacity: int) -> bytes:
    surplus = chunk[capacity:]
    padded = len(surplus) < _WORD and not any(surplus)
    return chunk[: capacity if padded else capacity + 1]


def _deflate(chunk: bytes, capacity: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(chunk, capacity + 1)
    except zlib.error as error:
        raise _damaged() from error
    if not inflater.eof:  # the checksum stands at the end
        raise _damaged()
    return found


def _packbits(chunk: bytes, capacity: int) -> bytes:
    """TIFF 6.0, section 9."""
    found = bytearray()
    position, last = 0, len(chunk) - 1
    while position < last and len(found) <= capacity:
        head = chunk[position]
        if head < 128:
            found += chunk[position + 1 : position + head + 2]
            position += head + 2
        else:
            if head > 128:
                found += chunk[position + 1 : position + 2] * (257 - head)
            position += 2 if head > 128 else 1
    if position > len(chunk):
        raise _damaged()
    return bytes(found[: capacity + 1])


def _lzw(chunk: bytes, capacity: int) -> bytes:
    """TIFF 6.0, section 13: codes of 9 to 12 bits, highest bit first, widened one code early."""
    found = bytearray()
    table = list(_FIRST_CODES)
    previous = b""
    bits, held, width = 0, 0, 9
    for byte in chunk:
        bits = (bits << 8) | byte
        held += 8
        if held < width:
            continue
        held -= width
        code = bits >> held
        bits &= (1 << held) - 1
        if code == _CLEAR:
            table = list(_FIRST_CODES)
            previous, width = b"", 9
            continue
        if code == _END:
            break
        if code < len(table):
            entry = table[code]
        elif previous and code == len(table):
            entry = previous + previous[:1]
        else:
            raise _damaged()
        found += entry
        if len(found) > capacity:
            break
        if previous and len(table) < 1 << _MAX_CODE_BITS:
            table.append(previous + entry[:1])
            if len(table) + 1 >= 1 << width and width < _MAX_CODE_BITS:
                width += 1
        previous = entry
    return bytes(found[: capacity + 1])


def _damaged() -> TruncatedFileError:
    return TruncatedFileError(
        "The compressed pixels of the TIFF file are cut, damaged, or more than its header says."
    )


DECODERS: dict[int, Callable[[bytes, int], bytes]] = {
    1: _stored,
    5: _lzw,
    8: _deflate,
    32773: _packbits,
    32946: _deflate,
}
PREDICTED = (5, 8, 32946)
"""What a predictor is defined for: LZW (TIFF 6.0, section 14) and Deflate."""
