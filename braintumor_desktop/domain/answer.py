"""What the network says of one slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import Crop, MRISlice, PreparedSlice

Polygon = NDArray[np.float64]
"""Float64 (points, 2) as [x, y] in source pixels, edges counting from 0; closed by itself."""


NO_TUMOUR = "notumor"
"""The one class that is no tumour."""

UNSURE_BELOW = 0.8
"""An answer with less than this probability needs a person's look."""


class Certainty(StrEnum):
    """How far an answer can be trusted, the least first: the one rule of it.

    `FAILED` and `PASSED` are of files without an answer: the first should have had one, the second
    is no slice and never will be.
    """

    FAILED = "failed"
    UNLIKE = "unlike"
    UNCERTAIN = "uncertain"
    CERTAIN = "certain"
    PASSED = "passed"

    @classmethod
    def of(
        cls, probabilities: Mapping[str, float], possible: Sequence[str], unlike_training: bool
    ) -> Certainty:
        """Return `UNLIKE`, `UNCERTAIN` or `CERTAIN` for an answer.

        Uncertain is one whose most probable class has less than `UNSURE_BELOW`, or that leaves
        more than one class possible. Unlike the training data goes before: there, neither the
        probabilities nor the possible classes mean much.
        """
        if unlike_training:
            return cls.UNLIKE
        improbable = max(probabilities.values(), default=0.0) < UNSURE_BELOW
        return cls.UNCERTAIN if improbable or len(possible) > 1 else cls.CERTAIN

    def needs_look(self, warned: bool) -> bool:
        """Whether a person should look first; `warned` where the file was read with a warning."""
        if self is Certainty.PASSED:
            return False
        return self is not Certainty.CERTAIN or warned


def tumour_probability(probabilities: Mapping[str, float]) -> float:
    """Return the probability of a tumour of any type, in [0, 1]: 1 less that of none."""
    return 1.0 - probabilities.get(NO_TUMOUR, 0.0)


def excluded(
    probabilities: Mapping[str, float], possible: Sequence[str], unlike_training: bool
) -> tuple[str, ...]:
    """Return the classes that can be excluded, in the model's order.

    None can where the slice is unlike the training data, or where the only possible class is too
    improbable to exclude the others.
    """
    certainty = Certainty.of(probabilities, possible, unlike_training)
    alone = certainty is Certainty.UNCERTAIN and len(possible) < 2
    if certainty is Certainty.UNLIKE or alone:
        return ()
    return tuple(name for name in probabilities if name not in possible)


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered: its name with version, and the SHA-256 of `model.onnx` in hex."""

    name: str
    sha256: str


@dataclass(frozen=True)
class MeasuredElsewhere:
    """What a network does on one sequence of hospitals that it was not trained on.

    `false_alarms`, the share in [0, 1] of slices without a tumour that it answers with a tumour,
    `missed` the share of those with one that it answers without; the rest is called unlike the
    training data, or right. `by_third` are the false alarms in the lower, middle and upper third of
    the head's slices; empty where they were not measured so.
    """

    sequence: str
    false_alarms: float
    missed: float
    by_third: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where the network found evidence for one class.

    `values` is float32 (rows, columns), coarse, in logit units: the class activation map, whose
    mean is the class's logit. Its cells tile the prepared slice, so that `crop` places it in the
    source's pixels.
    """

    values: NDArray[np.float32]
    crop: Crop

    @property
    def peak(self) -> tuple[float, float]:
        """The (x, y) of the strongest cell's centre in source pixels, edges counting from 0."""
        rows, columns = self.values.shape
        row, column = np.unravel_index(int(np.argmax(self.values)), (rows, columns))
        crop = self.crop
        x = crop.left + (float(column) + 0.5) * crop.width / columns
        y = crop.top + (float(row) + 0.5) * crop.height / rows
        return min(max(x, 0.0), crop.image_width), min(max(y, 0.0), crop.image_height)


@dataclass(frozen=True, eq=False)
class Prediction:
    """Class probabilities, how far they can be trusted, where the tumour is, and who said so.

    `probabilities` maps the model's class names, in the model's order, to calibrated numbers in
    [0, 1] that sum to 1. `possible` are the classes that cannot be excluded, in that order: sets
    that hold the truth for 95 % of the slices of every class (conformal prediction). Where the
    slice is `unlike_training`, neither means much. `heat_map` belongs to `suspect`; `outline` are
    the polygons, largest first, of what the network takes for tumour, `area_mm2` their area or None
    where the source has no spacing. `measured` is what the model does elsewhere, by sequence,
    and `sequence` that of the slice, empty where it is not known. Where it is one on which the
    model does not hold, its answer is `withheld`: everywhere as if unlike the training data.
    `distance` says how far the slice is from the training data: about 1 on average over those.
    """

    probabilities: dict[str, float]
    possible: tuple[str, ...]
    unlike_training: bool
    heat_map: HeatMap
    outline: tuple[Polygon, ...]
    area_mm2: float | None
    model: ModelInfo
    measured: tuple[MeasuredElsewhere, ...] = ()
    distance: float = 0.0
    sequence: str = ""
    withheld: bool = False

    @property
    def label(self) -> str:
        """The name of the most probable class."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def improbable(self) -> bool:
        """Whether even the most probable class has too little to be put forward as the answer."""
        return self.probabilities[self.label] < UNSURE_BELOW

    @property
    def tumour_probability(self) -> float:
        """That of a tumour of any type, in [0, 1]."""
        return tumour_probability(self.probabilities)

    @property
    def certainty(self) -> Certainty:
        """How far it can be trusted."""
        return Certainty.of(self.probabilities, self.possible, self.unlike_training)

    @property
    def excluded(self) -> tuple[str, ...]:
        """The classes that can be excluded."""
        return excluded(self.probabilities, self.possible, self.unlike_training)

    @property
    def suspect(self) -> str:
        """The tumour to point at: that nothing is there has no place."""
        return suspect(self.probabilities, self.possible)

    @property
    def located(self) -> bool:
        """Whether the heat map says something: not where a sure answer excludes every tumour."""
        doubted = self.improbable or bool(self.outline)
        return (self.suspect in self.possible or doubted) and bool(self.heat_map.values.max() > 0)

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """The classes with their probabilities, the most probable first."""
        return sorted(self.probabilities.items(), key=lambda item: -item[1])


@dataclass(frozen=True, eq=False)
class SliceAnswer:
    """A slice as read, with what the network saw of it and said; both None without a model."""

    slice: MRISlice
    prepared: PreparedSlice | None = None
    prediction: Prediction | None = None


def suspect(probabilities: Mapping[str, float], possible: Sequence[str]) -> str:
    """The most probable tumour of those that cannot be excluded; where all can, of all."""
    tumours = [name for name in probabilities if name != NO_TUMOUR]
    return max(
        [name for name in tumours if name in possible] or tumours, key=probabilities.__getitem__
    )


def area(polygon: Polygon) -> float:
    """The area inside a polygon, in square source pixels, by the shoelace formula."""
    x, y = polygon[:, 0], polygon[:, 1]
    return float(abs(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)
