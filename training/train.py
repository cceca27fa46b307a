"""One training run: the seed's recipe, resumable after a kill at any epoch."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from braintumor_desktop.inference.classifier import LOGITS
from training.augment import Augmentation, augment
from training.networks import NETWORKS
from training.plots import plot_learning_curves
from training.prepared import PreparedSet, load_prepared
from training.records import read_manifest

CONFIGURATION = "configuration.json"
HISTORY = "history.json"
BEST = "best.weights.h5"


@dataclass(frozen=True)
class Configuration:
    """Everything that decides what a run gives.

    `validation_share` of the Training split is drawn at random, as the seed did: copies and
    neighbours of its slices stay in training, so that validation looks better than it is.
    """

    records: str
    network: str = "compact_cnn"
    size: int = 160
    epochs: int = 30
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warm_up_epochs: int = 1
    validation_share: float = 0.2
    seed: int = 0
    augmentation: Augmentation = field(default_factory=Augmentation)


def read_configuration(run: Path) -> Configuration:
    """The configuration of an earlier run."""
    values = json.loads((run / CONFIGURATION).read_text(encoding="utf-8"))
    return Configuration(**{**values, "augmentation": Augmentation(**values["augmentation"])})


def split_training(
    configuration: Configuration, training: PreparedSet
) -> tuple[PreparedSet, PreparedSet]:
    """The Training split cut at random into training and validation."""
    order = np.random.default_rng(configuration.seed).permutation(len(training))
    validation = round(len(training) * configuration.validation_share)
    return training.take(np.sort(order[validation:])), training.take(np.sort(order[:validation]))


def train(configuration: Configuration, run: Path) -> None:
    """Train, and leave in `run` the configuration, the history, its plot and the best weights.

    The best epoch is the one of lowest validation cross-entropy. A run that was cut off goes on
    after its last whole epoch; one that exists with another configuration raises `ValueError`.
    """
    run.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(configuration), indent=2) + "\n"
    if (run / CONFIGURATION).is_file() and read_configuration(run) != configuration:
        raise ValueError(f"{run} holds a run with another configuration.")
    (run / CONFIGURATION).write_text(text, encoding="utf-8")

    manifest = read_manifest(Path(configuration.records))
    prepared = load_prepared(Path(configuration.records), "Training", configuration.size)
    training, validation = split_training(configuration, prepared)
    batches = AugmentedBatches(training, configuration)
    history = _read_history(run)
    model = _start_or_resume(configuration, run, len(manifest.classes), len(batches), history)
    steps = configuration.epochs * len(batches)
    with tqdm(total=steps, initial=len(history) * len(batches), unit="batch") as progress:
        keeper = _Keeper(run, history, progress)
        for epoch in range(len(history), configuration.epochs):
            batches.start_epoch(epoch)
            model.fit(
                batches,
                validation_data=(validation.pixels[..., None], validation.labels),
                initial_epoch=epoch,
                epochs=epoch + 1,
                callbacks=[keeper],
                verbose=0,
            )
    plot_learning_curves(history, run / "learning_curves.png")


def load_trained(run: Path) -> keras.Model:
    """The network of a run with the weights of its best epoch."""
    configuration = read_configuration(run)
    classes = len(read_manifest(Path(configuration.records)).classes)
    model = NETWORKS[configuration.network](configuration.size, classes)
    model.load_weights(run / BEST)
    return model


class AugmentedBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """Shuffled and augmented batches, the same for the same seed, epoch and place."""

    def __init__(self, data: PreparedSet, configuration: Configuration) -> None:
        super().__init__()
        self._data = data
        self._configuration = configuration
        self.start_epoch(0)

    def __len__(self) -> int:
        return math.ceil(len(self._data) / self._configuration.batch_size)

    def start_epoch(self, epoch: int) -> None:
        """Draw the order of an epoch."""
        self._epoch = epoch
        rng = np.random.default_rng((self._configuration.seed, epoch))
        self._order: NDArray[np.intp] = rng.permutation(len(self._data))

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        settings = self._configuration
        members = self._order[index * settings.batch_size : (index + 1) * settings.batch_size]
        rng = np.random.default_rng((settings.seed, self._epoch, index))
        images = [augment(self._data.pixels[i], settings.augmentation, rng) for i in members]
        return np.stack(images)[..., None], self._data.labels[members]


def build(configuration: Configuration, classes: int, steps: int) -> keras.Model:
    """The compiled network, with a warm-up and a cosine over `steps` batches an epoch.

    It gives out the logits alone; its weights fit the whole network, which has the same layers.
    """
    whole = NETWORKS[configuration.network](configuration.size, classes)
    model = keras.Model(whole.input, whole.output[LOGITS])
    warm_up = configuration.warm_up_epochs * steps
    rate = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=configuration.learning_rate / 100,
        decay_steps=max(1, configuration.epochs * steps - warm_up),
        alpha=0.0,
        warmup_target=configuration.learning_rate,
        warmup_steps=warm_up,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=configuration.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    model.compile(
        optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        # Compiled by XLA, TensorFlow trains two to three times slower on a processor.
        jit_compile=keras.backend.backend() == "jax",
    )
    return model


class _Keeper(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows progress and writes the state after every epoch, each file whole or not at all."""

    def __init__(self, run: Path, history: list[dict[str, float]], progress: tqdm[Any]) -> None:
        super().__init__()
        self._run, self._history, self._progress = run, history, progress

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._progress.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        row = {name: float(value) for name, value in (logs or {}).items()}
        if row["val_loss"] < min((past["val_loss"] for past in self._history), default=math.inf):
            self._replace(BEST, self.model.save_weights)
        # The state has its epoch in its name and goes after the history has been replaced: a kill
        # in between leaves the older pair, which still fits.
        self._replace(_state(epoch + 1), self.model.save)
        self._history.append(row)
        self._replace(HISTORY, lambda path: path.write_text(json.dumps(self._history, indent=2)))
        (self._run / _state(epoch)).unlink(missing_ok=True)
        shown = {name: f"{value:.3f}" for name, value in row.items()}
        self._progress.set_postfix(epoch=epoch + 1, **shown)

    def _replace(self, name: str, save: Callable[[Path], object]) -> None:
        beside = self._run / f"part-{name}"
        save(beside)
        beside.replace(self._run / name)


def _state(epochs: int) -> str:
    """The file that holds the network and its optimizer after so many epochs."""
    return f"after-{epochs:03d}.keras"


def _read_history(run: Path) -> list[dict[str, float]]:
    path = run / HISTORY
    history: list[dict[str, float]] = []
    if path.is_file():
        history = json.loads(path.read_text(encoding="utf-8"))
    return history


def _start_or_resume(
    configuration: Configuration,
    run: Path,
    classes: int,
    steps: int,
    history: list[dict[str, float]],
) -> keras.Model:
    keras.utils.set_random_seed(configuration.seed)
    if not history:
        return build(configuration, classes, steps)
    return keras.saving.load_model(run / _state(len(history)))
