"""Which slices are one picture: all pairs by matrix product, then a closer look at those alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from training.audit.file_views import FINE, ReadFile
from training.audit.union import Union

COPY_COARSE = 0.98
"""Correlation at 32x32 from which a pair may be one picture. Copies that were only turned, mirrored
or recompressed lie above 0.999; copies made brighter, sharper or softer reach down to here and
below, but so do neighbours in a volume (up to 0.992), which only the fine view tells apart."""

COPY_FINE = 0.76
"""Correlation of the fine views from which such a pair is one picture. On the slices in hand, see
docs/data-audit.md, neighbours in a volume reach 0.744 and joined copies go down to 0.768."""

DOUBT_COARSE = 0.97
"""From here to `COPY_COARSE`, a pair with a fine correlation of a copy is shown to a person."""

NEAR = 0.93
"""Correlation at 32x32 from which two slices belong to one group where no index gives groups:
the same head, often the next slice. Lower, whole series of one scanner run together."""

_BLOCK = 1024
_SHIFT = 4  # pixels of the fine view: copies cropped by 1 or 2 % are still found


@dataclass(frozen=True)
class Pair:
    """Two slices by their places; `coarse` at its best over the 8 views, `fine` in that view."""

    first: int
    second: int
    coarse: float
    fine: float


@dataclass(frozen=True, eq=False)
class Alike:
    """All pairs of n slices with a coarse correlation of at least `NEAR`, the most alike first.

    `first`, `second` int64 (m,) with first < second, `coarse` float32 (m,), and `view` int64 (m,):
    the number of the view (see `view`) of the second that fits the first best.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    coarse: NDArray[np.float32]
    view: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Copies:
    """`picture` int64 (n,), equal for copies, numbered by first appearance.

    `joined` are the pairs that hold the copies together (a spanning forest, without exact copies),
    `apart` those from `DOUBT_COARSE` on that the fine view found to be different pictures,
    `doubtful` those above `COPY_FINE` whose coarse correlation is below `COPY_COARSE`; of `apart`
    and `doubtful` one pair for each two pictures at most.
    """

    picture: NDArray[np.int64]
    joined: list[Pair]
    apart: list[Pair]
    doubtful: list[Pair]


def view(pixels: NDArray[np.float32], number: int) -> NDArray[np.float32]:
    """One of the 8 views of (..., size, size): mirrored left to right from 4 on, then turned."""
    mirrored = pixels[..., ::-1] if number >= 4 else pixels
    return np.rot90(mirrored, number % 4, axes=(-2, -1))


def find_alike(coarse: NDArray[np.float32], least: float = NEAR) -> Alike:
    """All pairs of `coarse` (n, size, size), mean 0 and length 1, that correlate at least so."""
    count = len(coarse)
    flat = coarse.reshape(count, -1)
    views = [np.ascontiguousarray(view(coarse, k)).reshape(count, -1).T for k in range(8)]
    parts: list[tuple[NDArray[np.int64], ...]] = []
    values: list[NDArray[np.float32]] = []
    for start in tqdm(range(0, count, _BLOCK), desc="Comparing", unit="block"):
        rows = flat[start : start + _BLOCK]
        best = rows @ views[0][:, start:]  # what lies to the left was compared before
        chosen = np.zeros(best.shape, np.int8)
        for number in range(1, 8):
            correlation = rows @ views[number][:, start:]
            better = correlation > best
            chosen[better] = number
            np.maximum(best, correlation, out=best)
        i, j = np.nonzero(np.triu(best >= least, 1))
        parts.append((i + start, j + start, chosen[i, j].astype(np.int64)))
        values.append(best[i, j])
    first, second, number_of_view = (np.concatenate(column) for column in zip(*parts, strict=True))
    strength = np.concatenate(values)
    order = np.argsort(-strength, kind="stable")
    return Alike(first[order], second[order], strength[order], number_of_view[order])


def fine_correlation(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The correlation of two fine views (128, 128), the best over shifts of up to 4 pixels."""
    straight = float(np.vdot(first, second))
    if straight >= COPY_FINE:
        return straight
    spectrum = np.fft.rfft2(first) * np.conj(np.fft.rfft2(second))
    shifted = np.fft.irfft2(spectrum, s=(FINE, FINE))
    near = np.r_[0 : _SHIFT + 1, -_SHIFT:0]
    return float(shifted[np.ix_(near, near)].max())


def find_copies(files: Sequence[ReadFile], alike: Alike) -> Copies:
    """Which files are one picture; single linkage, so that a chain of copies is one picture.

    Pairs are looked at from the most alike on, and only where they would join two pictures: the
    partition is the same as with every pair, at a small part of the work.
    """
    union = Union(len(files))
    seen: dict[str, int] = {}
    for place, file in enumerate(files):
        union.join(place, seen.setdefault(file.sha256, place))
    joined: list[Pair] = []
    apart: list[Pair] = []
    doubtful: list[Pair] = []
    candidates = int(np.searchsorted(-alike.coarse, -DOUBT_COARSE, side="right"))
    for p in tqdm(range(candidates), desc="Looking closer", unit="pair"):
        i, j = int(alike.first[p]), int(alike.second[p])
        if union.find(i) == union.find(j):
            continue
        turned = view(files[j].fine.astype(np.float32), int(alike.view[p]))
        fine = fine_correlation(files[i].fine.astype(np.float32), turned)
        pair = Pair(i, j, float(alike.coarse[p]), fine)
        if fine < COPY_FINE:
            apart.append(pair)
        elif pair.coarse < COPY_COARSE:
            doubtful.append(pair)
        else:
            union.join(i, j)
            joined.append(pair)
    picture = union.numbers()
    return Copies(picture, joined, _closest(apart, picture), _closest(doubtful, picture))


def _closest(pairs: list[Pair], picture: NDArray[np.int64]) -> list[Pair]:
    """For each two pictures the pair with the highest fine correlation, the highest first."""
    kept: dict[tuple[int, int], Pair] = {}
    for pair in sorted(pairs, key=lambda pair: -pair.fine):
        low, high = sorted((int(picture[pair.first]), int(picture[pair.second])))
        if low != high:
            kept.setdefault((low, high), pair)
    return list(kept.values())
