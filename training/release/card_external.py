"""The model card's first section: whole heads, other hospitals."""

from __future__ import annotations

from typing import Any

from training.evaluation.external_command import EXTERNAL
from training.evaluation.external_tables import (
    heights_table,
    series_table,
    slices_table,
    within_patient_table,
)

Figures = dict[str, Any]


def external(metrics: Figures) -> str:
    """The figures that `assess-external --keep` left among the metrics of a bundle."""
    if EXTERNAL not in metrics:
        return """## Other hospitals

Not measured for this network: `python -m training assess-external DATA/volumes --keep`."""
    figures = metrics[EXTERNAL]
    outside, inside = (
        [row for row in figures["slices"] if row["use"] == use] for use in ("external", "train")
    )
    return f"""## Other hospitals: where these answers do not hold

Whole heads, slice by slice, with and without a tumour, of hospitals and scanners that the figures
below know nothing of (`python -m training assess-external DATA/volumes`). Called tumour: "no
tumour" has less than half of the probability. Confidently wrong: the slice is answered, and what is
true, a tumour or none, is excluded. Type wrong: the tumour is not, but its type is. Unlike: called
unlike the training data, so that nothing is said.

Low-grade gliomas of two hospitals (TCGA-LGG, evaluation only):

{slices_table(outside)}

The other sets of whole heads{_trained_on(metrics)}:

{slices_table(inside)}

Tumour against tumour-free slices of the same series (AUC 0.5 is chance), and the outline where a
tumour is called:

{within_patient_table(figures)}

Whole series by the share of their slices called tumour, beside what their tumour-free part alone
gives, which is the look of the hospital and no finding:

{series_table(figures["series"])}

Slices without a tumour by their height in the head:

{heights_table(figures["heights"])}"""


def _trained_on(metrics: Figures) -> str:
    if not metrics.get("trained_on_volumes"):
        return ", none of which it was trained on"
    return ", which **the bundled network was trained on**: read the left-out folds below instead"
