"""From the paths that a person names to the files behind them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from braintumor_desktop.errors import FileAccessError, FileMissingError, SliceReadError


def files_below(paths: Iterable[Path]) -> Iterator[tuple[Path, SliceReadError | None]]:
    """The files that `paths` name, folders walked in sorted order, hidden files left out.

    Paths stay relative where they were. A path that is no folder comes back as it is: reading it
    tells whether it is a file. Links to folders and what is no regular file are passed over inside
    folders. A folder that cannot be listed, or has no files, comes with the error that says so.
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
        if item.is_dir(follow_symlinks=False):
            yield from _below(folder / item.name)
        elif item.is_file():
            yield folder / item.name, None


def _hidden(item: os.DirEntry[str]) -> bool:
    if item.name.startswith("."):
        return True
    try:
        attributes = getattr(item.stat(follow_symlinks=False), "st_file_attributes", 0)
    except OSError:  # gone since it was listed
        return True
    return bool(attributes & stat.FILE_ATTRIBUTE_HIDDEN)  # Windows: Thumbs.db, desktop.ini
