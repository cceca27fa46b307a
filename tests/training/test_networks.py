"""The networks are those that the documents describe."""

import keras
import numpy as np
import pytest

from training.models.networks import compact_cnn, efficientnet_cnn, localizing_cnn, seed_cnn


def trained_weights(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_seed_cnn_is_the_seeds():
    model = seed_cnn()
    assert trained_weights(model) == 14_622_724  # "15 MM"
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    assert (first.filters, first.kernel_size, first.strides) == (256, (7, 7), (2, 2))
    channels = [x.shape[-1] for x in (layer.output for layer in model.layers) if len(x.shape) == 4]
    assert {256, 512, 128, 4} <= set(channels)
    assert model.input_shape == (None, 256, 256, 1)


@pytest.mark.parametrize("make", [compact_cnn, efficientnet_cnn, localizing_cnn])
def test_networks_for_two_cores_are_compact(make):
    assert 1_000_000 <= make().count_params() <= 3_000_000


@pytest.mark.parametrize("make", [seed_cnn, compact_cnn, efficientnet_cnn, localizing_cnn])
def test_activation_maps_average_to_the_logits(make):
    model = make(64)
    outputs = model.predict(np.random.default_rng(0).random((2, 64, 64, 1)), verbose=0)
    np.testing.assert_allclose(outputs["activation"].mean((1, 2)), outputs["logits"], atol=1e-5)


def test_seed_cnn_trains(small_records):
    from training.data.prepared import load_prepared

    data = load_prepared(small_records, "Training", 32)
    keras.utils.set_random_seed(0)
    whole = seed_cnn(32)
    model = keras.Model(whole.input, whole.output["logits"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=False)
    history = model.fit(data.pixels[..., None], data.labels, batch_size=20, epochs=3, verbose=0)
    losses = history.history["loss"]
    assert losses[-1] < losses[0]
