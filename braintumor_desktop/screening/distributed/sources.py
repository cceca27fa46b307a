"""Which archives can be screened: what has files, and what speaks DICOMweb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from braintumor_desktop.screening.distributed.partition import FileKey
from braintumor_desktop.screening.distributed.source_files import SourceFiles
from braintumor_desktop.screening.distributed.source_web import DICOMWEB, SourceWeb


class Source(Protocol):
    """An archive, as the client walks it and the workers read it."""

    def names(self) -> Iterator[str]:
        """Give the name of everything there is, in a stable order."""

    def look_at(self, names: Sequence[str]) -> list[FileKey]:
        """Return each with the series that it belongs to."""

    def as_local(self, names: list[str]) -> AbstractContextManager[dict[Path, str]]:
        """Give it as local paths, with the name that each has in the source."""


def source_of(address: str, options: dict[str, Any]) -> Source:
    """Return the archive at an address: a path, one of fsspec's, or `dicomweb+https://…`.

    Raises `BraintumorError` where the address or the options cannot be meant.
    """
    if address.startswith(DICOMWEB):
        return SourceWeb.of(address, options)
    return SourceFiles(address, options)
