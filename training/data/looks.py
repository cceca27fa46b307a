"""Other looks of a slice: what the figures by group cannot show.

All slices of the data come from few sources, so that a network judged on left-out groups still
knows the look of each. Each look here is one change of the prepared slice, the same every time, of
the kinds and no stronger than training draws them: they show what the recipe makes a network bear,
not what it does on a scanner that nobody has seen.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from training.data.augment import Appearance, change_appearance, uneven
from training.data.packing import Packed

Pixels = NDArray[np.float32]
Look = Callable[[Pixels, np.random.Generator], Pixels]

AS_THEY_ARE = "as they are"


def _noisy(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    return pixels + 0.04 * rng.standard_normal(pixels.shape, np.float32)


LOOKS: dict[str, Look] = {
    AS_THEY_ARE: lambda pixels, _: pixels,
    "darker": lambda pixels, _: pixels**1.5,
    "brighter": lambda pixels, _: pixels ** (1 / 1.5),
    "uneven": lambda pixels, rng: uneven(pixels, 0.25, rng),
    "noisy": _noisy,
    "mixed": lambda pixels, rng: change_appearance(pixels, Appearance(), rng),
}
"""By name: exponents 1.5 and 0.67; brightness that changes by about a quarter over the slice; noise
with a standard deviation of 0.04; and all changes at once as training draws them, with tone curve,
gain and blur."""


def look_at(packed: Packed, places: NDArray[np.intp], look: str) -> Pixels:
    """The packed slices at `places` with another look, float32 (n, size, size) in [0, 1]."""
    slices = packed.pixels[places].astype(np.float32)
    for pixels, place in zip(slices, places, strict=True):
        changed = LOOKS[look](np.clip(pixels, 0, 1), np.random.default_rng(int(place)))
        pixels[:] = np.clip(changed, 0, 1)
    return slices
