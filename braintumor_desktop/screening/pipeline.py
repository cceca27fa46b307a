"""The one way from a file's bytes to its results: read, prepared, answered together by the network.

A file is read once and answered once. Who wants something of its pixels (a page of a report, a
thumbnail) gets it here, while they are at hand, through a `Sink`; afterwards there are no pixels.
What is said of one file does not depend on the process that says it, nor on the other files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

from braintumor_desktop.domain import result
from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers, MRISlice, PreparedSlice
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.identifiers import read_identifiers
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import decode_frames
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.rendering.slice_picture import SlicePicture, slice_picture
from braintumor_desktop.rendering.thumbnail import thumbnail_jpeg
from braintumor_desktop.screening.slice_answering import classify_each

BATCH = 8
"""Slices that are read before they are answered together."""

_T = TypeVar("_T")

File = tuple[bytes, Path]
"""A file's content, and its path to be recorded."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A result on its way to the sinks.

    Attributes
    ----------
    result
        What is said of the file or frame.
    picture
        What a page of a report shows of it; None for a refusal, and where nobody asked.
    decision
        What a person decided about it, beside the answer that it has now.
    noted
        What a person measured on it: pairs of what it is called and what is said of it.
    decided_by
        Who decided, and when, as it is printed; empty where that is not known.

    """

    result: FileResult
    picture: SlicePicture | None = None
    decision: Decision = field(default_factory=Decision)
    noted: tuple[tuple[str, str], ...] = ()
    decided_by: str = ""


class Sink(Protocol):
    """What results are handed to, each once, in the walk's order."""

    @property
    def pictures(self) -> bool:
        """Whether it wants `Screened.picture`."""

    def write(self, screened: Screened) -> None:
        """Take one."""


class _UnforeseenError(BraintumorError):
    kind = "internal"


@dataclass(slots=True, eq=False)
class _Slice:
    """A slice that is read and waits for the network; `place` is where its result goes."""

    place: tuple[int, int]
    mri: MRISlice
    prepared: PreparedSlice


def answer(
    classifier: Classifier, files: Sequence[File], *, pictures: bool = False
) -> list[list[Screened]]:
    """Return what is said of each file, in their order: a list of its frames, or of one refusal.

    No file costs the others. With `pictures`, answered slices come with theirs. At most `BATCH`
    frames are in memory at once, besides the files' bytes.
    """
    said: list[dict[int, Screened]] = [{} for _ in files]
    waiting: list[_Slice] = []

    def flush() -> None:
        for one, screened in zip(waiting, _classify(classifier, waiting, pictures), strict=True):
            said[one.place[0]][one.place[1]] = screened
        waiting.clear()

    for number, file in enumerate(files):
        for found in _frames(number, file, classifier.input_size):
            if isinstance(found, _Slice):
                waiting.append(found)
                if len(waiting) == BATCH:
                    flush()
            else:
                said[number][found.frame] = Screened(found)
    flush()
    return [[frames[frame] for frame in sorted(frames)] for frames in said]


def unforeseen(error: Exception, identifiers: DicomIdentifiers | None = None) -> FileResult:
    """Return a refusal where the app failed in a way that it did not foresee."""
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
        trace = trace.tb_next
    refusal = _UnforeseenError(
        "The app failed on this file in a way that it did not foresee ({error}).",
        error=type(error).__name__,
    )
    # No message of the error: it may hold a path or a name.
    fault = f"{type(error).__name__} at {' > '.join(frames)}"
    return replace(result.refused(refusal, identifiers), fault=fault)


def _frames(number: int, file: File, size: int) -> Iterator[_Slice | FileResult]:
    """The slices of a file, or why there is none; of several, each may have its own reason."""
    slices = _guarded(lambda: decode_frames(*file), file)
    if isinstance(slices, FileResult):
        yield slices
        return
    for frame in range(len(slices)):
        yield _frame(number, frame, file, slices, size)


def _frame(
    number: int, frame: int, file: File, slices: Sequence[MRISlice], size: int
) -> _Slice | FileResult:
    def read() -> _Slice:
        mri = slices[frame]  # decoded here
        return _Slice((number, frame), mri, prepare(mri, size))

    found = _guarded(read, file)
    return replace(found, frame=frame) if isinstance(found, FileResult) else found


def _guarded(step: Callable[[], _T], file: File) -> _T | FileResult:
    try:
        return step()
    except BraintumorError as error:
        return result.refused(error, read_identifiers(file[0]))
    except Exception as error:  # the worker's edge
        return unforeseen(error, read_identifiers(file[0]))


def _classify(
    classifier: Classifier, slices: Sequence[_Slice], pictures: bool
) -> Iterator[Screened]:
    prepared = [one.prepared for one in slices]
    said = classify_each(classifier, prepared, outlined=pictures)
    for one, prediction in zip(slices, said, strict=True):
        try:
            if isinstance(prediction, Exception):
                raise prediction
            screened = _screened(one, prediction, pictures)
        except Exception as error:  # the worker's edge
            failed = unforeseen(error, one.mri.source.identifiers)
            screened = Screened(replace(failed, frame=one.place[1]))
        yield screened


def _screened(one: _Slice, prediction: Prediction, pictures: bool) -> Screened:
    # As it comes out of the records, so that a resumed run writes the same.
    kept = result.from_json(result.to_json(result.answered(one.mri, prediction)))
    kept = replace(kept, frame=one.place[1], thumbnail=thumbnail_jpeg(one.mri))
    return Screened(kept, slice_picture(one.mri, one.prepared, prediction) if pictures else None)
