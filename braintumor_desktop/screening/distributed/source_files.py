"""Where an archive's files are: folders, or an object store by fsspec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.headers import FIRST_BYTES, read_series
from braintumor_desktop.imaging.read import SNIFFED, format_of
from braintumor_desktop.screening.distributed.partition import FileKey

_LOCAL = ("file", "local")
_GONE = (FileNotFoundError, IsADirectoryError)
_AT_ONCE = 64  # headers asked for side by side, where a store lets us


class ScreeningError(BraintumorError):
    """An archive cannot be screened as it was asked for."""

    kind = "screening"


@dataclass(frozen=True)
class SourceFiles:
    """The files below an address.

    Attributes
    ----------
    address
        A path, or an address of fsspec: `s3://bucket/folder`, `file:///archive`.
    options
        What fsspec's file system takes: an endpoint, keys.

    """

    address: str
    options: dict[str, Any] = field(default_factory=dict)

    def names(self) -> Iterator[str]:
        """Give the name of every file, as the file system has it, in a stable order.

        Raises `ScreeningError` where the address leads nowhere.
        """
        system, root = self._opened()
        if not system.exists(root):
            raise ScreeningError("There is nothing to screen at the address that was given.")
        if system.isfile(root):
            yield root
            return
        waiting = [root]
        while waiting:  # one folder's names at a time; links to folders are not followed
            folder = waiting.pop()
            try:
                listed = system.ls(folder, detail=True)
            except FileNotFoundError:  # taken away since its parent was listed
                continue
            system.invalidate_cache(folder)  # else a store's listings would be kept, all of them
            entries = sorted(listed, key=lambda entry: str(entry["name"]))
            links = [entry for entry in entries if entry.get("islink")]
            waiting += [
                entry["name"]
                for entry in reversed(entries)
                if entry["type"] == "directory" and entry not in links
            ]
            yield from (
                entry["name"]
                for entry in entries
                if entry["type"] != "directory" and entry["name"].rstrip("/") != folder.rstrip("/")
            )

    def look_at(self, names: Sequence[str]) -> list[FileKey]:
        """Return files with the series that their headers name.

        Raises `OSError` where the source does not answer: a series must not be torn over that.
        """
        system, _ = self._opened()
        found = []
        for start in range(0, len(names), _AT_ONCE):
            some = list(names[start : start + _AT_ONCE])
            ends = [FIRST_BYTES] * len(some)
            heads = system.cat_ranges(some, [0] * len(some), ends, on_error="return")
            found += [_key(system, *one) for one in zip(some, heads, strict=True)]
        return found

    @contextmanager
    def as_local(self, names: list[str]) -> Iterator[dict[Path, str]]:
        """Give files as local paths, with the name that each has in the source.

        What lies elsewhere is there for the time being, in a folder that is taken away; a file that
        is gone by now is left out.
        """
        system, _ = self._opened()
        if _is_local(system):
            yield {Path(name): name for name in names}
            return
        with TemporaryDirectory(prefix="screening-") as folder:
            paths = [
                str(Path(folder, f"{number:06}{Path(name).suffix[:8]}"))
                for number, name in enumerate(names)
            ]
            _fetch(system, names, paths)
            yield {
                Path(path): name
                for path, name in zip(paths, names, strict=True)
                if Path(path).exists()
            }

    def _opened(self) -> tuple[Any, str]:
        return fsspec.core.url_to_fs(self.address, **self.options)  # type: ignore[no-any-return]


def _is_local(system: Any) -> bool:
    protocol = system.protocol
    return any(one in _LOCAL for one in ((protocol,) if isinstance(protocol, str) else protocol))


def _fetch(system: Any, names: list[str], paths: list[str]) -> None:
    """Copy files to local paths, side by side where a store lets us; none for what is gone."""
    try:
        system.get(names, paths)
    except _GONE:
        for name, path in zip(names, paths, strict=True):
            try:
                system.get_file(name, path)
            except _GONE:
                Path(path).unlink(missing_ok=True)


def _key(system: Any, name: str, first: bytes | Exception) -> FileKey:
    if isinstance(first, _GONE):
        return FileKey(name, gone=True)
    if isinstance(first, PermissionError):
        return FileKey(name)  # the partition that it stands in says what is wrong with it
    if isinstance(first, Exception):
        raise first

    def head(count: int) -> bytes:
        content: bytes = (
            first if count <= FIRST_BYTES else system.cat_file(name, start=0, end=count)
        )
        return content

    try:
        if not format_of(first[:SNIFFED]).startswith("DICOM"):
            return FileKey(name)
        return FileKey(name, read_series(head))
    except BraintumorError:
        return FileKey(name)
