"""NIfTI headers: which slices a file has, and how they lie when radiologists look at them.

The header is read by nibabel, which is imported when the first such file comes: it takes a second.
Directions are turned from NIfTI's (right, anterior, superior) to DICOM's (left, posterior, head).
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.geometry import SliceGeometry, Vector
from braintumor_desktop.errors import (
    DimensionsError,
    NoPixelDataError,
    TruncatedFileError,
    UnsupportedImageError,
    gettext_noop,
)
from braintumor_desktop.imaging.limits import check_dimensions, check_file_bytes

MAX_VOLUMES, MAX_SLICES = 512, 100_000
HEADER_BYTES = 540
"""Of NIfTI-2; those of NIfTI-1 are 348."""

GZIP = b"\x1f\x8b"
_MAGIC = ((344, b"n+1\0"), (344, b"ni1\0"), (4, b"n+2\0\r\n\x1a\n"), (4, b"ni2\0\r\n\x1a\n"))
_THICKER = 1.5  # times as thick as the pixels are wide: then slices were taken along that axis
_ACROSS = 0.02  # how far a cosine of two axes may be from 0
_LABELS = 1002  # intent code NIFTI_INTENT_LABEL

# For each axis of the patient (x to the left, y to the back, z to the head) that slices are taken
# along: which way rows and columns run when radiologists look at them.
_LOOKED_AT: dict[int, tuple[tuple[int, int], tuple[int, int]]] = {
    0: ((1, 1), (2, -1)),  # sagittal: rows to the back, columns to the feet
    1: ((0, 1), (2, -1)),  # coronal: rows to the left, columns to the feet
    2: ((0, 1), (1, 1)),  # axial: rows to the left, columns to the back
}


def is_nifti(head: bytes) -> bool:
    """Whether a file begins as a NIfTI file does, compressed by gzip or not."""
    plain = inflated(head, HEADER_BYTES) if head.startswith(GZIP) else head
    return any(plain.startswith(magic, offset) for offset, magic in _MAGIC)


@dataclass(frozen=True, eq=False)
class NiftiHeader:
    """What a NIfTI file says of its voxels.

    Attributes
    ----------
    shape
        Of the voxels, (i, j, k, volumes).
    dtype
        Of the stored values, byte order included.
    offset
        Where they begin in the file, in bytes.
    slope, intercept
        A value is stored times slope plus intercept.
    affine
        Float64 (4, 4), from (i, j, k) to DICOM's patient coordinates in mm.
    placed
        Whether the file says so; where it does not, `affine` is NIfTI's default.
    labels
        Whether the values are the numbers of labels, not brightness.

    """

    shape: tuple[int, int, int, int]
    dtype: np.dtype[Any]
    offset: int
    slope: float
    intercept: float
    affine: NDArray[np.float64]
    placed: bool
    labels: bool

    @property
    def size(self) -> int:
        """The bytes of the whole file."""
        return self.offset + math.prod(self.shape) * self.dtype.itemsize

    @cached_property
    def zooms(self) -> tuple[float, float, float]:
        """The distances between voxels along i, j and k, in mm."""
        i, j, k = (float(value) for value in np.linalg.norm(self.affine[:3, :3], axis=0))
        return i, j, k

    @cached_property
    def _patient_axes(self) -> tuple[int, int, int]:
        """The patient's axis that each of i, j and k lies nearest to, each once."""
        from nibabel.orientations import io_orientation

        found = io_orientation(self.affine)[:, 0]
        if not np.isfinite(found).all():
            raise UnsupportedImageError("The NIfTI file's axes do not span a volume.")
        i, j, k = (int(axis) for axis in found)
        return i, j, k

    @cached_property
    def _axes(self) -> tuple[int, int, int]:
        """Which of i, j and k runs (from slice to slice, down the columns, along the rows).

        Slices are taken where voxels are thickest; of a volume of cubes they are axial.
        """
        patient = self._patient_axes
        thickest = max(range(3), key=lambda axis: self.zooms[axis])
        others = [zoom for axis, zoom in enumerate(self.zooms) if axis != thickest]
        across = thickest if self.zooms[thickest] > _THICKER * max(others) else patient.index(2)
        (right, _), (down, _) = _LOOKED_AT[patient[across]]
        return across, patient.index(down), patient.index(right)

    @property
    def slices(self) -> int:
        """How many slices a volume has."""
        return self.shape[self._axes[0]]

    @property
    def rows(self) -> int:
        """The height of a slice in pixels."""
        return self.shape[self._axes[1]]

    @property
    def columns(self) -> int:
        """The width of a slice in pixels."""
        return self.shape[self._axes[2]]

    @cached_property
    def spacing_mm(self) -> tuple[float, float]:
        """(between rows, between columns)."""
        return self.zooms[self._axes[1]], self.zooms[self._axes[2]]

    @property
    def thickness_mm(self) -> float:
        """The distance between slices."""
        return self.zooms[self._axes[0]]

    def geometry(self, index: int) -> SliceGeometry | None:
        """The place of a volume's slice; None where the file does not say, or axes are oblique."""
        if self._first is None:
            return None
        first, (dx, dy, dz) = self._first
        x, y, z = first.position
        return replace(first, position=(x + index * dx, y + index * dy, z + index * dz))

    @cached_property
    def _first(self) -> tuple[SliceGeometry, Vector] | None:
        """The place of the first slice, and the step to the next in mm."""
        directions = self.affine[:3, :3] / np.array(self.zooms)
        if not self.placed or np.abs(directions.T @ directions - np.eye(3)).max() > _ACROSS:
            return None
        across, down, right = self._axes
        corner = np.zeros(3)
        sides: list[Vector] = []
        for axis, against in zip((right, down), self._against, strict=True):
            sides.append(_vector(directions[:, axis] * (-1 if against else 1)))
            corner[axis] = self.shape[axis] - 1 if against else 0
        position = _vector(self.affine[:3, :3] @ corner + self.affine[:3, 3])
        return SliceGeometry(position, sides[0], sides[1]), _vector(self.affine[:3, across])

    @property
    def _against(self) -> tuple[bool, bool]:
        """Whether the voxels run against the way of looking, (along the rows, down the columns)."""
        across, down, right = self._axes
        looked_at = _LOOKED_AT[self._patient_axes[across]]
        along, downwards = (
            bool(self.affine[side, axis] * sign < 0)
            for axis, (side, sign) in zip((right, down), looked_at, strict=True)
        )
        return along, downwards

    def slice_of(self, voxels: NDArray[Any], index: int) -> NDArray[Any]:
        """The stored values (rows, columns) of slice `index`, counted through all volumes."""
        across, down, right = self._axes
        volume, place = divmod(index, self.slices)
        plane = np.take(voxels[..., volume], place, axis=across)
        rows_first = down < right
        plane = plane if rows_first else plane.T
        along, downwards = self._against
        turned: NDArray[Any] = plane[:: -1 if downwards else 1, :: -1 if along else 1]
        return turned


def read_nifti_header(peek: Callable[[int], bytes]) -> NiftiHeader:
    """The header of a NIfTI file of which `peek(count)` gives the first bytes.

    Raises TruncatedFileError, UnsupportedImageError, NoPixelDataError, DimensionsError.
    """
    head = peek(4096)
    if head.startswith(GZIP):
        head = inflated(head, HEADER_BYTES)
    return parse_header(head)


def parse_header(head: bytes) -> NiftiHeader:
    """The header in a file's first HEADER_BYTES, not compressed; raises as `read_nifti_header`."""
    from nibabel.nifti1 import Nifti1Header
    from nibabel.nifti2 import Nifti2Header

    second = head.startswith(_MAGIC[2][1], 4) or head.startswith(_MAGIC[3][1], 4)
    kind, size = (Nifti2Header, HEADER_BYTES) if second else (Nifti1Header, 348)
    if len(head) < size:
        raise TruncatedFileError("The NIfTI file ends inside its header.")
    if head[344:347] == b"ni1" or head[4:7] == b"ni2":
        raise UnsupportedImageError(
            "The NIfTI file has its voxels in another file (.hdr and .img), which is not read."
        )
    try:
        header = kind.from_fileobj(BytesIO(head[:size]), check=False)
        shape = tuple(int(side) for side in header.get_data_shape())
        dtype = header.get_data_dtype()
        slope, intercept = header.get_slope_inter()
        affine = np.asarray(header.get_best_affine(), np.float64)
        offset = int(header.get_data_offset())
        placed = int(header["qform_code"]) > 0 or int(header["sform_code"]) > 0
        labels = int(header["intent_code"]) == _LABELS
    except MemoryError:
        raise
    except Exception as error:  # nibabel raises whatever its readers meet
        raise TruncatedFileError("The NIfTI file's header is damaged.") from error
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise UnsupportedImageError(
            "The NIfTI file's voxels are of the kind {kind}, which is no brightness.",
            kind=str(dtype),
        )
    found = NiftiHeader(
        _four(shape),
        dtype,
        offset,
        1.0 if slope is None else float(slope),
        0.0 if intercept is None else float(intercept),
        np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine,
        placed,
        labels,
    )
    check_file_bytes(found.size)
    if offset < size:
        raise TruncatedFileError("The NIfTI file's header is damaged.")
    _check_axes(found)
    if found.shape[3] > MAX_VOLUMES or found.slices * found.shape[3] > MAX_SLICES:
        raise DimensionsError(
            "The NIfTI file has {volumes} volumes; {limit} are read at most, and {slices} slices.",
            volumes=found.shape[3],
            limit=MAX_VOLUMES,
            slices=MAX_SLICES,
        )
    check_dimensions(found.columns, found.rows, gettext_noop("The NIfTI header"))
    return found


def _check_axes(header: NiftiHeader) -> None:
    if not np.isfinite(header.affine).all() or min(header.zooms) <= 0:
        raise UnsupportedImageError("The NIfTI file's axes do not span a volume.")


def _vector(values: NDArray[np.float64]) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _four(shape: Sequence[int]) -> tuple[int, int, int, int]:
    """The shape with one axis for all that is no space; raises for less than a slice."""
    if len(shape) == 2:  # one slice
        shape = (*shape, 1)
    if len(shape) < 3 or any(side < 1 for side in shape) or min(shape[:2]) < 2:
        raise NoPixelDataError("The NIfTI file has no volume.")
    i, j, k, *more = shape
    return i, j, k, math.prod(more)


def inflated(data: bytes, count: int) -> bytes:
    """The first `count` bytes of what gzip packed; fewer where it ends or is damaged before."""
    try:
        return zlib.decompressobj(31).decompress(data, count)
    except zlib.error:
        return b""
