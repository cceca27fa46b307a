"""Where the recipe fails: by source, by the tumour's size, and the most confident errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import NO_TUMOUR, suspect
from training.data.packing import TYPE_UNKNOWN, Packed
from training.datasets.patients import FIGSHARE, PLANES, stretch_of
from training.evaluation.intervals import mean
from training.evaluation.predictions import Predictions

CONFIDENT = 0.9
DESCRIBED = 20
SIZES = 4


@dataclass(frozen=True, eq=False)
class Answers:
    """What is said of every packed slice, all of length n.

    `probabilities` (n, classes); `possible` (n, classes), the classes that cannot be excluded;
    `unlike` (n,), called unlike the training data; `called_tumour` (n,).
    """

    probabilities: NDArray[np.float64]
    possible: NDArray[np.bool_]
    unlike: NDArray[np.bool_]
    called_tumour: NDArray[np.bool_]

    def take(self, own: NDArray[np.bool_]) -> Answers:
        """The answers marked in `own` (n,), in the same order."""
        return Answers(*(getattr(self, name)[own] for name in vars(self)))


@dataclass(frozen=True, eq=False)
class OutlineScores:
    """How well the mask fits where a tumour's outline is known; all of length n, NaN elsewhere.

    `area` is the outline's share of the prepared slice, `dice` its overlap with the cells above
    0.5, `peak_inside` 1 where the middle of the mask's strongest cell lies in the outline, else 0.
    """

    area: NDArray[np.float64]
    dice: NDArray[np.float64]
    peak_inside: NDArray[np.float64]

    @property
    def places(self) -> NDArray[np.intp]:
        """Where an outline is known."""
        return np.flatnonzero(~np.isnan(self.area))


def score_outlines(packed: Packed, predictions: Predictions) -> OutlineScores:
    """Compare every known outline with the mask, (rows, columns), of its slice."""
    scores = OutlineScores(*(np.full(len(packed), np.nan) for _ in range(3)))
    for place in np.flatnonzero(packed.outlined & packed.masks.any(axis=(1, 2))):
        truth = packed.masks[place]
        cells = predictions.masks[place].astype(np.float32)
        fine = cv2.resize(cells, truth.shape, interpolation=cv2.INTER_LINEAR)
        inside = np.asarray(fine) > 0.5
        scores.area[place] = truth.mean()
        scores.dice[place] = 2 * truth[inside].sum() / (truth.sum() + inside.sum())
        scores.peak_inside[place] = _at(truth, predictions.mask_peaks[place])
    return scores


def heat_inside(
    packed: Packed, predictions: Predictions, answers: Answers, places: NDArray[np.intp]
) -> NDArray[np.float64]:
    """1 where the app's heat map has its peak in the outline, else 0, for the slices at `places`.

    The map is that of the tumour that the app points at (`inference.prediction.suspect`).
    """
    names = [str(name) for name in packed.classes]

    def inside(place: np.intp) -> bool:
        named = dict(zip(names, answers.probabilities[place], strict=True))
        possible = [name for name, held in zip(names, answers.possible[place], strict=True) if held]
        shown = names.index(suspect(named, possible))
        return _at(packed.masks[place], predictions.heat_peaks[place, shown])

    return np.array([inside(place) for place in places], float)


def _at(truth: NDArray[np.uint8], peak: NDArray[np.float64]) -> bool:
    row, column = (peak * truth.shape).astype(int)
    return bool(truth[row, column])


def outlines(packed: Packed, scores: OutlineScores) -> dict[str, Any]:
    """The mask's figures, over all known outlines and for each source."""

    def part(places: NDArray[np.intp]) -> dict[str, Any]:
        groups = packed.groups[places]
        return {
            "slices": len(places),
            **mean(groups, scores.dice[places], "mean_dice"),
            **mean(groups, scores.peak_inside[places], "peak_inside"),
        }

    places = scores.places
    sources = packed.sources[places]
    by_source = {str(name): part(places[sources == name]) for name in np.unique(sources)}
    return {**part(places), "by_source": by_source}


def by_source(packed: Packed, answers: Answers) -> list[dict[str, Any]]:
    """For each source and class: slices, groups, the share answered right and called tumour.

    Slices that stand upside down do not count among those called unlike the training data.
    """
    rows = []
    right = answers.probabilities.argmax(axis=1) == packed.labels
    for source in np.unique(packed.sources):
        for label in range(TYPE_UNKNOWN, len(packed.classes)):
            own = (packed.sources == source) & (packed.labels == label)
            if not own.any():
                continue
            groups = packed.groups[own]
            typed = own & (label != TYPE_UNKNOWN)
            upright = own & ~packed.upside_down
            rows.append(
                {
                    "source": str(source),
                    "truth": truth_name(packed, label),
                    "slices": int(own.sum()),
                    "groups": len(np.unique(groups)),
                    **mean(packed.groups[typed], right[typed], "recall"),
                    **mean(groups, answers.called_tumour[own], "called_tumour"),
                    **mean(packed.groups[upright], answers.unlike[upright], "unlike_training"),
                }
            )
    return rows


def by_plane(packed: Packed, answers: Answers) -> list[dict[str, Any]]:
    """For each plane and class, of the slices whose plane is known: slices, the share right."""
    right = answers.probabilities.argmax(axis=1) == packed.labels
    planes = np.array([_plane(packed, place) for place in range(len(packed))])
    kinds = [(plane, label) for label in range(len(packed.classes)) for plane in PLANES]
    return [
        {
            "plane": plane,
            "truth": truth_name(packed, label),
            "slices": int(own.sum()),
            **mean(packed.groups[own], right[own], "recall"),
        }
        for plane, label in kinds
        for own in [(planes == plane) & (packed.labels == label)]
        if own.any()
    ]


def _plane(packed: Packed, place: int) -> str:
    """The plane of a slice, "" where it is not known."""
    if packed.sources[place] != FIGSHARE:
        return ""
    return stretch_of(str(packed.slice_ids[place])).plane


def by_size(packed: Packed, answers: Answers, scores: OutlineScores) -> list[dict[str, Any]]:
    """The tumours with a known outline in quarters by its area, the smallest first."""
    order = scores.places[np.argsort(scores.area[scores.places], kind="stable")]
    right = answers.probabilities.argmax(axis=1) == packed.labels
    rows = []
    for part in np.array_split(order, SIZES):
        typed = part[packed.labels[part] != TYPE_UNKNOWN]
        rows.append(
            {
                "area": [float(scores.area[part[0]]), float(scores.area[part[-1]])],
                "slices": len(part),
                **mean(packed.groups[part], answers.called_tumour[part], "called_tumour"),
                "typed_slices": len(typed),
                **mean(packed.groups[typed], right[typed], "recall"),
                **mean(packed.groups[part], scores.dice[part], "mean_dice"),
            }
        )
    return rows


def _wrong_answers(packed: Packed, answers: Answers) -> NDArray[np.bool_]:
    """Which answers are wrong, (n,); of a tumour of unknown type, "no tumour" alone is."""
    answer = answers.probabilities.argmax(axis=1)
    none = list(packed.classes).index(NO_TUMOUR)
    unknown = packed.labels == TYPE_UNKNOWN
    return np.asarray(np.where(unknown, answer == none, answer != packed.labels))


def errors(packed: Packed, answers: Answers, scores: OutlineScores) -> dict[str, Any]:
    """How many answers are wrong, how sure of them the network is, and the most confident ones.

    Wrong is also "no tumour" for a tumour of unknown type. Of a group only the most confident error
    is described: its neighbours' are the same error again.
    """
    answer = answers.probabilities.argmax(axis=1)
    sure = answers.probabilities.max(axis=1)
    none = list(packed.classes).index(NO_TUMOUR)
    unknown = packed.labels == TYPE_UNKNOWN
    wrong = _wrong_answers(packed, answers)
    places = np.flatnonzero(wrong)
    places = places[np.argsort(-sure[places], kind="stable")]
    names, counts = np.unique(packed.groups[wrong], return_counts=True)
    wrong_in = dict(zip(names, counts.tolist(), strict=True))
    _, first = np.unique(packed.groups[places], return_index=True)
    described = places[np.sort(first)][:DESCRIBED]
    held = np.cumsum(np.sort(counts)[::-1])
    possible = answers.possible[np.arange(len(packed)), packed.labels]
    tumour = np.asarray(np.delete(answers.possible, none, axis=1).any(axis=1))
    return {
        "slices": len(places),
        "of": len(packed),
        "confident": int((sure[places] >= CONFIDENT).sum()),
        "kinds": _kinds(packed, answer, scores),
        "groups": len(names),
        "of_groups": len(np.unique(packed.groups)),
        "groups_with_half": int(np.searchsorted(held, len(places) / 2)) + 1 if len(places) else 0,
        "most_confident": [
            {
                "name": str(packed.names[place]),
                "source": str(packed.sources[place]),
                "truth": truth_name(packed, packed.labels[place]),
                "answer": str(packed.classes[answer[place]]),
                "probability": float(sure[place]),
                "truth_excluded": not bool((tumour if unknown[place] else possible)[place]),
                "unlike_training": bool(answers.unlike[place]),
                "outline_area": _or_none(scores.area[place]),
                "peak_inside": _or_none(scores.peak_inside[place]),
                "wrong_in_group": wrong_in[packed.groups[place]],
                "group_slices": int((packed.groups == packed.groups[place]).sum()),
            }
            for place in described
        ],
    }


def _kinds(
    packed: Packed, answer: NDArray[np.intp], scores: OutlineScores
) -> dict[str, dict[str, int]]:
    """The errors by kind; of those with a known outline, at how many the mask points."""
    none = list(packed.classes).index(NO_TUMOUR)
    unknown, healthy = packed.labels == TYPE_UNKNOWN, packed.labels == none
    known = ~unknown & ~healthy
    kinds = {
        "tumour called another type": (known, (answer != packed.labels) & (answer != none)),
        "tumour called no tumour": (known, answer == none),
        "tumour of unknown type called no tumour": (unknown, answer == none),
        "no tumour called a tumour": (healthy, answer != none),
    }
    return {
        kind: {
            "slices": int((among & wrong).sum()),
            "of": int(among.sum()),
            "outlined": int((~np.isnan(scores.area[among & wrong])).sum()),
            "peak_inside": int(np.nansum(scores.peak_inside[among & wrong])),
        }
        for kind, (among, wrong) in kinds.items()
    }


def truth_name(packed: Packed, label: int) -> str:
    """The class of a label, in words where the type is unknown."""
    return "tumour of unknown type" if label == TYPE_UNKNOWN else str(packed.classes[label])


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
