"""The app's recipe: classes, outlines and tumours of unknown type, trained by group."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import keras

from braintumor_desktop.inference.classifier import LOGITS, MASK
from training.data.packing import Packed, load_packed
from training.engine.draws import Draws, seen_by
from training.engine.fitting import KEPT, History, adamw, compiled_by_xla
from training.engine.recipe import Recipe, read_recipe, run_name
from training.engine.trainer import Job, train
from training.evaluation.plots import plot_losses
from training.models.efficientnet import freeze, start_from_imagenet
from training.models.losses import OutlineLoss, PartialLabelLoss
from training.models.networks import FOREIGN, localizing_cnn


def train_localizing(recipe: Recipe, run: Path) -> None:
    """Train one network; leaves its configuration, history, plot and final weights in `run`.

    The last epoch counts: choosing one by the left-out fold would tune on what is reported. A run
    that is finished stays as it is.
    Raises `ValueError` where the run to start from has seen what this one must not, or where `run`
    is one of another recipe or of other slices.
    """
    packed = load_packed(Path(recipe.packed))
    recipe = replace(recipe, fingerprint=packed.fingerprint)
    if recipe.start:
        _check_start(recipe, packed)
    batches = Draws(packed, recipe)
    job = Job(
        configuration=asdict(recipe),
        batches=batches,
        epochs=recipe.epochs,
        build=lambda: build(recipe, packed, batches),
        network=lambda: localizing_cnn(packed.size, len(packed.classes)),
        clean=lambda: batches.clean(recipe.draws),
        plot=_plot,
        policy=recipe.precision,
    )
    train(job, run)


def _plot(history: History, run: Path) -> None:
    plot_losses(history, run / "losses.png")


def _coarser_run(recipe: Recipe) -> Path:
    """The run that one with a `start` goes on with: the one that left out the same fold."""
    return Path(recipe.start) / run_name(recipe.left_out_fold)


def load_localizing(run: Path, size: int, classes: int) -> keras.Model:
    """Return the network of a run: that of its last epoch, recalibrated, in float32."""
    model = localizing_cnn(size, classes)
    model.load_weights(run / KEPT)
    return model


def build(recipe: Recipe, packed: Packed, batches: Draws) -> keras.Model:
    """The compiled network with the weights that it starts from; a loss for each of its outputs."""
    keras.utils.set_random_seed(recipe.seed)
    if recipe.start:
        whole = load_localizing(_coarser_run(recipe), packed.size, len(packed.classes))
    else:
        whole = localizing_cnn(packed.size, len(packed.classes))
        start_from_imagenet(whole, batches.clean(1024))
    freeze(whole, recipe.frozen_stride)
    model = keras.Model(whole.input, {name: whole.output[name] for name in (LOGITS, MASK, FOREIGN)})
    steps = len(batches)
    model.compile(
        adamw(
            recipe.learning_rate,
            recipe.weight_decay,
            recipe.warm_up_epochs * steps,
            recipe.epochs * steps,
        ),
        loss={
            LOGITS: PartialLabelLoss(recipe.smoothing),
            MASK: OutlineLoss(),
            FOREIGN: keras.losses.BinaryCrossentropy(from_logits=True),
        },
        loss_weights={LOGITS: 1.0, MASK: recipe.mask_weight, FOREIGN: recipe.outlier_weight},
        jit_compile=compiled_by_xla(),
    )
    return model


def check_slices(recipe: Recipe, packed: Packed, run: Path) -> None:
    """Raise `ValueError` where a run was trained on other slices than these."""
    if recipe.fingerprint != packed.fingerprint:
        raise ValueError(f"{run} was trained on other slices than those packed now: train it anew.")


_LEARNED = (
    "mask_weight",
    "shares",
    "appearance",
    "appearance_share",
    "histogram_share",
    "convolution_share",
    "tumour_contrast_share",
)
"""What a run and the one that it goes on with must have in common."""


def _check_start(recipe: Recipe, packed: Packed) -> None:
    """Refuse to go on with a run that saw other slices or learned other things."""
    coarser = _coarser_run(recipe)
    earlier = read_recipe(coarser)
    before = load_packed(Path(earlier.packed))
    check_slices(earlier, before, coarser)
    ours, theirs = (
        packed.slice_ids[seen_by(recipe, packed)],
        before.slice_ids[seen_by(earlier, before)],
    )
    if set(theirs) - set(ours):
        raise ValueError(f"{coarser} did not leave out the same slices.")
    for part in _LEARNED:
        if getattr(earlier, part) != getattr(recipe, part):
            raise ValueError(f"{coarser} was trained with another {part}.")
