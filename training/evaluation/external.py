"""Whole heads judged: by set, sequence, height and truth, within a patient, and as series.

Figures by group or by patient come from the few sources of the training data and cannot see that a
network goes by the source. These can: the same patient, scanner and sequence with and without a
tumour in the slice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.evaluation.volume_answers import JudgedSlice

Figures = dict[str, Any]

_BANDS = (0, 20, 80, 100, 120)
"""Millimetres below the top of the head at which a band begins."""

_LEAST_SLICES = 3
"""A series with fewer slices on one side says nothing as a series."""


def external_figures(judged: Sequence[JudgedSlice]) -> Figures:
    """Every figure of whole heads, ready for JSON.

    `slices` has a row for each use, set, sequence and truth; `heights` the tumour-free ones by
    height; `within_patient` the area under the ROC curve of tumour slices against those two or
    more from a mask, a mean over series; `outlines` the masks where a tumour is called; `series`
    the share of slices called tumour as an answer to a whole series.
    """
    kinds = sorted({(one.slice.use, one.slice.set, one.slice.sequence) for one in judged})
    by_kind = {
        kind: [one for one in judged if (one.slice.use, one.slice.set, one.slice.sequence) == kind]
        for kind in kinds
    }
    return {
        "slices": [
            {**_named(kind), "truth": truth, **shares(own)}
            for kind, members in by_kind.items()
            for truth, own in _by_truth(members)
        ],
        "heights": [
            {**_named(kind), "height": height, **shares(own)}
            for kind, members in by_kind.items()
            for height, own in _by_height([one for one in members if one.slice.free])
        ],
        "within_patient": [
            {**_named(kind), **within_patient(members)}
            for kind, members in by_kind.items()
            if any(one.slice.tumour for one in members)
        ],
        "outlines": [
            {**_named(kind), **_outlines(members)}
            for kind, members in by_kind.items()
            if any(one.dice is not None and one.called for one in members)
        ],
        "series": _series(judged),
    }


def shares(judged: Sequence[JudgedSlice]) -> Figures:
    """The shares of slices that are called tumour, confidently wrong, unlike.

    Confidently wrong: the slice is answered, and the truth, a tumour or none, is excluded; of
    those whose tumour is not excluded, the type may be. Undecided: it is answered, and neither is
    excluded. `wrong_of_answered` is the risk, 1 - `unlike` the coverage.
    """
    answered = [one for one in judged if not one.unlike]
    return {
        "slices": len(judged),
        "called": _mean(one.called for one in judged),
        "called_and_answered": _mean(one.called and not one.unlike for one in judged),
        "called_or_unlike": _mean(one.called or one.unlike for one in judged),
        "confidently_wrong": _mean(one.wrong and not one.unlike for one in judged),
        "type_confidently_wrong": _mean(one.type_wrong and not one.unlike for one in judged),
        "unlike": _mean(one.unlike for one in judged),
        "undecided": _mean(one.undecided and not one.unlike for one in judged),
        "wrong_of_answered": _mean(one.wrong for one in answered),
    }


def within_patient(judged: Sequence[JudgedSlice]) -> Figures:
    """Tumour slices against slices two or more from a mask, series by series."""
    areas = []
    for members in _by_series(judged).values():
        ill = [one.tumour_probability for one in members if one.slice.tumour]
        free = [
            one.tumour_probability
            for one in members
            if one.slice.mask_px == 0 and one.slice.apart(2)
        ]
        if ill and free:
            areas.append(area_under_curve(np.array(ill), np.array(free)))
    return {
        "series": len(areas),
        "auc": float(np.mean(areas)) if areas else None,
        "median_auc": float(np.median(areas)) if areas else None,
    }


def area_under_curve(ill: NDArray[np.float64], free: NDArray[np.float64]) -> float:
    """The chance that one of `ill` (n,) exceeds one of `free` (m,), ties counted half."""
    above = ill[:, None] - free[None]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


def height_of(one: JudgedSlice, count: int) -> str:
    """The height of a slice in the head, as a band in mm, or a third of its `count` positions."""
    below = one.slice.mm_below_top
    if below is None:
        third = min(2, 3 * (one.slice.position - 1) // count)  # position 1 is the bottom
        return ("lower third", "middle third", "upper third")[third]
    start = max(band for band in _BANDS if below >= band or band == 0)
    place = _BANDS.index(start)
    return f"{start}-{_BANDS[place + 1]} mm" if place + 1 < len(_BANDS) else f"{start} mm or more"


def _outlines(judged: Sequence[JudgedSlice]) -> Figures:
    found = [one for one in judged if one.dice is not None and one.called]
    return {
        "slices": len(found),
        "dice": _mean(one.dice or 0.0 for one in found),
        "peak_inside": _mean(bool(one.peak_inside) for one in found),
    }


def _series(judged: Sequence[JudgedSlice]) -> list[Figures]:
    """How well the share of called slices tells whole volumes apart, of tumours and healthy ones.

    Also of the part of the tumour volumes that is free of tumour: what that alone tells is the
    look of the hospital. Of the healthy volumes those of the same sequence, or all where there is
    none.
    """
    by_series = _by_series(judged)
    healthy = {
        name: members
        for name, members in by_series.items()
        if all(one.slice.slices_to_mask is None for one in members)
    }
    result = []
    for use, sequence in sorted({(one.slice.use, one.slice.sequence) for one in judged}):
        wholes, parts = [], []
        for name, members in by_series.items():
            first = members[0].slice
            if name in healthy or (first.use, first.sequence) != (use, sequence):
                continue
            free = [one for one in members if one.slice.mask_px == 0 and one.slice.apart(2)]
            if len(free) >= _LEAST_SLICES and any(one.slice.tumour for one in members):
                wholes.append(_mean(one.called for one in members))
                parts.append(_mean(one.called for one in free))
        same = [m for m in healthy.values() if m[0].slice.sequence == sequence]
        others = [_mean(one.called for one in m) for m in same or healthy.values()]
        if wholes and others:
            result.append(
                {
                    "use": use,
                    "sequence": sequence,
                    "tumour_series": len(wholes),
                    "healthy_series": len(others),
                    "healthy_of_same_sequence": bool(same),
                    "share_called": float(np.mean(wholes)),
                    "share_called_in_free_part": float(np.mean(parts)),
                    "share_called_in_healthy": float(np.mean(others)),
                    "auc": area_under_curve(np.array(wholes), np.array(others)),
                    "auc_of_free_part": area_under_curve(np.array(parts), np.array(others)),
                }
            )
    return result


def _by_truth(judged: Sequence[JudgedSlice]) -> Iterable[tuple[str, list[JudgedSlice]]]:
    kinds: dict[str, Callable[[JudgedSlice], bool]] = {
        "tumour": lambda one: one.slice.tumour,
        "free": lambda one: one.slice.mask_px == 0 and one.slice.free,
    }
    for truth, belongs in kinds.items():
        own = [one for one in judged if belongs(one)]
        if own:
            yield truth, own


def _by_height(judged: Sequence[JudgedSlice]) -> Iterable[tuple[str, list[JudgedSlice]]]:
    counts = {
        name: max(one.slice.position for one in members)
        for name, members in _by_series(judged).items()
    }
    heights = [height_of(one, counts[one.slice.series]) for one in judged]
    for height in sorted(set(heights), key=_order_of_height):
        yield height, [one for one, own in zip(judged, heights, strict=True) if own == height]


def _order_of_height(height: str) -> tuple[int, str]:
    digits = height.split(" ")[0].split("-")[0]
    return (int(digits) if digits.isdigit() else 0), height


def _by_series(judged: Iterable[JudgedSlice]) -> dict[str, list[JudgedSlice]]:
    result: dict[str, list[JudgedSlice]] = {}
    for one in judged:
        result.setdefault(one.slice.series, []).append(one)
    return result


def _named(kind: tuple[str, str, str]) -> Figures:
    return dict(zip(("use", "set", "sequence"), kind, strict=True))


def _mean(values: Iterable[float]) -> float:
    """NaN, where there are none, would be no JSON."""
    given = list(values)
    return float(np.mean(given)) if given else 0.0
