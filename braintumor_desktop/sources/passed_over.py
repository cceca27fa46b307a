"""What a walk passes over: the one rule of which files are slices, and which lie beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.read import RASTER_FORMATS, format_of

_PROGRAMS = (b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"#!")
_TEXT_BYTES = frozenset({*b"\t\r\n\f", *range(0x20, 0x7F)})
_NO_SLICES = ("GIF", "PDF", "Photoshop", "ZIP", "gzip")
_VOLUMES = (
    ".dcm",
    ".dicom",
    ".ima",
    ".img",
    ".mag",
    ".nii",
    ".gz",
    ".hdr",
    ".nrrd",
    ".mha",
    ".mhd",
)
_RASTERS = (".png", ".jpg", ".jpeg", ".bmp", ".dib", ".tif", ".tiff", ".jp2", ".webp", ".heic")
_LIKE_SLICES = (*_VOLUMES, *_RASTERS, ".zip")


class HiddenError(BraintumorError):
    """A hidden file or folder is passed over."""

    kind = "hidden"


class LinkedFolderError(BraintumorError):
    """A link to a folder is not followed: what is behind it may be missing among the slices."""

    kind = "link"

    def __init__(self) -> None:
        super().__init__("It is a link to a folder, which is not followed.")


class RepeatedFolderError(BraintumorError):
    """A folder that stands inside itself, as mounts can make it."""

    kind = "link"

    def __init__(self) -> None:
        super().__init__("The folder leads back to one above it, which is walked already.")


class PassedIndexError(BraintumorError):
    """A DICOMDIR inside a walked folder or archive is passed over: the files are walked."""

    kind = "index"

    def __init__(self) -> None:
        super().__init__("It is an index; the files themselves are walked.")


class OtherFileError(BraintumorError):
    """A file that nobody would take for a slice: a viewer's program, Thumbs.db, a letter."""

    kind = "other"

    def __init__(self) -> None:
        super().__init__("It is no picture of a patient.")


def has_programs(names: Iterable[str]) -> bool:
    """Whether a folder with these files is a viewer's: the pictures beside programs are theirs."""
    return any(name.lower().endswith((".exe", ".dll", ".jar")) for name in names)


PASSED_OVER = (HiddenError, PassedIndexError, OtherFileError)
"""What needs nobody's look; folded into one line."""


def check_slice_like(path: Path, head: bytes, *, named: bool, on_disc: bool) -> None:
    """Raise OtherFileError for what lies beside slices in a walked folder or archive.

    `head` are the first SNIFFED bytes of the file. What a person named itself is never passed over.
    A file of no known format was a slice where its name says so, as a damaged one would; slices on
    discs have no suffix but digits. Pictures on a disc, or beside programs, are a viewer's.
    """
    if named:
        return
    kind = format_of(head)
    if kind in RASTER_FORMATS:
        other = on_disc
    elif kind in ("", *_NO_SLICES):
        other = (
            head.startswith(_PROGRAMS)
            or not _like_slice(path)
            or (not path.suffix and _is_text(head))
            or (on_disc and path.suffix.lower() in _RASTERS)
        )
    else:
        other = False
    if other:
        raise OtherFileError()


def _is_text(head: bytes) -> bool:
    """Whether a file begins as one that people read: a licence, a read-me."""
    return bool(head) and all(byte in _TEXT_BYTES or byte >= 0x80 for byte in head)


def _like_slice(path: Path) -> bool:
    """Whether a file by its name should be a slice: as a picture's, or as on discs, IM000001."""
    suffix = path.suffix.lower()
    bare = suffix[1:].isdigit() or not suffix
    return suffix in _LIKE_SLICES or (bare and any(sign.isdigit() for sign in path.name))
