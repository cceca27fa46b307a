"""How a DICOM slice lies in the patient, and how it has to be turned to be looked at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.multival import MultiValue

from braintumor_desktop.domain.geometry import SliceGeometry, Vector
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.errors import TruncatedFileError
from braintumor_desktop.imaging.dicom.attributes import attribute, numbers, tag, text

_X, _Z = 0, 2
_DIRECTIONS: dict[str, tuple[float, ...]] = {
    "L": (1, 0, 0),
    "R": (-1, 0, 0),
    "P": (0, 1, 0),
    "A": (0, -1, 0),
    "H": (0, 0, 1),
    "F": (0, 0, -1),
}
_ASPECTS = ("PixelAspectRatio", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_SQUARE = 0.01  # sides that differ by less are rounded ones
_LEAST_MM, _MOST_MM = 0.01, 100.0  # no scanner's pixels are smaller or larger
_UNIT = 0.02  # how far a direction's length may be from 1, and a cosine of two from 0

_ORIENTATION = "ImageOrientationPatient"
_POSITION = "ImagePositionPatient"
_LETTERS = "PatientOrientation"


def geometry_of(attributes: Any, positioned: Any = None) -> SliceGeometry | None:
    """The slice's place by ImagePositionPatient and ImageOrientationPatient (PS3.3, C.7.6.2.1.1).

    `positioned` has the position where that stands elsewhere. None where one of them is absent or
    no place: directions that are no unit vectors across one another.
    """
    directions = _unit_vectors(numbers(attributes, _ORIENTATION))
    position = numbers(attributes if positioned is None else positioned, _POSITION)
    if directions is None or len(position) != 3 or not all(map(math.isfinite, position)):
        return None
    x, y, z = position
    return SliceGeometry((x, y, z), *directions, text(attributes, "FrameOfReferenceUID"))


def unreadable_places(attributes: Any) -> list[str]:
    """The attributes of place that the file has, but that say no place.

    Directions of zeros are what writers put where they know none.
    """
    found = []
    directions = numbers(attributes, _ORIENTATION)
    if any(directions) and _unit_vectors(directions) is None:
        found.append(_ORIENTATION)
    position = numbers(attributes, _POSITION)
    if position and (len(position) != 3 or not all(map(math.isfinite, position))):
        found.append(_POSITION)
    return found


def spacing_of(attributes: Any, warnings: list[ReadWarning]) -> tuple[float, float] | None:
    """(between rows, between columns) in mm by PixelSpacing (0028,0030) (PS3.3, 10.7.1.1)."""
    values = numbers(attributes, "PixelSpacing")
    if not values:
        _warn_of_aspect(attributes, warnings)
        return None
    if len(values) == 2 and all(_LEAST_MM <= value <= _MOST_MM for value in values):
        return values[0], values[1]
    warnings.append(
        ReadWarning("spacing", "The pixel spacing in the file is no distance; it is not used.")
    )
    return None


def turn_of(attributes: Any) -> tuple[int, list[ReadWarning]]:
    """How the slice has to be turned to be looked at, and what is said where it has to be.

    Radiologists look at axial slices with the front of the head above, at the others with its top
    above, and at all but sagittal ones with the patient's left on the right: so do the slices that
    the network learned from lie. The directions of rows and of columns have x to the left, y to
    the back and z to the top (PS3.3, C.7.6.2.1.1). Where a file lacks them, it may have the letters
    of PatientOrientation (C.7.6.1.1.1). The turn is a code as `grey.upright` takes it; pixels stay
    as they are stored, and are turned for the network alone.
    """
    keyword = _ORIENTATION
    found = _plane(numbers(attributes, keyword))
    if found is None:
        keyword = _LETTERS
        found = _plane(_by_letters(attributes))
    if found is None:
        return 1, []
    rows, columns, across = found
    # What should run downwards, and what to the right: the axis, and which way.
    down, downwards = (1, 1) if across == _Z else (_Z, -1)
    right = 1 if across == _X else _X
    transposed = abs(rows[down]) > abs(columns[down])
    along_down, along_right = (rows, columns) if transposed else (columns, rows)
    flipped = along_down[down] * downwards < 0
    mirrored = across != _X and along_right[right] < 0
    turn = _EXIF[transposed, flipped, mirrored]
    if turn == 1:
        return 1, []
    said = (("attribute", f"{keyword} {tag(keyword)}"),)
    if turn == 2:
        return turn, [
            ReadWarning(
                "orientation",
                "The slice is mirrored, by the file's {attribute}: the patient's left is on the "
                "left. It is turned for the network.",
                said,
            )
        ]
    return turn, [
        ReadWarning(
            "orientation",
            "The slice does not stand upright, by the file's {attribute}. It is turned for the "
            "network.",
            said,
        )
    ]


# By whether rows and columns change places, then top and bottom, then left and right.
_EXIF = {
    (False, False, False): 1,
    (False, False, True): 2,
    (False, True, True): 3,
    (False, True, False): 4,
    (True, False, False): 5,
    (True, False, True): 6,
    (True, True, True): 7,
    (True, True, False): 8,
}


def _plane(values: Sequence[float]) -> tuple[Sequence[float], Sequence[float], int] | None:
    """The directions of rows and of columns, and along which axis the slice's normal lies most."""
    if len(values) != 6 or not all(map(math.isfinite, values)):
        return None
    rows, columns = values[:3], values[3:]
    normal = np.abs(np.cross(rows, columns))
    return (rows, columns, int(normal.argmax())) if normal.max() >= 0.5 else None


def _unit_vectors(values: Sequence[float]) -> tuple[Vector, Vector] | None:
    """Two directions of length 1, None where they are none or do not stand across one another."""
    if len(values) != 6 or not all(map(math.isfinite, values)):
        return None
    rows, columns = np.array(values[:3]), np.array(values[3:])
    lengths = np.linalg.norm(rows), np.linalg.norm(columns)
    if any(abs(length - 1) > _UNIT for length in lengths) or abs(rows @ columns) > _UNIT:
        return None
    (a, b, c), (d, e, f) = values[:3], values[3:]
    return (a, b, c), (d, e, f)


def _by_letters(attributes: Any) -> tuple[float, ...]:
    """Rows' and columns' direction by the first, strongest letter of each; () where not said."""
    try:
        letters = attribute(attributes, _LETTERS)
    except TruncatedFileError:  # damaged, and nothing that the pixels need
        return ()
    if not isinstance(letters, (MultiValue, list)) or len(letters) != 2:
        return ()
    rows, columns = (_DIRECTIONS.get(str(item)[:1], ()) for item in letters)
    return rows + columns


def _warn_of_aspect(attributes: Any, warnings: list[ReadWarning]) -> None:
    ratios = (numbers(attributes, keyword) for keyword in _ASPECTS)
    if any(r and (len(r) != 2 or not math.isclose(*r, rel_tol=_SQUARE)) for r in ratios):
        warnings.append(
            ReadWarning(
                "spacing",
                "The file says that its pixels are not square, but not how large they are; they "
                "are taken for square.",
            )
        )
