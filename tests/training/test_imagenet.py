"""The backbone starts from what it learned on photographs."""

from pathlib import Path

import cv2
import keras
import matplotlib
import numpy as np
import pytest

from training.engine.seed import Configuration, build
from training.models.efficientnet import fold, freeze, imagenet_levels, levels, start_from_imagenet
from training.models.imagenet import read_imagenet_weights
from training.models.networks import localizing_cnn

MILITARY_UNIFORM = 652  # of ImageNet's 1,000 classes


@pytest.fixture(scope="module")
def portrait():
    """Grace Hopper in uniform, grey, (1, 224, 224)."""
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    grey = np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE))
    square = cv2.resize(grey[44:556], (224, 224), interpolation=cv2.INTER_AREA)
    return (square / 255).astype(np.float32)[None]


def test_weights_of_imagenet_recognise_a_uniform(portrait):
    features = imagenet_levels(224).predict(portrait[..., None], verbose=0)
    weights = read_imagenet_weights()
    x = features @ weights["_conv_head.weight"][:, :, 0, 0].T
    mean, variance = weights["_bn1.running_mean"], weights["_bn1.running_var"]
    x = (x - mean) / np.sqrt(variance + 1e-3) * weights["_bn1.weight"] + weights["_bn1.bias"]
    logits = np.clip(x, 0, 6).mean(axis=(1, 2)) @ weights["_fc.weight"].T + weights["_fc.bias"]
    assert logits.argmax() == MILITARY_UNIFORM


def test_folding_changes_no_feature(portrait):
    source = imagenet_levels(224)
    image = keras.Input((224, 224, 1))
    folded = keras.Model(image, levels(image)[32])
    fold(source, folded)
    expected = source.predict(portrait[..., None], verbose=0)
    actual = folded.predict(portrait[..., None], verbose=0)
    np.testing.assert_allclose(actual, expected, atol=1e-3)


def test_frozen_stages_keep_their_weights_and_the_others_learn(portrait):
    whole = localizing_cnn(64)
    small = np.stack([cv2.resize(portrait[0], (64, 64))] * 8)
    start_from_imagenet(whole, small)
    freeze(whole, 8)
    model = keras.Model(whole.input, whole.output["logits"])
    model.compile("sgd", "mse", jit_compile=False)
    names = ("stem", "block4_project", "block5_expand")
    before = [whole.get_layer(name).get_weights()[0] for name in names]
    model.train_on_batch(small[..., None], np.ones((8, 4), np.float32))
    after = [whole.get_layer(name).get_weights()[0] for name in names]
    changed = [not np.array_equal(old, new) for old, new in zip(before, after, strict=True)]
    assert changed == [False, False, True]


def test_efficientnet_cnn_of_the_seeds_recipe_starts_from_there(portrait):
    settings = Configuration("", network="efficientnet_cnn", size=64)
    model = build(settings, 4, 10, cv2.resize(portrait[0], (64, 64))[None].repeat(8, axis=0))
    kernel = model.get_layer("block5_expand").get_weights()[0][0, 0]  # a factor for each channel
    expected = read_imagenet_weights()["_blocks.5._expand_conv.weight"][:, :, 0, 0].T
    alike = (kernel * expected).sum(axis=0) / (
        np.linalg.norm(kernel, axis=0) * np.linalg.norm(expected, axis=0)
    )
    np.testing.assert_allclose(np.abs(alike), 1, atol=1e-4)
    assert not model.get_layer("stem").trainable
    assert model.get_layer("block5_expand").trainable
