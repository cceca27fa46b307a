"""EfficientNet-lite0 for slices, with the weights of ImageNet as its start.

Tan and Le 2019, "EfficientNet"; the lite networks (Liu 2020) leave out what processors are slow at.
Its batch normalisation is folded into the convolutions before training: with few slices in a batch
its averages were noise, and two cores train more than twice as fast without it.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.engine.fitting import recalibrate
from training.models.imagenet import read_imagenet_weights

Tensor = Any

# expansion, channels, blocks, stride, kernel
_STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
_MEAN, _SCALE = 0.498, 0.502  # of the images in [0, 1] that the weights were trained on
_EPSILON = 1e-3
_NORMALIZED = "_normalized"
_PARTS = {  # PyTorch's names of a block's convolutions and of what normalises them
    "expand": ("_expand_conv", "_bn0"),
    "depthwise": ("_depthwise_conv", "_bn1"),
    "project": ("_project_conv", "_bn2"),
}


def levels(image: Tensor, normalized: bool = False) -> dict[int, Tensor]:
    """Features of slices (n, size, size, 1) in [0, 1], by stride.

    2: 16 channels, 4: 24, 8: 40, 16: 112, 32: 320. With or without layers of batch normalisation
    behind the convolutions.
    """

    def convolved(layer: layers.Layer, x: Tensor, active: bool = True) -> Tensor:
        x = layer(x)
        if normalized:
            x = layers.BatchNormalization(epsilon=_EPSILON, name=layer.name + _NORMALIZED)(x)
        return layers.ReLU(max_value=6.0)(x) if active else x

    kind = {"padding": "same", "use_bias": not normalized}
    # In rows: with one channel innermost ONNX Runtime takes cell after cell, a tenth of its time.
    rows = layers.Reshape(image.shape[1:3])(image)
    x = layers.Reshape(image.shape[1:])(layers.Rescaling(1 / _SCALE, -_MEAN / _SCALE)(rows))
    x = convolved(layers.Conv2D(32, 3, strides=2, name="stem", **kind), x)
    found, reached, number = {}, 2, 0
    for expansion, channels, blocks, first_stride, kernel in _STAGES:
        for stride in (first_stride, *[1] * (blocks - 1)):
            start, name = x, f"block{number}"
            if expansion != 1:
                wide = expansion * start.shape[-1]
                x = convolved(layers.Conv2D(wide, 1, name=f"{name}_expand", **kind), x)
            depthwise = layers.DepthwiseConv2D(
                kernel, strides=stride, name=f"{name}_depthwise", **kind
            )
            x = convolved(depthwise, x)
            x = convolved(layers.Conv2D(channels, 1, name=f"{name}_project", **kind), x, False)
            if start.shape == x.shape:
                x = layers.Add()([x, start])
            reached *= stride
            found[reached] = x  # the last of a stride stays
            number += 1
    return found


def freeze(model: keras.Model, stride: int) -> None:
    """Keep the weights of `levels` as they are up to a stride of its features, 0 for none."""
    frozen, reached, number = {"stem"} if stride >= 2 else set(), 2, 0
    for _, _, blocks, first_stride, _ in _STAGES:
        reached *= first_stride
        if reached <= stride:
            frozen |= {f"block{number + place}" for place in range(blocks)}
        number += blocks
    for layer in model.layers:
        if layer.name.split("_")[0] in frozen:
            layer.trainable = False


def at_stride(model: keras.Model, stride: int) -> Tensor:
    """The features of `levels` at 4, 8 or 16 within a network that was made of them."""
    reached, number = 2, 0
    for _, _, blocks, first_stride, _ in _STAGES:
        reached *= first_stride
        if reached > stride:
            break
        number += blocks
    return model.get_layer(f"block{number}_expand").input


def start_from_imagenet(model: keras.Model, pixels: NDArray[np.float32]) -> None:
    """Give a network made of `levels` the weights of ImageNet, their averages those of slices.

    Batch normalisation is recalibrated on `pixels`, prepared slices (n, size, size), then folded
    into the convolutions.
    """
    source = imagenet_levels(pixels.shape[1])
    recalibrate(source, pixels)
    fold(source, model)


def imagenet_levels(size: int) -> keras.Model:
    """The features at stride 32 with batch normalisation, all with the weights of ImageNet."""
    image = keras.Input((size, size, 1))
    source = keras.Model(image, levels(image, normalized=True)[32])
    weights = read_imagenet_weights()
    for name in _convolutions(source):
        kernel, normalization = _of_pytorch(name)
        values = weights[f"{kernel}.weight"]
        if name == "stem":  # one channel in place of three equal ones
            values = values.sum(axis=1, keepdims=True)
        order = (2, 3, 0, 1) if name.endswith("depthwise") else (2, 3, 1, 0)
        source.get_layer(name).set_weights([values.transpose(order)])
        parts = ("weight", "bias", "running_mean", "running_var")
        source.get_layer(name + _NORMALIZED).set_weights(
            [weights[f"{normalization}.{part}"] for part in parts]
        )
    return source


def fold(source: keras.Model, model: keras.Model) -> None:
    """Give `model`, made without batch normalisation, the weights of `source`, made with it."""
    for name in _convolutions(source):
        (kernel,) = source.get_layer(name).get_weights()
        gamma, beta, mean, variance = source.get_layer(name + _NORMALIZED).get_weights()
        scale = gamma / np.sqrt(variance + _EPSILON)
        each = scale[:, None] if name.endswith("depthwise") else scale
        model.get_layer(name).set_weights([kernel * each, beta - mean * scale])


def _convolutions(source: keras.Model) -> list[str]:
    names = [layer.name for layer in source.layers if layer.get_weights()]
    return [name for name in names if not name.endswith(_NORMALIZED)]


def _of_pytorch(name: str) -> tuple[str, str]:
    if name == "stem":
        return "_conv_stem", "_bn0"
    block, part = name.removeprefix("block").split("_")
    convolution, normalization = _PARTS[part]
    return f"_blocks.{block}.{convolution}", f"_blocks.{block}.{normalization}"
