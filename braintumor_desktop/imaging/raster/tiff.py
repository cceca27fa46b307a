"""TIFF of one picture: the tags are read here, compressed strips by `tiff_codecs` (TIFF 6.0).

OpenCV inverts MinIsWhite at 8 bits but not at 16, and cuts 16-bit pictures with alpha to 8 bits;
Pillow cuts 16-bit colours. So neither is asked.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.errors import (
    DimensionsError,
    TruncatedFileError,
    UnsupportedImageError,
    gettext_noop,
)
from braintumor_desktop.imaging.limits import MAX_PIXELS, check_dimensions
from braintumor_desktop.imaging.raster.ifd import ORIENTATION, Directory, read_directory
from braintumor_desktop.imaging.raster.samples import Raster, about_density
from braintumor_desktop.imaging.raster.tiff_codecs import DECODERS, NAMES, PREDICTED

SIGNATURES = (b"II*\0", b"MM\0*")

_MIN_IS_WHITE, _MIN_IS_BLACK, _RGB, _PALETTE = 0, 1, 2, 3
_COLOURS = {_MIN_IS_WHITE: 1, _MIN_IS_BLACK: 1, _RGB: 3, _PALETTE: 1}
_PHOTOMETRIC_NAMES = {
    4: gettext_noop("a mask"),
    5: "CMYK",
    6: "YCbCr",
    8: "CIELab",
    32803: gettext_noop("raw sensor data"),
}
# (bits, SampleFormat) → numpy type without byte order.
_TYPES = {(8, 1): "u1", (16, 1): "u2", (8, 2): "i1", (16, 2): "i2", (32, 3): "f4"}
_ASSOCIATED, _UNASSOCIATED = 1, 2
_SEPARATE_PLANES = 2
_DIFFERENCES = 2
_NEW_KIND, _OLD_KIND = 254, 255  # of a page: bit 0, or 2, is a picture of reduced resolution
_WANTED = {256, 257, 258, 259, 262, 266, 270, 273, 277, 278, 279, 282, 283, 284, 317, 320, 322}
_WANTED |= {323, 324, 325, 338, 339, ORIENTATION, _NEW_KIND, _OLD_KIND}
_MAX_PAGES = 64
_HEADER = 8


@dataclass(frozen=True)
class Layout:
    """How the samples lie in strips or tiles; a strip is a tile as wide as the picture."""

    width: int
    height: int
    samples: int
    dtype: np.dtype[Any]
    photometric: int
    extra: int | None
    tiled: bool
    tile_width: int
    tile_height: int
    separate: bool
    predictor: int
    compression: int


def decode(data: bytes) -> Raster:
    """The picture of a TIFF file: grey or RGB, with or without alpha, or palette.

    8 and 16 bits, signed or not, and grey float32; without compression, or PackBits, LZW or
    Deflate. MinIsWhite is turned: v becomes lowest + highest - v of the sample type. Further pages
    may hold the picture in reduced resolution only. Raises TruncatedFileError,
    UnsupportedImageError, DimensionsError.
    """
    directory, warnings = _only_page(data)
    _refuse_hidden_stack(directory)
    layout = _layout(directory)
    samples = _assemble(data, directory, layout)
    full_scale = 1.0 if layout.dtype.kind == "f" else float(np.iinfo(layout.dtype).max)
    if layout.photometric == _MIN_IS_WHITE:
        samples[..., 0] = np.invert(samples[..., 0])  # lowest + highest is -1 or the highest
    elif layout.photometric == _PALETTE:
        samples = _coloured(samples[..., 0], directory)
        full_scale = 65535.0
    if layout.dtype.kind == "f" and not np.isfinite(samples).all():
        raise UnsupportedImageError("The TIFF file has pixels that are not numbers.")
    if layout.samples == 1 and layout.photometric != _PALETTE:
        samples = samples[..., 0]
    density = (directory.tags.get(tag, (0.0,)) for tag in (282, 283))
    across, down = (float(value[0]) if len(value) == 1 else 0.0 for value in density)
    return Raster(
        samples,
        full_scale,
        orientation=_one(directory, ORIENTATION, 1),
        alpha_applied=layout.extra == _ASSOCIATED,
        warnings=(*warnings, *about_density(across, down)),
    )


def _only_page(data: bytes) -> tuple[Directory, tuple[ReadWarning, ...]]:
    """The directory of the one page of full resolution, and a caution where there are others."""
    found: list[Directory] = []
    following: int | None = None
    pages = 0
    while following != 0:
        page = read_directory(data, _WANTED, following)
        following, pages = page.next_offset, pages + 1
        if following is None:
            raise TruncatedFileError("The TIFF file ends inside its directory.")
        if not (_one(page, _NEW_KIND, 0) & 1 or _one(page, _OLD_KIND, 1) == 2):
            found.append(page)
        if len(found) > 1 or pages > _MAX_PAGES:
            raise UnsupportedImageError(
                "The TIFF file has more than one page; files of one are read."
            )
    if not found:
        raise UnsupportedImageError("The TIFF file has a preview, but not the picture itself.")
    if pages == 1:
        return found[0], ()
    return found[0], (ReadWarning("file", "The TIFF file has a preview besides its picture."),)


def _one(directory: Directory, tag: int, default: int | None = None) -> int:
    values = directory.integers(tag)
    if values:
        return values[0]
    if default is None:
        raise TruncatedFileError("The TIFF file lacks the tag {tag}.", tag=tag)
    return default


def _refuse_hidden_stack(directory: Directory) -> None:
    """ImageJ writes stacks above 4 GB, and some others, with one directory and the rest behind."""
    description = directory.tags.get(270, b"")
    if isinstance(description, bytes) and description.startswith(b"ImageJ="):
        images = re.search(rb"^images=(\d+)", description, re.MULTILINE)
        if images and int(images[1]) > 1:
            raise UnsupportedImageError(
                "The TIFF file is an ImageJ stack of {count} pictures; files of one are read.",
                count=int(images[1]),
            )


def _layout(directory: Directory) -> Layout:
    """The tags that describe the picture; raises where they are beyond what is certain."""
    width, height = _one(directory, 256), _one(directory, 257)
    check_dimensions(width, height, gettext_noop("The TIFF header"))
    photometric = _one(directory, 262)
    if photometric not in _COLOURS:
        raise _unsupported(gettext_noop("pixels"), _PHOTOMETRIC_NAMES.get(photometric, photometric))
    samples = _one(directory, 277, 1)
    extras = directory.integers(338)
    if samples - _COLOURS[photometric] != len(extras) or len(extras) > 1:
        raise _unsupported(gettext_noop("channels"), samples)
    no_alpha = photometric in (_MIN_IS_WHITE, _PALETTE)
    if extras and (extras[0] not in (_ASSOCIATED, _UNASSOCIATED) or no_alpha):
        raise _unsupported(gettext_noop("an extra channel of unknown meaning"), extras[0])
    bits = set(directory.integers(258, (1,)))
    formats = set(directory.integers(339, (1,)))
    kind = _TYPES.get((bits.pop(), formats.pop())) if len(bits) == len(formats) == 1 else None
    if kind is None:
        raise _unsupported(
            gettext_noop("bits a sample"), "/".join(map(str, directory.integers(258, (1,))))
        )
    dtype = np.dtype(directory.byte_order + kind)
    colours_as_numbers = dtype.kind != "u" and (samples > 1 or photometric == _PALETTE)
    if colours_as_numbers or (dtype.kind == "f" and photometric == _MIN_IS_WHITE):
        raise _unsupported(
            gettext_noop("a photometric interpretation for its sample format"), photometric
        )
    compression = _one(directory, 259, 1)
    if compression not in DECODERS:
        raise _unsupported(gettext_noop("compression"), NAMES.get(compression, compression))
    predictor = _one(directory, 317, 1)
    # Of other data writers leave the tag behind, and readers differ in whether they heed it.
    differences = predictor == _DIFFERENCES and dtype.kind != "f" and compression in PREDICTED
    if predictor != 1 and not differences:
        raise _unsupported(gettext_noop("predictor"), predictor)
    if _one(directory, 266, 1) != 1:
        raise _unsupported(gettext_noop("fill order"), _one(directory, 266, 1))
    tiled = bool(directory.integers(324))
    tile_width = _one(directory, 322) if tiled else width
    tile_height = _one(directory, 323) if tiled else min(_one(directory, 278, height), height)
    check_dimensions(tile_width, tile_height, gettext_noop("The TIFF header's tile size"))
    return Layout(
        width=width,
        height=height,
        samples=samples,
        dtype=dtype,
        photometric=photometric,
        extra=extras[0] if extras else None,
        tiled=tiled,
        tile_width=tile_width,
        tile_height=tile_height,
        separate=_one(directory, 284, 1) == _SEPARATE_PLANES,
        predictor=predictor,
        compression=compression,
    )


def _unsupported(what: str, value: object) -> UnsupportedImageError:
    return UnsupportedImageError(
        "The TIFF file has {what}: {value}; this variant is not read.", what=what, value=value
    )


def _assemble(data: bytes, directory: Directory, layout: Layout) -> NDArray[Any]:
    """The samples (height, width, samples), in the machine's byte order and writable."""
    offsets = directory.integers(324 if layout.tiled else 273)
    counts = directory.integers(325 if layout.tiled else 279)
    across = -(-layout.width // layout.tile_width)
    down = -(-layout.height // layout.tile_height)
    planes = layout.samples if layout.separate else 1
    if len(offsets) != across * down * planes or len(counts) != len(offsets):
        raise TruncatedFileError("The TIFF file's list of strips or tiles is not whole.")
    _check_places(offsets, counts)
    if across * down * layout.tile_width * layout.tile_height > 2 * MAX_PIXELS:
        raise DimensionsError("The TIFF file's tiles are far larger than its picture.")
    shape = (layout.height, layout.width, layout.samples)
    samples = np.empty(shape, layout.dtype.newbyteorder("="))
    channels = 1 if layout.separate else layout.samples
    for number, (offset, count) in enumerate(zip(offsets, counts, strict=True)):
        plane, place = divmod(number, across * down)
        top = place // across * layout.tile_height
        left = place % across * layout.tile_width
        if offset + count > len(data):
            raise TruncatedFileError("The TIFF file ends inside its pixels.")
        rows = layout.tile_height
        if not layout.tiled:
            rows = min(rows, layout.height - top)
        tile = _tile(data[offset : offset + count], layout, rows, channels)
        target = samples[top : top + rows, left : left + layout.tile_width]
        tile = tile[: target.shape[0], : target.shape[1]]
        if layout.separate:
            target[..., plane] = tile[..., 0]
        else:
            target[...] = tile
    return samples


def _check_places(offsets: tuple[int, ...], counts: tuple[int, ...]) -> None:
    """Raise where strips or tiles lie over the header or over each other."""
    order = np.argsort(offsets, kind="stable")
    starts, sizes = np.array(offsets, np.int64)[order], np.array(counts, np.int64)[order]
    if starts[0] < _HEADER or sizes.min() < 0 or (starts[1:] < (starts + sizes)[:-1]).any():
        raise TruncatedFileError("The TIFF file's strips or tiles lie one over the other.")


def _tile(chunk: bytes, layout: Layout, rows: int, channels: int) -> NDArray[Any]:
    """One strip or tile: (rows, tile width, channels)."""
    shape = (rows, layout.tile_width, channels)
    size = math.prod(shape) * layout.dtype.itemsize
    capacity = layout.tile_height * size // rows  # some writers fill up the last strip
    raw = DECODERS[layout.compression](chunk, capacity)
    if len(raw) < size:
        raise TruncatedFileError("The pixels of the TIFF file are cut or damaged.")
    # Of a picture of more rows, columns or bits than the header says another would be shown.
    if len(raw) > size and (len(raw) != capacity or any(raw[size:])):
        raise UnsupportedImageError(
            "The pixels of the TIFF file are more than its header describes."
        )
    tile = np.frombuffer(raw, layout.dtype, size // layout.dtype.itemsize).reshape(shape)
    if layout.predictor == _DIFFERENCES:
        # Sums wrap round, as the differences did (TIFF 6.0, section 14).
        tile = tile.astype(layout.dtype.newbyteorder("="))
        tile = np.cumsum(tile, axis=1, dtype=tile.dtype)
    return tile


def _coloured(indices: NDArray[Any], directory: Directory) -> NDArray[np.uint16]:
    """The colours (height, width, 3) of palette indices; a ColorMap has 16 bits a channel."""
    colours = directory.integers(320)
    if len(colours) != 3 * 2 ** (8 * indices.dtype.itemsize):
        raise TruncatedFileError("The TIFF file's colour table is not whole.")
    if min(colours) < 0 or max(colours) > np.iinfo(np.uint16).max:
        raise UnsupportedImageError("The TIFF file's colour table is not of 16-bit whole numbers.")
    table = np.array(colours, np.uint16).reshape(3, -1).T
    coloured: NDArray[np.uint16] = table[indices]
    return coloured
