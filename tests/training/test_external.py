"""Whole heads judged: the definitions on made-up slices, the way from files on real ones."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from braintumor_desktop.inference.classifier import Classifier
from training.datasets.whole_heads import ManifestRow, read_manifest_rows
from training.evaluation.external import external_figures, height_of
from training.evaluation.external_tables import external_report
from training.evaluation.volume_answers import JudgedSlice, answer_volumes, score_mask


def judged(
    position: int,
    probability: float,
    *,
    mask_px: int = 0,
    distance: int | None = 9,
    possible: tuple[str, ...] = ("notumor",),
    unlike: bool = False,
    below: float | None = None,
    series: str = "P1 FLAIR",
) -> JudgedSlice:
    """A slice of a series of the external set."""
    one = ManifestRow(
        path="",
        use="external",
        set="tcga-lgg",
        patient=series.split()[0],
        series=series,
        sequence="FLAIR",
        position=position,
        mm_below_top=below,
        truth="glioma" if mask_px else "notumor",
        mask="",
        mask_px=mask_px,
        slices_to_mask=distance,
        fold=-1,
    )
    dice = 0.5 if mask_px else None
    return JudgedSlice(one, probability, frozenset(possible), unlike, dice, bool(mask_px) or None)


SERIES = [
    judged(1, 0.9, possible=("glioma",)),  # a false alarm, sure of itself
    judged(2, 0.9, possible=("glioma",), unlike=True),  # one that is withheld
    judged(3, 0.1),
    judged(4, 0.2, distance=2),  # beside the tumour: for the AUC alone
    judged(5, 0.6, mask_px=499, distance=0),  # too small to count
    judged(6, 0.8, mask_px=900, distance=0, possible=("glioma", "notumor")),
    judged(7, 0.7, mask_px=900, distance=0, possible=("meningioma",)),  # the wrong type
    judged(8, 0.3, mask_px=900, distance=0),  # missed, sure of itself
]


def test_shares_follow_their_definitions() -> None:
    tumour, free = external_figures(SERIES)["slices"]
    assert (tumour["truth"], tumour["slices"]) == ("tumour", 3)
    assert tumour["called"] == pytest.approx(2 / 3)
    assert tumour["confidently_wrong"] == pytest.approx(1 / 3)
    assert tumour["type_confidently_wrong"] == pytest.approx(1 / 3)
    assert (free["truth"], free["slices"]) == ("free", 3)
    assert free["called"] == pytest.approx(2 / 3)
    assert free["called_and_answered"] == pytest.approx(1 / 3)
    assert free["confidently_wrong"] == pytest.approx(1 / 3)
    assert free["unlike"] == pytest.approx(1 / 3)
    assert free["wrong_of_answered"] == pytest.approx(1 / 2)


def test_within_a_patient_tumour_slices_stand_against_all_two_or_more_from_a_mask() -> None:
    (row,) = external_figures(SERIES)["within_patient"]
    # 0.8, 0.7, 0.3 against 0.9, 0.9, 0.1, 0.2
    assert row["auc"] == pytest.approx(6 / 12)
    assert row["series"] == 1


def test_heights_are_bands_in_mm_or_thirds_of_the_series() -> None:
    assert height_of(judged(1, 0, below=19.9), 30) == "0-20 mm"
    assert height_of(judged(1, 0, below=100.0), 30) == "100-120 mm"
    assert height_of(judged(1, 0, below=130.0), 30) == "120 mm or more"
    assert [height_of(judged(p, 0), 30) for p in (1, 11, 30)] == [
        "lower third",
        "middle third",
        "upper third",
    ]


def test_series_are_told_from_healthy_ones_and_so_is_their_tumour_free_part() -> None:
    healthy = [judged(p, 0.1, distance=None, series=f"H{n} FLAIR") for n in (1, 2) for p in (1, 2)]
    (row,) = external_figures([*SERIES, *healthy])["series"]
    assert (row["tumour_series"], row["healthy_series"]) == (1, 2)
    assert row["healthy_of_same_sequence"]
    assert row["share_called"] == pytest.approx(5 / 8)
    assert row["share_called_in_free_part"] == pytest.approx(2 / 4)
    assert (row["auc"], row["auc_of_free_part"]) == (1.0, 1.0)


def test_the_outline_is_held_against_the_mask() -> None:
    cells = np.zeros((4, 4), np.float32)
    cells[1, 1] = 0.9
    truth = np.zeros((16, 16), bool)
    truth[4:8, 4:8] = True
    dice, inside = score_mask(cells, truth)
    assert inside
    assert 0.3 < dice <= 1
    assert score_mask(cells, np.roll(truth, 8, axis=1)) == (0.0, False)


def test_a_series_of_files_is_answered_and_told(data_folder: Path, classifier: Classifier) -> None:
    volumes = data_folder / "volumes"
    if not (volumes / "manifest.csv").is_file():
        pytest.skip("no whole heads in the data")
    rows = [
        one for one in read_manifest_rows(volumes) if one.series == "TCGA_CS_4941_19960909 FLAIR"
    ]
    middle = [one for one in rows if one.tumour][:2] + [one for one in rows if one.free][:2]
    answers = answer_volumes(classifier, volumes, middle)
    assert [one.slice for one in answers] == middle
    assert all(0 <= one.tumour_probability <= 1 for one in answers)
    assert [one.dice is not None for one in answers] == [True, True, False, False]
    report = external_report(json.loads(json.dumps(external_figures(answers))))
    assert "| tcga-lgg | FLAIR | tumour | 2 |" in report


def test_every_row_of_the_manifest_is_read(data_folder: Path) -> None:
    path = data_folder / "volumes" / "manifest.csv"
    if not path.is_file():
        pytest.skip("no whole heads in the data")
    with path.open(newline="", encoding="utf-8") as file:
        count = sum(1 for _ in csv.DictReader(file))
    slices = read_manifest_rows(path.parent)
    assert len(slices) == count
    assert all(one.truth != "notumor" or not one.tumour for one in slices)
    assert all(one.fold == -1 for one in slices if one.use == "external")
