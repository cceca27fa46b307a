"""The whole way of one slice that is read: prepared, then answered."""

from __future__ import annotations

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.inference.classifier import Classifier


def answer_slice(mri: MRISlice, classifier: Classifier) -> SliceAnswer:
    """Prepare and classify a slice; raises `BlankSliceError` where it is empty."""
    prepared = prepare(mri, classifier.input_size)
    return SliceAnswer(mri, prepared, classifier.classify(prepared))
