"""Whole heads by the networks that never saw their patient, and the rule for series from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.domain.series_answer import SUSPICIOUS_FROM
from training.data.packing import Packed
from training.datasets.whole_heads import read_manifest_rows
from training.evaluation.assessment import in_volumes, out_of_fold_answers
from training.evaluation.external import area_under_curve, external_figures
from training.evaluation.failures import score_outlines
from training.evaluation.predictions import Predictions
from training.evaluation.volume_answers import JudgedSlice

Figures = dict[str, Any]

LEAST_USABLE = 6
LEAST_THRESHOLD = 0.1  # by choice: of few healthy volumes no slice may be suspicious at all
FLAGGED_HEALTHY = 0.05
"""The share of volumes of healthy people that the rule for series may flag."""


def judge_left_out(packed: Packed, predictions: Predictions, volumes: Path) -> list[JudgedSlice]:
    """Judge the packed slices of whole heads, each by the network that left out its fold.

    What is fitted for the trust is fitted on the other folds. `volumes` is the folder with the
    manifest; slices beside a mask are in neither the packed slices nor the figures.
    """
    answers = out_of_fold_answers(packed, predictions)
    own = in_volumes(packed)
    packed, predictions, answers = packed.take(own), predictions.take(own), answers.take(own)
    scores = score_outlines(packed, predictions)
    rows = {one.path: one for one in read_manifest_rows(volumes)}
    none = list(packed.classes).index(NO_TUMOUR)
    return [
        JudgedSlice(
            slice=rows[str(name)],
            tumour_probability=float(1 - answers.probabilities[place, none]),
            possible=frozenset(map(str, packed.classes[answers.possible[place]])),
            unlike=bool(answers.unlike[place]),
            dice=float(scores.dice[place]) if rows[str(name)].tumour else None,
            peak_inside=bool(scores.peak_inside[place]) if rows[str(name)].tumour else None,
        )
        for place, name in enumerate(packed.names)
    ]


def left_out_figures(judged: Sequence[JudgedSlice]) -> Figures:
    """The figures of `external_figures` of left-out whole heads, and those of the rule."""
    return {**external_figures(judged), "rule": rule_figures(judged)}


def fit_series_rule(judged: Sequence[JudgedSlice]) -> dict[str, float]:
    """The fields of `inference.series.SeriesRule`, fitted on left-out whole heads.

    The threshold is the share of suspicious slices that 5 % of the volumes of healthy people exceed
    (the largest where they are too few to say so), but one slice in ten at least.
    """
    shares = np.sort([share for kind, share in _kinds(judged) if kind == "healthy"])
    threshold = LEAST_THRESHOLD
    if len(shares):
        place = min(len(shares) - 1, int(np.ceil((1 - FLAGGED_HEALTHY) * (len(shares) + 1))) - 1)
        threshold = max(threshold, float(shares[place]))
    return {
        "suspicious_from": SUSPICIOUS_FROM,
        "threshold": threshold,
        "least_usable": LEAST_USABLE,
    }


def rule_figures(judged: Sequence[JudgedSlice]) -> Figures:
    """The rule on volumes of each person, fitted on the other people's."""
    flagged: dict[str, list[bool]] = {"healthy": [], "tumour": [], "free_part": []}
    shares: dict[str, list[float]] = {"healthy": [], "tumour": [], "free_part": []}
    for patient in sorted({one.slice.patient for one in judged}):
        others = [one for one in judged if one.slice.patient != patient]
        threshold = fit_series_rule(others)["threshold"]
        own = [one for one in judged if one.slice.patient == patient]
        for kind, share in _kinds(own):
            shares[kind].append(share)
            flagged[kind].append(share > threshold)
    result: Figures = {
        kind: {"volumes": len(values), "flagged": float(np.mean(values)) if values else None}
        for kind, values in flagged.items()
    }
    if shares["healthy"] and shares["tumour"]:
        healthy = np.array(shares["healthy"])
        result["auc"] = area_under_curve(np.array(shares["tumour"]), healthy)
        result["auc_of_free_part"] = area_under_curve(np.array(shares["free_part"]), healthy)
    return result


def flagged_by(rule: dict[str, float], judged: Sequence[JudgedSlice]) -> list[Figures]:
    """What the rule says of whole series, by use and sequence, and of their tumour-free parts.

    `peak_on_tumour`: of the flagged volumes with a tumour, the share whose surest slice, which is
    the peak of their surest lesion, shows it; None where none is flagged.
    """
    rows = []
    for key in sorted({(one.slice.use, one.slice.sequence) for one in judged}):
        own = [one for one in judged if (one.slice.use, one.slice.sequence) == key]
        kinds: dict[str, list[bool]] = {}
        for kind, share in _kinds(own):
            kinds.setdefault(kind, []).append(share > rule["threshold"])
        on_tumour = [
            _surest(members).slice.mask_px > 0
            for members in _by_series(own).values()
            if any(one.slice.tumour for one in members)
            and (whole := _share(members)) is not None
            and whole > rule["threshold"]
        ]
        on_mask = float(np.mean(on_tumour)) if on_tumour else None
        rows += [
            {
                "use": key[0],
                "sequence": key[1],
                "kind": kind,
                "volumes": len(values),
                "flagged": float(np.mean(values)),
                "peak_on_tumour": on_mask if kind == "tumour" else None,
            }
            for kind, values in sorted(kinds.items())
        ]
    return rows


def _kinds(judged: Sequence[JudgedSlice]) -> Iterable[tuple[str, float]]:
    """("healthy", "tumour" or "free_part", share of suspicious slices) of every series."""
    for members in _by_series(judged).values():
        tumours = any(one.slice.tumour for one in members)
        whole = _share(members)
        if whole is not None:
            yield ("tumour" if tumours else "healthy"), whole
        free = _share([one for one in members if one.slice.mask_px == 0 and one.slice.apart(2)])
        if tumours and free is not None:
            yield "free_part", free


def _share(judged: Sequence[JudgedSlice]) -> float | None:
    """The share of usable slices that are suspicious; None where too few are usable."""
    usable = [one for one in judged if not one.unlike]
    if len(usable) < LEAST_USABLE:
        return None
    return float(np.mean([one.tumour_probability >= SUSPICIOUS_FROM for one in usable]))


def _surest(judged: Sequence[JudgedSlice]) -> JudgedSlice:
    """The usable slice that is most probably one of a tumour."""
    return max((one for one in judged if not one.unlike), key=lambda one: one.tumour_probability)


def _by_series(judged: Sequence[JudgedSlice]) -> dict[str, list[JudgedSlice]]:
    result: dict[str, list[JudgedSlice]] = {}
    for one in judged:
        result.setdefault(one.slice.series, []).append(one)
    return result
