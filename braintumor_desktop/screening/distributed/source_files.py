"""Where an archive's files are: folders, or an object store by fsspec."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.headers import read_header
from braintumor_desktop.imaging.read import SNIFFED, format_of
from braintumor_desktop.screening.distributed.partition import FileKey

_LOCAL = ("file", "local")


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
            entries = sorted(system.ls(folder, detail=True), key=lambda entry: str(entry["name"]))
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

    def look_at(self, name: str) -> FileKey:
        """Return a file with the series that its header names.

        Raises `OSError` where the source does not answer: a series must not be torn over that.
        """
        system, _ = self._opened()

        def head(count: int) -> bytes:
            content: bytes = system.cat_file(name, start=0, end=count)
            return content

        try:
            if not format_of(head(SNIFFED)).startswith("DICOM"):
                return FileKey(name)
            return FileKey(name, read_header(head).series.series_instance_uid)
        except (FileNotFoundError, IsADirectoryError):
            return FileKey(name, gone=True)
        except (BraintumorError, PermissionError):
            return FileKey(name)  # the partition that it stands in says what is wrong with it

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
            found: dict[Path, str] = {}
            for number, name in enumerate(names):
                target = Path(folder, f"{number:06}{Path(name).suffix[:8]}")
                try:
                    system.get_file(name, str(target))
                except FileNotFoundError:
                    continue
                found[target] = name
            yield found

    def _opened(self) -> tuple[Any, str]:
        return fsspec.core.url_to_fs(self.address, **self.options)  # type: ignore[no-any-return]


def _is_local(system: Any) -> bool:
    protocol = system.protocol
    return any(one in _LOCAL for one in ((protocol,) if isinstance(protocol, str) else protocol))
