"""Slices whose picture or head also stands in another fold, so that a network may know it.

The folds that come with the data hold together what was found to be one picture or one run of
neighbours. Copies with another brightness or sharpness, and heads that were scanned twice, escaped.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.audit.copies import NEAR, find_alike, view
from training.audit.reading import COARSE, FINE, fine_view, shrink, unit
from training.packing import Packed

SAME_PICTURE = 0.72
"""Correlation of local structure from which prepared slices are taken for one picture. The forty
strongest pairs over two folds, down to 0.73, were looked at: each is one picture, many with another
brightness or sharpness; below nothing was looked at (docs/data-audit.md)."""

SAME_HEAD = NEAR
"""Correlation at 32x32 from which two slices of figshare are taken for one head."""

_SHIFTS = (-2, 0, 2)  # pixels of the fine view


@dataclass(frozen=True, eq=False)
class Shared:
    """`pictures` and `heads`, bool (n,): what also stands in another fold.

    Pictures are looked for among the slices that are not figshare's, heads among figshare's: it has
    no copies over folds, and the others are no series.
    """

    pictures: NDArray[np.bool_]
    heads: NDArray[np.bool_]


def shared_over_folds(packed: Packed) -> Shared:
    """Compare every slice with those of the other folds, in the 8 rotations and mirrorings."""
    figshare = packed.sources == "figshare"
    shared = Shared(*(np.zeros(len(packed), bool) for _ in range(2)))
    others, own = np.flatnonzero(~figshare), np.flatnonzero(figshare)
    shared.pictures[others] = _same_picture(packed.pixels[others], packed.folds[others])
    coarse = np.stack([unit(shrink(one.astype(np.float32), COARSE)) for one in packed.pixels[own]])
    alike = find_alike(coarse, SAME_HEAD)
    over = packed.folds[own[alike.first]] != packed.folds[own[alike.second]]
    shared.heads[own[np.concatenate([alike.first[over], alike.second[over]])]] = True
    return shared


def _same_picture(pixels: NDArray[np.float16], folds: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether a slice of another fold is the same picture, for slices (n, size, size)."""
    fine = np.stack([fine_view(one.astype(np.float32)) for one in pixels])
    flat = fine.reshape(len(fine), FINE * FINE)
    apart = folds[:, None] != folds
    found = np.zeros(len(fine), bool)
    for number in range(8):
        turned = np.ascontiguousarray(view(fine, number))
        for down in _SHIFTS:
            for right in _SHIFTS:
                moved = np.roll(turned, (down, right), (1, 2)).reshape(flat.shape)
                same = apart & (flat @ moved.T >= SAME_PICTURE)
                found |= same.any(axis=0) | same.any(axis=1)
    return found
