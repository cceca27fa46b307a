"""The picture of an ordinary image file, as its decoder hands it over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Raster:
    """Samples in the file's own units, bright-is-high, before grey and orientation.

    `samples` is (height, width) or (height, width, channels) in the order red, green, blue, alpha
    (or grey, alpha). `full_scale` is white's value and the alpha of an opaque pixel.
    `orientation` is Exif's. `alpha_applied`: the colours are laid over black already.
    """

    samples: NDArray[Any]
    full_scale: float
    orientation: int = 1
    alpha_applied: bool = False
