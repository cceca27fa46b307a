"""What is said of a series: from its slices' answers in order, never a mean over chosen ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SUSPICIOUS_FROM = 0.5
"""From which probability of any tumour a usable slice is suspicious, unless a rule says other."""


class SeriesFinding(StrEnum):
    """What is said of the whole."""

    SUSPICIOUS = "suspicious"
    NOTHING_FLAGGED = "nothing_flagged"
    NOT_ANSWERED = "not_answered"  # too few usable slices, or not measured on such series


@dataclass(frozen=True)
class Lesion:
    """Places in neighbouring slices that overlap.

    Attributes
    ----------
    slices
        The indices in the series, in order.
    peak_slice
        The index of the slice where the network is surest.
    peak
        The (x, y) there in the slice's pixels, edges counting from 0.
    probability
        The peak's probability of any tumour, in [0, 1].
    extent_mm
        (between slices, along columns, along rows), or None where the spacing is not known.
    label
        The most probable type over its slices.

    """

    slices: tuple[int, ...]
    peak_slice: int
    peak: tuple[float, float]
    probability: float
    label: str
    extent_mm: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class SeriesAnswer:
    """The statement about one series.

    Attributes
    ----------
    finding
        What is said of the whole, by a threshold that was measured on volumes.
    usable
        For each slice in order, whether it was taken into account.
    suspicious
        How many of the usable slices are suspicious.
    score
        What was held against the threshold, in [0, 1]; None where it was not answered.
    lesions
        The places found, the surest first.
    reason
        A stable word for why it was not answered; empty where it was.

    """

    finding: SeriesFinding
    usable: tuple[bool, ...]
    suspicious: int = 0
    score: float | None = None
    lesions: tuple[Lesion, ...] = ()
    reason: str = ""

    @property
    def usable_count(self) -> int:
        """How many slices were taken into account."""
        return sum(self.usable)
