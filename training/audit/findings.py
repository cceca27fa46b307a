"""What an audit found, as figures."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from training.audit.file_views import ReadFile
from training.audit.indexing import IndexRow, is_training


@dataclass(frozen=True)
class Leak:
    """Of the `files` of `split`, `twins` have a copy in the split `other`."""

    split: str
    other: str
    files: int
    twins: int


@dataclass(frozen=True)
class Agreement:
    """Slice ids from pixels against those of a given index, over the files in both.

    `merged` are sets of the pixels that hold several given ids, `torn` given ids that lie in
    several sets; `rand` is the adjusted Rand index (Hubert and Arabie 1985), 1 where all agree.
    `twin_differs` counts files whose twin in training is told differently, `same_fold` those that
    are in the given fold.
    """

    files: int
    given_slices: int
    slices: int
    merged: int
    torn: int
    rand: float
    twin_differs: int
    same_fold: int


@dataclass(frozen=True)
class Findings:
    """The figures of an audit.

    `counts` and `slices` by split, then class: files, and different slices. `exact` counts files
    whose bytes stand elsewhere too. `conflicts` are the files of each slice with several labels.
    `group_sizes` in files, the largest first; `fold_classes` different slices by fold and class.
    """

    counts: dict[str, dict[str, int]]
    slices: dict[str, dict[str, int]]
    different: int
    exact: int
    leaks: list[Leak]
    conflicts: list[list[str]]
    group_sizes: list[int]
    fold_classes: dict[int, dict[str, int]]
    agreement: Agreement | None


def find(
    files: Sequence[ReadFile], rows: Sequence[IndexRow], given: Mapping[str, IndexRow]
) -> Findings:
    """The figures of the files and their rows, which are in the same order."""
    hashes = Counter(file.sha256 for file in files)
    labels: dict[str, list[IndexRow]] = defaultdict(list)
    for row in rows:
        labels[row.slice_id].append(row)
    first = [members[0] for members in labels.values()]
    conflicts = [
        [row.path for row in members]
        for members in labels.values()
        if len({row.label for row in members}) > 1
    ]
    once = {(row.split, row.label, row.slice_id): row for row in rows}
    return Findings(
        counts=_by_split(rows),
        slices=_by_split(list(once.values())),
        different=len(labels),
        exact=sum(count for count in hashes.values() if count > 1),
        leaks=_leaks(rows),
        conflicts=conflicts,
        group_sizes=sorted(Counter(row.group for row in rows).values(), reverse=True),
        fold_classes={
            fold: dict(sorted(Counter(row.label for row in first if row.fold == fold).items()))
            for fold in sorted({row.fold for row in rows})
        },
        agreement=compare(rows, given) if given else None,
    )


def compare(rows: Sequence[IndexRow], given: Mapping[str, IndexRow]) -> Agreement:
    """How far the slice ids of `rows` agree with those of `given`."""
    from sklearn.metrics import adjusted_rand_score

    both = [(row, given[row.path]) for row in rows if row.path in given]
    ours = [row.slice_id for row, _ in both]
    theirs = [row.slice_id for _, row in both]
    pairs = set(zip(ours, theirs, strict=True))
    return Agreement(
        files=len(both),
        given_slices=len(set(theirs)),
        slices=len(set(ours)),
        merged=sum(count > 1 for count in Counter(our for our, _ in pairs).values()),
        torn=sum(count > 1 for count in Counter(their for _, their in pairs).values()),
        rand=float(adjusted_rand_score(np.array(theirs), np.array(ours))),
        twin_differs=sum(ours.twin_in_training != its.twin_in_training for ours, its in both),
        same_fold=sum(ours.fold == its.fold for ours, its in both),
    )


def _by_split(rows: Sequence[IndexRow]) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for row in sorted(rows, key=lambda row: (not is_training(row.split), row.split, row.label)):
        by_label = counts.setdefault(row.split, {})
        by_label[row.label] = by_label.get(row.label, 0) + 1
    return counts


def _leaks(rows: Sequence[IndexRow]) -> list[Leak]:
    ids: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        ids[row.split].append(row.slice_id)
    return [
        Leak(split, other, len(ids[split]), sum(i in set_of for i in ids[split]))
        for split, other in permutations(ids, 2)
        for set_of in [set(ids[other])]
    ]
