"""From the slices' answers in order to one answer for the series.

What neighbouring slices outline at the same place is one lesion. What is said of the whole goes by
the share of the usable slices that are suspicious, held against a threshold that was fitted on
volumes, person by person; it is never a mean over slices that were chosen for their answer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import NO_TUMOUR, Polygon, Prediction
from braintumor_desktop.domain.series_answer import (
    SUSPICIOUS_FROM,
    Lesion,
    SeriesAnswer,
    SeriesFinding,
)

GRID = 128
"""Cells along each side of the slice, on which the outlines of neighbours are laid over another."""

TOO_FEW = "too_few_usable_slices"
NOT_MEASURED = "not_measured"

_Cell = tuple[int, int, int]  # slice, row, column


@dataclass(frozen=True)
class SeriesRule:
    """By what a series is judged; it comes with the model, which it was measured with.

    Attributes
    ----------
    suspicious_from
        The probability of any tumour, in [0, 1], from which a usable slice is suspicious.
    threshold
        The share of the usable slices, in [0, 1], above which the series is.
    least_usable
        With fewer usable slices nothing is said of the series.

    """

    suspicious_from: float
    threshold: float
    least_usable: int


@dataclass(frozen=True, eq=False)
class SliceInSeries:
    """What is known of one slice of a series.

    Attributes
    ----------
    prediction
        The network's answer, None where the slice was refused.
    usable
        Whether the answer may count: false too where it lies outside the part of the head that the
        network was measured on.
    position_mm
        Its place along the series' normal, None where that is not known.
    spacing_mm
        (between rows, between columns), None where that is not known.

    """

    prediction: Prediction | None
    usable: bool = True
    position_mm: float | None = None
    spacing_mm: tuple[float, float] | None = None

    @property
    def answer(self) -> Prediction | None:
        """The prediction, where it counts: given, usable, and not unlike the training data."""
        if self.prediction is None or not self.usable or self.prediction.unlike_training:
            return None
        return self.prediction


def answer_series(slices: Sequence[SliceInSeries], rule: SeriesRule | None) -> SeriesAnswer:
    """Answer a series from its slices in order along the normal.

    Without a `rule`, as in a bundle that was not measured on volumes, the lesions are given and
    nothing is said of the whole.
    """
    usable = tuple(one.answer is not None for one in slices)
    from_probability = suspicious_from(rule)
    suspicious = [
        one.answer is not None and one.answer.tumour_probability >= from_probability
        for one in slices
    ]
    return statement(usable, sum(suspicious), rule, find_lesions(slices, suspicious))


def suspicious_from(rule: SeriesRule | None) -> float:
    """Return from which probability of any tumour a usable slice is suspicious, in [0, 1]."""
    return SUSPICIOUS_FROM if rule is None else rule.suspicious_from


def statement(
    usable: Sequence[bool],
    suspicious: int,
    rule: SeriesRule | None,
    lesions: tuple[Lesion, ...] = (),
) -> SeriesAnswer:
    """Say of a series what its rule says where `suspicious` of the usable slices are.

    `usable` is by slice in order, `lesions` what is outlined in them.
    """
    told = tuple(usable)
    if rule is None or sum(told) < rule.least_usable:
        reason = NOT_MEASURED if rule is None else TOO_FEW
        finding = SeriesFinding.NOT_ANSWERED
        return SeriesAnswer(finding, told, suspicious, lesions=lesions, reason=reason)
    score = suspicious / sum(told)
    flagged = score > rule.threshold
    finding = SeriesFinding.SUSPICIOUS if flagged else SeriesFinding.NOTHING_FLAGGED
    return SeriesAnswer(finding, told, suspicious, score, lesions)


def find_lesions(slices: Sequence[SliceInSeries], suspicious: Sequence[bool]) -> tuple[Lesion, ...]:
    """Return the places outlined on `suspicious` slices, the surest first.

    Outlines belong to one lesion where they overlap in neighbouring slices of the series, which
    share one frame: the same pixel is the same place.
    """
    outlined = np.zeros((len(slices), GRID, GRID), np.bool_)
    for index, (one, counts) in enumerate(zip(slices, suspicious, strict=True)):
        if counts and one.answer is not None:
            outlined[index] = rasterised(one.answer)
    lesions = [_lesion(slices, cells) for cells in _connected(outlined)]
    return tuple(sorted(lesions, key=lambda lesion: (-lesion.probability, -len(lesion.slices))))


def rasterised(prediction: Prediction) -> NDArray[np.bool_]:
    """The outlines of a slice filled on a grid over the whole slice, bool (GRID, GRID)."""
    crop = prediction.heat_map.crop
    scale = np.array([GRID / crop.image_width, GRID / crop.image_height])
    filled = np.zeros((GRID, GRID), np.bool_)
    for polygon in prediction.outline:
        filled |= _filled(polygon * scale)
    return filled


def _filled(polygon: Polygon) -> NDArray[np.bool_]:
    """The cells whose centres lie in a polygon in cells; of one without any, that of its middle."""
    result = np.zeros((GRID, GRID), np.bool_)
    left, top = np.clip(np.floor(polygon.min(axis=0)).astype(int), 0, GRID - 1)
    right, bottom = np.clip(np.ceil(polygon.max(axis=0)).astype(int), 1, GRID)
    x = np.arange(left, right)[None] + 0.5
    y = np.arange(top, bottom)[:, None] + 0.5
    inside = np.zeros((bottom - top, right - left), np.bool_)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 != y2:  # even-odd rule: how many edges does a ray to the right cross
            inside ^= ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    if inside.any():
        result[top:bottom, left:right] = inside
    else:
        column, row = np.clip(polygon.mean(axis=0).astype(int), 0, GRID - 1)
        result[row, column] = True
    return result


def _connected(outlined: NDArray[np.bool_]) -> list[list[_Cell]]:
    """The connected parts of a volume; neighbours share a face."""
    left = {tuple(map(int, cell)) for cell in np.argwhere(outlined)}
    parts = []
    while left:
        start = left.pop()
        part, waiting = [start], deque([start])
        while waiting:
            index, row, column = waiting.popleft()
            for step in ((1, 0, 0), (0, 1, 0), (0, 0, 1)):
                for sign in (1, -1):
                    cell = (
                        index + sign * step[0],
                        row + sign * step[1],
                        column + sign * step[2],
                    )
                    if cell in left:
                        left.remove(cell)
                        part.append(cell)
                        waiting.append(cell)
        parts.append(part)
    return parts  # type: ignore[return-value]


def _lesion(slices: Sequence[SliceInSeries], cells: Sequence[_Cell]) -> Lesion:
    places = np.array(cells)
    indices = sorted({int(index) for index in places[:, 0]})
    answers = {index: answer for index in indices if (answer := slices[index].answer) is not None}
    peak_slice = max(answers, key=lambda index: answers[index].tumour_probability)
    peak = answers[peak_slice]
    own = places[places[:, 0] == peak_slice][:, 1:]
    crop = peak.heat_map.crop
    row, column = own.mean(axis=0) + 0.5
    summed = {
        name: sum(answer.probabilities[name] for answer in answers.values())
        for name in peak.probabilities
        if name != NO_TUMOUR
    }
    return Lesion(
        slices=tuple(indices),
        peak_slice=peak_slice,
        peak=(
            float(column * crop.image_width / GRID),
            float(row * crop.image_height / GRID),
        ),
        probability=peak.tumour_probability,
        label=max(summed, key=summed.__getitem__),
        extent_mm=_extent_mm(slices, places, crop.image_width, crop.image_height),
    )


def _extent_mm(
    slices: Sequence[SliceInSeries], places: NDArray[np.int_], width: float, height: float
) -> tuple[float, float, float] | None:
    """(between the outer slices' centres, along columns, along rows), where all is known."""
    indices = np.unique(places[:, 0])
    spacing = slices[int(indices[0])].spacing_mm
    positions = [slices[int(index)].position_mm for index in indices]
    known = [position for position in positions if position is not None]
    if spacing is None or len(known) < len(positions):
        return None
    rows, columns = (int(np.ptp(places[:, axis])) + 1 for axis in (1, 2))
    return (
        float(max(known) - min(known)),
        rows * height / GRID * spacing[0],
        columns * width / GRID * spacing[1],
    )
