"""A series read as a whole, and where its slices lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.geometry import affine
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Series

_EVEN_MM = 0.1
"""How far a slice may stand from where an even distance puts it: scanners round positions."""


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
        (`series_affine`); None where there is none.

    """

    series: Series
    slices: tuple[MRISlice, ...]
    affine: NDArray[np.float64] | None = None


def series_affine(series: Series) -> NDArray[np.float64] | None:
    """Return the (4, 4) matrix from (slice, row, column) indices to patient coordinates in mm.

    x leads to the left, y to the back, z to the head; indices point at pixels' centres. The step
    from slice to slice is that between the positions, which need not stand across the slice. None
    where no one matrix is right: for a single slice, without positions or spacing, and where the
    slices are not evenly spaced, or their positions not relative to one place.
    """
    first = series.instances[0]
    places = [one.geometry for one in series.instances if one.geometry is not None]
    spacing = series.spacing_mm
    frames = {place.frame_of_reference_uid for place in places} - {""}
    if spacing is None or len(places) < len(series.instances) or series.gaps or len(frames) > 1:
        return None
    positions = np.array([place.position for place in places])
    step = (positions[-1] - positions[0]) / (len(places) - 1)
    even = positions[0] + np.arange(len(places))[:, None] * step
    if np.abs(positions - even).max() > _EVEN_MM or first.geometry is None:
        return None
    matrix = affine(first.geometry, spacing)
    matrix[:3, 0] = step
    return matrix
