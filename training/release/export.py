"""From a recipe's runs to the bundle that the app answers with."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from braintumor_desktop.imaging import prepare
from braintumor_desktop.inference.bundle import (
    NETWORK_FILE,
    BundleDescription,
    named_network,
    write_description,
)
from braintumor_desktop.inference.bundle_signature import SIGNATURE_FILE
from braintumor_desktop.inference.classifier import DISTANCE, Classifier
from training.data.packing import TYPE_UNKNOWN, Packed, load_packed
from training.engine.draws import seen_by
from training.engine.localizing import check_slices, load_localizing
from training.engine.recipe import EVERYTHING, OFFICIAL, read_recipe, run_name
from training.engine.upright import TURNED, load_upright
from training.evaluation.assessment import assess_runs, in_volumes
from training.evaluation.evaluate import balanced_accuracy, on_testing
from training.evaluation.left_out_volumes import (
    fit_series_rule,
    judge_left_out,
    left_out_figures,
)
from training.evaluation.predictions import (
    check_one_recipe,
    distance_of,
    finished_folds,
    out_of_fold,
)
from training.evaluation.trust import MOST_FOREIGN, Distance
from training.models.networks import FEATURES, FOREIGN, predict_logits
from training.release.onnx_graph import write_onnx

AGREEMENT = 1e-4
CHECKED_SLICES = 100


def export(
    runs: Path,
    out: Path,
    name: str,
    records: Path | None = None,
    volumes: Path | None = None,
    abstain_on: Sequence[str] = (),
) -> BundleDescription:
    """Write `model.onnx` and `model.json` into `out`.

    The network is that of `runs`/everything; its figures, and what is fitted for its trust, are
    those of the finished runs that left out a fold, one or more; how many, the figures say. With
    `volumes`, the folder with the manifest of whole heads, those of left-out whole heads are told
    too, and the rule for series is fitted on them. Of the sequences `abstain_on` the bundle says
    nothing. With `records`, the figures of `runs`/official on
    their Testing split are told as well. ONNX Runtime must agree with Keras on all outputs of 100
    slices to 1e-4 (of the slice's largest value of an output where that exceeds 1; of the distance
    in its logarithm), else `ValueError` is raised and `out` is left as it was. A signature that
    stands in `out` is removed.
    """
    run = runs / EVERYTHING
    recipe = read_recipe(run)
    packed = load_packed(Path(recipe.packed))
    check_slices(recipe, packed, run)
    folds = finished_folds(runs)
    if not folds:
        raise ValueError(f"{runs} holds no finished run that left out a fold.")
    check_one_recipe([run, *(runs / run_name(fold) for fold in folds)])
    figures = assess_runs(runs, packed, folds)
    judged = []
    if volumes is not None:
        own = packed.of_folds(folds)
        judged = judge_left_out(own, out_of_fold(runs, packed, folds), volumes)
    trust = figures["trust"]
    classes = tuple(map(str, packed.classes))
    trained_on = np.flatnonzero(seen_by(recipe, packed))
    model = load_upright(run, packed)
    distance = distance_of(model, packed, recipe)
    model = with_distance(model, distance)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        network = folder / NETWORK_FILE
        write_onnx(model, network)
        network.write_bytes(named_network(network.read_bytes(), classes, prepare.VERSION))
        description = BundleDescription(
            name=name,
            classes=classes,
            input_size=packed.size,
            preprocessing=prepare.VERSION,
            parameters=model.count_params() + distance.means.size + distance.deviations.size,
            sha256=hashlib.sha256(network.read_bytes()).hexdigest(),
            temperature=trust["temperature"],
            set_thresholds=dict(zip(classes, trust["set_thresholds"], strict=True)),
            unlike_threshold=trust["unlike_threshold"],
            tumour_from=trust["tumour_from"],
            abstain_on=tuple(abstain_on),
            series_rule=fit_series_rule(judged) if judged else {},
            training_data=_training_data(packed, trained_on),
        )
        write_description(description, folder)
        classifier = Classifier.load(folder, threads=2)
        difference = _largest_difference(model, classifier, packed)
        if difference > AGREEMENT:
            raise ValueError(f"ONNX Runtime and Keras differ by {difference:.1e}.")
        metrics: dict[str, Any] = {
            "by_group": figures,
            "on_what_it_was_trained_on": _on_its_slices(
                model, packed.take(seen_by(recipe, packed))
            ),
            "onnxruntime_keras_largest_difference": difference,
        }
        if judged:
            metrics["left_out_volumes"] = left_out_figures(judged)
        if records is not None:
            metrics["official_split"] = _official_split(runs, packed, records, trust["temperature"])
        description = replace(description, metrics=metrics)
        write_description(description, folder)
        out.mkdir(parents=True, exist_ok=True)
        (out / SIGNATURE_FILE).unlink(missing_ok=True)  # it was over what stood there before
        for path in folder.iterdir():
            shutil.copyfile(path, out / path.name)
    return description


def with_distance(model: keras.Model, distance: Distance) -> keras.Model:
    """The network with the distance as an output, in place of what it is computed from."""
    means, scales = (
        values[None].astype(np.float32) for values in (distance.means, 1 / distance.deviations)
    )
    apart = (keras.ops.expand_dims(model.output[FEATURES], 1) - means) * scales  # (n, kinds, d)
    each = keras.ops.mean(keras.ops.square(apart), axis=2)
    nearest = keras.ops.sqrt(keras.ops.min(each, axis=1, keepdims=True))
    likelier = [
        keras.ops.exp(keras.ops.minimum(above, MOST_FOREIGN))
        for above in (model.output[FOREIGN] - distance.prior, model.output[TURNED])
    ]
    named = layers.Identity(name=DISTANCE)(nearest * (1 + sum(likelier)))
    replaced = (FEATURES, FOREIGN, TURNED)
    outputs = {key: value for key, value in model.output.items() if key not in replaced}
    return keras.Model(model.input, {**outputs, DISTANCE: named}, name=model.name)


def _training_data(packed: Packed, trained_on: NDArray[np.intp]) -> dict[str, Any]:
    labels = packed.labels[trained_on]
    counts = {str(k): int((labels == i).sum()) for i, k in enumerate(packed.classes)}
    counts["tumour of unknown type"] = int((labels < 0).sum())
    sets = packed.sources[trained_on[in_volumes(packed)[trained_on]]]
    return {
        "fingerprint": packed.fingerprint,
        "different_slices": counts,
        "of_whole_heads": {str(one): int((sets == one).sum()) for one in np.unique(sets)},
    }


def _on_its_slices(model: keras.Model, packed: Packed) -> float:
    """The balanced accuracy over those of known type: whether a network learned at all."""
    known = packed.take(packed.labels != TYPE_UNKNOWN)
    answers = predict_logits(model, known.pixels.astype(np.float32)).argmax(axis=1)
    return balanced_accuracy(known.labels, answers)


def _official_split(
    runs: Path, packed: Packed, records: Path, temperature: float
) -> dict[str, Any]:
    """What the network that was trained on Training alone gives on Testing, as the app says it."""
    run = runs / OFFICIAL
    check_one_recipe([runs / EVERYTHING, run])
    model = load_localizing(run, packed.size, len(packed.classes))
    results = on_testing(model, records, packed.size, temperature)
    return {part: asdict(result) for part, result in results.items()}


def _largest_difference(model: keras.Model, classifier: Classifier, packed: Packed) -> float:
    places = np.linspace(0, len(packed) - 1, CHECKED_SLICES).round().astype(np.intp)
    pixels = packed.pixels[places].astype(np.float32)
    theirs = model.predict(pixels[..., None], verbose=0)
    differences = []
    for name, ours in vars(classifier.run(pixels)).items():
        reference = theirs[name].reshape(ours.shape)
        if name == DISTANCE:  # grows like the exponential of what the network computes
            ours, reference = np.log1p(ours), np.log1p(reference)
        inner = tuple(range(1, ours.ndim))
        scale = np.maximum(1, np.abs(reference).max(axis=inner, keepdims=True))
        differences.append(np.abs(reference - ours) / scale)
    return float(max(difference.max() for difference in differences))
