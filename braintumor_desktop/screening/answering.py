"""From a few files' bytes to their results: read, prepared, answered together by the network.

What is said of one file does not depend on the process that says it, nor on the other files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from braintumor_desktop.domain import result
from braintumor_desktop.domain.image import DicomIdentifiers, MRISlice, PreparedSlice
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.identifiers import read_identifiers
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import decode_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.rendering.thumbnail import thumbnail_jpeg

BATCH = 8
"""Slices that the network gets at once, always exactly so many: the last bits of an answer depend
on the batch's size, not on what else is in it."""

File = tuple[bytes, Path]
"""A file's content, and its path to be recorded."""


class _UnforeseenError(BraintumorError):
    kind = "internal"


def answer(classifier: Classifier, files: Sequence[File]) -> list[FileResult]:
    """What is said of up to `BATCH` files, in their order. No file costs the others."""
    read = [_guarded(_read, classifier, file) for file in files]
    slices = [item for item in read if not isinstance(item, FileResult)]
    answered = iter(_classify(classifier, slices) if slices else [])
    return [item if isinstance(item, FileResult) else next(answered) for item in read]


def unforeseen(error: Exception, identifiers: DicomIdentifiers | None = None) -> FileResult:
    """A refusal where the app failed in a way that it did not foresee."""
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


_Read = tuple[MRISlice, PreparedSlice]


def _guarded(
    step: Callable[[Classifier, File], _Read], classifier: Classifier, file: File
) -> _Read | FileResult:
    try:
        return step(classifier, file)
    except BraintumorError as error:
        return result.refused(error, read_identifiers(file[0]))
    except Exception as error:  # the worker's edge
        return unforeseen(error, read_identifiers(file[0]))


def _read(classifier: Classifier, file: File) -> _Read:
    mri = decode_slice(*file)
    return mri, prepare(mri, classifier.input_size)


def _classify(classifier: Classifier, slices: Sequence[_Read]) -> list[FileResult]:
    prepared = [item for _, item in slices]
    try:
        filled = prepared + prepared[:1] * (BATCH - len(prepared))
        predictions = classifier.classify_batch(filled, outlined=False)
        said = []
        for (mri, _), prediction in zip(slices, predictions, strict=False):
            # As it comes out of the records, so that a resumed run writes the same.
            kept = result.from_json(result.to_json(result.answered(mri, prediction)))
            said.append(replace(kept, thumbnail=thumbnail_jpeg(mri)))
    except Exception as error:  # the worker's edge
        if len(slices) > 1:  # one by one, so that only the slice that failed has no answer
            return [said for one in slices for said in _classify(classifier, [one])]
        return [unforeseen(error, slices[0][0].source.identifiers)]
    return said
