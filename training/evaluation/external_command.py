"""A bundle judged on whole heads; its `model.json` may keep the figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from braintumor_desktop.inference.bundle import read_bundle, write_description
from braintumor_desktop.inference.classifier import Classifier
from training.evaluation.external import Figures, external_figures
from training.evaluation.volume_answers import answer_volumes

EXTERNAL = "external"
"""Where the figures stand among the metrics of `model.json`."""


def assess_external(volumes: Path, bundle: Path, keep: bool = False) -> Figures:
    """The figures of the bundle in the folder `bundle` on the whole heads in `volumes`.

    With `keep` they are written into its `model.json`, from where the model card tells them and
    the app says where its answers do not hold. Raises `ModelBundleError` where the bundle cannot
    be read and `OSError` where there is no manifest.
    """
    figures = external_figures(answer_volumes(Classifier.load(bundle, threads=2), volumes))
    if keep:
        description, _ = read_bundle(bundle)
        metrics = {**description.metrics, EXTERNAL: figures}
        write_description(replace(description, metrics=metrics), bundle)
    return figures
