"""A whole series answered in batches: in order, each slice for itself, as the batch answers it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from braintumor_desktop.domain.study import Series
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.pipeline import BATCH, answer
from braintumor_desktop.screening.series_answering import answer_whole
from braintumor_desktop.sources.catalogue import scan

COUNT = 2 * BATCH + 3
DAMAGED = BATCH + 1


@pytest.fixture
def series(data_folder: Path, tmp_path: Path) -> Series:
    for path in sorted((data_folder / "dicom-series").glob("*.dcm"))[:COUNT]:
        shutil.copy(path, tmp_path)
    (found,) = scan([tmp_path]).series
    damaged = found.instances[DAMAGED].path
    damaged.write_bytes(damaged.read_bytes()[:-2000])  # after its header has been looked at
    return found


def test_a_damaged_slice_costs_no_other_and_each_is_answered_as_in_a_batch(
    series: Series, classifier: Classifier
) -> None:
    done: list[int] = []
    whole = answer_whole(series, classifier, progress=done.append)
    assert whole is not None
    assert [one.instance for one in whole.slices] == list(series.instances)
    assert done == [BATCH, 2 * BATCH, COUNT]
    files = [(one.path.read_bytes(), one.path) for one in series.instances]
    for place, (one, (batched,)) in enumerate(
        zip(whole.slices, answer(classifier, files), strict=True)
    ):
        if place == DAMAGED:
            assert one.prediction is None
            assert one.result.reason is not None
            assert one.result.reason.kind == "truncated"
        else:
            assert one.result.reason is None
            assert one.result.probabilities == batched.result.probabilities
            assert one.result.content


def test_what_is_cancelled_in_mid_series_has_no_answer(
    series: Series, classifier: Classifier
) -> None:
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > BATCH + 2

    assert answer_whole(series, classifier, cancelled=cancelled) is None
    assert len(asked) == BATCH + 3


def test_a_slice_on_which_the_network_fails_costs_no_other(
    series: Series, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Classifier.classify_batch
    alone = [0]

    def fails_on_the_third(self: Classifier, batch, **options):  # type: ignore[no-untyped-def]
        if len(batch) == 1:
            alone[0] += 1
        if len(batch) > 1 or alone[0] == 3:
            raise MemoryError
        return run(self, batch, **options)

    monkeypatch.setattr(Classifier, "classify_batch", fails_on_the_third)
    whole = answer_whole(series, classifier)
    assert whole is not None
    failed = [n for n, one in enumerate(whole.slices) if one.prediction is None]
    assert failed == [2, DAMAGED]
    assert whole.slices[2].result.fault.startswith("MemoryError")
