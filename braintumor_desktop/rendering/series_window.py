"""One display window for a series, by the values of all its slices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import DisplayWindow, MRISlice

SAMPLE = 32
"""Rows and columns that are taken of each slice, evenly spread."""

FIRST = 6
"""So many slices each count at once: the first one read may lie at the dark end."""


class SeriesWindow:
    """Gathers values slice by slice as they are read, in any order.

    Slices look alike under one window only if it is of the whole series: the first one shown may
    lie at its dark end.
    """

    def __init__(self) -> None:
        self._samples: dict[int, NDArray[np.float32]] = {}
        self._windows: dict[int, DisplayWindow] = {}
        self._found: DisplayWindow | None = None
        self._of = 0

    def add(self, index: int, mri: MRISlice) -> None:
        """Take a slice's values into account; a slice that was taken is not taken again."""
        if index in self._samples:
            return
        rows, columns = (
            np.linspace(0, side - 1, min(side, SAMPLE)).astype(int) for side in mri.pixels.shape
        )
        self._samples[index] = mri.pixels[np.ix_(rows, columns)]
        if mri.window is not None:
            self._windows[index] = mri.window

    @property
    def window(self) -> DisplayWindow | None:
        """Return the window by what was taken into account so far; None where that is nothing.

        The files' window, that of the middle of those that have one, else from the 0.5th to the
        99.5th percentile of all values. It settles soon: after the first slices it is worked out
        anew only where there are a quarter more.
        """
        count = len(self._samples)
        if count != self._of and (count <= FIRST or count >= 1.25 * self._of):
            self._found, self._of = self._settle(), count
        return self._found

    def _settle(self) -> DisplayWindow | None:
        if self._windows:
            indices = sorted(self._windows)
            return self._windows[indices[len(indices) // 2]]
        values = np.concatenate([sample.ravel() for sample in self._samples.values()])
        low, high = (float(value) for value in np.percentile(values, (0.5, 99.5)))
        if high <= low:
            low, high = float(values.min()), float(values.max())
        return DisplayWindow((low + high) / 2, high - low) if high > low else None
