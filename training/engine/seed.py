"""The student project's recipe: TFRecords, a random fifth to validate on, its augmentation."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.inference.classifier import LOGITS
from training.data.augment import SEED_WARP, Warp
from training.data.prepared import PreparedSet, load_prepared
from training.data.tfrecords import read_manifest
from training.engine.fitting import KEPT, adamw, compiled_by_xla
from training.engine.recipe import CONFIGURATION, check_settings, read_toml
from training.engine.trainer import Job, train
from training.evaluation.plots import plot_learning_curves
from training.models.efficientnet import freeze, start_from_imagenet
from training.models.networks import NETWORKS

CURVES = "learning_curves.png"


@dataclass(frozen=True)
class Configuration:
    """Everything that decides what a run gives.

    `validation_share` of the Training split is drawn at random, as the seed did: copies and
    neighbours of its slices stay in training, so that validation looks better than it is. Up to
    `frozen_stride` the backbone of `efficientnet_cnn` keeps the weights of ImageNet. `fingerprint`
    is that of the records, which `train` writes down. The weights that count are those of the
    epoch of lowest validation cross-entropy, as the seed's, or with `last_epoch` of the last one.
    """

    records: str
    network: str = "compact_cnn"
    size: int = 160
    epochs: int = 30
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.02
    warm_up_epochs: int = 1
    frozen_stride: int = 8
    validation_share: float = 0.2
    last_epoch: bool = False
    precision: str = "float32"
    seed: int = 0
    warp: Warp = SEED_WARP
    fingerprint: str = ""


def configuration_from(path: Path, records: Path, changes: Mapping[str, Any]) -> Configuration:
    """Return what a recipe's file says, with `changes` and the folder of records.

    Raises `ValueError` where the file names a setting that there is not.
    """
    settings = read_toml(path) | {key: value for key, value in changes.items() if value is not None}
    check_settings(settings, Configuration, path)
    warp = Warp(**settings.pop("warp", asdict(SEED_WARP)))
    return Configuration(**settings, records=str(records), warp=warp)


def read_configuration(run: Path) -> Configuration:
    """The configuration of an earlier run; `ValueError` where its records are others now."""
    values = json.loads((run / CONFIGURATION).read_text(encoding="utf-8"))
    configuration = Configuration(**{**values, "warp": Warp(**values["warp"])})
    if configuration.fingerprint != read_manifest(Path(configuration.records)).fingerprint:
        raise ValueError(f"{run} was trained on other records than there are now: train it anew.")
    return configuration


def split_training(
    configuration: Configuration, training: PreparedSet
) -> tuple[PreparedSet, PreparedSet]:
    """The Training split cut at random into training and validation.

    Raises `ValueError` where one of them would be empty.
    """
    order = np.random.default_rng(configuration.seed).permutation(len(training))
    validation = round(len(training) * configuration.validation_share)
    if not 0 < validation < len(training):
        share = configuration.validation_share
        raise ValueError(f"A validation share of {share} leaves nothing to train or to judge on.")
    return training.take(np.sort(order[validation:])), training.take(np.sort(order[:validation]))


def train_seed(configuration: Configuration, run: Path) -> None:
    """Train, and leave in `run` the configuration, history, its plot and the weights that count.

    A run that was cut off goes on after its last whole epoch; a folder with a run of another
    configuration, or of other records, raises `ValueError`.
    """
    manifest = read_manifest(Path(configuration.records))
    configuration = replace(configuration, fingerprint=manifest.fingerprint)
    classes = len(manifest.classes)
    prepared = load_prepared(Path(configuration.records), "Training", configuration.size)
    training, validation = split_training(configuration, prepared)
    batches = AugmentedBatches(training, configuration)
    job = Job(
        configuration=asdict(configuration),
        batches=batches,
        epochs=configuration.epochs,
        build=lambda: build(configuration, classes, len(batches), training.pixels),
        network=lambda: NETWORKS[configuration.network](configuration.size, classes),
        clean=lambda: training.pixels,
        plot=lambda history, folder: plot_learning_curves(history, folder / CURVES),
        validation=(validation.pixels[..., None], validation.labels),
        best_epoch=not configuration.last_epoch,
        policy=configuration.precision,
    )
    train(job, run)


def load_trained(run: Path) -> keras.Model:
    """The network of a run: that of the epoch that counts, recalibrated."""
    configuration = read_configuration(run)
    classes = len(read_manifest(Path(configuration.records)).classes)
    model = NETWORKS[configuration.network](configuration.size, classes)
    model.load_weights(run / KEPT)
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
        warp, size = settings.warp, settings.size
        images = [warp.apply(self._data.pixels[i], warp.matrix(size, rng)) for i in members]
        return np.stack(images)[..., None], self._data.labels[members]


def build(
    configuration: Configuration, classes: int, steps: int, pixels: NDArray[np.float32]
) -> keras.Model:
    """The compiled network, with a warm-up and a cosine over `steps` batches an epoch.

    It gives out the logits alone; its weights fit the whole network, which has the same layers.
    `efficientnet_cnn` starts from the weights of ImageNet, its averages taken anew on the slices
    `pixels` (n, size, size).
    """
    keras.utils.set_random_seed(configuration.seed)
    whole = NETWORKS[configuration.network](configuration.size, classes)
    if configuration.network == "efficientnet_cnn":
        start_from_imagenet(whole, pixels[:: max(1, len(pixels) // 1024)])
        freeze(whole, configuration.frozen_stride)
    model = keras.Model(whole.input, whole.output[LOGITS])
    optimizer = adamw(
        configuration.learning_rate,
        configuration.weight_decay,
        configuration.warm_up_epochs * steps,
        configuration.epochs * steps,
    )
    model.compile(
        optimizer,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
        jit_compile=compiled_by_xla(),
    )
    return model
