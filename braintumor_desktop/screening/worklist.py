"""Which rows of a worklist are looked at, in which order, and how many there are of what.

Plain functions over plain rows: a hundred thousand are filtered and sorted in a fraction of a
second, which Qt's own sorting proxy, asking Python for every comparison, is not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from unicodedata import normalize

from braintumor_desktop.domain.answer import Certainty
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.store.subject import slice_subject


class Column(StrEnum):
    """What can be seen and sorted by."""

    MARK = "mark"
    FILE = "file"
    PATIENT = "patient"
    SERIES = "series"
    VERDICT = "verdict"
    PROBABILITY = "probability"
    CERTAINTY = "certainty"
    WARNINGS = "warnings"
    DECISION = "decision"
    COMMENT = "comment"


@dataclass(frozen=True)
class Filter:
    """What is asked for; an empty field asks for nothing. `text` is found in any letter case.

    What is no slice is listed only where its certainty, `PASSED`, is asked for.
    """

    label: str = ""
    certainty: Certainty | None = None
    needs_look: bool = False
    undecided: bool = False
    text: str = ""

    def accepts(self, row: FileResult, decision: Decision) -> bool:
        """Whether a row is asked for."""
        if self.label and (row.label != self.label or row.unlike_training):
            return False  # whose answer is withheld is of no class
        if self.certainty is None:
            if row.certainty is Certainty.PASSED:
                return False  # what nobody would take for a slice is counted, not listed
        elif row.certainty is not self.certainty:
            return False
        if self.needs_look and not row.needs_look:
            return False
        if self.undecided and decision.verdict:
            return False
        return not self.text or _folded(self.text) in _words(row, decision)


def decision_on(row: FileResult, decisions: Mapping[str, Decision]) -> Decision:
    """What is decided, by content, beside the answer that the row has now."""
    return decisions.get(slice_subject(row.content, row.frame), Decision()).beside(row.label)


def sort_key(
    column: Column, decisions: Mapping[str, Decision]
) -> Callable[[FileResult], tuple[Any, ...]]:
    """By what rows are sorted for a column; ties in the walk's order."""
    order = list(Certainty)

    def decision(row: FileResult) -> Decision:
        return decision_on(row, decisions)

    def patient(row: FileResult) -> str:
        return row.identifiers.patient if row.identifiers else ""

    def series(row: FileResult) -> str:
        return row.identifiers.series_instance_uid if row.identifiers else ""

    keys: dict[Column, Callable[[FileResult], Any]] = {
        Column.MARK: lambda row: decision(row).verdict,
        Column.FILE: lambda row: "",
        Column.PATIENT: patient,
        Column.SERIES: series,
        Column.VERDICT: lambda row: "" if row.unlike_training else row.label,
        Column.PROBABILITY: lambda row: -1.0 if row.unlike_training else row.probability,
        Column.CERTAINTY: lambda row: order.index(row.certainty),
        Column.WARNINGS: lambda row: len(row.warnings),
        Column.DECISION: lambda row: (decision(row).verdict, decision(row).class_name),
        Column.COMMENT: lambda row: decision(row).comment,
    }
    key = keys[column]
    return lambda row: (key(row), row.number)


def finding_first(row: FileResult) -> tuple[int, float, int]:
    """Order: a usable slice's suspicion of any tumour falling, then what the network cannot judge.

    Unlike the training data, its probabilities mean little: such rows come behind, as walked.
    """
    order = list(Certainty)
    said = row.certainty
    if said in (Certainty.CERTAIN, Certainty.UNCERTAIN):
        return 0, -row.tumour_probability, row.number
    return 1 + order.index(said), 0.0, row.number


@dataclass
class Counts:
    """How many rows there are of what; `labels` by class, `failed` with an answer withheld, too."""

    total: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    passed: int = 0
    duplicates: int = 0
    needs_look: int = 0

    def add(self, rows: Iterable[FileResult]) -> None:
        """Count these, too."""
        for row in rows:
            self.total += 1
            self.duplicates += bool(row.duplicate_of)
            self.needs_look += row.needs_look
            if row.answered and not row.unlike_training:
                self.labels[row.label] += 1
            elif row.certainty is Certainty.PASSED:
                self.passed += 1
            else:
                self.failed += 1


def _words(row: FileResult, decision: Decision) -> str:
    label = "" if row.unlike_training else row.label
    words = [row.name, label, decision.comment, decision.class_name]
    if row.identifiers:
        words += [row.identifiers.patient, row.identifiers.series_instance_uid]
    return _folded("\n".join(words))


def _folded(text: str) -> str:
    """In one letter case, and composed: macOS writes the ü of a file's name as u and dots."""
    return normalize("NFC", text).casefold()
