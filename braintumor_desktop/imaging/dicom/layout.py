"""How the stored values of a DICOM picture lie in its pixel data (PS3.3, C.7.6.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydicom.dataset import FileDataset
from pydicom.uid import RLELossless

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.dicom.file import attribute, tag, texts
from braintumor_desktop.imaging.dicom.rle import check_segments
from braintumor_desktop.imaging.limits import check_dimensions

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


def read_layout(dataset: FileDataset) -> Layout:
    """The layout of a single frame; raises where an attribute is missing or out of reach."""
    frames = attribute(dataset, "NumberOfFrames")
    if frames is not None and frames != 1:
        raise UnsupportedImageError(
            "The DICOM file has {frames} frames (NumberOfFrames (0028,0008)); files of one frame "
            "are read.",
            frames=frames,
        )
    if "MOSAIC" in texts(dataset, "ImageType"):
        raise UnsupportedImageError(
            "The DICOM file is a mosaic of several slices (ImageType (0008,0008)); files of one "
            "slice are read."
        )
    layout = Layout(
        rows=_integer(dataset, "Rows"),
        columns=_integer(dataset, "Columns"),
        samples=_integer(dataset, "SamplesPerPixel"),
        photometric=str(required(dataset, "PhotometricInterpretation")),
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
    shape = attribute(dataset, "PresentationLUTShape")
    if shape == "INVERSE" and layout.photometric != "MONOCHROME1":
        raise contradiction("PresentationLUTShape", shape)
    presentation = attribute(dataset, "PixelPresentation")
    if layout.photometric in MONOCHROME and presentation not in (None, "MONOCHROME"):
        raise contradiction("PixelPresentation", presentation)  # high values are indices of colours
    if layout.samples != (3 if layout.photometric in COLOUR else 1):
        raise contradiction("SamplesPerPixel", layout.samples)
    if layout.photometric in COLOUR and layout.signed:  # half of the colours would be below 0
        raise contradiction("PixelRepresentation", 1)
    if layout.allocated not in (8, 16, 32):
        raise UnsupportedImageError(
            "The DICOM file has {bits} bits for each pixel (BitsAllocated (0028,0100)); 8, 16 and "
            "32 are read.",
            bits=layout.allocated,
        )
    if layout.photometric.startswith("YBR") and layout.allocated != 8:
        raise contradiction("BitsAllocated", layout.allocated)
    if not 1 <= layout.stored <= layout.allocated:
        raise contradiction("BitsStored", layout.stored)
    high_bit = _integer(dataset, "HighBit")
    if high_bit != layout.stored - 1:
        raise contradiction("HighBit", high_bit)
    return layout


def check_length(dataset: FileDataset, layout: Layout) -> None:
    """Raise where the pixel data cannot be the one frame that the header describes."""
    found = len(attribute(dataset, "PixelData") or b"")
    needed = layout.frame_bytes
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax == RLELossless:
        # PackBits adds one byte in 128 at worst; much more is not this picture.
        if found > 2 * needed + 4096:
            raise contradiction("Rows", layout.rows)
        plane = layout.rows * layout.columns
        check_segments(dataset.PixelData, plane, layout.samples * layout.allocated // 8)
        return
    if dataset["PixelData"].is_undefined_length:  # items, whose heads would be taken for pixels
        raise contradiction("TransferSyntaxUID", syntax.name)
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


def required(dataset: FileDataset, keyword: str) -> Any:
    """The value of an attribute, or UnsupportedImageError that names what is lacking."""
    value = attribute(dataset, keyword)
    if value is None:
        raise UnsupportedImageError(
            "The DICOM file lacks the attribute {keyword} {tag}.", keyword=keyword, tag=tag(keyword)
        )
    return value


def _integer(dataset: FileDataset, keyword: str) -> int:
    value = required(dataset, keyword)
    if not isinstance(value, int):
        raise contradiction(keyword, value)
    return int(value)


def contradiction(keyword: str, value: object) -> UnsupportedImageError:
    """The error for an attribute at odds with the others."""
    return UnsupportedImageError(
        "The DICOM attribute {keyword} {tag} is {value}, which does not fit the rest of the file.",
        keyword=keyword,
        tag=tag(keyword),
        value=value,
    )
