"""Fitting a network epoch by epoch, so that a kill at any moment loses one epoch at most."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray
from tqdm import tqdm

from training.engine.recipe import CONFIGURATION

HISTORY = "history.json"
BEST = "best.weights.h5"
KEPT = "kept.weights.h5"

History = list[dict[str, float]]


class Batches(Protocol):
    """Batches that can be drawn anew for every epoch."""

    def __len__(self) -> int:
        """How many batches an epoch has."""

    def start_epoch(self, epoch: int) -> None:
        """Draw the order of an epoch."""


def keep_configuration(values: dict[str, Any], run: Path) -> None:
    """Make the run's folder and write its configuration there.

    Raises `ValueError` where the folder already holds a run with another configuration.
    """
    run.mkdir(parents=True, exist_ok=True)
    path = run / CONFIGURATION
    text = json.dumps(values, indent=2) + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        raise ValueError(f"{run} holds a run with another configuration.")
    path.write_text(text, encoding="utf-8")


def fit(
    build: Callable[[], keras.Model],
    batches: Batches,
    epochs: int,
    run: Path,
    validation_data: Any = None,
) -> tuple[keras.Model, History]:
    """Train the network that `build` compiles, or go on with the one in `run`.

    Returns the network after the last epoch, and the history. Leaves in `run` the history and,
    where there are validation data, the weights of the epoch with the lowest validation loss.
    Raises `ValueError` after an epoch that left weights that are no numbers, which is not kept.
    """
    history = _read_history(run)
    model = keras.saving.load_model(run / _state(len(history))) if history else build()
    steps = len(batches)
    name = "/".join(run.parts[-2:])
    with tqdm(
        total=epochs * steps, initial=len(history) * steps, desc=name, unit="batch"
    ) as progress:
        keeper = _Keeper(run, history, progress)
        for epoch in range(len(history), epochs):
            batches.start_epoch(epoch)
            _seed(model, epoch)
            model.fit(
                batches,
                validation_data=validation_data,
                initial_epoch=epoch,
                epochs=epoch + 1,
                callbacks=[keeper],
                verbose=0,
            )
    return model, history


def _seed(model: keras.Model, epoch: int) -> None:
    """Let an epoch's order of batches and dropout depend on its number alone.

    So a run that was cut off goes on as it would have; a saved network does not keep them.
    """
    random.seed(epoch)  # by which Keras shuffles batches
    for layer in _layers_of(model):
        if hasattr(layer, "seed_generator"):
            layer.seed_generator.state.assign([epoch, 0])


def _layers_of(model: keras.Model) -> list[keras.layers.Layer]:
    """The layers of a network, and those of a network that is a part of it."""
    return [layer for part in model.layers for layer in getattr(part, "layers", [part])]


def keep_recalibrated(model: keras.Model, pixels: NDArray[np.float32], run: Path) -> None:
    """Recalibrate a trained network, and keep it in `run` as the run's.

    Batch normalisation learned its averages on augmented slices, which are smoother than those
    that the app shows it; here they are taken anew over `pixels`, prepared slices (n, size, size)
    as they are (Wu and Johnson 2021, "Rethinking 'Batch' in BatchNorm", section 3).
    """
    recalibrate(model, pixels)
    _replace(run / KEPT, model.save_weights)


def recalibrate(model: keras.Model, pixels: NDArray[np.float32]) -> None:
    """Take the averages of batch normalisation anew over prepared slices (n, size, size)."""
    normalizations = [
        layer for layer in _layers_of(model) if isinstance(layer, layers.BatchNormalization)
    ]
    order = np.random.default_rng(0).permutation(len(pixels))
    for step, members in enumerate(np.array_split(order, math.ceil(len(pixels) / 32))):
        for layer in normalizations:
            layer.momentum = step / (step + 1)  # the plain average of all batches so far
        model(pixels[members][..., None], training=True)


class _Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows progress and writes the state after every epoch, each file whole or not at all."""

    def __init__(self, run: Path, history: History, progress: tqdm[Any]) -> None:
        super().__init__()
        self._run, self._history, self._progress = run, history, progress

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._progress.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if not all(np.isfinite(values).all() for values in self.model.get_weights()):
            raise ValueError(f"Epoch {epoch + 1} left weights that are no numbers.")
        row = {name: float(value) for name, value in (logs or {}).items()}
        lowest = min(
            (past["val_loss"] for past in self._history if "val_loss" in past), default=math.inf
        )
        if row.get("val_loss", math.inf) < lowest:
            _replace(self._run / BEST, self.model.save_weights)
        # The state has its epoch in its name and goes after the history has been replaced: a kill
        # in between leaves the older pair, which still fits.
        _replace(self._run / _state(epoch + 1), self.model.save)
        self._history.append(row)
        text = json.dumps(self._history, indent=2) + "\n"
        _replace(self._run / HISTORY, lambda path: path.write_text(text, encoding="utf-8"))
        (self._run / _state(epoch)).unlink(missing_ok=True)
        shown = {name: f"{value:.3f}" for name, value in row.items()}
        self._progress.set_postfix(epoch=epoch + 1, **shown)


def _replace(path: Path, save: Callable[[Path], object]) -> None:
    beside = path.with_name(f"part-{path.name}")
    save(beside)
    beside.replace(path)


def _state(epochs: int) -> str:
    """The file that holds the network and its optimizer after so many epochs."""
    return f"after-{epochs:03d}.keras"


def _read_history(run: Path) -> History:
    path = run / HISTORY
    history: History = []
    if path.is_file():
        history = json.loads(path.read_text(encoding="utf-8"))
    return history


@contextmanager
def precision(policy: str) -> Iterator[None]:
    """Layers made meanwhile compute by this Keras dtype policy."""
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


@keras.saving.register_keras_serializable("braintumor")
class KernelsDecay(keras.optimizers.AdamW):  # type: ignore[misc]
    """AdamW (Loshchilov and Hutter 2019) by which biases and batch normalisation do not decay."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        # Here, as a saved optimizer does not keep it: a run that was cut off would go on without.
        self.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])


def adamw(learning_rate: float, weight_decay: float, warm_up: int, steps: int) -> keras.Optimizer:
    """AdamW with `warm_up` linear steps to `learning_rate`, then a cosine to 0 at `steps`."""
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 100,
        decay_steps=max(1, steps - warm_up),
        alpha=0.0,
        warmup_target=learning_rate,
        warmup_steps=warm_up,
    )
    return KernelsDecay(rate, weight_decay=weight_decay)


def compiled_by_xla() -> bool:
    """Whether XLA should compile: TensorFlow trains 2 to 3 times slower by it on a processor."""
    return bool(keras.backend.backend() == "jax")
