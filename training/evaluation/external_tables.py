"""The figures of whole heads as Markdown, for the command and for the model card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Figures = dict[str, Any]

_TRUTHS = {"tumour": "tumour", "free": "no tumour"}


def external_report(figures: Figures) -> str:
    """All figures of `external_figures`, table by table."""
    parts = {
        "Slices": slices_table(figures["slices"]),
        "Slices without a tumour, by height": heights_table(figures["heights"]),
        "Within a patient": within_patient_table(figures),
        "Series": series_table(figures["series"]),
    }
    return "\n\n".join(f"{title}\n\n{table}" for title, table in parts.items()) + "\n"


def slices_table(rows: Iterable[Figures]) -> str:
    """By set, sequence and truth."""
    return table(
        ["set", "sequence", "truth", *_SHARES],
        ([row["set"], row["sequence"], _TRUTHS[row["truth"]], *_shares(row)] for row in rows),
    )


def heights_table(rows: Iterable[Figures]) -> str:
    """The slices without a tumour by set, sequence and height."""
    return table(
        ["set", "sequence", "height", *_SHARES],
        ([row["set"], row["sequence"], row["height"], *_shares(row)] for row in rows),
    )


def within_patient_table(figures: Figures) -> str:
    """Tumour slices against tumour-free slices of one series, and the outlines."""
    outlines = {(row["set"], row["sequence"]): row for row in figures["outlines"]}

    def cells(row: Figures) -> list[str]:
        own = outlines.get((row["set"], row["sequence"]))
        found = (
            ["–"] * 3 if own is None else [str(own["slices"]), *_two(own, "dice", "peak_inside")]
        )
        areas = ["–"] * 2 if row["auc"] is None else _two(row, "auc", "median_auc")
        return [row["set"], row["sequence"], str(row["series"]), *areas, *found]

    return table(
        ["set", "sequence", "series", "AUC", "median", "outlined", "Dice", "strongest cell inside"],
        map(cells, figures["within_patient"]),
    )


def series_table(rows: Iterable[Figures]) -> str:
    """Whole series by their share of slices called tumour, the tumour-free part as a control."""
    names = ("share_called", "share_called_in_free_part", "share_called_in_healthy")
    return table(
        [
            "use",
            "sequence",
            "tumour series",
            "healthy series",
            "called",
            "called in their tumour-free part",
            "called in healthy ones",
            "AUC",
            "AUC of the tumour-free part",
        ],
        (
            [
                row["use"],
                row["sequence"],
                str(row["tumour_series"]),
                f"{row['healthy_series']}{'' if row['healthy_of_same_sequence'] else ' of others'}",
                *_two(row, *names, "auc", "auc_of_free_part"),
            ]
            for row in rows
        ),
    )


_SHARES = (
    "slices",
    "called tumour",
    "called and answered",
    "confidently wrong",
    "type wrong",
    "unlike",
    "undecided",
    "wrong of those answered",
)


def _shares(row: Figures) -> list[str]:
    names = (
        "called",
        "called_and_answered",
        "confidently_wrong",
        "type_confidently_wrong",
        "unlike",
        "undecided",
        "wrong_of_answered",
    )
    return [f"{row['slices']:,}", *_two(row, *names)]


def _two(row: Figures, *names: str) -> list[str]:
    return [f"{row[name]:.2f}" for name in names]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
