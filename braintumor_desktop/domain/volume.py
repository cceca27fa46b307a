"""A series read as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Series


@dataclass(frozen=True, eq=False)
class Volume:
    """The frames of a series in order along the normal.

    Attributes
    ----------
    series
        What the headers say, gaps and duplicates included.
    slices
        One for each instance of the series, in its order.
    affine
        Float64 (4, 4), from (slice, row, column) indices to patient coordinates in mm
        (`geometry.affine`); None where the files do not say where they lie.

    """

    series: Series
    slices: tuple[MRISlice, ...]
    affine: NDArray[np.float64] | None = None
