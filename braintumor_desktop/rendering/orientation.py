"""Which way a view's edges lead in the patient, however the picture is turned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.geometry import SliceGeometry, Vector, edge_letters

Matrix = tuple[float, float, float, float]
"""From directions in the source to directions on screen, y downwards: (a, b, c, d) takes (x, y) to
(a x + b y, c x + d y). Quarter turns and mirroring only."""

AS_STORED: Matrix = (1, 0, 0, 1)

AS_LOOKED_AT: dict[int, Matrix] = {
    1: AS_STORED,
    2: (-1, 0, 0, 1),
    3: (-1, 0, 0, -1),
    4: (1, 0, 0, -1),
    5: (0, 1, 1, 0),
    6: (0, -1, 1, 0),
    7: (0, -1, -1, 0),
    8: (0, 1, -1, 0),
}
"""By `MRISlice.turn`, Exif's codes: what `imaging.grey.upright` does to directions."""


@dataclass(frozen=True)
class EdgeLetters:
    """The letters at a view's edges; empty where the file does not say."""

    left: str = ""
    right: str = ""
    top: str = ""
    bottom: str = ""

    def __bool__(self) -> bool:
        return bool(self.left or self.right or self.top or self.bottom)


NO_LETTERS = EdgeLetters()


def view_letters(geometry: SliceGeometry | None, turn: Matrix = AS_STORED) -> EdgeLetters:
    """Return the letters R L A P H F at the edges of a view that shows a slice turned by `turn`."""
    if geometry is None:
        return NO_LETTERS
    right, down = (_direction(geometry, turn, dx, dy) for dx, dy in ((1, 0), (0, 1)))
    return EdgeLetters(
        left=edge_letters(_opposite(right)),
        right=edge_letters(right),
        top=edge_letters(_opposite(down)),
        bottom=edge_letters(down),
    )


def looked_at(
    points: NDArray[np.float64], turn: int, width: float, height: float
) -> NDArray[np.float64]:
    """Return points (n, 2) of [x, y], edges counting from 0, where `upright` takes them.

    `width` and `height` are those of the picture as it is looked at.
    """
    x, y = points[:, 0], points[:, 1]
    if turn >= 5:
        x, y = y, x
    if turn in (2, 3, 6, 7):
        x = width - x
    if turn in (3, 4, 7, 8):
        y = height - y
    return np.stack([x, y], axis=1)


def _direction(geometry: SliceGeometry, turn: Matrix, dx: int, dy: int) -> Vector:
    """Where a direction on screen leads; the inverse of a turn is its transpose."""
    a, b, c, d = turn
    along, down = a * dx + c * dy, b * dx + d * dy
    x, y, z = (
        along * row + down * column
        for row, column in zip(geometry.row_direction, geometry.column_direction, strict=True)
    )
    return x, y, z


def _opposite(direction: Vector) -> Vector:
    x, y, z = direction
    return -x, -y, -z
