"""Helper processes say the same as this one, and a run outlives them."""

from __future__ import annotations

import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from braintumor_desktop import paths, versions
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier, Outputs
from braintumor_desktop.outputs.table import CsvWriter
from braintumor_desktop.screening import batch as module
from braintumor_desktop.screening import workers
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.screening.pipeline import BATCH, File, Screened, answer
from braintumor_desktop.screening.progress import Control
from braintumor_desktop.screening.workers import Helper, Places
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.store.records import Records


class _Waiting(Places):
    """Helpers from the first batch on, each waited for until it has come up."""

    patience_s = None

    def __init__(self, classifier: Classifier, jobs: int) -> None:
        super().__init__(classifier, jobs, worth_it=0)


def test_an_answer_that_is_no_number_costs_no_other_file(
    classifier: Classifier, demo_slice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mr = Path(str(get_testdata_file("MR_small.dcm")))
    files = [(path.read_bytes(), path) for path in (demo_slice, mr, demo_slice)]
    (expected,) = answer(classifier, files[:1])[0]
    spoilt_pixels = _pixels(classifier, mr)
    run = Classifier.run

    def spoilt(self: Classifier, pixels: NDArray[np.float32]) -> Outputs:
        outputs = run(self, pixels)
        outputs.logits[[(one == spoilt_pixels).all() for one in pixels]] = np.nan
        return outputs

    monkeypatch.setattr(Classifier, "run", spoilt)
    (first,), (failed,), (last,) = answer(classifier, files)
    assert first == last == expected
    assert failed.result.reason is not None
    assert failed.result.reason.kind == "internal"


def _pixels(classifier: Classifier, path: Path) -> NDArray[np.float32]:
    return prepare(read_slice(path), classifier.input_size).pixels


@pytest.fixture
def folder(mixed: Path, data_folder: Path) -> Path:
    """Real slices with everything that `mixed` has."""
    real = sorted((data_folder / "brain-tumor-mri").glob("*/*/*.jpg"))[::150]
    real += [*sorted((data_folder / "dicom-series").glob("*.dcm"))[:4]]
    for path in real:
        (mixed / "b" / path.name).write_bytes(path.read_bytes())
    return mixed


def _table(rows: list[FileResult], classifier: Classifier, path: Path) -> bytes:
    with path.open("w", encoding="utf-8", newline="") as stream:
        CsvWriter(stream, classifier.classes).write_all((row, Decision()) for row in rows)
    return path.read_bytes()


def test_a_helper_says_the_same_of_every_file(classifier: Classifier, demo_slice: Path) -> None:
    found = [demo_slice, Path(str(get_testdata_file("MR_small.dcm"))), demo_slice.parent / "letter"]
    data = [found[0].read_bytes(), found[1].read_bytes(), b"Dear colleague"]
    files = list(zip(data, found, strict=True))
    helper = Helper(paths.model_bundle())
    try:
        assert helper.model(None) == (
            classifier.description,
            classifier.description.answering_key,
        )
        assert helper.answer(files, pictures=False) == answer(classifier, files)
        assert helper.answer(files[:1] * BATCH, pictures=False) == answer(
            classifier, files[:1] * BATCH
        )
    finally:
        helper.close()


def test_a_run_with_helpers_gives_the_same_table(
    folder: Path,
    classifier: Classifier,
    records: Records,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = list(Batch(classifier, records, 1).rows(walk([folder]), Control()))
    monkeypatch.setattr(module, "Places", _Waiting)
    others = Records(tmp_path / "others.sqlite", "tester")
    rows = Batch(classifier, others, 2).rows(walk([folder]), Control())
    helped = [next(rows)]
    assert len(multiprocessing.active_children()) == 1
    helped += rows
    others.close()
    assert not multiprocessing.active_children(), "they end with the run"
    tables = [_table(found, classifier, tmp_path / "a.csv") for found in (alone, helped)]
    assert tables[0] == tables[1]
    assert tables[0].count(b"answered") > 60


def test_a_run_goes_on_where_its_helper_was_killed(
    folder: Path, classifier: Classifier, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Places", _Waiting)
    rows = Batch(classifier, records, 2).rows(walk([folder]), Control())
    found = [next(rows)]
    for process in multiprocessing.active_children():
        process.kill()
    found += rows
    assert [row.name for row in found] == [item.name for item in walk([folder])]
    kinds = {row.reason.kind for row in found if row.reason}
    assert kinds == {"hidden", "truncated", "other"}


class _Dying(Helper):
    """A helper whose process dies over one file, as of a codec that crashes or of no memory."""

    def answer(self, files: Sequence[File], *, pictures: bool) -> list[list[Screened]]:
        if any(path.name == "a3.png" for _, path in files):
            self.process.kill()
        return super().answer(files, pictures=pictures)


def test_a_file_over_which_helpers_die_is_one_row_s_sentence(
    folder: Path, classifier: Classifier, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "Helper", _Dying)
    monkeypatch.setattr(module, "Places", _Waiting)
    batch = Batch(classifier, records, 2)
    rows = {row.name: row for row in batch.rows(walk([folder]), Control())}
    assert list(rows) == [item.name for item in walk([folder])]
    for name in ("a2.png", "a4.png"):
        assert rows[name].answered, "read in the same batch"
    reason = rows["a3.png"].reason
    if reason is None:  # answered in this process: the other place was free first
        assert rows["a3.png"].answered
    else:
        assert reason.kind == "worker_died"
        assert rows["a3.png"].needs_look
    assert not multiprocessing.active_children()


def test_a_file_over_which_two_helpers_die_is_not_read_here(
    classifier: Classifier, demo_slice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "Helper", _Dying)
    killer = demo_slice.parent / "a3.png"
    data = demo_slice.read_bytes()
    with _Waiting(classifier, 2) as places:
        while not multiprocessing.active_children():
            places.answer([(data, demo_slice)])
        assert places.answer([(data, demo_slice)])[0][0].result.answered
        said = _by_a_helper(places, [(data, killer), (data, demo_slice)])
    (dead,), (other,) = said
    assert dead.result.reason is not None
    assert dead.result.reason.kind == "worker_died"
    assert other.result.answered


def _by_a_helper(places: Places, files: list[File]) -> list[list[Screened]]:
    """Ask until it was a helper's turn: this process reads the killer unharmed."""
    for _ in range(4):
        said = places.answer(files)
        if said[0][0].result.reason is not None:
            return said
    raise AssertionError("no helper was asked")


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_where_the_app_is_killed_no_helper_stays() -> None:
    code = """
import os, signal
from braintumor_desktop import paths, versions
from braintumor_desktop.screening.workers import Helper
assert Helper(paths.model_bundle()).model(None)
print("up", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    # A helper has the same standard output: this comes to its end when the helper does.
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (-signal.SIGKILL, b"up")
    assert done.stderr == b""


def test_a_helper_with_another_model_is_not_asked(
    folder: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = Classifier.load(paths.model_bundle())
    others = dict.fromkeys(changed.classes, 0.0)
    object.__setattr__(changed.description, "set_thresholds", others)  # as if exchanged since
    object.__setattr__(changed.description, "tumour_from", 1.0)
    monkeypatch.setattr(module, "Places", _Waiting)
    rows = list(Batch(changed, records, 2).rows(walk([folder]), Control()))
    assert all(len(row.possible) == 4 for row in rows if row.answered)


def test_a_helper_that_came_up_with_other_code_is_not_asked(
    folder: Path,
    classifier: Classifier,
    records: Records,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(versions, "READER", versions.READER + 1)
    monkeypatch.setattr(module, "Places", _Waiting)
    rows = list(Batch(classifier, records, 2).rows(walk([folder]), Control()))
    assert sum(row.answered for row in rows) > 60
    assert "other code" in caplog.text
