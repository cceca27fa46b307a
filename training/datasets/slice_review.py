"""What a look at the slices one by one found (docs/data-audit.md)."""

from __future__ import annotations

import csv
from pathlib import Path

UPSIDE_DOWN = "upside down"
"""What is said of a slice whose top and bottom are exchanged, or that is turned by 180°."""

NO_HEAD = "no head"

_REVIEW = Path(__file__).with_name("slice_review.csv")


def read_findings() -> dict[str, str]:
    """Return what was found about files, `UPSIDE_DOWN` or `NO_HEAD`, by their path.

    The path is that in `index.csv` or, of a tumour of unknown type, in `tumor-type-unknown.csv`.
    """
    with _REVIEW.open(newline="", encoding="utf-8") as file:
        return {row["path"]: row["finding"] for row in csv.DictReader(file)}
