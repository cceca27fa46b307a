"""From a run to the bundle that the app answers with."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from braintumor_desktop.imaging import prepare
from braintumor_desktop.inference.bundle import (
    NETWORK_FILE,
    BundleDescription,
    write_description,
)
from braintumor_desktop.inference.classifier import Classifier
from training.evaluate import evaluate_sets, testing_sets
from training.networks import predict_logits
from training.prepared import PreparedSet
from training.records import read_manifest
from training.train import load_trained, read_configuration

AGREEMENT = 1e-4
CHECKED_SLICES = 100


def export(run: Path, out: Path, name: str) -> BundleDescription:
    """Write `model.onnx` and `model.json` into `out`.

    ONNX Runtime must agree with Keras on the logits and activation maps of 100 Testing slices to
    1e-4, else `ValueError` is raised and `out` is left as it was. The figures in `model.json` are
    measured here, by both.
    """
    configuration = read_configuration(run)
    records = Path(configuration.records)
    manifest = read_manifest(records)
    model = load_trained(run)
    sets = testing_sets(records, configuration.size)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        model.export(
            folder / NETWORK_FILE,
            format="onnx",
            input_signature=[
                keras.InputSpec(dtype="float32", shape=(None, *model.input_shape[1:]), name="image")
            ],
            verbose=False,
        )
        network = (folder / NETWORK_FILE).read_bytes()
        description = BundleDescription(
            name=name,
            classes=manifest.classes,
            input_size=configuration.size,
            preprocessing=prepare.VERSION,
            parameters=model.count_params(),
            sha256=hashlib.sha256(network).hexdigest(),
            training_data={
                "fingerprint": manifest.fingerprint,
                "counts": manifest.counts["Training"],
                "validation_share": configuration.validation_share,
            },
        )
        write_description(description, folder)
        classifier = Classifier.load(folder, threads=2)
        difference = _largest_difference(model, classifier, sets["testing"])
        if difference > AGREEMENT:
            raise ValueError(f"ONNX Runtime and Keras differ by {difference:.1e}.")
        runtimes = {
            "keras": lambda pixels: predict_logits(model, pixels),
            "onnxruntime": lambda pixels: np.concatenate(
                [classifier.run(part)[0] for part in np.array_split(pixels, len(pixels) // 64 + 1)]
            ),
        }
        metrics: dict[str, object] = {"onnxruntime_keras_largest_difference": difference}
        for runtime, predict in runtimes.items():
            results = evaluate_sets(predict, sets)
            metrics[runtime] = {part: asdict(result) for part, result in results.items()}
        description = BundleDescription(**{**vars(description), "metrics": metrics})
        write_description(description, folder)
        out.mkdir(parents=True, exist_ok=True)
        for path in folder.iterdir():
            shutil.copyfile(path, out / path.name)
    return description


def _largest_difference(model: keras.Model, classifier: Classifier, data: PreparedSet) -> float:
    places = np.linspace(0, len(data) - 1, CHECKED_SLICES).round().astype(np.intp)
    pixels = data.pixels[places]
    theirs = model.predict(pixels[..., None], verbose=0)
    ours = classifier.run(pixels)
    return max(
        float(np.abs(theirs[name] - output).max())
        for name, output in zip(("logits", "activation"), ours, strict=True)
    )
