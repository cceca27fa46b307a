"""What is said of whole series, once all their slices are answered; in a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.ui.browser.slice_model import Entry, State
from braintumor_desktop.ui.session.open_series import Key, OpenSeries
from braintumor_desktop.ui.session.task_thread import TaskRunner


@dataclass(frozen=True)
class _Said:
    """What is said of which slices, by the requests that answered them."""

    slices: tuple[Key, ...] = ()
    asked: tuple[int, ...] = ()
    answer: SeriesAnswer | None = None


Judge = Callable[[Sequence[tuple[Instance, Prediction | None]]], SeriesAnswer]


class Judging(QObject):
    """Judges one series after the other; `judged` carries the series."""

    judged = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.judge: Judge | None = None
        self._said: dict[str, _Said] = {}
        self._waiting: dict[str, tuple[OpenSeries, list[Entry]]] = {}
        self._runner = TaskRunner(self)

    @property
    def running(self) -> bool:
        """Whether a thread is at work."""
        return self._runner.running

    def said(self, series: OpenSeries) -> SeriesAnswer | None:
        """What is said of a series; None while nothing is, or of fewer of its slices only."""
        said = self._said.get(series.key, _Said())
        return said.answer if said.slices == series.keys else None

    def consider(self, series: OpenSeries, entries: Sequence[Entry | None]) -> None:
        """Judge a series, where all of it is answered or refused and it is more than a picture."""
        told = [entry for entry in entries if entry is not None]
        asked = tuple(entry.request for entry in told)
        whole = len(told) == len(series.keys) > 1
        waits = any(entry.state in (State.WAITING, State.LISTED) for entry in told)
        answered = any(entry.state is State.ANSWERED for entry in told)
        if self.judge is None or not whole or waits or not answered:
            return
        said = self._said.get(series.key, _Said())
        if (said.slices, said.asked) != (series.keys, asked):
            self._said[series.key] = _Said(series.keys, asked)
            self._waiting[series.key] = series, told
            self._next()

    def clear(self) -> None:
        """Forget everything."""
        self._said.clear()
        self._waiting.clear()

    def stop(self) -> None:
        """End, after what is in hand."""
        self._waiting.clear()
        self._runner.stop()

    def _next(self) -> None:
        if self._runner.busy or not self._waiting or self.judge is None:
            return
        key = next(iter(self._waiting))
        series, entries = self._waiting.pop(key)
        asked = tuple(entry.request for entry in entries)
        slices = [(e.instance, e.prediction) for e in entries if e.instance is not None]
        judge = self.judge
        done: list[SeriesAnswer] = []

        def end(_error: object) -> None:
            said = self._said.get(key, _Said())
            if done and (said.slices, said.asked) == (series.keys, asked):
                self._said[key] = replace(said, answer=done[0])
                self.judged.emit(series)
            self._next()

        self._runner.do(lambda: done.append(judge(slices)), end)
