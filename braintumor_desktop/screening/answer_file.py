"""The whole way of one slice: file, slice, prepared slice, prediction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.domain.image import MRISlice, PreparedSlice
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.sources.archive import read_named


@dataclass(frozen=True)
class Answer:
    """A slice as read, as the network saw it, and what the network says of it."""

    slice: MRISlice
    prepared: PreparedSlice
    prediction: Prediction


def answer_file(path: Path, classifier: Classifier) -> Answer:
    """Read, prepare and classify the slice in a file, or in a member of a ZIP archive.

    Raises `ArchiveError` or `SliceReadError` where the file cannot be read with certainty and
    `BlankSliceError` where its image is empty.
    """
    mri = read_named(path)
    prepared = prepare(mri, classifier.input_size)
    return Answer(mri, prepared, classifier.classify(prepared))
