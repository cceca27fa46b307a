"""The networks, in Keras 3 layers and `keras.ops` alone, so that any backend trains them.

All end in one activation map per class, whose mean over the map is the class's logit: global
average pooling followed by a dense layer, in an order that leaves the class activation map (Zhou
et al. 2016) as an exact second output.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from braintumor_desktop.inference.classifier import ACTIVATION, LOGITS, MASK
from training.models.efficientnet import levels

Tensor = Any

FEATURES = "features"
"""The output that says how far a slice is from the training data, before it is measured."""

FOREIGN = "foreign"
"""The output with the logit that an image is none to answer for."""


def seed_cnn(size: int = 256, classes: int = 4) -> keras.Model:
    """The student project's network: 14,622,724 trained weights, "15 MM" in its report.

    Convolution 256 filters 7x7 stride 2, ReLU; max pooling 3x3 stride 2; four stages 256→256,
    256→512, 512→256, 256→128; global average pooling; dense over the classes. The report gives
    neither the stages' inside nor their strides: two residual blocks of two 3x3 convolutions match
    its count, and strides 1, 2, 2, 2 are those of the ResNet family (He et al. 2015).
    """
    image = keras.Input((size, size, 1), name="image")
    x = layers.Conv2D(256, 7, strides=2, padding="same", use_bias=False)(image)
    x = _activate(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for channels, stride in ((256, 1), (512, 2), (256, 2), (128, 2)):
        x = _stage(x, channels, stride)
    return keras.Model(image, _head(x, classes), name="seed_cnn")


def compact_cnn(size: int = 160, classes: int = 4) -> keras.Model:
    """About 1.9 million weights, for the seed's recipe on two cores."""
    image = keras.Input((size, size, 1), name="image")
    x = layers.Conv2D(32, 5, strides=2, padding="same", use_bias=False)(image)  # size / 2
    x = _activate(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)  # size / 4
    for channels, stride in ((32, 1), (64, 2), (128, 2), (192, 1)):
        x = _stage(x, channels, stride)
    x = layers.Dropout(0.3)(x)
    return keras.Model(image, _head(x, classes), name="compact_cnn")


def efficientnet_cnn(size: int = 160, classes: int = 4) -> keras.Model:
    """EfficientNet-lite0 and one head, 2.9 million weights, for the seed's recipe."""
    image = keras.Input((size, size, 1), name="image")
    x = layers.Dropout(0.3)(levels(image)[32])
    return keras.Model(image, _head(x, classes), name="efficientnet_cnn")


def localizing_cnn(size: int = 160, classes: int = 4) -> keras.Model:
    """The network for the app: names the tumour, outlines it, knows a foreign image.

    EfficientNet-lite0 with a top-down path (Lin et al. 2016, "Feature pyramid networks"): about 3.0
    million weights. Beside the logits and their exact activation map (at stride 16) it gives out
    `mask`, the logit of every stride-4 cell to lie in a tumour; `features`, the (n, 320) averages
    that say how far a slice is from the training data; and `foreign`, the logit (n, 1) that the
    image is none to answer for. The class is read from the whole slice, from what lies under the
    mask, and from the mask's strongest cell; no gradient of the class passes through the mask.
    """
    image = keras.Input((size, size, 1), name="image")
    found = levels(image)
    x = found[32]
    top = _lateral(x)
    for stride in (16, 8, 4):
        top = layers.Add()([_doubled(top), _lateral(found[stride])])
        if stride == 16:
            middle = top
    top = _activate(layers.Conv2D(_PYRAMID, 3, padding="same", use_bias=False)(top))
    mask = layers.Conv2D(1, 1, dtype="float32", name=MASK, bias_initializer=_RARE)(top)

    inside = keras.ops.stop_gradient(
        layers.Activation("sigmoid", dtype="float32", name="inside")(mask)
    )
    strongest = layers.GlobalMaxPooling2D()(inside)  # (n, 1)
    cells = layers.AveragePooling2D(4)(inside)  # stride 16
    weight = cells / (keras.ops.mean(cells, axis=(1, 2), keepdims=True) + 1e-3)
    dropped = layers.Dropout(0.3)(x)
    whole = layers.Conv2D(classes, 1, dtype="float32", name="class_of_slice")(dropped)
    under = layers.Conv2D(classes, 1, dtype="float32", name="class_under_mask")(
        layers.Dropout(0.3)(middle)
    )
    any_tumour = layers.Dense(classes, use_bias=False, dtype="float32", name="class_of_mask")(
        strongest
    )
    activation = layers.Add(dtype="float32", name=ACTIVATION)(
        [
            _doubled(whole),
            under * weight,
            layers.Reshape((1, 1, classes), dtype="float32")(any_tumour),
        ]
    )
    features = layers.GlobalAveragePooling2D(name=FEATURES, dtype="float32")(x)
    outputs = {
        LOGITS: layers.GlobalAveragePooling2D(name=LOGITS, dtype="float32")(activation),
        ACTIVATION: activation,
        MASK: mask,
        FEATURES: features,
        FOREIGN: layers.Dense(1, dtype="float32", name=FOREIGN)(layers.Dropout(0.3)(features)),
    }
    return keras.Model(image, outputs, name="localizing_cnn")


_PYRAMID = 48
_RARE = keras.initializers.Constant(-3.0)  # one cell in twenty lies in a tumour


def _doubled(x: Tensor) -> Tensor:
    """Every cell four times: one step in ONNX, where `UpSampling2D` becomes many."""
    size = (2 * x.shape[1], 2 * x.shape[2])
    return keras.ops.image.resize(x, size, interpolation="nearest", data_format="channels_last")


def _lateral(x: Tensor) -> Tensor:
    return layers.BatchNormalization()(layers.Conv2D(_PYRAMID, 1, use_bias=False)(x))


def predict_logits(model: keras.Model, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Logits (n, classes) of prepared slices (n, size, size)."""
    logits: NDArray[np.float32] = model.predict(pixels[..., None], verbose=0)[LOGITS]
    return logits


NETWORKS = {
    "seed_cnn": seed_cnn,
    "compact_cnn": compact_cnn,
    "efficientnet_cnn": efficientnet_cnn,
}


def _head(features: Tensor, classes: int) -> dict[str, Tensor]:
    # (n, rows, columns, channels) → (n, rows, columns, classes) → (n, classes)
    activation = layers.Conv2D(classes, 1, dtype="float32", name=ACTIVATION)(features)
    logits = layers.GlobalAveragePooling2D(dtype="float32", name=LOGITS)(activation)
    return {LOGITS: logits, ACTIVATION: activation}


def _stage(x: Tensor, channels: int, stride: int) -> Tensor:
    return _block(_block(x, channels, stride), channels, 1)


def _block(x: Tensor, channels: int, stride: int) -> Tensor:
    """Two 3x3 convolutions and a shortcut, which is a 1x1 convolution where the shape changes."""
    shortcut = x
    if stride != 1 or x.shape[-1] != channels:
        shortcut = layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    x = layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x)
    x = _activate(x)
    x = layers.Conv2D(channels, 3, padding="same", use_bias=False)(x)
    # A last gamma of zero starts every block as the identity (Goyal et al. 2017).
    x = layers.BatchNormalization(gamma_initializer="zeros")(x)
    return layers.ReLU()(layers.Add()([x, shortcut]))


def _activate(x: Tensor) -> Tensor:
    return layers.ReLU()(layers.BatchNormalization()(x))
