"""DICOM pixels: from stored values to brightness in the modality's units.

In the order of DICOM PS3.4, N.2: stored values, modality transform; then MONOCHROME1 is turned and
padding filled. The VOI window is for display and never touches the pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import FileDataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.uid import ExplicitVRBigEndian

from braintumor_desktop.domain.image import FloatImage, ReadWarning
from braintumor_desktop.errors import NoPixelDataError, UnsupportedImageError
from braintumor_desktop.imaging.dicom.attributes import (
    attribute,
    contradiction,
    missing,
    numbers,
    text,
)
from braintumor_desktop.imaging.dicom.layout import MONOCHROME, PALETTE, Layout
from braintumor_desktop.imaging.grey import to_grey


@dataclass(frozen=True, eq=False)
class Brightness:
    """`pixels`: float32 (rows, columns). A value v was `mirror` - v before MONOCHROME1 was turned.

    `mirror` is None where nothing was turned.
    """

    pixels: FloatImage
    mirror: float | None
    warnings: tuple[ReadWarning, ...]


def modality_values(
    dataset: FileDataset, attributes: Any, layout: Layout, raw: NDArray[Any]
) -> FloatImage:
    """The values of a frame after the modality transform, and nothing else done to them.

    MONOCHROME1 is not turned, padding is as stored. float32 (rows, columns); colours give their
    brightness. `attributes` are the frame's.
    """
    stored, _ = _masked(dataset, layout, raw)
    if layout.photometric not in MONOCHROME:
        return _colour(dataset, layout, stored).pixels
    with np.errstate(over="ignore"):
        return _modality(dataset, attributes, stored).astype(np.float32)


def read_brightness(
    dataset: FileDataset, attributes: Any, layout: Layout, raw: NDArray[Any]
) -> Brightness:
    """The brightness of a frame, from the values that it has by `stored.StoredFrames`.

    Bits above BitsStored are masked, and said where they are neither empty nor the sign nor an
    overlay of the file. The modality LUT or rescale is computed in float64 and rounded once, to
    float32. MONOCHROME1 is turned at the middle of what can be stored: v becomes lowest + highest
    - v, both after the modality transform, so that values keep their units and distances. Pixels of
    PixelPaddingValue become the lowest real one.
    """
    stored, warnings = _masked(dataset, layout, raw)
    # An overlay that has its own data names bit 0 (PS3.3, C.9.2).
    if any(0 < position < layout.stored for position in _overlay_bits(dataset, within=True)):
        raise contradiction("BitsStored", layout.stored)
    if layout.photometric not in MONOCHROME:
        brightness = _colour(dataset, layout, stored)
        return replace(brightness, warnings=(*warnings, *brightness.warnings))

    padding = _padding(attributes, layout, stored)
    ends = np.array(layout.stored_range)
    first, last = _modality(dataset, attributes, ends).tolist()
    values = _modality(dataset, attributes, stored)
    _refuse_falling_voi(dataset, attributes, values)
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
    return Brightness(pixels, mirror, tuple(warnings))


def _masked(
    dataset: FileDataset, layout: Layout, raw: NDArray[Any]
) -> tuple[NDArray[Any], list[ReadWarning]]:
    """The values in BitsStored bits and the header's sign, and what is said of bits above them.

    Above may be the sign, or overlays by OverlayBitPosition (60xx,0102), PS3.3 C.9.2 (retired).
    Scanners also put marks of all bits into lines.
    """
    exact = raw.dtype.kind == ("i" if layout.signed else "u")
    if layout.stored == 8 * raw.dtype.itemsize and exact:
        return raw, []
    wider = max(layout.allocated, 8 * raw.dtype.itemsize) > 16
    wide: NDArray[Any] = raw.astype(np.int64 if wider else np.int32)
    stored = wide & ((1 << layout.stored) - 1)
    if layout.signed:
        sign = 1 << (layout.stored - 1)
        stored = (stored ^ sign) - sign
    container = 8 * raw.dtype.itemsize
    every = (1 << container) - 1
    overlays = sum(1 << position for position in _overlay_bits(dataset))
    above = every & ~((1 << layout.stored) - 1) & ~overlays
    found = wide & above
    strange = int(np.count_nonzero((found != 0) & (found != (stored & above)))) if above else 0
    if not strange:
        return stored, []
    return stored, [
        ReadWarning(
            "bits",
            "{count} pixels have values of more bits than BitsStored (0028,0101) says; only the "
            "lowest {bits} are used.",
            (("count", strange), ("bits", layout.stored)),
        )
    ]


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


def _modality(dataset: FileDataset, attributes: Any, stored: NDArray[Any]) -> NDArray[np.float64]:
    """The modality transform (PS3.3, C.11.1): a table of the file, else the frame's rescale."""
    if _has_table(dataset):
        try:
            return np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
        except MemoryError:
            raise
        except Exception as error:  # a missing or broken table shows as many errors
            raise UnsupportedImageError(
                "The modality table of the DICOM file (ModalityLUTSequence (0028,3000)) cannot be "
                "used."
            ) from error
    slopes, intercepts = (numbers(attributes, "Rescale" + part) for part in ("Slope", "Intercept"))
    if not slopes and not intercepts:  # present without a value says as much as absent
        return stored.astype(np.float64)
    for keyword, found in (("RescaleSlope", slopes), ("RescaleIntercept", intercepts)):
        if not found:
            raise missing(keyword)
        if not math.isfinite(found[0]) or len(set(found)) > 1:  # which is meant is not said
            raise contradiction(keyword, text(attributes, keyword))
    if slopes[0] == 0:
        raise contradiction("RescaleSlope", 0)
    with np.errstate(over="ignore", invalid="ignore"):
        return stored.astype(np.float64) * slopes[0] + intercepts[0]


def _has_table(dataset: FileDataset) -> bool:
    """Whether there is a modality table; one without a value says as much as none."""
    items = attribute(dataset, "ModalityLUTSequence")
    if not items:
        return False
    return any(attribute(items[0], keyword) is not None for keyword in ("LUTDescriptor", "LUTData"))


def _refuse_falling_voi(dataset: FileDataset, attributes: Any, values: NDArray[np.float64]) -> None:
    """Raise where the first VOI LUT (PS3.3, C.11.2.1.1) shows what is bright in the pixels dark.

    Only a 50th of `values` are darker than what is looked up, or brighter: a table may do what it
    likes with those, and with what the picture has not.
    """
    try:
        item = attributes.get("VOILUTSequence")[0]
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


def _padding(attributes: Any, layout: Layout, stored: NDArray[Any]) -> NDArray[np.bool_]:
    """Where the stored values are padding (PS3.3, C.7.5.1.1.2)."""
    value = attribute(attributes, "PixelPaddingValue")
    if value is None:
        return np.zeros(stored.shape, np.bool_)
    limit = attribute(attributes, "PixelPaddingRangeLimit")
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
