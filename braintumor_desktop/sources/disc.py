"""The files that a DICOMDIR names, found although their names are written in another way."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from braintumor_desktop.errors import BraintumorError, FileAccessError, FileMissingError
from braintumor_desktop.imaging.dicom.directory import DirectoryRecord, read_directory
from braintumor_desktop.imaging.file_bytes import folder_error, read_bytes

# What file systems and copies of discs leave of IM000001: the version of ISO 9660, a dot, a suffix.
_ADDED = re.compile(r"(\.dcm|\.dicom|\.ima|\.img|\.)?(;\d+)?$", re.IGNORECASE)

_Listed = dict[str, list[str]]


class AmbiguousNameError(BraintumorError):
    """Several files could be the one that a DICOMDIR names."""

    kind = "ambiguous"

    def __init__(self) -> None:
        super().__init__(
            "Several files have the name that the DICOMDIR gives, but for letter case or what "
            "stands behind it: which is meant is undecided."
        )


def is_index(name: str) -> bool:
    """Whether a file of this name is a disc's index."""
    return _bare(name) == "dicomdir"


def disc_files(index: Path) -> Iterator[tuple[DirectoryRecord, Path | BraintumorError]]:
    """Each record of a DICOMDIR with the file that it names, or why there is none.

    Names are compared without letter case, `.dcm`, `.ima`, `.img` and `;1`. Raises
    what `read_bytes` and `read_directory` raise.
    """
    found = _Names(index.parent)
    for record in read_directory(read_bytes(index)):
        try:
            yield record, found.path(record)
        except BraintumorError as error:
            yield record, error


class _Names:
    """The names of a disc's folders, each listed once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folders: dict[Path, tuple[_Listed, _Listed]] = {}

    def path(self, record: DirectoryRecord) -> Path:
        if not record.inside:
            raise FileAccessError("The DICOMDIR points outside its own folder.")
        path = self._root
        for part in record.file_id:
            path = path / self._name(path, part)
        return path

    def _name(self, folder: Path, part: str) -> str:
        folded, bare = self._listed(folder)
        near = folded.get(part.casefold()) or bare.get(_bare(part)) or []
        if len(near) > 1:  # on the disc itself there was one
            raise AmbiguousNameError()
        if not near:
            raise FileMissingError("The DICOMDIR names this file, but it is not there.")
        return near[0]

    def _listed(self, folder: Path) -> tuple[_Listed, _Listed]:
        """A folder's names by themselves in one letter case, and without what was added."""
        if folder not in self._folders:
            folded: _Listed = defaultdict(list)
            bare: _Listed = defaultdict(list)
            try:
                names = [path.name for path in folder.iterdir()]
            except NotADirectoryError:
                names = []
            except OSError as error:
                raise folder_error(error) from error
            for name in names:
                folded[name.casefold()].append(name)
                bare[_bare(name)].append(name)
            self._folders[folder] = folded, bare
        return self._folders[folder]


def _bare(name: str) -> str:
    return _ADDED.sub("", name).casefold()
