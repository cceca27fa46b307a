"""The picture of an ordinary image file, as its decoder hands it over."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from braintumor_desktop.domain.image import ReadWarning

_SQUARE = 0.01  # sides that differ by less are rounded ones


@dataclass(frozen=True, eq=False)
class Raster:
    """Samples in the file's own units, bright-is-high, before grey and orientation.

    `samples` is (height, width) or (height, width, channels) in the order red, green, blue, alpha
    (or grey, alpha). `full_scale` is white's value and the alpha of an opaque pixel.
    `orientation` is Exif's. `alpha_applied`: the colours are laid over black already. `warnings`
    are about the file, not about its colours.
    """

    samples: NDArray[Any]
    full_scale: float
    orientation: int = 1
    alpha_applied: bool = False
    warnings: tuple[ReadWarning, ...] = ()


def about_density(across: float, down: float) -> tuple[ReadWarning, ...]:
    """The caution that pixels are not square, by their number in a unit of length each way.

    Numbers that are not above 0 say nothing.
    """
    if not (0 < across < math.inf and 0 < down < math.inf):
        return ()
    if math.isclose(across, down, rel_tol=_SQUARE):
        return ()
    return (
        ReadWarning(
            "spacing",
            "The file says that its pixels are not square, but not how large they are; they "
            "are taken for square.",
        ),
    )
