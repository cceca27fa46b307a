"""From the paths that a person names to the files behind them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from braintumor_desktop.errors import FileAccessError, FileMissingError, SliceReadError

LINKED = "It is a link to a folder, which is not followed."


def files_below(paths: Iterable[Path]) -> Iterator[tuple[Path, SliceReadError | None]]:
    """The files that `paths` name, folders walked in sorted order, hidden files left out.

    Paths stay relative where they were. A path that is no folder comes back as it is, and so does
    what cannot be looked at, as a link that leads nowhere: reading it tells whether it is a file.
    What is neither file nor folder is passed over inside folders. A link to a folder there, which
    is not followed, and a folder that cannot be listed or has no files come with the error that
    says so.
    """
    for path in paths:
        if not path.is_dir():
            yield path, None
            continue
        found = False
        for item in _below(path):
            found = True
            yield item
        if not found:
            yield path, FileMissingError("There are no files in the folder.")


def _below(folder: Path) -> Iterator[tuple[Path, SliceReadError | None]]:
    try:
        with os.scandir(folder) as entries:
            items = sorted(entries, key=lambda item: item.name)
    except OSError:
        yield folder, FileAccessError("The folder cannot be listed.")
        return
    for item in items:
        if _hidden(item):
            continue
        mode = _mode(item)
        if stat.S_ISREG(mode):
            yield folder / item.name, None
        elif stat.S_ISDIR(mode) and item.is_symlink():
            yield folder / item.name, FileAccessError(LINKED)
        elif stat.S_ISDIR(mode):
            yield from _below(folder / item.name)


def _mode(item: os.DirEntry[str]) -> int:
    """What an entry leads to; for what cannot be looked at that of a file: reading it will say."""
    try:
        return item.stat().st_mode
    except OSError:
        return stat.S_IFREG


def _hidden(item: os.DirEntry[str]) -> bool:
    if item.name.startswith("."):
        return True
    attributes = 0
    with suppress(OSError):  # gone since it was listed: reading it will say so
        attributes = getattr(item.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)  # Windows: Thumbs.db, desktop.ini
