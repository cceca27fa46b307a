"""What a run learns from: augmented batches, each kind of slice drawn by its share."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.inference.classifier import LOGITS, MASK
from training.data.augment import change_appearance
from training.data.outliers import outlier
from training.data.packing import Packed
from training.data.style import change_tumour_contrast, match_histogram, random_convolution
from training.engine.recipe import NO_FOLD, Recipe
from training.models.losses import UNKNOWN_OUTLINE
from training.models.networks import FOREIGN

MASK_STRIDE = 4


def seen_by(recipe: Recipe, packed: Packed) -> NDArray[np.bool_]:
    """Return which packed slices a run is trained on, (n,)."""
    if recipe.left_out_fold is None:
        seen = ~packed.testing_only
    elif recipe.left_out_fold == NO_FOLD:
        seen = np.ones(len(packed), np.bool_)
    else:
        shown = packed.shown_in[:, recipe.left_out_fold]
        seen = (packed.folds != recipe.left_out_fold) & ~shown
    drawn = [kind for kind, share in recipe.shares.items() if share > 0]
    return np.asarray(seen & np.isin(packed.kinds, drawn))


class Draws(keras.utils.PyDataset):  # type: ignore[misc]
    """Augmented batches, the same for the same seed, epoch and place."""

    def __init__(self, packed: Packed, recipe: Recipe) -> None:
        super().__init__(workers=2)  # threads that make the next batches meanwhile
        self._packed, self._recipe = packed, recipe
        seen = seen_by(recipe, packed)
        pools = {
            kind: np.flatnonzero(seen & (packed.kinds == kind))
            for kind, share in recipe.shares.items()
            if share > 0
        }
        self._pools = [pool for pool in pools.values() if len(pool)]
        shares = np.array([recipe.shares[kind] for kind, pool in pools.items() if len(pool)])
        self._shares = shares / shares.sum()
        tumours = np.array([name != NO_TUMOUR for name in packed.classes], np.float32)
        self._allowed = np.vstack([np.eye(len(tumours), dtype=np.float32), tumours])
        self._any_tumour = tumours
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
        allowed[[changed for _, _, changed in views]] = self._any_tumour
        allowed[foreign] = 1  # any class: their summed probability is 1, their loss 0
        return np.stack([view for view, _, _ in views])[..., None], {
            LOGITS: allowed,
            MASK: np.stack([mask for _, mask, _ in views])[..., None],
            FOREIGN: foreign.astype(np.float32)[:, None],
        }

    def _members(self, index: int) -> NDArray[np.intp]:
        size = self._recipe.batch_size
        return self._drawn[index * size : (index + 1) * size]

    def _view(
        self, member: np.intp, foreign: np.bool_, rng: np.random.Generator
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], bool]:
        """A view, its mask, and whether its tumour lost what tells its type."""
        recipe, packed = self._recipe, self._packed
        matrix = recipe.warp.matrix(packed.size, rng)
        view = recipe.warp.apply(packed.pixels[member].astype(np.float32), matrix)
        fine = recipe.warp.apply(packed.masks[member].astype(np.float32), matrix)
        contrasted = None
        if foreign:
            view = outlier(view, rng)
        elif rng.random() < recipe.tumour_contrast_share:
            contrasted = change_tumour_contrast(np.clip(view, 0, 1), fine, rng)
        view = self._another_look(view if contrasted is None else contrasted, rng)
        mask = coarse(fine)
        known = packed.outlined[member] and not foreign
        mask = mask if known else np.full_like(mask, UNKNOWN_OUTLINE)
        return view, mask, contrasted is not None

    def _another_look(
        self, view: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.float32]:
        if rng.random() < self._recipe.histogram_share:
            other = self._draw(1, rng)
            view = match_histogram(view, self._pixels(other)[0], rng)
        if rng.random() < self._recipe.convolution_share:
            view = random_convolution(view, rng)
        changed = rng.random() < self._recipe.appearance_share
        return change_appearance(view, self._recipe.appearance, rng) if changed else view


def coarse(mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """A mask (size, size) averaged to the cells of the network's mask, (size / 4, size / 4)."""
    side = mask.shape[0] // MASK_STRIDE
    cells = mask.reshape(side, MASK_STRIDE, side, MASK_STRIDE)
    return np.asarray(cells.mean(axis=(1, 3)), np.float32)
