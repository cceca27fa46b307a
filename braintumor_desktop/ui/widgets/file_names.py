"""What files are called on screen."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from unicodedata import category

_TURNING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def shown(name: str) -> str:
    r"""A name with what cannot be seen by number, as `\udcfc`.

    What is no text, as names on Linux need not be, Qt would leave out: two names would look alike.
    What changes the direction of reading would let one end with another's suffix.
    """
    return "".join(ascii(one)[1:-1] if _unseen(one) else one for one in name)


def _unseen(one: str) -> bool:
    return category(one) in ("Cc", "Cs", "Zl", "Zp") or one in _TURNING


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
