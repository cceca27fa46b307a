"""A whole series answered: its slices in order, and what they say of the series."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from braintumor_desktop.domain.answer import ModelInfo, Prediction
from braintumor_desktop.domain.image import MRISlice, PreparedSlice
from braintumor_desktop.domain.result import FileResult, answered, refused
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.domain.study import Instance, Series
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import SeriesRule, SliceInSeries, answer_series
from braintumor_desktop.screening.pipeline import BATCH, unforeseen
from braintumor_desktop.screening.slice_answering import classify_each
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
        Of its slices no more than `BATCH` are held at a time.
    classifier
        What answers.
    rule
        By what the series is judged; by default what the bundle was measured with.
    progress
        Called after each batch with how many slices are done.
    cancelled
        Asked before each slice.

    """
    slices: list[AnsweredSlice] = []
    with InstanceReader() as reader:
        for start in range(0, len(series.instances), BATCH):
            read = []
            for instance in series.instances[start : start + BATCH]:
                if cancelled():
                    return None
                read.append((instance, _read(reader, instance, classifier.input_size)))
            slices += _answered(read, classifier)
            progress(len(slices))
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


_Read = tuple[MRISlice, PreparedSlice] | FileResult
"""A slice with what the network sees of it, or why there is none."""


def _read(reader: InstanceReader, instance: Instance, size: int) -> _Read:
    try:
        mri = reader.read(instance)
        return mri, prepare(mri, size)
    except BraintumorError as error:
        return refused(error)
    except Exception as error:  # the edge: one slice must not cost the others
        return unforeseen(error)


def _answered(
    read: Sequence[tuple[Instance, _Read]], classifier: Classifier
) -> Iterator[AnsweredSlice]:
    prepared = [found[1] for _, found in read if isinstance(found, tuple)]
    predictions = iter(classify_each(classifier, prepared))
    for instance, found in read:
        if isinstance(found, FileResult):
            yield _placed(instance, found)
            continue
        mri, prediction = found[0], next(predictions)
        if isinstance(prediction, Exception):
            yield _placed(instance, unforeseen(prediction, mri.source.identifiers))
        else:
            result = replace(answered(mri, prediction), content=mri.source.sha256)
            yield _placed(instance, result, prediction)


def _placed(
    instance: Instance, result: FileResult, prediction: Prediction | None = None
) -> AnsweredSlice:
    where = replace(result, path=instance.path, frame=instance.frame)
    return AnsweredSlice(instance, where, prediction)
