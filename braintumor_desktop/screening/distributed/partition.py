"""Whole series, put together until a partition has enough slices."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

SLICES = 400
"""About so many slices a partition: some minutes of a core's work, and little to lose."""


@dataclass(frozen=True, slots=True)
class FileKey:
    """A file, and the series that its header names; empty where it names none.

    `gone` where the file was not there any more when it was looked at.
    """

    name: str
    series: str = ""
    gone: bool = False

    @property
    def group(self) -> str:
        """What it stands together with: its series, else its folder."""
        return self.series or self.name.rpartition("/")[0]


@dataclass(frozen=True)
class Partition:
    """Files that are answered together; `key` is the same whenever the same files are."""

    key: str
    names: tuple[str, ...]


def partitions(files: Iterable[FileKey], slices: int = SLICES) -> list[Partition]:
    """Return partitions of whole series, in a stable order.

    Files without a series stand by their folders. A series with more files than `slices` is a
    partition of its own; no series stands in two.
    """
    series: dict[str, list[str]] = defaultdict(list)
    for file in files:
        series[file.group].append(file.name)
    made, waiting = [], []
    for key in sorted(series):
        waiting += sorted(series[key])
        if len(waiting) >= slices:
            made.append(_partition(waiting))
            waiting = []
    return [*made, _partition(waiting)] if waiting else made


def _partition(names: list[str]) -> Partition:
    digest = hashlib.sha256("\n".join(names).encode("utf-8", "surrogateescape")).hexdigest()
    return Partition(digest[:24], tuple(names))
