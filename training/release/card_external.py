"""The model card's first section: whole heads, other hospitals."""

from __future__ import annotations

from typing import Any

from training.evaluation.external_command import EXTERNAL
from training.evaluation.external_tables import (
    heights_table,
    series_table,
    slices_table,
    table,
    within_patient_table,
)

Figures = dict[str, Any]


def external(metrics: Figures) -> str:
    """The figures that `assess-external --keep` left among the metrics of a bundle."""
    if EXTERNAL not in metrics:
        return """## Other hospitals

Not measured for this network: `python -m training assess-external DATA/volumes --keep`."""
    figures = metrics[EXTERNAL]
    outside = [row for row in figures["slices"] if row["use"] == "external"]
    return f"""## Other hospitals: where these answers hold, and where not

Whole heads, slice by slice, with and without a tumour, of hospitals and scanners that the figures
below know nothing of (`python -m training assess-external DATA/volumes`). Called tumour: "no
tumour" has less than half of the probability. Confidently wrong: the slice is answered, and what is
true, a tumour or none, is excluded. Type wrong: the tumour is not, but its type is. Unlike: called
unlike the training data, so that nothing is said.

Low-grade gliomas of two hospitals (TCGA-LGG, evaluation only):

{slices_table(outside)}
{_unnamed(figures)}

{_left_out(metrics)}

Tumour against tumour-free slices of the same series (AUC 0.5 is chance), and the outline where a
tumour is called, by the bundled network; of sets that it was trained on this says little:

{within_patient_table(figures)}

Whole series by the share of their slices called tumour, beside what their tumour-free part alone
gives, which is the look of the hospital and no finding:

{series_table(figures["series"])}

{_rule(figures)}

Slices without a tumour by their height in the head:

{heights_table([row for row in figures["heights"] if row["use"] == "external"])}"""


def _unnamed(figures: Figures) -> str:
    """The external slices of sequences that are withheld, as of files that do not name them."""
    rows = figures.get("unnamed", [])
    if not rows:
        return ""
    return f"""
Where the file names such a sequence, nothing is said of it. Where it does not, as no PNG or JPEG
does, these slices get:

{slices_table(rows)}
"""


def whole_heads(training_data: Figures) -> str:
    """What the network was trained on beside the single pictures, with licences."""
    counts = training_data.get("of_whole_heads", {})
    if not counts:
        return ""
    rows = table(
        ["set", "slices", "what", "licence and source"],
        ([name, str(count), *_SETS[name]] for name, count in counts.items()),
    )
    return f"""## Whole heads that it was trained on

{rows}

Slices beside one with a mask are left out. A slice without a mask can still show oedema or a
cavity. The tumours are few: 23 people with contrast, most of them operated on."""


_SETS = {
    "brain-tumor-progression": (
        "T1 with contrast, glioblastoma after treatment",
        "CC BY 3.0; Schmainda, Prah 2018, TCIA, doi:10.7937/K9/TCIA.2018.15quzvnb",
    ),
    "qin-brain-dsc-mri": (
        "T1 with contrast, glioma",
        "CC BY 3.0; Schmainda, Prah, Connelly, Rand 2016, TCIA, doi:10.7937/K9/TCIA.2016.5DI84Js8",
    ),
    "pyradiomics": (
        "T1 with contrast, a tumour of unnamed type",
        "BSD-3-Clause; Harvard Medical School 2017",
    ),
    "remind": (
        "T1 with contrast, glioma after an operation",
        "CC BY 4.0; Juvekar, Dorent, Kögl et al. 2023, TCIA, doi:10.7937/3RAG-D070",
    ),
    "openfmri-ds011": ("healthy, T1 and T2", "PDDL 1.0; Foerde, Knowlton, Poldrack 2006"),
    "healthy-heads": ("healthy, T1, T2 and PD", "BSD-2-Clause, Apache-2.0, MIT, by head"),
}


def _left_out(metrics: Figures) -> str:
    """The other sets: by networks that left out the patient, or by the bundled one."""
    head = "The other sets of whole heads, "
    left_out = metrics.get("left_out_volumes")
    if left_out is None:
        rows = [row for row in metrics[EXTERNAL]["slices"] if row["use"] == "train"]
        return f"{head}none of which it was trained on:\n\n{slices_table(rows)}"
    return f"""{head}by networks of the same recipe that never saw the patient (**the bundled
network was trained on them**), as of files that do not name their sequence:

{slices_table(left_out["slices"])}

{within_patient_table(left_out)}

{heights_table(left_out["heights"])}

{_left_out_rule(left_out)}"""


def _left_out_rule(left_out: Figures) -> str:
    """What the rule for series flags of left-out volumes, fitted on other people's."""
    rule = left_out.get("rule")
    if not rule or rule["healthy"]["flagged"] is None:
        return ""
    words = {"healthy": "healthy", "tumour": "with a tumour", "free_part": "their tumour-free part"}
    told = ", ".join(
        f"{rule[kind]['flagged']:.2f} of {rule[kind]['volumes']} {name}"
        for kind, name in words.items()
        if rule[kind]["volumes"]
    )
    area = f"; AUC {rule['auc']:.2f} ({rule['auc_of_free_part']:.2f})" if "auc" in rule else ""
    return f"""Left-out volumes flagged by the rule for series, fitted on the other people's:
{told}{area}."""


def _rule(figures: Figures) -> str:
    """What the rule for series flags."""
    rows = figures.get("rule")
    if not rows:
        return "A rule for whole series was not measured for this network."
    words = {
        "tumour": "tumour",
        "free_part": "the tumour-free part of the same alone",
        "healthy": "healthy",
    }
    shown = table(
        ["use", "sequence", "volumes of", "volumes", "flagged", "peak on a tumour slice"],
        (
            [
                row["use"],
                row["sequence"],
                words[row["kind"]],
                str(row["volumes"]),
                f"{row['flagged']:.2f}",
                "–" if row.get("peak_on_tumour") is None else f"{row['peak_on_tumour']:.2f}",
            ]
            for row in rows
        ),
    )
    return f"""Whole series by the bundle's rule (fitted on left-out volumes of healthy people, of
which it may flag 5 %); of "train" the bundled network saw the volumes:

{shown}"""
