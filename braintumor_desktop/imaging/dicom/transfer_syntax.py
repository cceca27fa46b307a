"""The transfer syntaxes that are read (DICOM PS3.5, section 10), and what each means for pixels."""

from __future__ import annotations

from pydicom import uid
from pydicom.uid import UID

from braintumor_desktop.errors import UnsupportedImageError

NATIVE = frozenset(
    {
        uid.ImplicitVRLittleEndian,
        uid.ExplicitVRLittleEndian,
        uid.DeflatedExplicitVRLittleEndian,
        uid.ExplicitVRBigEndian,
    }
)
"""Pixels are not compressed by themselves."""

JPEG = frozenset(
    {uid.JPEGBaseline8Bit, uid.JPEGExtended12Bit, uid.JPEGLossless, uid.JPEGLosslessSV1}
)
JPEG_LS = frozenset({uid.JPEGLSLossless, uid.JPEGLSNearLossless})
JPEG_2000 = frozenset(
    {
        uid.JPEG2000Lossless,
        uid.JPEG2000,
        uid.HTJ2KLossless,
        uid.HTJ2KLosslessRPCL,
        uid.HTJ2K,
    }
)
RLE = frozenset({uid.RLELossless})

LOSSY = frozenset(
    {
        uid.JPEGBaseline8Bit,
        uid.JPEGExtended12Bit,
        uid.JPEGLSNearLossless,
        uid.JPEG2000,
        uid.HTJ2K,
    }
)
"""Those by which pixels may have lost something; the header's own word is asked beside them."""

TRANSFER_SYNTAXES = NATIVE | RLE | JPEG | JPEG_LS | JPEG_2000
"""What the app claims to read. Others are refused by name, whatever pydicom could do with them."""


def require_supported(syntax: UID) -> None:
    """Raise UnsupportedImageError, with the name where there is one, for what is not read."""
    if syntax in TRANSFER_SYNTAXES:
        return
    known = UID(syntax).is_transfer_syntax if not syntax.is_private else False
    if known and syntax.name != syntax:
        raise UnsupportedImageError(
            "The DICOM file is stored in the transfer syntax {name} ({uid}), which is not read.",
            name=syntax.name,
            uid=str(syntax),
        )
    raise UnsupportedImageError(
        "The DICOM file is stored in the transfer syntax {uid}, which is not read.",
        uid=str(syntax),
    )
