"""A series answers as a series: made-up slices, then a real head."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from braintumor_desktop.domain.answer import HeatMap, ModelInfo, Prediction
from braintumor_desktop.domain.image import Crop
from braintumor_desktop.domain.series_answer import SeriesFinding
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import (
    NOT_MEASURED,
    TOO_FEW,
    SeriesRule,
    SliceInSeries,
    answer_series,
)

RULE = SeriesRule(suspicious_from=0.5, threshold=0.2, least_usable=4)
SIDE = 256
MODEL = ModelInfo("net 1", "ab" * 32)


def square(left: float, top: float, side: float = 40) -> np.ndarray:
    """An outline in pixels."""
    return np.array(
        [[left, top], [left + side, top], [left + side, top + side], [left, top + side]], float
    )


def said(
    tumour: float, *outline: np.ndarray, unlike: bool = False, label: str = "glioma"
) -> Prediction:
    """What the network says of a slice of 256x256 pixels."""
    shares = {"glioma": 0.0, "meningioma": 0.0, "notumor": 1 - tumour, "pituitary": 0.0}
    shares[label] = tumour
    heat = HeatMap(np.zeros((2, 2), np.float32), Crop(0, 0, SIDE, SIDE, SIDE, SIDE))
    return Prediction(shares, (label,), unlike, heat, outline, None, MODEL)


def series(*predictions: Prediction | None) -> list[SliceInSeries]:
    """Slices 5 mm apart with pixels of 1 x 2 mm."""
    return [
        SliceInSeries(one, position_mm=5.0 * place, spacing_mm=(1.0, 2.0))
        for place, one in enumerate(predictions)
    ]


FREE = said(0.1)


def test_outlines_that_overlap_in_neighbours_are_one_lesion() -> None:
    answer = answer_series(
        series(
            FREE,
            said(0.7, square(100, 100)),
            said(0.9, square(120, 110)),
            said(0.6, square(10, 10)),
            FREE,
        ),
        RULE,
    )
    assert answer.finding is SeriesFinding.SUSPICIOUS
    assert (answer.suspicious, answer.usable_count) == (3, 5)
    assert answer.score == pytest.approx(3 / 5)
    first, second = answer.lesions
    assert first.slices == (1, 2)
    assert first.peak_slice == 2
    assert first.peak == pytest.approx((140, 130), abs=2)
    assert first.probability == pytest.approx(0.9)
    # one step between two slices; from row 100 to 150; from column 100 to 160, 2 mm wide each
    assert first.extent_mm == pytest.approx((5, 50, 120), abs=4)
    assert second.slices == (3,)


def test_the_same_place_two_slices_apart_is_not_one_lesion() -> None:
    answer = answer_series(
        series(said(0.9, square(100, 100)), FREE, said(0.9, square(100, 100)), FREE), RULE
    )
    assert [lesion.slices for lesion in answer.lesions] == [(0,), (2,)]


def test_what_is_unlike_refused_or_outside_does_not_count() -> None:
    unlike = said(0.99, square(50, 50), unlike=True)
    slices = [
        *series(unlike, None, FREE, FREE, FREE, FREE),
        SliceInSeries(said(0.99, square(50, 50)), usable=False),
    ]
    answer = answer_series(slices, RULE)
    assert answer.usable == (False, False, True, True, True, True, False)
    assert answer.finding is SeriesFinding.NOTHING_FLAGGED
    assert (answer.suspicious, answer.score, answer.lesions) == (0, 0.0, ())


def test_nothing_is_said_of_too_few_slices_or_without_a_rule() -> None:
    few = answer_series(series(said(0.9, square(9, 9)), FREE, FREE), RULE)
    assert few.finding is SeriesFinding.NOT_ANSWERED
    assert few.reason == TOO_FEW
    assert few.score is None
    unmeasured = answer_series(series(*[said(0.9, square(9, 9))] * 9), None)
    assert unmeasured.finding is SeriesFinding.NOT_ANSWERED
    assert unmeasured.reason == NOT_MEASURED
    assert len(unmeasured.lesions) == 1  # it is shown all the same


def test_the_threshold_itself_does_not_flag() -> None:
    slices = series(said(0.9, square(9, 9)), FREE, FREE, FREE, FREE)
    assert answer_series(slices, RULE).finding is SeriesFinding.NOTHING_FLAGGED


def test_without_spacing_there_is_no_extent_and_the_type_goes_by_all_slices() -> None:
    slices = [
        SliceInSeries(said(0.9, square(80, 80), label="glioma")),
        SliceInSeries(said(0.8, square(80, 80), label="meningioma")),
        SliceInSeries(said(0.8, square(80, 80), label="meningioma")),
        SliceInSeries(FREE),
    ]
    (lesion,) = answer_series(slices, RULE).lesions
    assert lesion.extent_mm is None
    assert lesion.label == "meningioma"
    assert lesion.peak_slice == 0


def test_an_outline_smaller_than_the_grid_still_has_a_place() -> None:
    (lesion,) = answer_series(
        series(said(0.9, square(200, 60, side=0.5)), *[FREE] * 4), RULE
    ).lesions
    assert lesion.peak == pytest.approx((200, 60), abs=2)


def test_the_lesion_of_a_real_head_lies_in_its_mask(
    data_folder: Path, classifier: Classifier
) -> None:
    import cv2

    folder = data_folder / "volumes" / "external" / "tcga-lgg"
    if not folder.is_dir():
        pytest.skip("no whole heads in the data")
    from training.datasets.whole_heads import read_manifest_rows

    rows = [
        one
        for one in read_manifest_rows(data_folder / "volumes")
        if one.series == "TCGA_CS_4941_19960909 FLAIR"
    ]
    slices = []
    for row in rows:
        prepared = prepare(read_slice(data_folder / "volumes" / row.path), classifier.input_size)
        slices.append(SliceInSeries(classifier.classify(prepared)))
    answer = answer_series(slices, RULE)
    assert len(answer.usable) == len(rows)
    largest = max(answer.lesions, key=lambda lesion: len(lesion.slices))
    row = rows[largest.peak_slice]
    assert row.mask, "the surest slice shows no tumour"
    mask = cv2.imread(str(data_folder / "volumes" / row.mask), cv2.IMREAD_GRAYSCALE)
    x, y = (int(value) for value in largest.peak)
    assert mask[y, x] > 0
