"""The model card, written from the figures in the bundle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from braintumor_desktop.inference.bundle import BundleDescription, read_bundle
from braintumor_desktop.paths import MODEL_CARD


def write_card(bundle: Path) -> Path:
    """Write `MODEL_CARD.md` beside the `model.json` whose figures it tells; its path."""
    description, _ = read_bundle(bundle)
    path = bundle / MODEL_CARD
    path.write_text(card(description), encoding="utf-8")
    return path


def card(description: BundleDescription) -> str:
    """The card as Markdown."""
    figures = description.metrics["by_group"]
    parts = [
        _head(description),
        _protocol(figures),
        _classes(figures["classes"]),
        _tumour(figures["tumour"]),
        _trust(figures),
        _outlines(figures["outlines"]),
        _official(description),
        _LIMITS,
    ]
    return "\n\n".join(parts) + "\n"


def _head(description: BundleDescription) -> str:
    counts = description.training_data["different_slices"]
    rows = "\n".join(f"- {name}: {count:,}" for name, count in counts.items())
    return f"""# {description.name}

Written by `python -m training card`; every figure was measured by `python -m training export`.

**Research and education; not a medical device; not for diagnosis on its own.**

A residual convolutional network with {description.parameters:,} parameters that takes one slice of
{description.input_size}x{description.input_size} pixels and gives the probabilities of
{", ".join(description.classes)}, an outline of what it takes for tumour, and how far the slice is
from what it was trained on. SHA-256 of `model.onnx`: `{description.sha256}`.

Different slices that it was trained on:

{rows}"""


def _protocol(figures: dict[str, Any]) -> str:
    return f"""## How it was judged

The data set (Kaggle `masoudnickparvar/brain-tumor-mri-dataset`, with figshare 1512427 in it) holds
most slices twice or more, mirrored or rotated, on both sides of its official split; and its
no-tumour slices come from other sources than its tumours. So the figures here are by group: copies
and neighbouring slices stay together, {figures["slices"]:,} different slices are answered once each
by one of five networks that never saw their group. The bundled network is a sixth, trained by the
same recipe on the official Training split. What is fitted for its trust (temperature, sets,
distance) is judged on folds that it was not fitted on. Intervals are 95 % bootstraps over groups;
groups are runs of neighbouring slices, not known patients."""


def _classes(classes: dict[str, Any]) -> str:
    low, high = classes["balanced_accuracy_interval"]
    names = list(classes["recall"])
    recall = _table(
        ["class", "recall", "AUC"],
        ([name, f"{classes['recall'][name]:.3f}", f"{classes['auc'][name]:.3f}"] for name in names),
    )
    confusion = _table(
        ["truth \\ answer", *names],
        ([name, *map(str, row)] for name, row in zip(names, classes["confusion"], strict=True)),
    )
    folds = ", ".join(f"{value:.3f}" for value in classes["by_fold"].values())
    return f"""## Classes

Balanced accuracy {classes["balanced_accuracy"]:.3f} ({low:.3f} to {high:.3f}), accuracy
{classes["accuracy"]:.3f}, cross-entropy {classes["cross_entropy"]:.3f}. By fold: {folds}. With all
slices of a group averaged ({classes["blocks"]["count"]} groups):
{classes["blocks"]["balanced_accuracy"]:.3f}.

{recall}

{confusion}"""


def _tumour(tumour: dict[str, Any]) -> str:
    rows = _table(
        ["slices", "share", "95 % interval"],
        [
            [
                "tumours of unknown type, called tumour",
                f"{tumour['type_unknown_called_tumour']:.3f}",
                _range(tumour["type_unknown_called_tumour_interval"]),
            ],
            [
                "no tumour, called no tumour",
                f"{tumour['notumor_called_notumor']:.3f}",
                _range(tumour["notumor_called_notumor_interval"]),
            ],
            [
                "glioma, meningioma, pituitary tumour, called tumour",
                f"{tumour['known_types_called_tumour']:.3f}",
                "",
            ],
        ],
    )
    sensitivity = tumour["sensitivity_at_specificity_95"]
    return f"""## Tumour or not, from slices that look like the healthy ones

The tumours of unknown type share the look of the no-tumour slices, so that their scanner's look
gives nothing away. At the threshold where 95 % of the no-tumour slices are called so, the network
calls {sensitivity:.3f} of them tumour. **It misses tumours.**

{rows}"""


def _trust(figures: dict[str, Any]) -> str:
    coverage = ", ".join(f"{k} {v:.3f}" for k, v in figures["sets"]["coverage"].items())
    bins = _table(
        ["slices", "mean probability of the answer", "share right"],
        (
            [str(count), f"{sure:.3f}", f"{right:.3f}"]
            for count, sure, right in figures["calibration"]["bins"]
        ),
    )
    return f"""## Trust

Expected calibration error (15 bins) {figures["calibration"]["expected_calibration_error"]:.3f}. The
classes that cannot be excluded hold the truth for: {coverage}; {figures["sets"]["mean_size"]:.2f}
classes on average. Called unlike the training data, of slices like it:
{figures["unlike_training"]["false_alarms"]:.3f}.

{bins}"""


def _outlines(outlines: dict[str, Any]) -> str:
    rows = _table(
        ["slices from", "mean Dice", "strongest cell inside the outline"],
        (
            [name, f"{row['mean_dice']:.3f}", f"{row['peak_inside']:.3f}"]
            for name, row in outlines["by_source"].items()
        ),
    )
    return f"""## Outline

On {outlines["slices"]:,} slices with a drawn outline (figshare: by radiologists): mean Dice
{outlines["mean_dice"]:.3f}, the strongest cell inside the outline in {outlines["peak_inside"]:.3f}.

{rows}"""


def _official(description: BundleDescription) -> str:
    parts = {
        "testing": "official Testing split; three in four of its slices also stand in Training",
        "testing_without_twin": "those of it that do not; most are neighbours of slices that do",
    }
    rows = _table(
        ["", "slices", "cross-entropy", "accuracy"],
        (
            [
                words,
                str(description.metrics["onnxruntime"][part]["slices"]),
                f"{description.metrics['onnxruntime'][part]['cross_entropy']:.3f}",
                f"{description.metrics['onnxruntime'][part]['accuracy']:.3f}",
            ]
            for part, words in parts.items()
        ),
    )
    return f"""## For the record: the official split

These figures leak and say little about a new patient.

{rows}"""


_LIMITS = """## Meant for, and limits

For research and teaching, beside a person who can read the slice. It knows four answers: it names
any other disease one of them. It sees one slice, not the series, the other sequences or the
patient. Most of its tumours are T1 with contrast from two hospitals; children, operated brains and
other field strengths are not described in the data. "No tumour" means that this network saw
none."""


def _range(interval: Sequence[float]) -> str:
    return f"{interval[0]:.3f} to {interval[1]:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
