"""Several slices on one picture: Siemens' mosaics and United Imaging's grids.

Neither is in the standard. A mosaic's slices run from left to right and from top to bottom; how
many there are is in the private element (0019,100A), else in the CSA header (0029,1010). A grid of
United Imaging has VFRAME in ImageType, their number in (0065,1050) and an item for each in
(0065,1051).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.values import convert_SQ

from braintumor_desktop.domain.geometry import SliceGeometry
from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.dicom.attributes import (
    contradiction,
    integer,
    number,
    numbers,
    texts,
)
from braintumor_desktop.imaging.dicom.plane import geometry_of
from braintumor_desktop.imaging.dicom.vendors import private_value

_SIEMENS, _COUNT = "SIEMENS MR HEADER", 0x0A
_CSA, _CSA_IMAGE = "SIEMENS CSA HEADER", 0x10
_UIH, _UIH_COUNT, _UIH_ITEMS = "Image Private Header", 0x50, 0x51
_WIDEST_MM = 600.0
"""No bore is wider: what is wider on a picture is more than one slice."""
_INTERPOLATED = 1.6
"""Times as many pixels as were measured, from which on it could be the slices of a grid."""
_MOST_TILES = 1024
_CSA_ITEMS, _CSA_TAGS = 512, 1024


@dataclass(frozen=True)
class Grid:
    """`count` slices of `rows` x `columns` pixels in a grid of `down` x `across` places.

    `geometries` has one for each, None where the file does not say.
    """

    count: int
    across: int
    down: int
    rows: int
    columns: int
    geometries: tuple[SliceGeometry | None, ...]

    def place(self, tile: int) -> tuple[slice, slice]:
        """The rows and columns of a slice on the picture."""
        down, right = divmod(tile, self.across)
        return (
            slice(down * self.rows, (down + 1) * self.rows),
            slice(right * self.columns, (right + 1) * self.columns),
        )

    @property
    def unused(self) -> list[tuple[slice, slice]]:
        """The places behind the last slice, down to the end of the picture."""
        return [self.place(tile) for tile in range(self.count, self.across * self.down)]


def grid_of(dataset: Dataset) -> Grid | None:
    """The grid that a file's one frame is, None where it is one slice.

    Told by the vendor's elements and by what the picture measures: MOSAIC can be missing from
    ImageType, or left over in a file that is none. Raises UnsupportedImageError where they
    contradict one another.
    """
    words = _words(dataset)
    uih = _count(private_value(dataset, 0x65, _UIH, _UIH_COUNT))
    if "VFRAME" in words or (uih or 0) > 1:
        return _grid(dataset, uih, "VFRAME" in words, _uih_places)
    return _grid(dataset, _siemens_count(dataset), "MOSAIC" in words, _siemens_places)


Places = Callable[[Dataset, int, int, int], tuple[SliceGeometry | None, ...]]


def _grid(dataset: Dataset, count: int | None, named: bool, places: Places) -> Grid | None:
    """The grid of `count` slices; `named` is whether ImageType calls it one."""
    across = math.ceil(math.sqrt(count or 1))
    down = math.ceil((count or 1) / across)
    if places is _siemens_places:  # as many rows as columns, the last ones empty
        down = across
    measured = _measured(dataset, across, down)
    if measured == "slice" or count == 1 or (not named and count is None):
        return None
    if count is None:
        raise UnsupportedImageError(
            "The DICOM file is a mosaic of several slices (ImageType (0008,0008)), but does not "
            "say how many."
        )
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    divided = _divides(down, rows) and _divides(across, columns)
    borne_out = named or measured == "grid"
    if not divided and not borne_out:
        return None
    if not (divided and borne_out):
        raise UnsupportedImageError(
            "The DICOM file says that it is a mosaic of {count} slices, which its {columns} x "
            "{rows} pixels do not bear out.",
            count=count,
            columns=columns,
            rows=rows,
        )
    rows, columns = rows // down, columns // across
    return Grid(count, across, down, rows, columns, places(dataset, count, rows, columns))


def _divides(parts: int, pixels: int) -> bool:
    return pixels >= parts and pixels % parts == 0


def _measured(dataset: Dataset, across: int, down: int) -> str | None:
    """Whether the picture is a "slice" or a "grid" by what was measured; None where undecided.

    AcquisitionMatrix (0018,1310) is that of a slice, which may be interpolated to twice as much.
    """
    rows, columns = integer(dataset, "Rows"), integer(dataset, "Columns")
    widest = max(rows, columns)
    spacing = numbers(dataset, "PixelSpacing")
    if len(spacing) == 2 and widest * max(spacing) > _WIDEST_MM:
        return "grid"
    matrix = max((value for value in numbers(dataset, "AcquisitionMatrix") if value > 0), default=0)
    if not matrix:
        return None
    if across == 1 or rows % down or columns % across:
        return "slice" if widest < _INTERPOLATED * matrix else None
    whole, tile = (abs(math.log2(side / matrix)) for side in (widest, widest / across))
    return "slice" if whole < tile else "grid"


def _words(dataset: Dataset) -> tuple[str, ...]:
    try:
        return texts(dataset, "ImageType")
    except TruncatedFileError:
        return ()


def _count(value: Any) -> int | None:
    """A number of slices, from a value of whatever kind a writer has kept it in."""
    if isinstance(value, bytes):  # of a VR that the writer did not know
        digits = value.strip(b"\0 ")
        value = digits.decode() if digits.isdigit() else int.from_bytes(value[:2], "little")
    try:
        count = int(float(str(value)))
    except (OverflowError, ValueError):
        return None
    return count if 0 < count <= _MOST_TILES else None


def _siemens_count(dataset: Dataset) -> int | None:
    found = _count(private_value(dataset, 0x19, _SIEMENS, _COUNT))
    if found is not None:
        return found
    said = _csa(dataset).get("NumberOfImagesInMosaic", [])
    return _count(said[0]) if said else None


def _csa(dataset: Dataset) -> dict[str, list[str]]:
    """The values of the CSA image header (format SV10), {} where there is none that can be read."""
    data = private_value(dataset, 0x29, _CSA, _CSA_IMAGE)
    if not isinstance(data, bytes) or not data.startswith(b"SV10"):
        return {}
    found: dict[str, list[str]] = {}
    try:
        (tags,) = struct.unpack_from("<I", data, 8)
        position = 16
        for _ in range(min(tags, _CSA_TAGS)):
            name, items = struct.unpack_from("<64s12xI4x", data, position)
            position += 84
            values = []
            for _ in range(min(items, _CSA_ITEMS)):
                (length,) = struct.unpack_from("<4xI8x", data, position)
                text = data[position + 16 : position + 16 + length].split(b"\0")[0]
                values.append(text.decode("latin-1").strip())
                position += 16 + (length + 3) // 4 * 4
            found[name.split(b"\0")[0].decode("latin-1")] = [value for value in values if value]
    except struct.error:  # cut: what came before stands
        return found
    return found


def _siemens_places(
    dataset: Dataset, count: int, rows: int, columns: int
) -> tuple[SliceGeometry | None, ...]:
    """Each slice's place, from the whole picture's.

    ImagePositionPatient is that of a slice as large as the whole picture, with the same middle. The
    next slice stands a distance further along the normal, or against it where the CSA header's
    SliceNormalVector points the other way.
    """
    whole = geometry_of(dataset)
    spacing = numbers(dataset, "PixelSpacing")
    step = number(dataset, "SpacingBetweenSlices") or number(dataset, "SliceThickness")
    if whole is None or len(spacing) != 2 or not np.isfinite(spacing).all() or not step:
        return (None,) * count
    rows_mm, columns_mm = spacing
    right = (integer(dataset, "Columns") - columns) / 2 * columns_mm
    below = (integer(dataset, "Rows") - rows) / 2 * rows_mm
    first = (
        np.array(whole.position)
        + np.array(whole.row_direction) * right
        + np.array(whole.column_direction) * below
    )
    normal = np.array(whole.normal)
    said = _csa(dataset).get("SliceNormalVector", [])
    if len(said) == 3 and float(np.dot(normal, _vector(said))) < 0:
        normal = -normal
    return tuple(_moved(whole, first + normal * step * tile) for tile in range(count))


def _vector(values: list[str]) -> list[float]:
    try:
        return [float(value) for value in values]
    except ValueError:
        return [0.0] * 3


def _moved(whole: SliceGeometry, position: Any) -> SliceGeometry:
    x, y, z = (float(value) for value in position)
    return SliceGeometry(
        (x, y, z), whole.row_direction, whole.column_direction, whole.frame_of_reference_uid
    )


def _uih_places(
    dataset: Dataset, count: int, _rows: int, _columns: int
) -> tuple[SliceGeometry | None, ...]:
    """Each slice's place, which an item of its own has."""
    items = _uih_items(dataset)
    if items and len(items) != count:
        raise contradiction("ImageType", f"a grid of {count} slices with {len(items)} items")
    return tuple(geometry_of(dataset, item) for item in items) or (None,) * count


def _uih_items(dataset: Dataset) -> list[Dataset]:
    """The items of a grid's slices; as bytes (PS3.5, 6.2.2) where an archive did not know them."""
    items = private_value(dataset, 0x65, _UIH, _UIH_ITEMS)
    if isinstance(items, bytes):
        try:
            items = convert_SQ(items, is_implicit_VR=True, is_little_endian=True)
        except MemoryError:
            raise
        except Exception:  # what is damaged says nothing
            return []
    return list(items) if isinstance(items, Sequence) else []
