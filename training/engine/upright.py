"""Which way is up: a head of its own, trained after the classes, which stay as they are.

A network that learns to name tumours and to call slices foreign that stand upside down misses more
tumours (docs/experiments/to-0.11.md). So this head reads the features at stride 8, where they still
are those of ImageNet, and no gradient of it reaches them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from training.data.outliers import turned
from training.data.packing import Packed, load_packed
from training.engine.draws import Draws
from training.engine.fitting import KEPT, adamw, compiled_by_xla, fit, keep_recalibrated
from training.engine.localizing import load_localizing
from training.engine.recipe import Recipe
from training.models.efficientnet import at_stride
from training.models.networks import Tensor

UPRIGHT = "upright"
"""The folder in a run with the head's training, and the name of the head in the network."""

TURNED = "turned"
"""The output with the logit that a slice does not stand upright."""

_STRIDE = 8  # of the features that it reads
_RATE = 3e-3


def train_upright(recipe: Recipe, run: Path) -> None:
    """Train the head of a finished run on the slices that the run was trained on.

    The recipe's `upright_epochs`, but no more than the run had, of twice as many slices, half of
    them turned. A head that is finished stays as it is.
    """
    folder = run / UPRIGHT
    if (folder / KEPT).is_file():
        return
    packed = load_packed(Path(recipe.packed))
    recipe = replace(
        recipe,
        draws=2 * recipe.draws,
        batch_size=2 * recipe.batch_size,
        epochs=min(recipe.upright_epochs, recipe.epochs),
        histogram_share=0.0,
        convolution_share=0.0,
    )
    batches = TurnedViews(packed, recipe)
    folder.mkdir(exist_ok=True)
    model, _ = fit(lambda: _compiled(recipe, packed, run, batches), batches, recipe.epochs, folder)
    keep_recalibrated(model, batches.clean(recipe.draws), folder)


def load_upright(run: Path, packed: Packed) -> keras.Model:
    """The network of a run with one more output, `TURNED`, (n, 1).

    Raises `ValueError` where it was not trained.
    """
    _, of_head = weights_of(run)
    network = load_localizing(run, packed.size, len(packed.classes))
    headed = _headed(network)
    headed.load_weights(of_head)
    return keras.Model(network.input, {**network.output, **headed.output}, name=network.name)


def weights_of(run: Path) -> tuple[Path, Path]:
    """The files with a finished run's weights, those of the network and those of the head.

    Raises `ValueError` where the head was not trained.
    """
    of_head = run / UPRIGHT / KEPT
    if not of_head.is_file():
        raise ValueError(f"{run} does not know which way is up: train it by `folds` to its end.")
    return run / KEPT, of_head


def head(size: int) -> keras.Model:
    """From features at stride 8, (n, size / 8, size / 8, 40), to the logit to be turned, (n, 1).

    Depthwise separable convolutions, then a weight for every place: where things are is what tells
    a slice from the same slice upside down.
    """
    side = size // _STRIDE
    features = keras.Input((side, side, 40))
    x = layers.BatchNormalization()(features)
    x = _separable(layers.AveragePooling2D(2)(x), 40)
    x = layers.Add()([x, _separable(x, 40)])
    x = _separable(layers.AveragePooling2D(2)(x), 48)
    x = layers.Conv2D(16, 1, activation="relu")(x)
    x = layers.Dropout(0.3)(layers.Flatten()(x))
    return keras.Model(features, layers.Dense(1, dtype="float32")(x), name=UPRIGHT)


class TurnedViews(Draws):
    """Views of upright slices, and, half of the time, of slices that do not stand so."""

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
        rng = np.random.default_rng((*self._seed, self._epoch, index))
        members = self._members(index)
        foreign = rng.random(len(members)) < 0.5
        views = [self._view_of(pixels, rng) for pixels in self._pixels(members)]
        for place in np.flatnonzero(foreign):
            views[place] = turned(views[place], rng)
        return np.stack(views)[..., None], {TURNED: foreign.astype(np.float32)[:, None]}

    def clean(self, count: int) -> NDArray[np.float32]:
        """So many slices as they are, half of them upside down, (count, size, size)."""
        pixels = super().clean(count)
        pixels[::2] = pixels[::2, ::-1]
        return pixels

    def _view_of(
        self, pixels: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        warp = self._recipe.warp
        return self._another_look(warp.apply(pixels, warp.matrix(len(pixels), rng)), rng)

    def _pixels(self, members: NDArray[np.intp]) -> NDArray[np.float32]:
        pixels = super()._pixels(members)
        standing = self._packed.upside_down[members]
        pixels[standing] = pixels[standing, ::-1]
        return pixels


def _compiled(recipe: Recipe, packed: Packed, run: Path, batches: TurnedViews) -> keras.Model:
    keras.utils.set_random_seed(recipe.seed)
    model = _headed(load_localizing(run, packed.size, len(packed.classes)))
    steps = len(batches)
    model.compile(
        adamw(_RATE, recipe.weight_decay, recipe.warm_up_epochs * steps, recipe.epochs * steps),
        loss={TURNED: keras.losses.BinaryCrossentropy(from_logits=True)},
        jit_compile=compiled_by_xla(),
    )
    return model


def _headed(network: keras.Model) -> keras.Model:
    """The layers up to the head's features, kept as they are, with a new head on them."""
    early = keras.Model(network.input, at_stride(network, _STRIDE))
    early.trainable = False
    return keras.Model(early.input, {TURNED: head(network.input_shape[1])(early.output)})


def _separable(x: Tensor, channels: int) -> Tensor:
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(channels, 1, use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))
