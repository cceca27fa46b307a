"""The bundled network on real slices."""

import numpy as np
import pytest

from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.paths import model_bundle
from braintumor_desktop.review.answer import answer_file


@pytest.fixture(scope="module")
def classifier():
    return Classifier.load(model_bundle())


@pytest.fixture(scope="module")
def prepared(classifier, demo_slice):
    return prepare(read_slice(demo_slice), classifier.input_size)


def test_probabilities_sum_to_one_and_belong_to_the_classes(classifier, prepared):
    prediction = classifier.classify(prepared)
    assert tuple(prediction.probabilities) == classifier.classes
    assert sum(prediction.probabilities.values()) == pytest.approx(1)
    assert prediction.label == prediction.ranked[0][0]
    assert prediction.model == classifier.info


def test_class_activation_map_is_exact(classifier, prepared):
    logits, activation = classifier.run(prepared.pixels[None])
    np.testing.assert_allclose(activation.mean(axis=(1, 2)), logits, atol=1e-4)


def test_a_batch_answers_like_its_slices_one_by_one(classifier, prepared):
    mirrored = prepare_mirrored(prepared)
    together = classifier.classify_batch([prepared, mirrored, prepared])
    alone = [classifier.classify(item) for item in (prepared, mirrored, prepared)]
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
    assert classifier.classify_batch([]) == []


def prepare_mirrored(prepared):
    return type(prepared)(np.ascontiguousarray(prepared.pixels[:, ::-1]), prepared.crop)


def test_peak_lies_in_the_source(classifier, demo_slice):
    answer = answer_file(demo_slice, classifier)
    x, y = answer.prediction.heat_map.peak
    height, width = answer.slice.pixels.shape
    assert 0 <= x <= width
    assert 0 <= y <= height


def test_most_testing_slices_are_answered_as_labelled(classifier, data_folder):
    paths = sorted((data_folder / "brain-tumor-mri" / "Testing").glob("*/*.jpg"))[::13]
    answers = [answer_file(path, classifier).prediction.label for path in paths]
    right = [label == path.parent.name for label, path in zip(answers, paths, strict=True)]
    assert len(right) == 101
    assert np.mean(right) >= 0.9
