"""The app's recipe: classes, outlines and tumours of unknown type, trained by group."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.inference.classifier import LOGITS, MASK
from training.data.augment import Appearance, Warp, change_appearance
from training.data.outliers import outlier
from training.data.packing import NO_TUMOUR, TYPE_UNKNOWN, Packed, load_packed
from training.engine.fitting import (
    CONFIGURATION,
    KEPT,
    adamw,
    compiled_by_xla,
    fit,
    keep_configuration,
    keep_recalibrated,
    precision,
)
from training.evaluation.plots import plot_losses
from training.models.efficientnet import freeze, start_from_imagenet
from training.models.losses import UNKNOWN_OUTLINE, OutlineLoss, PartialLabelLoss
from training.models.networks import FOREIGN, localizing_cnn

MASK_STRIDE = 4
OFFICIAL, EVERYTHING = "official", "everything"
NO_FOLD = -1
"""The left-out fold of a run on everything."""


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what a run gives.

    The groups of `left_out_fold` are never seen, nor what shows a picture of them; None leaves out
    the official Testing split, its copies and mirror images in Training excepted; `NO_FOLD` leaves
    out nothing, as for the network of the bundle. The classes are drawn evenly, the tumours of
    unknown type with a share of `type_unknown_share`. A share `outlier_share` of them is made
    foreign: such views teach the network to say so, and nothing else.
    `start` is the folder of coarser runs whose network without the same fold the run goes on with,
    "" for the weights of ImageNet alone; `frozen_stride` is the last stride of the backbone that
    keeps those, 0 none. `mask_weight` 0 trains without outlines. A share `appearance_share` of the
    views gets another look, by `appearance`. `precision` is a Keras policy. `fingerprint` is that
    of the packed slices, which `train_localizing` writes down.
    """

    packed: str
    left_out_fold: int | None
    epochs: int = 11
    draws: int = 4096
    batch_size: int = 32
    learning_rate: float = 5e-4
    weight_decay: float = 0.02
    warm_up_epochs: int = 1
    smoothing: float = 0.05
    mask_weight: float = 2.0
    type_unknown_share: float = 0.12
    outlier_share: float = 0.12
    outlier_weight: float = 0.5
    start: str = ""
    frozen_stride: int = 8
    warp: Warp = field(default_factory=Warp)
    appearance: Appearance = field(default_factory=Appearance)
    appearance_share: float = 0.5
    precision: str = "float32"
    seed: int = 0
    fingerprint: str = ""


FINER: dict[str, Any] = {"epochs": 8, "learning_rate": 3e-4}
"""What the recipe says where it starts from coarser runs."""


def read_recipe(run: Path) -> Recipe:
    """The recipe of an earlier run; `ValueError` where another version of this wrote it."""
    values = json.loads((run / CONFIGURATION).read_text(encoding="utf-8"))
    if values.keys() != {one.name for one in fields(Recipe)}:
        raise ValueError(f"{run} was trained by another version: train it anew.")
    settings = {"warp": Warp(**values["warp"]), "appearance": Appearance(**values["appearance"])}
    return Recipe(**{**values, **settings})


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
    keep_configuration(asdict(recipe), run)
    if (run / KEPT).is_file():
        return
    batches = Draws(packed, recipe)
    with precision(recipe.precision):
        model, history = fit(
            lambda: build(recipe, packed, batches),
            batches,
            recipe.epochs,
            run,
        )
    plot_losses(history, run / "losses.png")
    last = run / "last.weights.h5"
    model.save_weights(last)
    whole = localizing_cnn(packed.size, len(packed.classes))
    whole.load_weights(last)
    keep_recalibrated(whole, batches.clean(recipe.draws), run)
    last.unlink()


def run_name(fold: int | None) -> str:
    """The folder, among those of one recipe, of the run that leaves out a fold."""
    if fold is None:
        return OFFICIAL
    return EVERYTHING if fold == NO_FOLD else f"without-fold-{fold}"


def _coarser_run(recipe: Recipe) -> Path:
    """The run that one with a `start` goes on with: the one that left out the same fold."""
    return Path(recipe.start) / run_name(recipe.left_out_fold)


def seen_by(recipe: Recipe, packed: Packed) -> NDArray[np.bool_]:
    """Which packed slices a run is trained on, (n,)."""
    if recipe.left_out_fold is None:
        seen = ~packed.testing_only
    elif recipe.left_out_fold == NO_FOLD:
        seen = np.ones(len(packed), np.bool_)
    else:
        shown = packed.shown_in[:, recipe.left_out_fold]
        seen = (packed.folds != recipe.left_out_fold) & ~shown
    if recipe.type_unknown_share == 0:
        seen &= packed.labels != TYPE_UNKNOWN
    return np.asarray(seen)


def load_localizing(run: Path, size: int, classes: int) -> keras.Model:
    """The network of a run: that of its last epoch, recalibrated, in float32."""
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
    for part in ("mask_weight", "type_unknown_share", "appearance", "appearance_share"):
        if getattr(earlier, part) != getattr(recipe, part):
            raise ValueError(f"{coarser} was trained with another {part}.")


class Draws(keras.utils.PyDataset):  # type: ignore[misc]
    """Augmented batches with the classes drawn evenly, the same for the same seed and place."""

    def __init__(self, packed: Packed, recipe: Recipe) -> None:
        super().__init__(workers=2)  # threads that make the next batches meanwhile
        self._packed, self._recipe = packed, recipe
        seen = seen_by(recipe, packed)
        pools = [packed.places(str(name)) for name in packed.classes]
        unknown = np.flatnonzero(packed.labels == TYPE_UNKNOWN)
        self._pools = [pool[seen[pool]] for pool in [*pools, unknown]]
        each = (1 - recipe.type_unknown_share) / len(pools)
        self._shares = [each] * len(pools) + [recipe.type_unknown_share]
        tumours = np.array([name != NO_TUMOUR for name in packed.classes], np.float32)
        self._allowed = np.vstack([np.eye(len(pools), dtype=np.float32), tumours])
        # A run that goes on with a coarser one draws otherwise than that one did.
        self._seed = (recipe.seed, packed.size) if recipe.start else (recipe.seed,)
        self.start_epoch(0)

    def __len__(self) -> int:
        return self._recipe.draws // self._recipe.batch_size

    def start_epoch(self, epoch: int) -> None:
        """Draw the slices of an epoch."""
        self._epoch = epoch
        rng = np.random.default_rng((*self._seed, epoch))
        self._drawn = self._draw(self._recipe.draws, rng)

    def clean(self, count: int) -> NDArray[np.float32]:
        """So many slices drawn like those of an epoch, but as they are, (count, size, size)."""
        return self._pixels(self._draw(count, np.random.default_rng(self._recipe.seed)))

    def _pixels(self, members: NDArray[np.intp]) -> NDArray[np.float32]:
        return self._packed.pixels[members].astype(np.float32)

    def _draw(self, count: int, rng: np.random.Generator) -> NDArray[np.intp]:
        kinds = rng.choice(len(self._pools), count, p=self._shares)
        return np.array([rng.choice(self._pools[kind]) for kind in kinds], np.intp)

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], dict[str, NDArray[np.float32]]]:
        recipe, packed = self._recipe, self._packed
        rng = np.random.default_rng((*self._seed, self._epoch, index))
        members = self._members(index)
        foreign = rng.random(len(members)) < recipe.outlier_share
        views = [self._view(*drawn, rng) for drawn in zip(members, foreign, strict=True)]
        allowed = self._allowed[packed.labels[members]]  # TYPE_UNKNOWN, -1, is the last row
        allowed[foreign] = 1  # any class: their summed probability is 1, their loss 0
        return np.stack([view for view, _ in views])[..., None], {
            LOGITS: allowed,
            MASK: np.stack([mask for _, mask in views])[..., None],
            FOREIGN: foreign.astype(np.float32)[:, None],
        }

    def _members(self, index: int) -> NDArray[np.intp]:
        size = self._recipe.batch_size
        return self._drawn[index * size : (index + 1) * size]

    def _view(
        self, member: np.intp, foreign: np.bool_, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        recipe, packed = self._recipe, self._packed
        matrix = recipe.warp.matrix(packed.size, rng)
        view = recipe.warp.apply(packed.pixels[member].astype(np.float32), matrix)
        if foreign:
            view = outlier(view, rng)
        view = self._another_look(view, rng)
        mask = coarse(recipe.warp.apply(packed.masks[member].astype(np.float32), matrix))
        known = packed.outlined[member] and not foreign
        return view, mask if known else np.full_like(mask, UNKNOWN_OUTLINE)

    def _another_look(
        self, view: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        changed = rng.random() < self._recipe.appearance_share
        return change_appearance(view, self._recipe.appearance, rng) if changed else view


def coarse(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """A mask (size, size) averaged to the cells of the network's mask, (size / 4, size / 4)."""
    side = mask.shape[0] // MASK_STRIDE
    cells = mask.reshape(side, MASK_STRIDE, side, MASK_STRIDE)
    return np.asarray(cells.mean(axis=(1, 3)), np.float32)
