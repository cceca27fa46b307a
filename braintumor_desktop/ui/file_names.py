"""What files are called on screen."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path


def distinct_name(path: Path, others: Collection[Path]) -> str:
    """A file's name, with as many folders before it as tell it from `others` of the same name."""
    rest = [other.parts for other in others if other != path and other.name == path.name]
    parts, depth = path.parts, 1
    while depth < len(parts) and any(other[-depth:] == parts[-depth:] for other in rest):
        depth += 1
    return "/".join(part.strip("/\\") for part in parts[-depth:])
