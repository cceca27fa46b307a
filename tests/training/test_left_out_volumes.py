"""The rule for series, and sets whose coverage holds wherever the slices come from."""

from __future__ import annotations

import numpy as np
import pytest

from training.datasets.whole_heads import ManifestRow
from training.evaluation.left_out_volumes import (
    LEAST_USABLE,
    fit_series_rule,
    flagged_by,
    rule_figures,
)
from training.evaluation.trust import fit_set_thresholds
from training.evaluation.volume_answers import JudgedSlice


def volume(patient: str, called: int, *, of: int = 20, tumour: int = 0) -> list[JudgedSlice]:
    """A volume of `of` slices, the first `called` suspicious, the first `tumour` with a mask."""
    slices = []
    for place in range(of):
        has = place < tumour
        one = ManifestRow(
            path=f"{patient}/{place}",
            use="train",
            set="some-set",
            patient=patient,
            series=f"{patient} T1+C",
            sequence="T1+C",
            position=place,
            mm_below_top=None,
            truth="glioma" if has else "notumor",
            mask="",
            mask_px=100 if has else 0,
            slices_to_mask=(0 if has else 5) if tumour else None,
            fold=0,
        )
        probability = 0.9 if place < called else 0.1
        slices.append(JudgedSlice(one, probability, frozenset({"notumor"}), False, None, None))
    return slices


HEALTHY = [one for n in range(39) for one in volume(f"H{n}", called=1)]


def test_the_rule_lets_at_most_one_volume_in_twenty_pass() -> None:
    worst = volume("worst", called=9)
    rule = fit_series_rule([*HEALTHY, *worst])
    assert rule["threshold"] == pytest.approx(0.05)
    assert rule["least_usable"] == LEAST_USABLE
    rows = flagged_by(rule, [*HEALTHY, *worst, *volume("P", called=8, tumour=5)])
    flagged = {row["kind"]: row["flagged"] for row in rows}
    assert flagged["healthy"] == pytest.approx(1 / 40)
    assert flagged["tumour"] == 1
    assert flagged["free_part"] == 1  # three called slices of the fifteen without a mask


def test_the_rule_is_judged_on_other_people_than_it_was_fitted_on() -> None:
    figures = rule_figures([*HEALTHY, *volume("P", called=5, tumour=5)])
    assert figures["healthy"] == {"volumes": 39, "flagged": 0.0}
    assert figures["tumour"] == {"volumes": 1, "flagged": 1.0}
    assert figures["free_part"]["flagged"] == 0
    assert (figures["auc"], figures["auc_of_free_part"]) == (1.0, 0.0)


def test_a_volume_with_too_few_slices_says_nothing() -> None:
    few = volume("P", called=4, of=LEAST_USABLE - 1)
    assert flagged_by({"threshold": 0.1}, few) == []


def test_sets_hold_for_the_worst_origin_of_a_class() -> None:
    rng = np.random.default_rng(0)
    easy, hard = rng.uniform(0.8, 1, 400), rng.uniform(0.2, 1, 100)
    own = np.concatenate([easy, hard])
    probabilities = np.column_stack([own, 1 - own])
    labels = np.zeros(500, np.int64)
    origins = np.array(["picture"] * 400 + ["volume"] * 100)
    pooled = fit_set_thresholds(probabilities, labels)
    apart = fit_set_thresholds(probabilities, labels, origins=origins)
    assert (hard >= pooled[0]).mean() < 0.9
    assert (hard >= apart[0]).mean() >= 0.94
    assert apart[0] < pooled[0]
    # five slices cannot show 95 %: they do not count
    few = np.array(["picture"] * 400 + ["other"] * 5 + ["volume"] * 95)
    assert fit_set_thresholds(probabilities, labels, origins=few)[0] > 0
