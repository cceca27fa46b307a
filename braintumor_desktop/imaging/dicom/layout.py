"""How the stored values of a DICOM picture lie in its pixel data (PS3.3, C.7.6.3)."""

from __future__ import annotations

from dataclasses import dataclass

from pydicom.dataset import Dataset
from pydicom.uid import UID

from braintumor_desktop.errors import UnsupportedImageError, gettext_noop
from braintumor_desktop.imaging.dicom.attributes import attribute, contradiction, integer, required
from braintumor_desktop.imaging.dicom.transfer_syntax import JPEG, JPEG_2000, JPEG_LS
from braintumor_desktop.imaging.limits import check_dimensions

MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422")
PALETTE = "PALETTE COLOR"

# What JPEG 2000 calls red, green and blue that it has turned for itself (PS3.3, C.7.6.3.1.2).
_TURNED = {"YBR_RCT": "RGB", "YBR_ICT": "RGB"}


@dataclass(frozen=True)
class Layout:
    """The image pixel module (PS3.3, C.7.6.3): how stored values lie in the pixel data.

    `planar` is whether colours follow one another plane by plane.
    """

    rows: int
    columns: int
    samples: int
    photometric: str
    allocated: int
    stored: int
    signed: bool
    planar: bool = False

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


def read_layout(dataset: Dataset, syntax: UID) -> Layout:
    """The layout of each frame; raises where an attribute is missing or out of reach."""
    # Letter case and spaces around say nothing more (PS3.5, 6.2).
    photometric = str(required(dataset, "PhotometricInterpretation")).strip().upper()
    if syntax in JPEG_2000:
        photometric = _TURNED.get(photometric, photometric)
    samples = integer(dataset, "SamplesPerPixel")
    interleaved = syntax in JPEG | JPEG_LS | JPEG_2000  # by the codestream, whatever is said
    planar = samples > 1 and not interleaved and integer(dataset, "PlanarConfiguration") == 1
    layout = Layout(
        rows=integer(dataset, "Rows"),
        columns=integer(dataset, "Columns"),
        samples=samples,
        photometric=photometric,
        allocated=integer(dataset, "BitsAllocated"),
        stored=integer(dataset, "BitsStored"),
        signed=integer(dataset, "PixelRepresentation") == 1,
        planar=planar,
    )
    check_dimensions(layout.columns, layout.rows, gettext_noop("The DICOM header"))
    _check_photometric(dataset, layout)
    _check_bits(dataset, layout)
    return layout


def _check_photometric(dataset: Dataset, layout: Layout) -> None:
    """Raise for pixels whose values are no brightness or colour that is known."""
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
    if layout.photometric == "YBR_FULL_422" and layout.planar:
        raise contradiction("PlanarConfiguration", 1)


def _check_bits(dataset: Dataset, layout: Layout) -> None:
    """Raise where the bits of a value are not what any writer can have meant."""
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
    high_bit = integer(dataset, "HighBit")
    if high_bit != layout.stored - 1:
        raise contradiction("HighBit", high_bit)
