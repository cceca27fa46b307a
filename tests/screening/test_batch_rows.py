from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult, to_json
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.screening.groups import By, groups
from braintumor_desktop.screening.progress import Control, Meter
from braintumor_desktop.screening.slice_answering import answer_slice
from braintumor_desktop.screening.worklist import Filter
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.store.records import Records


def _run(batch: Batch, *roots: Path) -> list[FileResult]:
    return list(batch.rows(walk(roots), Control()))


def test_every_file_is_a_row_in_order_with_its_answer_or_reason(
    mixed: Path, classifier: Classifier, records: Records
) -> None:
    rows = _run(Batch(classifier, records, 2), mixed)
    assert [row.name for row in rows] == [item.name for item in walk([mixed])]
    assert [row.number for row in rows] == list(range(len(rows)))
    kinds = Counter(row.reason.kind if row.reason else "" for row in rows)
    assert kinds == {"": 16, "hidden": 2, "truncated": 1, "other": 1}
    assert [(row.name, row.duplicate_of) for row in rows if row.duplicate_of] == [
        ("b/copy.png", "a0.png")
    ]
    for row in rows[1:4]:
        single = answer_slice(read_slice(row.path), classifier).prediction
        assert row.label == single.label
        assert dict(row.probabilities) == pytest.approx(single.probabilities, abs=1e-5)
        assert records.thumbnail(row.content, Batch(classifier, records, 1).key) is not None


def test_a_dicom_slice_has_the_same_area_as_when_it_is_opened(
    data_folder: Path, classifier: Classifier, records: Records
) -> None:
    folder = data_folder / "dicom-series"
    areas = {row.path: row.area_mm2 for row in _run(Batch(classifier, records, 2), folder)}
    for path in sorted(folder.glob("*.dcm"))[::4]:
        prediction = answer_slice(read_slice(path), classifier).prediction
        assert prediction.area_mm2 is not None
        assert (areas[path] or 0) == pytest.approx(prediction.area_mm2, abs=0.1)


@pytest.fixture
def of_anna(data_folder: Path, tmp_path: Path) -> Path:
    """Real slices of one patient, only the first of which is answered."""
    folder = tmp_path / "anna"
    folder.mkdir()
    named = ("answered", "blank", "compressed", "cut", "cut inside", "frames")
    slices = sorted((data_folder / "dicom-series").glob("*.dcm"))
    for name, path in zip(named, slices, strict=False):
        dataset = pydicom.dcmread(path)
        dataset.PatientID, dataset.PatientName = "ANNA-1", "Anna^A"
        if name == "blank":
            dataset.PixelData = bytes(len(dataset.PixelData))
        if name == "compressed":
            dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
            dataset.PixelData = encapsulate([b"no JPEG 2000 at all"])
        if name == "frames":
            dataset.NumberOfFrames = 2
        target = folder / f"{name}.dcm"
        dataset.save_as(target)
        data = target.read_bytes()
        if name == "cut":
            target.write_bytes(data[:-9000])
        if name == "cut inside":
            target.write_bytes(data[: data.index(b"ANNA-1") + 4])
    return folder


def test_a_slice_that_is_refused_stays_its_patient_s(
    of_anna: Path, classifier: Classifier, records: Records
) -> None:
    for _ in range(2):  # the second time from the records
        rows = _run(Batch(classifier, records, 1), of_anna)
        assert [row.name for row in rows if row.answered] == ["answered.dcm"]
        wanted = Filter(text="anna-1")
        assert [row.name for row in rows if wanted.accepts(row, Decision())] == [
            "answered.dcm", "blank.dcm", "compressed.dcm", "cut.dcm", "frames.dcm"
        ]  # fmt: skip
        anna, unnamed = groups(rows, By.PATIENT)
        assert (anna.name, anna.slices) == ("ANNA-1", 5)
        assert anna.needs_look >= 4
        assert (unnamed.name, unnamed.slices) == ("", 1), "ANNA is another patient"


def test_the_number_of_workers_changes_nothing(
    mixed: Path, classifier: Classifier, records: Records, tmp_path: Path
) -> None:
    others = Records(tmp_path / "others.sqlite", "tester")
    assert _run(Batch(classifier, records, 1), mixed) == _run(Batch(classifier, others, 3), mixed)
    others.close()


class _Counting(Classifier):
    """Counts what the network is asked."""

    def __init__(self, inner: Classifier) -> None:
        super().__init__(inner.description, inner._session)
        self.asked = 0

    def run(self, pixels: Any) -> Any:
        self.asked += 1
        return super().run(pixels)


def test_a_second_run_answers_from_the_records_unless_the_model_changed(
    mixed: Path, classifier: Classifier, records: Records
) -> None:
    counting = _Counting(classifier)
    first = _run(Batch(counting, records, 2), mixed)
    assert counting.asked > 0
    counting.asked = 0
    assert _run(Batch(counting, records, 2), mixed) == first
    assert counting.asked == 0
    counting.description = replace(classifier.description, temperature=2.0)
    changed = _run(Batch(counting, records, 2), mixed)
    assert counting.asked > 0
    assert [to_json(row) for row in changed] != [to_json(row) for row in first]


def test_an_answer_does_not_depend_on_its_company(
    mixed: Path, classifier: Classifier, records: Records, tmp_path: Path
) -> None:
    everything = {row.content: to_json(row) for row in _run(Batch(classifier, records, 1), mixed)}
    others = Records(tmp_path / "others.sqlite", "tester")
    for name in ("a3.png", "a7.png"):
        (row,) = _run(Batch(classifier, others, 1), mixed / name)
        assert to_json(row) == everything[row.content]
    others.close()


def test_cancelling_keeps_what_is_done_and_pausing_loses_nothing(
    mixed: Path, classifier: Classifier, records: Records
) -> None:
    batch, control = Batch(classifier, records, 1), Control()
    rows = batch.rows(walk([mixed]), control)
    first = next(rows)
    control.cancel()
    cut = [first, *rows]
    assert 0 < len(cut) < 20
    assert sum(1 for _ in records.audit()) > 0

    control = Control()
    rows = batch.rows(walk([mixed]), control)
    seen = [next(rows)]
    control.pause()
    seen += [next(rows) for _ in range(7)]  # what was in hand still comes
    control.go_on()
    assert len([*seen, *rows]) == 20


def test_a_file_that_breaks_the_app_costs_no_other(
    mixed: Path, classifier: Classifier, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    from braintumor_desktop.screening import pipeline as module

    decode = module.decode_frames

    def breaking(data: bytes, path: Path) -> Any:
        if path.name == "a2.png":
            raise ZeroDivisionError("Mr Example")
        return decode(data, path)

    monkeypatch.setattr(module, "decode_frames", breaking)
    rows = {row.name: row for row in _run(Batch(classifier, records, 2), mixed)}
    reason = rows["a2.png"].reason
    assert reason is not None
    assert (reason.kind, "Example" in str(reason)) == ("internal", False)
    assert rows["a3.png"].answered
    monkeypatch.undo()
    again = {row.name: row for row in _run(Batch(classifier, records, 2), mixed)}
    assert again["a2.png"].answered, "an unforeseen failure is tried again"


def test_batches_under_way_are_bounded(
    mixed: Path, classifier: Classifier, records: Records
) -> None:
    taken = 0

    def endless() -> Any:
        nonlocal taken
        items = list(walk([mixed]))
        for i in range(10_000):
            taken += 1
            yield items[i % len(items)]

    control = Control()
    rows = Batch(classifier, records, 2).rows(endless(), control)
    next(rows)
    assert taken <= 40
    control.cancel()
    list(rows)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    times = iter(np.arange(0.0, 100.0, 1.0))
    meter = Meter(lambda: float(next(times)))
    for done in range(10, 310, 10):
        progress = meter.measure(done, 1000)
    assert progress.rate == pytest.approx(10)
    assert progress.seconds_left == pytest.approx(70)
    assert meter.measure(300, None).seconds_left is None
