"""NIfTI volumes: the slices of a file, in the way that radiologists look at them."""

from __future__ import annotations

import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import FloatImage, MRISlice, ReadWarning, SliceSource
from braintumor_desktop.errors import NoPixelDataError, TruncatedFileError
from braintumor_desktop.imaging.dicom.cautions import of_thin_slice
from braintumor_desktop.imaging.limits import MAX_FILE_BYTES
from braintumor_desktop.imaging.nifti_header import (
    GZIP,
    HEADER_BYTES,
    NiftiHeader,
    parse_header,
    read_nifti_header,
)
from braintumor_desktop.imaging.slices_of_file import SlicesOfFile


class NiftiSlices(SlicesOfFile):
    """The slices of a NIfTI file, volume by volume, each made when it is asked for."""

    def __init__(self, data: bytes, path: Path) -> None:
        """Inflate `data` where it is compressed; `path` is only recorded. Raises SliceReadError."""
        if data.startswith(GZIP):
            size = read_nifti_header(lambda count: data[:count]).size
            data = _whole(data, size)
        self.header = parse_header(data[:HEADER_BYTES])
        if len(data) < self.header.size:
            raise TruncatedFileError(
                "The voxels of the NIfTI file have {found} bytes of {needed}.",
                found=max(0, len(data) - self.header.offset),
                needed=self.header.size - self.header.offset,
            )
        count = math.prod(self.header.shape)
        stored = np.frombuffer(data, self.header.dtype, count, self.header.offset)
        self._voxels = stored.reshape(self.header.shape, order="F")
        self._path = path

    def __len__(self) -> int:
        return self.header.slices * self.header.shape[3]

    def decode(self, index: int) -> MRISlice:
        """The slice at `index`; raises SliceReadError where it has no values."""
        header = self.header
        stored = header.slice_of(self._voxels, index).astype(np.float64)
        warnings = [*about(header)]
        pixels = _finite(stored * header.slope + header.intercept, warnings)
        return MRISlice(
            pixels,
            SliceSource(self._path, "NIfTI", index),
            spacing_mm=header.spacing_mm,
            warnings=tuple(warnings),
            geometry=header.geometry(index % header.slices),
        )


def about(header: NiftiHeader) -> list[ReadWarning]:
    """What a person should know of the file's slices."""
    said = []
    if not header.placed:
        said.append(
            ReadWarning(
                "orientation",
                "The NIfTI file does not say how it lies in the patient: left and right, or top "
                "and bottom, may be the other way round.",
            )
        )
    elif header.geometry(0) is None:
        said.append(
            ReadWarning(
                "orientation",
                "The NIfTI file's axes do not stand across one another: it is sheared.",
            )
        )
    if header.labels:
        said.append(
            ReadWarning("computed", "The NIfTI file's values are numbers of labels, no brightness.")
        )
    thin = of_thin_slice(header.thickness_mm)
    return [*said, thin] if thin else said


def _finite(values: NDArray[np.float64], warnings: list[ReadWarning]) -> FloatImage:
    """As float32; what is no number, as background often is, becomes the lowest that is."""
    with np.errstate(over="ignore"):  # what is beyond float32 is no number either
        pixels = values.astype(np.float32)
    good = np.isfinite(pixels)
    if not good.any():
        raise NoPixelDataError("The slice of the NIfTI file has no numbers.")
    if not good.all():
        pixels[~good] = pixels[good].min()
        warnings.append(
            ReadWarning("not_numbers", "Where the file has no numbers, the slice is dark.")
        )
    return pixels


def _whole(data: bytes, size: int) -> bytes:
    """All that gzip packed, checksum compared; never holds more than `size` and a little."""
    inflater = zlib.decompressobj(31)
    try:
        plain = inflater.decompress(data, min(size, MAX_FILE_BYTES) + 1)
        behind = 0
        while not inflater.eof and inflater.unconsumed_tail and behind < MAX_FILE_BYTES:
            # Padding behind the voxels: looked through for the checksum, not kept.
            behind += len(inflater.decompress(inflater.unconsumed_tail, 1 << 20)) or MAX_FILE_BYTES
    except zlib.error as error:
        raise TruncatedFileError("The NIfTI file's compression is damaged.") from error
    if not inflater.eof:
        raise TruncatedFileError("The NIfTI file's compression ends early.")
    return plain
