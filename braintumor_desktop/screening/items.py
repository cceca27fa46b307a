"""What is known of a walk's items before they are read."""

from __future__ import annotations

from typing import Any
from zipfile import ZipFile

from braintumor_desktop.sources.walk import Item

_UNKNOWN_BYTES = 16 * 2**20  # of what does not say its size


def archive_of(item: Item) -> int:
    """Return what tells the archives of items apart: each is open as long as one of them waits.

    0 for an item that is in none.
    """
    opened, _ = _member(item)
    return 0 if opened is None else id(opened)


def size_of(item: Item) -> int:
    """Return the bytes that reading an item takes, as far as it says before."""
    if item.problem is not None or item.read is None:
        return 0
    opened, name = _member(item)
    try:
        if opened is not None:
            return opened.getinfo(name).file_size
        return item.path.stat().st_size
    except (OSError, ValueError, KeyError):  # what reading it will say
        return _UNKNOWN_BYTES


def _member(item: Item) -> tuple[ZipFile | None, str]:
    """The archive that an item is read from, and its name there."""
    given: tuple[Any, ...] = getattr(item.read, "args", ())
    if len(given) == 2 and isinstance(given[0], ZipFile):
        return given[0], str(given[1])
    return None, ""
