"""Slices that are read: one prepared and answered, or several prepared ones answered together."""

from __future__ import annotations

from collections.abc import Sequence

from braintumor_desktop.domain.answer import Prediction, SliceAnswer
from braintumor_desktop.domain.image import MRISlice, PreparedSlice
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.inference.classifier import Classifier


def answer_slice(mri: MRISlice, classifier: Classifier) -> SliceAnswer:
    """Prepare and classify a slice; raises `BlankSliceError` where it is empty."""
    prepared = prepare(mri, classifier.input_size)
    return SliceAnswer(mri, prepared, classifier.classify(prepared))


def classify_each(
    classifier: Classifier, prepared: Sequence[PreparedSlice], *, outlined: bool = True
) -> list[Prediction | Exception]:
    """Classify slices together, or one by one where that fails: no slice costs the others.

    In their order, with the error in place of a slice's own prediction; `outlined` as in
    `Classifier.classify_batch`.
    """
    try:
        return list(classifier.classify_batch(prepared, outlined=outlined))
    except Exception as error:  # the worker's edge
        if len(prepared) == 1:
            return [error]
    return [
        said for one in prepared for said in classify_each(classifier, [one], outlined=outlined)
    ]
