from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.ui.session.answering_thread import (
    AnswerThread,
    Engine,
    Job,
    JobQueue,
    Outcome,
)

A, B, C = Path("a"), Path("b"), Path("c")


def test_the_preferred_job_comes_first() -> None:
    jobs = JobQueue()
    jobs.put({A: 1, B: 2, C: 3})
    jobs.put({C: 3}, preferred=True)
    jobs.drop(A)
    assert [jobs.take(), jobs.take()] == [(C, 3), (B, 2)]


def test_a_newer_request_replaces_the_older() -> None:
    jobs = JobQueue()
    jobs.put({A: 1})
    jobs.put({A: 5})
    jobs.put({B: 6})
    assert [jobs.take(), jobs.take()] == [(A, 5), (B, 6)]


def test_a_closed_queue_gives_nothing() -> None:
    jobs = JobQueue()
    jobs.put({A: 1})
    jobs.close()
    assert jobs.take() is None


def outcome_of(qtbot: QtBot, engine: Callable[[], Engine], path: Path) -> Outcome:
    thread = AnswerThread(engine, lambda instance: read_slice(instance.path))
    thread.start()
    try:
        with qtbot.waitSignal(thread.outcomes_ready):
            thread.jobs.put({(path, 0): Job(1, Instance(path))})
        (outcome,) = thread.take_outcomes()
        return outcome
    finally:
        thread.stop()
        assert thread.wait(5000)


def test_an_unforeseen_error_is_logged_without_path_or_message(
    qtbot: QtBot,
    fake_engine: Callable[..., Callable[[], Engine]],
    demo_slice: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fall(path: Path) -> None:
        raise ValueError(f"Mrs Example in {path}")

    with caplog.at_level(logging.ERROR):
        outcome = outcome_of(qtbot, fake_engine(before=fall), demo_slice)
    assert outcome.failed
    assert outcome.loaded is None
    assert "ValueError at" in caplog.text
    assert "Example" not in caplog.text
    assert str(demo_slice.parent) not in caplog.text
    assert demo_slice.name not in caplog.text


@pytest.mark.parametrize(
    "error", [ModelBundleError("{file} is missing.", file="model.onnx"), ImportError("no such")]
)
def test_without_an_engine_slices_are_read_all_the_same(
    qtbot: QtBot, error: Exception, demo_slice: Path
) -> None:
    def fail() -> Engine:
        raise error

    outcome = outcome_of(qtbot, fail, demo_slice)
    assert outcome.loaded is not None
    assert outcome.loaded.prediction is None
    assert outcome.thumbnail is not None
