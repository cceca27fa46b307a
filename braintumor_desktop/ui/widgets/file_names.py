"""What files are called on screen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from braintumor_desktop.text.bidi import visible


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
                names[path] = visible("/".join(part.strip("/\\") for part in path.parts[-depth:]))
            left, depth = left - told, depth + 1
    return names
