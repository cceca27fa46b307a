"""The model card, written from the figures in the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from braintumor_desktop.inference.bundle import BundleDescription, read_bundle
from braintumor_desktop.paths import MODEL_CARD
from training.release import card_figures
from training.release.card_external import external, whole_heads
from training.release.card_figures import table, with_span


def write_card(bundle: Path) -> Path:
    """Write `MODEL_CARD.md` beside the `model.json` whose figures it tells; its path.

    Raises `ValueError` where figures are missing.
    """
    description, _ = read_bundle(bundle)
    path = bundle / MODEL_CARD
    try:
        text = card(description)
    except KeyError as error:
        raise ValueError(f"{bundle} has no figures for {error}: export it anew.") from error
    path.write_text(text, encoding="utf-8")
    return path


def card(description: BundleDescription) -> str:
    """The card as Markdown."""
    figures = description.metrics["by_group"]
    sections = (
        card_figures.classes,
        card_figures.sources,
        card_figures.tumour,
        card_figures.looks,
        card_figures.sizes,
        card_figures.trust,
        card_figures.outlines,
        card_figures.failures,
    )
    parts = [
        _head(description),
        external(description.metrics),
        _DATA,
        whole_heads(description.training_data),
        _protocol(description),
        *(section(figures) for section in sections),
        _official(description),
        _LIMITS,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(description: BundleDescription) -> str:
    counts = description.training_data["different_slices"]
    rows = "\n".join(f"- {name}: {count:,}" for name, count in counts.items())
    return f"""# {description.name}

Written by `python -m training card`; every figure was measured by `python -m training export`.

**Research and education; not a medical device; not for diagnosis on its own.**

A convolutional network with {description.parameters:,} parameters that takes one slice of
{description.input_size}x{description.input_size} pixels and gives the probabilities of
{", ".join(description.classes)}, an outline of what it takes for tumour, and how far the slice is
from what it was trained on. SHA-256 of `model.onnx`: `{description.sha256}`.

Different slices that it was trained on:

{rows}"""


_DATA = """## The data, and their flaws

Kaggle `masoudnickparvar/brain-tumor-mri-dataset` (a merge of figshare 1512427, SARTAJ and Br35H),
the outlines that radiologists drew for figshare 1512427, and slices of Br35H with a tumour whose
type nobody recorded. `docs/data-audit.md` counts what is wrong with them:

- Most slices stand there twice or more, mirrored or rotated, on both sides of the official split.
- No no-tumour slice comes from where most tumours come from, and ten statistics of the pixels tell
  the two apart with a balanced accuracy of 0.95 (`python -m training control`).
- Nearly half of the tumours of unknown type, and some slices without a tumour, stand upside down.
- Some no-tumour slices are CT, and in some a lesion can be seen. A few slices stand under two
  labels; that of the outline counts.
- Scanners, sequences and pixel sizes are not recorded, nor patients but for figshare's, of whom
  there are 207: 65 with a glioma, 81 with a meningioma, 61 with a pituitary tumour.
- They are 8-bit JPEG files, some of them edited before they came here.

Beside them, since version 1.0, whole heads: see below.

The network started from EfficientNet-lite0's weights, published under Apache-2.0 and trained on the
photographs of ImageNet; its layers up to stride 8 still have those."""


def _protocol(description: BundleDescription) -> str:
    figures = description.metrics["by_group"]
    folds = figures.get("folds", range(5))
    figshare = [row for row in figures["by_source"] if row["source"] == "figshare"]
    slices, groups = (sum(row[name] for row in figshare) for name in ("slices", "groups"))
    return f"""## How it was judged

By group: {figures["slices"]:,} slices are answered once each by one of {len(folds)} networks that
never saw their group{_missing(folds)}. The bundled network is another, trained by the same recipe
on all of them, so that none is left to judge it by; of what it was trained on it has a balanced
accuracy of
{description.metrics["on_what_it_was_trained_on"]:.3f}, which says no more than that it learned.
What is fitted for its trust (temperature, sets, distance) is judged on folds that it was not fitted
on. Intervals are 95 % percentile bootstraps over groups; they have no width where every slice is
right, or none.

The {slices:,} slices of figshare are of {groups} patients, as far as its own numbers and the eye
tell, and each is a group: no network was trained on any slice, plane or exam of a patient that it
is judged by. (The folds of the data's index have a patient's planes on several sides; figures of
other work by those, or by slices drawn at random, are of patients that were seen.) Of the other
sources nobody recorded the patients: their groups are copies and neighbours of one picture, as far
as they are known, and {figures["shown_in_other_folds"]:,} slices that show a picture of another
fold were kept from its network.

These figures are honest about patients, not about sources: every left-out patient comes from a
source that the network knows, and what tells the sources apart tells tumour and no tumour apart.
What it does elsewhere is said above. The recipe was developed on the index's folds 0 to 3, so that
all of these figures are likely somewhat too good (docs/experiments/to-0.11.md)."""


def _missing(folds: Sequence[int]) -> str:
    left = [str(fold) for fold in range(5) if fold not in folds]
    if not left:
        return ""
    words = "fold" if len(left) == 1 else "folds"
    return (
        f" (five folds were cut; for want of time no network was trained without {words} "
        f"{', '.join(left)}, whose slices are in no figure)"
    )


def _official(description: BundleDescription) -> str:
    parts = {
        "testing": "official Testing split; three in four of its slices also stand in Training",
        "testing_without_twin": "those of it that do not; most are neighbours of slices that do",
    }
    results = description.metrics.get("official_split")
    if results is None:
        return ""
    rows = table(
        ["", "slices", *description.classes, "cross-entropy", "accuracy"],
        (
            [
                words,
                f"{results[part]['slices']:,}",
                *(f"{sum(row):,}" for row in results[part]["confusion"]),
                with_span(results[part], "cross_entropy"),
                with_span(results[part], "accuracy"),
            ]
            for part, words in parts.items()
        ),
    )
    return f"""## For the record: the official split

By a network that was trained by the same recipe on Training alone. These figures leak and say
little about a new patient; the second row says next to nothing of slices without a tumour.

{rows}"""


_LIMITS = """## Meant for, and limits

For research and teaching, beside a person who can read the slice. Not for screening, for ruling
out a tumour, for choosing a treatment, or for anything that nobody looks over. It knows four
answers: it names any other disease one of them. It sees one slice, not the series, the other
sequences or the patient. Most of its tumours are T1 with contrast from two hospitals; children and
field strengths are not described in the data, operated brains are few. How far it holds in other
hospitals stands at the top; tumours other than gliomas were never judged there. "No tumour" means
that this network saw none."""
