"""DICOM pixels: from stored values to brightness in the modality's units.

In the order of DICOM PS3.4, N.2: stored values, modality transform; then MONOCHROME1 is turned and
padding filled. The VOI window is for display and never touches the pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.pixels.utils import pixel_array
from pydicom.uid import ExplicitVRBigEndian

from braintumor_desktop.domain.image import FloatImage, ReadWarning
from braintumor_desktop.errors import (
    NoPixelDataError,
    TruncatedFileError,
    UnsupportedImageError,
)
from braintumor_desktop.imaging.dicom.file import attribute
from braintumor_desktop.imaging.dicom.layout import (
    MONOCHROME,
    PALETTE,
    Layout,
    check_length,
    contradiction,
    required,
)
from braintumor_desktop.imaging.grey import to_grey


@dataclass(frozen=True, eq=False)
class Brightness:
    """`pixels`: float32 (rows, columns). A value v was `mirror` - v before MONOCHROME1 was turned.

    `mirror` is None where nothing was turned.
    """

    pixels: FloatImage
    mirror: float | None
    warnings: tuple[ReadWarning, ...]


def read_brightness(dataset: FileDataset, layout: Layout) -> Brightness:
    """Decode the one frame.

    Bits above BitsStored are masked where an overlay of the file lies there, as in old files, or
    where they repeat the sign; else they may be the picture's, and raise. The modality LUT or
    rescale is computed in float64 and rounded once, to float32. MONOCHROME1 is turned at the middle
    of what can be stored: v becomes lowest + highest - v, both after the modality transform, so
    that values keep their units and distances. Pixels of PixelPaddingValue become the lowest real
    one.
    """
    check_length(dataset, layout)
    stored = _decoded(dataset)
    if stored.shape[:2] != (layout.rows, layout.columns):
        raise contradiction("Rows", layout.rows)
    # An overlay that has its own data names bit 0 (PS3.3, C.9.2).
    if any(0 < position < layout.stored for position in _overlay_bits(dataset, within=True)):
        raise contradiction("BitsStored", layout.stored)
    if layout.stored < layout.allocated:
        _check_unused_bits(dataset, layout, stored)
    if layout.photometric not in MONOCHROME:
        return _colour(dataset, layout, stored)

    padding = _padding(dataset, layout, stored)
    values = _modality(dataset, np.concatenate([layout.stored_range, stored.ravel()]))
    (first, last), values = values[:2], values[2:].reshape(stored.shape)
    _refuse_falling_voi(dataset, values)
    mirror = None
    if layout.photometric == "MONOCHROME1":
        mirror = float(first + last)
        values = mirror - values
    with np.errstate(over="ignore"):  # what is beyond float32 is refused below
        pixels = values.astype(np.float32)
    if padding.all():
        raise NoPixelDataError("Every pixel of the DICOM file is padding.")
    if padding.any():
        pixels[padding] = pixels[~padding].min()
    if not np.isfinite(pixels).all():
        raise UnsupportedImageError(
            "The modality transform of the DICOM file gives values that are not numbers."
        )
    return Brightness(pixels, mirror, ())


def _decoded(dataset: FileDataset, unused_bits: bool = False) -> NDArray[Any]:
    """The stored values; with `unused_bits` the bits above BitsStored are left in them."""
    try:
        return np.asarray(pixel_array(dataset, correct_unused_bits=not unused_bits))
    except MemoryError:  # says nothing of the file
        raise
    except Exception as error:  # its decoders raise whatever damaged data lead to
        raise TruncatedFileError(
            "The pixels of the DICOM file (PixelData (7FE0,0010)) are damaged."
        ) from error


def _check_unused_bits(dataset: FileDataset, layout: Layout, stored: NDArray[Any]) -> None:
    """Raise where bits above BitsStored are neither empty nor the sign nor a known overlay.

    Overlays lie there by OverlayBitPosition (60xx,0102), PS3.3 C.9.2 (retired).
    """
    unsigned = np.dtype(f"u{stored.dtype.itemsize}")
    found = _decoded(dataset, unused_bits=True).astype(unsigned) >> layout.stored
    overlays = sum(1 << position for position in _overlay_bits(dataset)) >> layout.stored
    free = unsigned.type(~overlays & np.iinfo(unsigned).max)
    found &= free
    sign = stored.astype(unsigned) >> layout.stored & free
    if found.any() and not np.array_equal(found, sign):
        raise contradiction("BitsStored", layout.stored)


def _overlay_bits(dataset: FileDataset, within: bool = False) -> set[int]:
    """The bits that overlays name; `within`: of those alone that have no data of their own."""
    try:
        elements = [
            dataset.get((group, 0x0102))
            for group in range(0x6000, 0x6020, 2)
            if not within or (group, 0x3000) not in dataset
        ]
    except MemoryError:
        raise
    except Exception:  # what is damaged names no bit
        return set()
    values = (element.value for element in elements if element is not None)
    return {value for value in values if isinstance(value, int) and 0 <= value < 32}


def _colour(dataset: FileDataset, layout: Layout, stored: NDArray[Any]) -> Brightness:
    """Grey of RGB (pydicom has turned YBR into it) or of a palette."""
    full_scale = float(2**layout.stored - 1)
    if layout.photometric == PALETTE:
        try:
            first = dataset.RedPaletteColorLookupTableDescriptor[1]
            colours = apply_color_lut(stored, dataset)[..., :3]
        except MemoryError:
            raise
        except Exception as error:  # a missing or broken table shows as many errors
            raise UnsupportedImageError(
                "The colour table of the DICOM file cannot be used."
            ) from error
        if layout.signed and stored.min() < first:  # they would all have the first colour
            raise contradiction("PixelRepresentation", 1)
        stored, full_scale = colours, float(np.iinfo(colours.dtype).max)
    pixels, warnings = to_grey(stored, full_scale)
    return Brightness(pixels, None, warnings)


def _modality(dataset: FileDataset, stored: NDArray[Any]) -> NDArray[np.float64]:
    """The modality transform (PS3.3, C.11.1)."""
    # pydicom leaves the values alone where one of the two is missing.
    if "RescaleSlope" in dataset or "RescaleIntercept" in dataset:
        required(dataset, "RescaleIntercept")
        if required(dataset, "RescaleSlope") == 0:
            raise contradiction("RescaleSlope", 0)
    try:
        return np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    except MemoryError:
        raise
    except Exception as error:  # a missing or broken table shows as many errors
        raise UnsupportedImageError(
            "The modality transform of the DICOM file (RescaleSlope (0028,1053), "
            "ModalityLUTSequence (0028,3000)) cannot be used."
        ) from error


def _refuse_falling_voi(dataset: FileDataset, values: NDArray[np.float64]) -> None:
    """Raise where the first VOI LUT (PS3.3, C.11.2.1.1) shows what is bright in the pixels dark.

    Only a 50th of `values` are darker than what is looked up, or brighter: a table may do what it
    likes with those, and with what the picture has not.
    """
    try:
        item = dataset.VOILUTSequence[0]
        entries, first, _ = item.LUTDescriptor
        table = item.LUTData
        if isinstance(table, bytes):
            order = ">" if dataset.file_meta.TransferSyntaxUID == ExplicitVRBigEndian else "<"
            words = len(table) >= 2 * (entries or 2**16)
            table = np.frombuffer(table, f"{order}u2" if words else "u1")
        places = np.rint(np.quantile(values, (0.02, 0.98))).astype(np.int64) - first
        low, high = np.asarray(table)[places.clip(0, (entries or 2**16) - 1)].tolist()
    except MemoryError:
        raise
    except Exception:  # none, or a broken one: nobody can see the picture through it
        return
    if low > high:
        raise UnsupportedImageError(
            "The DICOM file's VOI LUT (VOILUTSequence (0028,3010)) shows bright what its pixels "
            "have dark: which of them is meant is undecided."
        )


def _padding(dataset: FileDataset, layout: Layout, stored: NDArray[Any]) -> NDArray[np.bool_]:
    """Where the stored values are padding (PS3.3, C.7.5.1.1.2)."""
    value = attribute(dataset, "PixelPaddingValue")
    if value is None:
        return np.zeros(stored.shape, np.bool_)
    limit = attribute(dataset, "PixelPaddingRangeLimit")
    ends = sorted(_as_stored(end, layout) for end in (value, value if limit is None else limit))
    return np.asarray((stored >= ends[0]) & (stored <= ends[1]))


def _as_stored(value: Any, layout: Layout) -> int:
    """A padding value in the pixels' signedness: writers mix up US and SS."""
    if not isinstance(value, int):
        raise contradiction("PixelPaddingValue", value)
    number = int(value)
    if layout.signed and number > layout.stored_range[1]:
        number -= 2**layout.allocated
    elif not layout.signed and number < 0:
        number += 2**layout.allocated
    lowest, highest = layout.stored_range
    if not lowest <= number <= highest:  # its pixels, masked to BitsStored, could not be told
        raise contradiction("PixelPaddingValue", value)
    return number
