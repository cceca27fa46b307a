"""What each network of a recipe says of the slices that it never saw."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.inference.classifier import ACTIVATION, LOGITS, MASK, sigmoid
from training.data.looks import AS_THEY_ARE, LOOKS, look_at
from training.data.packing import Packed
from training.engine.draws import seen_by
from training.engine.fitting import KEPT
from training.engine.localizing import check_slices
from training.engine.recipe import Recipe, read_recipe, run_name
from training.engine.upright import TURNED, UPRIGHT, load_upright, weights_of
from training.evaluation import trust
from training.evaluation.trust import Distance, fit_distance
from training.models.networks import FEATURES, FOREIGN

PREDICTIONS = "predictions.npz"
FOLDS = range(5)


@dataclass(frozen=True, eq=False)
class Predictions:
    """Answers for every packed slice by the network that never saw its group, all of length n.

    `logits` float32 (n, classes), `masks` float16 (n, rows, columns) with each cell's probability
    to lie in a tumour, `distances` float64 (n,) from the training data. `mask_peaks` float64 (n, 2)
    and `heat_peaks` float64 (n, classes, 2), the middle of the strongest cell of the mask and of
    each class's activation map, as row and column in shares of the slice's side.
    """

    logits: NDArray[np.float32]
    masks: NDArray[np.float16]
    distances: NDArray[np.float64]
    mask_peaks: NDArray[np.float64]
    heat_peaks: NDArray[np.float64]

    def take(self, own: NDArray[np.bool_]) -> Predictions:
        """The answers marked in `own` (n,), in the same order."""
        return Predictions(*(getattr(self, name)[own] for name in vars(self)))


_NAMES = [one.name for one in fields(Predictions)]


def out_of_fold(
    runs: Path, packed: Packed, folds: Sequence[int] = FOLDS, look: str = AS_THEY_ARE
) -> Predictions:
    """Collect the answers of the runs in `runs`, each for the fold that it left out.

    They are in the order of `packed.of_folds(folds)`. `look` is one of `LOOKS`, which the slices
    get first. Raises `ValueError` where a run was not trained on these packed slices or without
    this fold, where the runs are not of one recipe, or where there is no such look.
    """
    if look not in LOOKS:
        raise ValueError(f"There is no look {look!r}: name one of {', '.join(LOOKS)}.")
    check_one_recipe([runs / run_name(fold) for fold in folds])
    parts = [(_left_out(packed, fold), predict_fold(runs, packed, fold, look)) for fold in folds]
    order = np.argsort(np.concatenate([places for places, _ in parts]))
    return Predictions(
        *(np.concatenate([getattr(part, name) for _, part in parts])[order] for name in _NAMES)
    )


def predict_fold(runs: Path, packed: Packed, fold: int, look: str = AS_THEY_ARE) -> Predictions:
    """Answer the slices of one fold by the run that left it out.

    The answers under every look are kept beside the run, and count for the same slices, weights,
    looks and ways of measuring alone.
    """
    run = runs / run_name(fold)
    recipe = read_recipe(run)
    if recipe.left_out_fold != fold:
        raise ValueError(f"{run} did not leave out fold {fold}.")
    check_slices(recipe, packed, run)
    kept, left_out = run / PREDICTIONS, _left_out(packed, fold)
    digest = _digest(run, packed, left_out[:1])
    if kept.is_file():
        with np.load(kept) as arrays:
            if "digest" in arrays and str(arrays["digest"]) == digest:
                return Predictions(*(arrays[_key(look, name)] for name in _NAMES))
    model = load_upright(run, packed)
    distance = distance_of(model, packed, recipe)
    answers = {each: _answer(_predict(model, packed, left_out, each), distance) for each in LOOKS}
    arrays = {
        _key(each, name): values
        for each, answer in answers.items()
        for name, values in vars(answer).items()
    }
    beside = kept.with_suffix(".part.npz")
    np.savez(beside, **arrays, digest=digest)
    beside.replace(kept)
    return answers[look]


def finished_folds(runs: Path) -> list[int]:
    """Return the folds that a finished run left out, in order."""
    finished = []
    for fold in FOLDS:
        run = runs / run_name(fold)
        if (run / KEPT).is_file() and (run / UPRIGHT / KEPT).is_file():
            finished.append(fold)
    return finished


def check_one_recipe(runs: Sequence[Path]) -> None:
    """Raise `ValueError` where runs differ in more than what they leave out."""
    first, *others = (replace(read_recipe(run), left_out_fold=None) for run in runs)
    for run, recipe in zip(runs[1:], others, strict=True):
        if recipe != first:
            raise ValueError(f"{run} was trained by another recipe than {runs[0]}.")


def distance_of(model: Any, packed: Packed, recipe: Recipe) -> Distance:
    """The distance from the features of the upright slices that a network was trained on."""
    familiar = np.flatnonzero(seen_by(recipe, packed) & ~packed.upside_down)
    features = _predict(model, packed, familiar)[FEATURES]
    _, kinds = np.unique(packed.kinds[familiar], return_inverse=True)
    return fit_distance(features, kinds, recipe.outlier_share)


def _digest(run: Path, packed: Packed, some: NDArray[np.intp]) -> str:
    """Of a run's weights, of the code that measures, and of some slices under every look."""
    digest = hashlib.sha256(packed.fingerprint.encode())
    for path in (*weights_of(run), Path(__file__), Path(trust.__file__)):
        digest.update(path.read_bytes())
    for look in LOOKS:
        digest.update(look_at(packed, some, look).tobytes())
    return digest.hexdigest()


def _left_out(packed: Packed, fold: int) -> NDArray[np.intp]:
    return np.flatnonzero(packed.folds == fold)


def _predict(model: Any, packed: Packed, places: NDArray[np.intp], look: str = AS_THEY_ARE) -> Any:
    return model.predict(look_at(packed, places, look)[..., None], verbose=0)


def _answer(outputs: Any, distance: Distance) -> Predictions:
    return Predictions(
        outputs[LOGITS],
        sigmoid(outputs[MASK][..., 0]).astype(np.float16),
        distance.of(outputs[FEATURES], outputs[FOREIGN][:, 0], outputs[TURNED][:, 0]),
        _peaks(outputs[MASK])[:, 0],
        _peaks(outputs[ACTIVATION]),
    )


def _peaks(maps: NDArray[np.float32]) -> NDArray[np.float64]:
    """The middle of the strongest cell of maps (n, rows, columns, k), as shares, (n, k, 2)."""
    count, *shape, kinds = maps.shape
    places = np.unravel_index(maps.reshape(count, -1, kinds).argmax(axis=1), shape)
    shares = [(place + 0.5) / side for place, side in zip(places, shape, strict=True)]
    return np.stack(shares, axis=-1)


def _key(look: str, name: str) -> str:
    """The name of an array in the file of a run's answers."""
    return f"{look}: {name}"
