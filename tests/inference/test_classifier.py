"""The bundled network on real slices."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from braintumor_desktop.domain.answer import HeatMap, area
from braintumor_desktop.domain.image import Crop, MRISlice, SliceSource
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier, softmax
from braintumor_desktop.paths import model_bundle
from braintumor_desktop.screening.slice_answering import answer_slice


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


@pytest.mark.parametrize(("temperature", "second", "further"), [(0.5, 1, 0.9), (4.0, 3, 1.1)])
def test_what_is_said_follows_the_temperature_and_thresholds_of_the_bundle(
    prepared, temperature, second, further
):
    """The most probable class is left, and the one whose threshold it reaches."""
    classifier = Classifier.load(model_bundle())
    outputs = classifier.run(prepared.pixels[None])
    shares = softmax(outputs.logits[0] / temperature)
    left = shares.argsort()[::-1][[0, second]]
    classifier.description = dataclasses.replace(
        classifier.description,
        temperature=temperature,
        set_thresholds={
            name: share * (1 - 1e-6 if number in left[1:] else 1.1)
            for number, (name, share) in enumerate(zip(classifier.classes, shares, strict=True))
        },
        tumour_from=1.0,
        unlike_threshold=float(outputs.distance[0]) * further,
    )
    prediction = classifier.classify(prepared)
    assert list(prediction.probabilities.values()) == pytest.approx(list(shares))
    assert prediction.possible == tuple(classifier.classes[number] for number in sorted(left))
    assert prediction.unlike_training == (further < 1)


def test_nothing_is_unlike_about_the_demo_slice(classifier, prepared):
    assert not classifier.classify(prepared).unlike_training


def test_class_activation_map_is_exact(classifier, prepared):
    outputs = classifier.run(prepared.pixels[None])
    mean = outputs.activation.mean(axis=(1, 2))
    np.testing.assert_allclose(mean, outputs.logits, rtol=1e-4, atol=1e-4)


def test_a_batch_answers_like_its_slices_one_by_one(classifier, prepared):
    mirrored = prepare_mirrored(prepared)
    together = classifier.classify_batch([prepared, mirrored, prepared])
    alone = [classifier.classify(item) for item in (prepared, mirrored, prepared)]
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities == pytest.approx(other.probabilities, abs=1e-5)
        assert one.suspect == other.suspect
        np.testing.assert_allclose(one.heat_map.values, other.heat_map.values, atol=1e-3)
    assert classifier.classify_batch([]) == []


def prepare_mirrored(prepared):
    return type(prepared)(np.ascontiguousarray(prepared.pixels[:, ::-1]), prepared.crop)


def test_what_cannot_be_excluded_holds_the_most_probable(classifier, prepared):
    thresholds = classifier.description.set_thresholds
    prediction = classifier.classify(prepared)
    assert prediction.label in prediction.possible
    for name, probability in prediction.probabilities.items():
        assert (name in prediction.possible) or probability < thresholds[name]


def test_spacing_makes_the_area_known(classifier, prepared, data_folder):
    path = data_folder / "brain-tumor-mri" / "Testing" / "meningioma" / "Te-me_0100.jpg"
    mri = read_slice(path)
    healthy, without = classifier.classify_batch([prepared, prepare(mri, classifier.input_size)])
    assert not healthy.outline
    assert without.outline
    assert without.area_mm2 is None
    spaced = dataclasses.replace(mri, spacing_mm=(0.5, 0.4))
    prediction = classifier.classify(prepare(spaced, classifier.input_size))
    pixels = sum(area(polygon) for polygon in prediction.outline)
    assert prediction.area_mm2 == pytest.approx(pixels / 5)
    (x, y), height = prediction.outline[0].mean(axis=0), mri.pixels.shape[0]
    assert y > height / 2  # the tumour is in the lower right of this slice
    assert x > mri.pixels.shape[1] / 2


def test_noise_is_unlike_the_training_data(classifier):
    source = SliceSource(Path("noise.png"), "PNG")
    pixels = np.random.default_rng(0).random((256, 256), np.float32) * 255
    noise = prepare(MRISlice(pixels, source), classifier.input_size)
    assert classifier.classify(noise).unlike_training


def test_heat_map_is_the_evidence_for_a_tumour_also_where_none_is_seen(classifier, demo_slice):
    prepared = prepare(read_slice(demo_slice), classifier.input_size)
    outputs = classifier.run(prepared.pixels[None])
    prediction = classifier.classify(prepared)
    assert prediction.label == "notumor"
    place = classifier.classes.index(prediction.suspect)
    assert prediction.suspect == prediction.ranked[1][0]
    assert prediction.heat_map.values.mean() == pytest.approx(outputs.logits[0, place], abs=1e-4)


def test_peak_is_the_middle_of_the_strongest_cell_in_the_source():
    # Cells are 80 source pixels wide and high; above and below the source lie 160 of padding.
    crop = Crop(left=0, top=-160, width=640, height=640, image_width=640, image_height=320)
    for (row, column), peak in (((3, 5), (440, 120)), ((0, 7), (600, 0)), ((7, 2), (200, 320))):
        values = np.zeros((8, 8), np.float32)
        values[row, column] = 1
        assert HeatMap(values, crop).peak == peak


def test_peak_lies_in_the_source(classifier, demo_slice):
    answer = answer_slice(read_slice(demo_slice), classifier)
    x, y = answer.prediction.heat_map.peak
    height, width = answer.slice.pixels.shape
    assert 0 <= x <= width
    assert 0 <= y <= height


def test_most_testing_slices_are_answered_as_labelled(classifier, data_folder):
    paths = sorted((data_folder / "brain-tumor-mri" / "Testing").glob("*/*.jpg"))[::13]
    answers = [answer_slice(read_slice(path), classifier).prediction.label for path in paths]
    right = [label == path.parent.name for label, path in zip(answers, paths, strict=True)]
    assert len(right) == 101
    assert np.mean(right) >= 0.9
