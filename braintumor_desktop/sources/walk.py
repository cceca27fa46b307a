"""From the paths that a person names to the slices behind them, one by one, in a stable order."""

from __future__ import annotations

import os
import stat
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path

import pydicom

from braintumor_desktop.errors import BraintumorError, FileAccessError, FileMissingError
from braintumor_desktop.imaging.dicom.file import ends_early
from braintumor_desktop.imaging.limits import check_file_bytes
from braintumor_desktop.sources import archive as source
from braintumor_desktop.sources.files import LINKED

INDEX = "DICOMDIR"


class HiddenError(BraintumorError):
    """A hidden file or folder is passed over."""

    kind = "hidden"


class LinkedFolderError(BraintumorError):
    """A link to a folder is not followed: what is behind it may be missing among the slices."""

    kind = "link"


class PassedIndexError(BraintumorError):
    """A DICOMDIR inside a walked folder or archive is passed over: the files are walked."""

    kind = "index"

    def __init__(self) -> None:
        super().__init__("It is an index; the files themselves are walked.")


@dataclass(frozen=True)
class Item:
    """One thing on the way.

    `name` says where it is below what was named, with forward slashes; `path` leads to it
    (`source.read_named`); `read` gives its bytes, `peek` the first so many of them; `problem` is
    set where there is nothing to read. `named` is what a person named itself, not a folder or an
    archive around it.
    """

    name: str
    path: Path
    read: Callable[[], bytes] | None = None
    problem: BraintumorError | None = None
    peek: Callable[[int], bytes] | None = None
    named: bool = False


def file_item(path: Path, name: str, *, named: bool = False) -> Item:
    """An item for a file of the file system."""
    read, peek = partial(source.read_bytes, path), partial(source.peek_bytes, path)
    return Item(name, path, read, peek=peek, named=named)


def walk(roots: Sequence[Path], own: Sequence[Path] = ()) -> Iterator[Item]:
    """Everything below `roots` in their order: files, folders, ZIP archives, DICOMDIRs.

    Folders and archives go by name, a DICOMDIR that is named itself by its records. Hidden files,
    links to folders, and folders that cannot be listed come as items with their problem. `own` are
    files that who walks writes, and are left out. At most one folder's and one archive's names are
    held at a time.
    """
    roots = [root.absolute() for root in roots]
    own = [Path(os.path.realpath(path.parent), path.name) for path in own]
    for root in roots:
        label = _label(root, roots)
        prefix = f"{label}/" if len(roots) > 1 else ""
        if root.is_dir():
            found = False
            for item in _folder(root, prefix, own):
                found = True
                yield item
            if not found:
                problem = FileMissingError("There are no files in the folder.")
                yield Item(prefix or root.name, root, problem=problem)
        elif root.name.upper() == INDEX:
            yield from _index(root, prefix)
        else:
            yield from _file(root, label, named=True)


def _label(root: Path, roots: Sequence[Path]) -> str:
    """The name of a root, with as many folders above it as tell it from others of that name."""
    parents = [other.parent for other in roots if other.name == root.name]
    with suppress(ValueError):  # on several drives
        return root.relative_to(os.path.commonpath(parents)).as_posix()
    return root.as_posix()


def _folder(folder: Path, prefix: str, own: Sequence[Path]) -> Iterator[Item]:
    real = Path(os.path.realpath(folder)) if own else folder
    left_out = {path.name for path in own if path.parent == real}
    try:
        with os.scandir(folder) as entries:
            found = sorted(_sort(entry) for entry in entries if entry.name not in left_out)
    except OSError:
        name = prefix.rstrip("/") or folder.name
        yield Item(name, folder, problem=FileAccessError("The folder cannot be listed."))
        return
    for file_name, kind in found:
        name, path = prefix + file_name, folder / file_name
        if kind == "hidden":
            yield Item(name, path, problem=HiddenError("It is hidden."))
        elif kind == "folder":
            yield from _folder(path, name + "/", own)
        elif kind == "link":
            yield Item(name, path, problem=LinkedFolderError(LINKED))
        elif file_name.upper() == INDEX:
            yield Item(name, path, problem=PassedIndexError())
        else:
            yield from _file(path, name)


def _sort(entry: os.DirEntry[str]) -> tuple[str, str]:
    with suppress(OSError):  # gone since it was listed: reading it will say so
        attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
        if entry.name.startswith(".") or attributes & stat.FILE_ATTRIBUTE_HIDDEN:
            return entry.name, "hidden"
        if entry.is_dir(follow_symlinks=False):
            return entry.name, "folder"
        if entry.is_symlink() and entry.is_dir():
            return entry.name, "link"
    return entry.name, "file"


def _file(path: Path, name: str, *, named: bool = False) -> Iterator[Item]:
    archive = False
    with suppress(OSError):  # what cannot be looked at cannot be read either, which will say so
        archive = path.suffix.lower() == source.ARCHIVE and path.is_file()
    if archive:
        yield from _archive(path, name)
    else:
        yield file_item(path, name, named=named)


def _archive(path: Path, name: str) -> Iterator[Item]:
    try:
        opened = source.open_archive(path)
    except BraintumorError as error:
        yield Item(name, path, problem=error)
        return
    # Not closed at the end of the walk: members are read later. Closed with its last item.
    names = source.members(opened)
    if not names:
        opened.close()
        yield Item(name, path, problem=FileMissingError("There are no files in the archive."))
    times = Counter(map(source.as_shown, names))
    for member in names:
        yield _member(opened, path, name, member, times)


def _member(
    opened: zipfile.ZipFile, path: Path, name: str, member: str, times: Counter[str]
) -> Item:
    shown = source.as_shown(member)
    full, inside = f"{name}/{member}", path / shown
    if source.hidden(member):
        return Item(full, inside, problem=HiddenError("It is hidden."))
    if times[shown] > 1:
        return Item(full, inside, problem=source.AmbiguousMemberError())
    if inside.name.upper() == INDEX:
        return Item(full, inside, problem=PassedIndexError())
    read, peek = (partial(get, opened, member) for get in (source.read_member, source.peek_member))
    return Item(full, inside, read, peek=peek)


def _index(path: Path, prefix: str) -> Iterator[Item]:
    """The images that a DICOMDIR names, in its order (PS3.3, F.3.2.2: Referenced File ID)."""
    name = prefix + path.name
    try:
        check_file_bytes(path.stat().st_size)
        data = path.read_bytes()
        directory = pydicom.dcmread(BytesIO(data))
        if ends_early(directory, data):  # else the files that it names no more would be missing
            raise EOFError
        records = directory.get("DirectoryRecordSequence")
        files = [r.ReferencedFileID for r in records or () if r.get("ReferencedFileID")]
    except BraintumorError as error:
        yield Item(name, path, problem=error)
        return
    except MemoryError:
        raise
    except Exception:  # pydicom raises whatever its readers meet
        problem = FileAccessError("The DICOMDIR is missing or damaged.")
        yield Item(name, path, problem=problem)
        return
    if not files:
        yield Item(name, path, problem=FileMissingError("The DICOMDIR names no files."))
    for parts in files:
        parts = [parts] if isinstance(parts, str) else [str(part) for part in parts]
        target = path.parent.joinpath(*parts)
        full = prefix + "/".join(parts)
        outside = any(p in ("", ".", "..") or "/" in p or "\\" in p or ":" in p for p in parts)
        if outside:
            problem = FileAccessError("The DICOMDIR points outside its own folder.")
            yield Item(full, path, problem=problem)
        else:
            yield file_item(target, full, named=True)
