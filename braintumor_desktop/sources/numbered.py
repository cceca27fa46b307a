"""Pictures that say nothing of a series: each for itself, or a folder's in order of numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.study import Instance, Series, by_numbers

_NUMBER = re.compile(r"(\d+)")


def pictures(found: Mapping[Path, Sequence[Instance]]) -> list[Series]:
    """A series for each path: a picture's own, or the folder of several that are to be one."""
    series = []
    for path, instances in found.items():
        ordered = sorted(instances, key=lambda one: by_numbers(one.path.name))
        series.append(
            Series(
                "",
                tuple(ordered),
                part=str(path),
                description=path.name,
                cautions=_cautions([one.path.name for one in ordered]) if len(ordered) > 1 else (),
            )
        )
    return series


def _cautions(names: Sequence[str]) -> tuple[ReadWarning, ...]:
    """That nothing but names says the order, and which numbers are missing."""
    said = [
        ReadWarning(
            "named_order",
            "The order is that of the numbers in the files' names: nothing else says it, nor how "
            "far the slices stand apart.",
        )
    ]
    numbers = _varying([[int(text) for text in _NUMBER.findall(name)] for name in names])
    missing = len(set(range(min(numbers), max(numbers) + 1)) - set(numbers)) if numbers else 0
    if missing:
        said.append(
            ReadWarning(
                "missing_numbers",
                "Numbers are missing between the files' names: {count}.",
                (("count", missing),),
            )
        )
    return tuple(said)


def _varying(numbers: Sequence[Sequence[int]]) -> list[int]:
    """The one number of each name that is not the same in all; [] where there is not one."""
    if len({len(each) for each in numbers}) != 1:
        return []
    columns = [column for column in zip(*numbers, strict=True) if len(set(column)) > 1]
    return list(columns[0]) if len(columns) == 1 else []
