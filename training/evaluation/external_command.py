"""A bundle judged on whole heads; its `model.json` may keep the figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from braintumor_desktop.inference.bundle import read_bundle, write_description
from braintumor_desktop.inference.classifier import Classifier
from training.evaluation.external import Figures, external_figures
from training.evaluation.left_out_volumes import flagged_by
from training.evaluation.volume_answers import answer_volumes, named

EXTERNAL = "external"
"""Where the figures stand among the metrics of `model.json`."""


def assess_external(volumes: Path, bundle: Path, keep: bool = False) -> Figures:
    """The figures of the bundle in the folder `bundle` on the whole heads in `volumes`.

    With `keep` they are written into its `model.json`, from where the model card tells them and
    the app says where its answers do not hold. Raises `ModelBundleError` where the bundle cannot
    be read and `OSError` where there is no manifest.
    """
    classifier = Classifier.load(bundle, threads=2)
    judged = answer_volumes(classifier, volumes)
    figures = external_figures(named(judged))
    figures["unnamed"] = [
        row
        for row in external_figures([one for one in judged if one.withheld])["slices"]
        if row["use"] == "external"
    ]
    if classifier.description.series_rule:
        figures["rule"] = flagged_by(classifier.description.series_rule, named(judged))
    if keep:
        description, _ = read_bundle(bundle)
        metrics = {**description.metrics, EXTERNAL: figures}
        write_description(replace(description, metrics=metrics), bundle)
    return figures
