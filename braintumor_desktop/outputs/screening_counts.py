"""What a screening's results say, counted: how many answered, abstained, refused, and how far."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from braintumor_desktop.domain.answer import NO_TUMOUR, Certainty
from braintumor_desktop.text import _
from braintumor_desktop.text.answers import class_name

GROUPS = ("sequence", "scanner", "hospital", "month", "year", "plane", "series_finding")
"""What slices are put together by; none of them names a patient."""

FEW = 10
"""Slices: fewer say nothing of a group."""

_IN_TIME = ("month", "year")
_QUARTILES = [0.25, 0.5, 0.75]


@dataclass(frozen=True)
class GroupRow:
    """One group's slices.

    Attributes
    ----------
    answered
        How many have an answer, abstentions included.
    withheld
        Of these, how many are abstained from by their sequence, whatever their distance.
    unlike
        Of the others, how many are unlike the training data.
    tumour
        Of what is left, how many are called a tumour.
    quartiles
        The distance from the training data of a quarter, half and three quarters of the answered
        slices; None where none is.

    """

    name: str
    slices: int
    answered: int
    withheld: int
    unlike: int
    tumour: int
    quartiles: tuple[float, float, float] | None

    @property
    def unlike_share(self) -> float:
        """Of the answered slices whose sequence is not withheld, those that are unlike."""
        others = self.answered - self.withheld
        return self.unlike / others if others else 0.0

    @property
    def distance(self) -> float:
        """The median; 0 where nothing is answered."""
        return self.quartiles[1] if self.quartiles else 0.0


def group_rows(results: ds.Dataset, column: str) -> list[GroupRow]:
    """Return the groups of a column: times in order, else the most unlike training data first."""
    rows = [
        _counted(group_name(column, name), own)
        for name, own in grouped(results, column, ["certainty", "withheld", "label", "distance"])
    ]
    if column in _IN_TIME:  # a drift is seen in the order of time
        return sorted(rows, key=lambda row: row.name)
    return sorted(rows, key=lambda row: (-row.distance, row.name))


def group_name(column: str, name: str) -> str:
    """Return what a group is called: a month as 2026-03, and words for what is not known."""
    if column == "month" and len(name) > 4:
        return f"{name[:4]}-{name[4:]}"
    return name or _("not known")


def grouped(results: ds.Dataset, column: str, more: list[str]) -> Iterator[tuple[str, pa.Table]]:
    """Give the rows of each group, in the order of their names; "" for what is not known."""
    stored = "month" if column == "year" else column
    columns = list(dict.fromkeys([stored, "answered", *more]))
    table = results.to_table(columns=columns)
    names = pc.fill_null(table[stored], "")
    if column == "year":
        names = pc.utf8_slice_codeunits(names, 0, 4)
    table = table.append_column("group", names).sort_by("group")
    start = 0
    for one in pc.value_counts(table["group"]).to_pylist():
        yield one["values"], table.slice(start, one["counts"])
        start += one["counts"]


def _counted(name: str, own: pa.Table) -> GroupRow:
    answered = own.filter(own["answered"])
    withheld = pc.fill_null(answered["withheld"], False)
    unlike = pc.and_(pc.equal(answered["certainty"], Certainty.UNLIKE.value), pc.invert(withheld))
    kept = pc.invert(pc.equal(answered["certainty"], Certainty.UNLIKE.value))
    tumour = pc.and_(kept, pc.not_equal(answered["label"], NO_TUMOUR))
    low, middle, high = pc.quantile(answered["distance"], _QUARTILES).to_pylist()
    return GroupRow(
        name=name,
        slices=len(own),
        answered=len(answered),
        withheld=_count(withheld),
        unlike=_count(unlike),
        tumour=_count(tumour),
        quartiles=None if middle is None else (low, middle, high),
    )


def class_rows(results: ds.Dataset) -> list[tuple[str, int, int]]:
    """Return the classes: what they are called, slices answered so, and of these the uncertain.

    What is abstained from has no class.
    """
    answered = ds.field("answered") & (ds.field("certainty") != Certainty.UNLIKE.value)
    table = results.to_table(columns=["label", "certainty"], filter=answered)
    rows = []
    for one in pc.value_counts(table["label"]).to_pylist():
        own = table.filter(pc.equal(table["label"], one["values"]))
        uncertain = _count(pc.equal(own["certainty"], Certainty.UNCERTAIN.value))
        rows.append((class_name(one["values"]), one["counts"], uncertain))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def refusals(results: ds.Dataset) -> dict[str, int]:
    """Return how many slices were refused for which cause."""
    table = results.to_table(columns=["refusal"], filter=~ds.field("answered"))
    counts = pc.value_counts(table["refusal"])
    return {row["values"] or _("other"): row["counts"] for row in counts.to_pylist()}


def _count(which: pa.ChunkedArray) -> int:
    return int(pc.sum(which).as_py() or 0)
