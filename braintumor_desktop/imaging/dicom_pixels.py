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
from pydicom.uid import RLELossless

from braintumor_desktop.errors import (
    NoPixelDataError,
    TruncatedFileError,
    UnsupportedImageError,
)
from braintumor_desktop.imaging.dicom_file import attribute, tag
from braintumor_desktop.imaging.dicom_rle import check_segments
from braintumor_desktop.imaging.grey import to_grey
from braintumor_desktop.imaging.limits import check_dimensions
from braintumor_desktop.imaging.slice import FloatImage, ReadWarning

MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422")
PALETTE = "PALETTE COLOR"


@dataclass(frozen=True)
class Layout:
    """The image pixel module (PS3.3, C.7.6.3): how stored values lie in the pixel data."""

    rows: int
    columns: int
    samples: int
    photometric: str
    allocated: int
    stored: int
    signed: bool

    @property
    def stored_range(self) -> tuple[int, int]:
        """The lowest and highest value that can be stored."""
        if self.signed:
            return -(2 ** (self.stored - 1)), 2 ** (self.stored - 1) - 1
        return 0, 2**self.stored - 1

    @property
    def frame_bytes(self) -> int:
        """The bytes of one frame, uncompressed; YBR_FULL_422 shares chroma between two columns."""
        count = self.rows * self.columns * self.allocated // 8
        return count * (2 if self.photometric == "YBR_FULL_422" else self.samples)


@dataclass(frozen=True, eq=False)
class Brightness:
    """`pixels`: float32 (rows, columns). A value v was `mirror` - v before MONOCHROME1 was turned.

    `mirror` is None where nothing was turned.
    """

    pixels: FloatImage
    mirror: float | None
    warnings: tuple[ReadWarning, ...]


def read_layout(dataset: FileDataset) -> Layout:
    """The layout of a single frame; raises where an attribute is missing or out of reach."""
    frames = attribute(dataset, "NumberOfFrames")
    if frames is not None and frames != 1:
        raise UnsupportedImageError(
            "The DICOM file has {frames} frames (NumberOfFrames (0028,0008)); files of one frame "
            "are read.",
            frames=frames,
        )
    layout = Layout(
        rows=_integer(dataset, "Rows"),
        columns=_integer(dataset, "Columns"),
        samples=_integer(dataset, "SamplesPerPixel"),
        photometric=str(_required(dataset, "PhotometricInterpretation")),
        allocated=_integer(dataset, "BitsAllocated"),
        stored=_integer(dataset, "BitsStored"),
        signed=_integer(dataset, "PixelRepresentation") == 1,
    )
    check_dimensions(layout.columns, layout.rows, "The DICOM header")
    if layout.photometric not in (*MONOCHROME, *COLOUR, PALETTE):
        raise UnsupportedImageError(
            "The DICOM file's pixels are {photometric} (PhotometricInterpretation (0028,0004)), "
            "which is not read.",
            photometric=layout.photometric,
        )
    if layout.samples != (3 if layout.photometric in COLOUR else 1):
        raise _contradiction("SamplesPerPixel", layout.samples)
    if layout.allocated not in (8, 16, 32):
        raise UnsupportedImageError(
            "The DICOM file has {bits} bits for each pixel (BitsAllocated (0028,0100)); 8, 16 and "
            "32 are read.",
            bits=layout.allocated,
        )
    if layout.photometric.startswith("YBR") and layout.allocated != 8:
        raise _contradiction("BitsAllocated", layout.allocated)
    if not 1 <= layout.stored <= layout.allocated:
        raise _contradiction("BitsStored", layout.stored)
    high_bit = _integer(dataset, "HighBit")
    if high_bit != layout.stored - 1:
        raise _contradiction("HighBit", high_bit)
    return layout


def read_brightness(dataset: FileDataset, layout: Layout) -> Brightness:
    """Decode the one frame.

    Bits above BitsStored (overlays of old files, for one) are masked. The modality LUT or rescale
    is computed in float64 and rounded once, to float32. MONOCHROME1 is turned at the middle of
    what can be stored: v becomes lowest + highest - v, both after the modality transform, so that
    values keep their units and distances. Pixels of PixelPaddingValue become the lowest real one.
    """
    _check_length(dataset, layout)
    try:
        stored = pixel_array(dataset)
    except Exception as error:  # its decoders raise whatever damaged data lead to
        raise TruncatedFileError(
            "The pixels of the DICOM file (PixelData (7FE0,0010)) are damaged."
        ) from error
    if stored.shape[:2] != (layout.rows, layout.columns):
        raise _contradiction("Rows", layout.rows)
    if layout.photometric not in MONOCHROME:
        return _colour(dataset, layout, stored)

    padding = _padding(dataset, layout, stored)
    values = _modality(dataset, np.concatenate([layout.stored_range, stored.ravel()]))
    (first, last), values = values[:2], values[2:].reshape(stored.shape)
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


def _colour(dataset: FileDataset, layout: Layout, stored: NDArray[Any]) -> Brightness:
    """Grey of RGB (pydicom has turned YBR into it) or of a palette."""
    full_scale = float(2**layout.stored - 1)
    if layout.photometric == PALETTE:
        try:
            stored = apply_color_lut(stored, dataset)[..., :3]
        except Exception as error:  # a missing or broken table shows as many errors
            raise UnsupportedImageError(
                "The colour table of the DICOM file cannot be used."
            ) from error
        full_scale = float(np.iinfo(stored.dtype).max)
    pixels, warnings = to_grey(stored, full_scale)
    return Brightness(pixels, None, warnings)


def _modality(dataset: FileDataset, stored: NDArray[Any]) -> NDArray[np.float64]:
    """The modality transform (PS3.3, C.11.1)."""
    # pydicom leaves the values alone where one of the two is missing.
    if "RescaleSlope" in dataset or "RescaleIntercept" in dataset:
        _required(dataset, "RescaleIntercept")
        if _required(dataset, "RescaleSlope") == 0:
            raise _contradiction("RescaleSlope", 0)
    try:
        return np.asarray(apply_modality_lut(stored, dataset), dtype=np.float64)
    except Exception as error:  # a missing or broken table shows as many errors
        raise UnsupportedImageError(
            "The modality transform of the DICOM file (RescaleSlope (0028,1053), "
            "ModalityLUTSequence (0028,3000)) cannot be used."
        ) from error


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
        raise _contradiction("PixelPaddingValue", value)
    number = int(value)
    if layout.signed and number > layout.stored_range[1]:
        number -= 2**layout.allocated
    elif not layout.signed and number < 0:
        number += 2**layout.allocated
    return number


def _check_length(dataset: FileDataset, layout: Layout) -> None:
    """Raise where the pixel data cannot be the one frame that the header describes."""
    found = len(attribute(dataset, "PixelData") or b"")
    needed = layout.frame_bytes
    if dataset.file_meta.TransferSyntaxUID == RLELossless:
        # PackBits adds one byte in 128 at worst; much more is not this picture.
        if found > 2 * needed + 4096:
            raise _contradiction("Rows", layout.rows)
        plane = layout.rows * layout.columns
        check_segments(dataset.PixelData, plane, layout.samples * layout.allocated // 8)
        return
    if found < needed:
        raise TruncatedFileError(
            "The pixels of the DICOM file (PixelData (7FE0,0010)) have {found} bytes of {needed}.",
            found=found,
            needed=needed,
        )
    # One byte makes the length even. More is padding only if it is empty: else the picture may
    # have more columns or bits than the header says.
    if any(dataset.PixelData[needed + needed % 2 :]):
        raise UnsupportedImageError(
            "The pixels of the DICOM file (PixelData (7FE0,0010)) have {found} bytes, but its "
            "header describes {needed}.",
            found=found,
            needed=needed,
        )


def _required(dataset: FileDataset, keyword: str) -> Any:
    value = attribute(dataset, keyword)
    if value is None:
        raise UnsupportedImageError(
            "The DICOM file lacks the attribute {keyword} {tag}.", keyword=keyword, tag=tag(keyword)
        )
    return value


def _integer(dataset: FileDataset, keyword: str) -> int:
    value = _required(dataset, keyword)
    if not isinstance(value, int):
        raise _contradiction(keyword, value)
    return int(value)


def _contradiction(keyword: str, value: object) -> UnsupportedImageError:
    return UnsupportedImageError(
        "The DICOM attribute {keyword} {tag} is {value}, which does not fit the rest of the file.",
        keyword=keyword,
        tag=tag(keyword),
        value=value,
    )
