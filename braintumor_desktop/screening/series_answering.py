"""A whole series answered: its slices in order, and what they say of the series."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from braintumor_desktop.domain.answer import ModelInfo, Prediction
from braintumor_desktop.domain.result import FileResult, answered, refused
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.domain.study import Instance, Series
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import SeriesRule, SliceInSeries, answer_series
from braintumor_desktop.screening.pipeline import unforeseen
from braintumor_desktop.sources.instances import InstanceReader


@dataclass(frozen=True, eq=False)
class AnsweredSlice:
    """One slice of a series: what was said of it, and by what.

    `prediction` is None where the slice was refused; `result` then has the reason.
    """

    instance: Instance
    result: FileResult
    prediction: Prediction | None = None


@dataclass(frozen=True, eq=False)
class AnsweredSeries:
    """A series with the answers of its slices, in their order, and the one about the whole."""

    series: Series
    slices: tuple[AnsweredSlice, ...]
    answer: SeriesAnswer
    model: ModelInfo


def answer_whole(
    series: Series,
    classifier: Classifier,
    rule: SeriesRule | None = None,
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> AnsweredSeries | None:
    """Answer every slice of a series, and the series; None where it was cancelled.

    Parameters
    ----------
    series
        Its instances are read one at a time, so that no more than one is held.
    classifier
        What answers.
    rule
        By what the series is judged; by default what the bundle was measured with.
    progress
        Called after each slice with how many are done.
    cancelled
        Asked before each slice.

    """
    slices = []
    reader = InstanceReader()
    for done, instance in enumerate(series.instances, start=1):
        if cancelled():
            return None
        slices.append(_answer(reader, instance, classifier))
        progress(done)
    return AnsweredSeries(
        series,
        tuple(slices),
        answer_series(in_order(slices), rule or classifier.series_rule),
        classifier.info,
    )


def in_order(slices: Sequence[AnsweredSlice]) -> list[SliceInSeries]:
    """Return what the series' answer is made of."""
    return [
        SliceInSeries(
            one.prediction,
            position_mm=None
            if one.instance.geometry is None
            else one.instance.geometry.position_mm,
            spacing_mm=one.instance.spacing_mm,
        )
        for one in slices
    ]


def _answer(reader: InstanceReader, instance: Instance, classifier: Classifier) -> AnsweredSlice:
    try:
        mri = reader.read(instance)
        prediction = classifier.classify(prepare(mri, classifier.input_size))
        result = replace(answered(mri, prediction), content=mri.source.sha256)
    except BraintumorError as error:
        prediction, result = None, refused(error)
    except Exception as error:  # the edge: one slice must not cost the others
        prediction, result = None, unforeseen(error)
    where = replace(result, path=instance.path, frame=instance.frame)
    return AnsweredSlice(instance, where, prediction)
