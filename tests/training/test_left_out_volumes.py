"""The rule for series, and from where on a tumour cannot be excluded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.datasets.whole_heads import ManifestRow
from training.evaluation.left_out_volumes import (
    LEAST_USABLE,
    fit_series_rule,
    flagged_by,
    rule_figures,
)
from training.evaluation.trust import fit_tumour_from
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


HEALTHY = [one for n in range(39) for one in volume(f"H{n}", called=3)]


def test_the_rule_lets_at_most_one_healthy_volume_in_twenty_pass() -> None:
    worst = volume("worst", called=9)
    rule = fit_series_rule([*HEALTHY, *worst])
    assert rule["threshold"] == pytest.approx(0.15)
    assert rule["least_usable"] == LEAST_USABLE
    rows = flagged_by(rule, [*HEALTHY, *worst, *volume("P", called=8, tumour=5)])
    flagged = {row["kind"]: row["flagged"] for row in rows}
    assert flagged["healthy"] == pytest.approx(1 / 40)
    assert flagged["tumour"] == 1
    assert flagged["free_part"] == 1  # three called slices of the fifteen without a mask


def test_the_surest_slice_of_a_flagged_volume_is_held_against_its_mask() -> None:
    found, missed = volume("A", called=8, tumour=5), volume("B", called=8, tumour=5)
    missed[7] = replace(missed[7], tumour_probability=0.95)  # a slice without a mask
    unlike = replace(volume("C", called=8, tumour=5)[7], tumour_probability=0.99, unlike=True)
    other = [one if one.slice.position != 7 else unlike for one in volume("C", called=8, tumour=5)]
    rows = flagged_by({"threshold": 0.1}, [*found, *missed, *other, *HEALTHY])
    peaks = {row["kind"]: row["peak_on_tumour"] for row in rows}
    assert peaks == {"tumour": pytest.approx(2 / 3), "free_part": None, "healthy": None}


def test_one_slice_in_ten_is_the_least_that_flags() -> None:
    quiet = [one for n in range(39) for one in volume(f"H{n}", called=0)]
    assert fit_series_rule(quiet)["threshold"] == pytest.approx(0.1)


def test_the_rule_is_judged_on_other_people_than_it_was_fitted_on() -> None:
    figures = rule_figures([*HEALTHY, *volume("P", called=5, tumour=5)])
    assert figures["healthy"] == {"volumes": 39, "flagged": 0.0}
    assert figures["tumour"] == {"volumes": 1, "flagged": 1.0}
    assert figures["free_part"]["flagged"] == 0
    assert (figures["auc"], figures["auc_of_free_part"]) == (1.0, 0.0)


def test_a_volume_with_too_few_slices_says_nothing() -> None:
    few = volume("P", called=4, of=LEAST_USABLE - 1)
    assert flagged_by({"threshold": 0.1}, few) == []


def test_a_tumour_is_excluded_where_four_in_ten_slices_without_one_lie() -> None:
    free = np.linspace(0, 1, 1001)
    assert fit_tumour_from(free) == pytest.approx(0.4)
    assert (free < fit_tumour_from(free)).mean() == pytest.approx(0.4, abs=0.01)
