"""Reading a file as an MRI slice: by its content, whole, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from braintumor_desktop.domain.image import FloatImage, MRISlice, SliceSource
from braintumor_desktop.errors import (
    EmptyFileError,
    NotAnImageError,
    UnsupportedImageError,
)
from braintumor_desktop.imaging import picture_checks
from braintumor_desktop.imaging.dicom import frames as dicom
from braintumor_desktop.imaging.dicom.file import has_prefix, may_lack_prefix
from braintumor_desktop.imaging.file_bytes import read_bytes
from braintumor_desktop.imaging.grey import to_grey
from braintumor_desktop.imaging.levels import byte_levels
from braintumor_desktop.imaging.limits import check_file_bytes
from braintumor_desktop.imaging.nifti import NiftiSlices
from braintumor_desktop.imaging.nifti_header import is_nifti
from braintumor_desktop.imaging.raster import bmp, jpeg, png, tiff
from braintumor_desktop.imaging.raster.samples import Raster
from braintumor_desktop.imaging.slices_of_file import SlicesOfFile
from braintumor_desktop.imaging.turning import upright

# Name, signature at the beginning, decoder.
_RASTERS: tuple[tuple[str, tuple[bytes, ...], Callable[[bytes], Raster]], ...] = (
    ("PNG", (png.SIGNATURE,), png.decode),
    ("JPEG", (jpeg.SIGNATURE,), jpeg.decode),
    ("BMP", (bmp.SIGNATURE,), bmp.decode),
    ("TIFF", tiff.SIGNATURES, tiff.decode),
)

RASTER_FORMATS = tuple(name for name, *_ in _RASTERS)
"""The names of the pictures that are read, as `format_of` gives them."""

SNIFFED = 1024
"""As many first bytes tell every format."""

# Formats that are recognised and refused: name, offset, signature.
_REFUSED = (
    ("GIF", 0, b"GIF8"),
    ("WebP", 8, b"WEBP"),
    ("JPEG 2000", 4, b"jP  \r\n\x87\n"),
    ("JPEG 2000", 0, b"\xff\x4f\xff\x51"),
    ("JPEG XL", 0, b"\xff\x0a"),
    ("JPEG XL", 4, b"JXL \r\n\x87\n"),
    ("HEIF or AVIF", 4, b"ftyp"),
    ("BigTIFF", 0, b"II+\0"),
    ("BigTIFF", 0, b"MM\0+"),
    ("NRRD", 0, b"NRRD0"),
    ("MetaImage", 0, b"ObjectType = Image"),
    ("HDF5", 0, b"\x89HDF\r\n\x1a\n"),
    ("OpenEXR", 0, b"v/1\x01"),
    ("Photoshop", 0, b"8BPS"),
    ("PDF", 0, b"%PDF"),
    ("ZIP", 0, b"PK\3\4"),
    ("gzip", 0, b"\x1f\x8b"),
    ("7-Zip", 0, b"7z\xbc\xaf\x27\x1c"),
    ("RAR", 0, b"Rar!\x1a\x07"),
    ("tar", 257, b"ustar"),
    ("bzip2", 0, b"BZh"),
    ("XZ", 0, b"\xfd7zXZ\0"),
    ("Zstandard", 0, b"\x28\xb5\x2f\xfd"),
)


def read_slice(path: Path) -> MRISlice:
    """The slice in a file: PNG, JPEG, BMP, TIFF or single-frame DICOM, told by content.

    Raises a SliceReadError that names the cause and the file's part that has it, without the path.
    """
    return decode_slice(read_bytes(path), path)


def decode_slice(data: bytes, path: Path) -> MRISlice:
    """The slice in a file's bytes; `path` is only recorded. As `read_slice` otherwise."""
    return _finished(_decode(data, path), hashlib.sha256(data).hexdigest())


def _finished(mri: MRISlice, sha256: str) -> MRISlice:
    """The slice with the hash of its file's bytes, and with what its picture itself shows."""
    counted = byte_levels(mri.pixels)
    return replace(
        mri,
        source=replace(mri.source, sha256=sha256),
        warnings=(*mri.warnings, *picture_checks.look(mri.pixels, counted)),
        byte_levels=counted,
    )


def decode_frames(data: bytes, path: Path) -> Sequence[MRISlice]:
    """Every slice in a file's bytes, each decoded when it is asked for; `path` is only recorded.

    A DICOM file may have several: frames, or the tiles of a mosaic; a NIfTI file has those of its
    volumes; other formats have one. Raises a SliceReadError as `read_slice` does, here for the file
    as a whole and by each slice for its own pixels. Keep the sequence to walk through a file: its
    header is read once.
    """
    if is_nifti(data[:SNIFFED]):
        check_file_bytes(len(data))
        return _Hashed(NiftiSlices(data, path), hashlib.sha256(data).hexdigest())
    if _is_dicom(data):
        check_file_bytes(len(data))
        return _Hashed(dicom.DicomFrames(data, path), hashlib.sha256(data).hexdigest())
    return (decode_slice(data, path),)


class _Hashed(SlicesOfFile):
    """The slices of a file, each with the hash of the file's bytes."""

    def __init__(self, slices: Sequence[MRISlice], sha256: str) -> None:
        self._slices = slices
        self._sha256 = sha256

    def __len__(self) -> int:
        return len(self._slices)

    def decode(self, index: int) -> MRISlice:
        """One slice, with the hash and what its picture shows."""
        return _finished(self._slices[index], self._sha256)


def stored_values(data: bytes, path: Path) -> tuple[str, Iterator[FloatImage]]:
    """The transfer syntax of a DICOM file, "" of others, and the values of each of its slices.

    They are float32 (height, width) after the modality transform and nothing else: MONOCHROME1 is
    not turned, padding is as stored. So other readers' values can be held against them. Raises as
    `decode_frames`.
    """
    if _is_dicom(data):
        check_file_bytes(len(data))
        frames = dicom.DicomFrames(data, path)
        return frames.transfer_syntax, map(frames.modality_values, range(len(frames)))
    return "", (mri.pixels for mri in decode_frames(data, path))


def _is_dicom(data: bytes) -> bool:
    return format_of(data) in ("DICOM", "DICOM?")


def _decode(data: bytes, path: Path) -> MRISlice:
    if not data:
        raise EmptyFileError("The file is empty.")
    check_file_bytes(len(data))
    # DICOM first: its preamble may hold the beginning of a TIFF (PS3.10, 7.1).
    if has_prefix(data):
        return dicom.decode(data, path)
    for name, signatures, decode in _RASTERS:
        if data.startswith(signatures):
            return _from_raster(decode(data), name, path)
    if is_nifti(data[:SNIFFED]):
        count = len(NiftiSlices(data, path))
        raise UnsupportedImageError(
            "The NIfTI file has {count} slices, each of which is a picture of its own.", count=count
        )
    for name, offset, signature in _REFUSED:
        if data.startswith(signature, offset):
            raise UnsupportedImageError("The file is {format}, which is not read.", format=name)
    if may_lack_prefix(data):
        return dicom.decode(data, path)
    raise NotAnImageError("The file is of no image format that is read here.")


def format_of(head: bytes) -> str:
    """The name of the format that a file's first bytes tell, "" where they tell none.

    SNIFFED bytes suffice. "DICOM?" is a file that may be DICOM without its preamble.
    """
    if has_prefix(head):
        return "DICOM"
    if is_nifti(head):
        return "NIfTI"
    for name, signatures, _ in _RASTERS:
        if head.startswith(signatures):
            return name
    for name, offset, signature in _REFUSED:
        if head.startswith(signature, offset):
            return name
    return "DICOM?" if may_lack_prefix(head) else ""


def _from_raster(raster: Raster, name: str, path: Path) -> MRISlice:
    samples = upright(raster.samples, raster.orientation)
    pixels, warnings = to_grey(samples, raster.full_scale, raster.alpha_applied)
    return MRISlice(pixels, SliceSource(path, name), warnings=(*raster.warnings, *warnings))
