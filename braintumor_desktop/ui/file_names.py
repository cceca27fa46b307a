"""What files are called on screen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path


def shown(name: str) -> str:
    r"""A name with what cannot be seen by number, as `\udcfc`.

    What is no text, as names on Linux need not be, Qt would leave out: two names would look alike.
    """
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in name)


def distinct_names(paths: Iterable[Path]) -> dict[Path, str]:
    """The files' names, each with as many folders before it as tell it from the others."""
    namesakes: defaultdict[str, set[Path]] = defaultdict(set)
    for path in paths:
        namesakes[path.name].add(path)
    names: dict[Path, str] = {}
    for group in namesakes.values():
        depth, left = 1, group
        while left:
            endings = Counter(path.parts[-depth:] for path in left)
            told = {
                path
                for path in left
                if endings[path.parts[-depth:]] == 1 or depth >= len(path.parts)
            }
            for path in told:
                names[path] = shown("/".join(part.strip("/\\") for part in path.parts[-depth:]))
            left, depth = left - told, depth + 1
    return names
