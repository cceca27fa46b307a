"""The one trainer: from a job to a run that is finished, or goes on where it was cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from training.engine.fitting import (
    BEST,
    KEPT,
    Batches,
    History,
    fit,
    keep_configuration,
    keep_recalibrated,
    precision,
)

_LAST = "last.weights.h5"


@dataclass(frozen=True, eq=False)
class Job:
    """What a recipe makes of its data.

    Attributes
    ----------
    configuration
        All that decides what the run gives, ready for JSON.
    batches
        What is learned from, drawn anew for every epoch.
    build
        Makes the compiled network that is fitted.
    network
        Makes the whole network, whose layers are those that are fitted.
    clean
        Prepared slices (n, size, size) as they are, for batch normalisation's averages.
    plot
        Draws the history into the run's folder.
    validation
        Data to choose an epoch by; None where the last one counts.

    """

    configuration: dict[str, Any]
    batches: Batches
    epochs: int
    build: Callable[[], keras.Model]
    network: Callable[[], keras.Model]
    clean: Callable[[], NDArray[np.float32]]
    plot: Callable[[History, Path], None]
    validation: Any = None
    best_epoch: bool = False
    policy: str = "float32"


def train(job: Job, run: Path) -> None:
    """Train, and leave in `run` the configuration, the history, its plot and the weights.

    A run that was cut off goes on after its last whole epoch, one that is finished stays as it is.
    Raises `ValueError` where the folder holds a run of another configuration.
    """
    keep_configuration(job.configuration, run)
    if (run / KEPT).is_file():
        return
    with precision(job.policy):
        model, history = fit(job.build, job.batches, job.epochs, run, job.validation)
    job.plot(history, run)
    counts = run / (BEST if job.best_epoch else _LAST)
    if not job.best_epoch:
        model.save_weights(counts)
    # The network that is fitted gives out some of the outputs, and has the layers of all.
    whole = job.network()
    whole.load_weights(counts)
    keep_recalibrated(whole, job.clean(), run)
    (run / _LAST).unlink(missing_ok=True)
