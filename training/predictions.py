"""What each network of a recipe says of the slices that it never saw."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.inference.classifier import LOGITS, MASK, sigmoid
from training.localizing import Recipe, read_recipe, run_name, seen_by
from training.networks import FEATURES, FOREIGN
from training.packing import Packed
from training.trust import Distance, fit_distance
from training.upright import TURNED, load_upright, weights_of

PREDICTIONS = "predictions.npz"
FOLDS = range(5)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Answers for every packed slice by the network that never saw its group, all of length n.

    `logits` float32 (n, classes), `masks` float16 (n, rows, columns) with each cell's probability
    to lie in a tumour, `distances` float64 (n,) from the training data.
    """

    logits: NDArray[np.float32]
    masks: NDArray[np.float16]
    distances: NDArray[np.float64]


def out_of_fold(runs: Path, packed: Packed, folds: Sequence[int] = FOLDS) -> Predictions:
    """Collect the answers of the runs in `runs`, each for the fold that it left out.

    They are in the order of `packed.of_folds(folds)`. Raises `ValueError` where a run was not
    trained on these packed slices or without this fold.
    """
    parts = [(_left_out(packed, fold), predict_fold(runs, packed, fold)) for fold in folds]
    order = np.argsort(np.concatenate([places for places, _ in parts]))
    return Predictions(
        *(
            np.concatenate([getattr(part, name) for _, part in parts])[order]
            for name in ("logits", "masks", "distances")
        )
    )


def predict_fold(runs: Path, packed: Packed, fold: int) -> Predictions:
    """Answer the slices of one fold by the run that left it out; kept beside the run.

    What is kept counts for the same slices and weights alone.
    """
    run = runs / run_name(fold)
    recipe = read_recipe(run)
    if recipe.left_out_fold != fold:
        raise ValueError(f"{run} did not leave out fold {fold}.")
    kept, weights = run / PREDICTIONS, _digest(run)
    if kept.is_file():
        with np.load(kept) as arrays:
            if str(arrays["fingerprint"]) != packed.fingerprint:
                raise ValueError(f"{kept} is of other slices.")
            if "weights" in arrays and str(arrays["weights"]) == weights:
                return Predictions(arrays["logits"], arrays["masks"], arrays["distances"])
    model = load_upright(run, packed)
    left_out = _left_out(packed, fold)
    outputs = _predict(model, packed, left_out)
    distance = distance_of(model, packed, recipe)
    predictions = Predictions(
        outputs[LOGITS],
        sigmoid(outputs[MASK][..., 0]).astype(np.float16),
        distance.of(outputs[FEATURES], outputs[FOREIGN][:, 0], outputs[TURNED][:, 0]),
    )
    np.savez(kept, **vars(predictions), fingerprint=packed.fingerprint, weights=weights)
    return predictions


def distance_of(model: Any, packed: Packed, recipe: Recipe) -> Distance:
    """The distance from the features of the upright slices that a network was trained on."""
    familiar = np.flatnonzero(seen_by(recipe, packed) & ~packed.upside_down)
    features = _predict(model, packed, familiar)[FEATURES]
    return fit_distance(features, packed.labels[familiar], recipe.outlier_share)


def _digest(run: Path) -> str:
    digest = hashlib.sha256()
    for path in weights_of(run):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _left_out(packed: Packed, fold: int) -> NDArray[np.intp]:
    return np.flatnonzero(packed.folds == fold)


def _predict(model: Any, packed: Packed, places: NDArray[np.intp]) -> Any:
    return model.predict(packed.pixels[places].astype(np.float32)[..., None], verbose=0)
