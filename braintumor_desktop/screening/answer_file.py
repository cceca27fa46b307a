"""The whole way of one slice: file, slice, prepared slice, prediction."""

from __future__ import annotations

from pathlib import Path

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.sources.archive import read_named


def answer_file(path: Path, classifier: Classifier) -> SliceAnswer:
    """Read, prepare and classify the slice in a file, or in a member of a ZIP archive.

    Raises `ArchiveError` or `SliceReadError` where the file cannot be read with certainty and
    `BlankSliceError` where its image is empty.
    """
    return answer_slice(read_named(path), classifier)


def answer_slice(mri: MRISlice, classifier: Classifier) -> SliceAnswer:
    """Prepare and classify a slice; raises `BlankSliceError` where it is empty."""
    prepared = prepare(mri, classifier.input_size)
    return SliceAnswer(mri, prepared, classifier.classify(prepared))
