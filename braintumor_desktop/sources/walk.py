"""From the paths that a person names to the slices behind them, one by one, in a stable order.

Every way in, be it the menu, a drop, the command line or a second start, takes what this walk
takes: files, folders, ZIP archives, DICOMDIRs.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from braintumor_desktop.errors import BraintumorError, FileMissingError
from braintumor_desktop.imaging.file_bytes import folder_error, peek_bytes, read_bytes
from braintumor_desktop.sources import archive as source
from braintumor_desktop.sources.disc import disc_files, is_index
from braintumor_desktop.sources.passed_over import (
    HiddenError,
    LinkedFolderError,
    OtherFileError,
    PassedIndexError,
    RepeatedFolderError,
    has_programs,
)


@dataclass(frozen=True)
class Item:
    """One thing on the way.

    Attributes
    ----------
    name
        Where it is below what was named, with forward slashes.
    path
        What leads to it (`archive.read_named`).
    read
        Gives its bytes.
    peek
        Gives the first so many of them.
    problem
        Set where there is nothing to read.
    named
        Whether a person named it itself, not a folder or an archive around it.
    on_disc
        Whether it stands on a disc with a DICOMDIR, or beside a viewer's programs: pictures there
        are no slices.
    sop_instance_uid
        That which a DICOMDIR says it has; empty where none does.

    """

    name: str
    path: Path
    read: Callable[[], bytes] | None = None
    problem: BraintumorError | None = None
    peek: Callable[[int], bytes] | None = None
    named: bool = False
    on_disc: bool = False
    sop_instance_uid: str = ""


def walk(roots: Sequence[Path], own: Sequence[Path] = ()) -> Iterator[Item]:
    """Everything below `roots` in their order: files, folders, ZIP archives, DICOMDIRs.

    Folders and archives go by name, a DICOMDIR that is named itself by its records. Hidden files,
    links to folders, and folders that cannot be listed come as items with their problem, and so
    does whatever else the operating system has against a path: nothing ends the walk. Paths stay
    relative where they were. `own` are files that who walks writes, and are left out. At most the
    names of one folder, of those above it and of one archive are held at a time.
    """
    own = [Path(os.path.realpath(path.parent), path.name) for path in own]
    for root, label in zip(roots, _labels(roots), strict=True):
        prefix = f"{label}/" if len(roots) > 1 else ""
        folder = False
        with suppress(OSError, ValueError):  # as a file, reading it will say what is wrong
            folder = stat.S_ISDIR(root.stat().st_mode)
        if folder:
            yield from _folder(root, prefix, own)
        elif is_index(root.name):
            yield from _index(root, prefix)
        else:
            yield from _file(root, label, named=True)


def _absolute(path: Path) -> Path:
    try:
        return path.absolute()
    except OSError:  # the folder that the app was started in is gone
        return path


def _labels(roots: Sequence[Path]) -> list[str]:
    """The names of roots, each with as many folders above it as tell it from others of its name."""
    whole = [_absolute(root) for root in roots]
    parents: dict[str, list[Path]] = defaultdict(list)
    for root in whole:
        parents[root.name].append(root.parent)
    common: dict[str, str] = {}
    for name, above in parents.items():
        with suppress(ValueError):  # on several drives
            common[name] = os.path.commonpath(above)
    return [_below_common(root, common.get(root.name)) for root in whole]


def _below_common(root: Path, common: str | None) -> str:
    with suppress(ValueError):
        if common is not None:
            return root.relative_to(common).as_posix()
    return root.as_posix()


@dataclass
class _Open:
    """A folder whose entries are being walked, as (name, kind).

    `on_disc` is whether pictures below it are no slices: it or one above it has a DICOMDIR, or
    is a viewer's own folder. `viewers` is whether its own pictures are a viewer's.
    """

    path: Path
    prefix: str
    identity: tuple[int, int]
    entries: Iterator[tuple[str, str]]
    on_disc: bool
    viewers: bool


def _folder(root: Path, prefix: str, own: Sequence[Path]) -> Iterator[Item]:
    """A folder and what is below it."""
    found = False
    for item in _below(root, prefix, own):
        found = True
        yield item
    if not found:
        problem = FileMissingError("There are no files in the folder.")
        yield Item(prefix or root.name, root, problem=problem, named=True)


def _below(root: Path, prefix: str, own: Sequence[Path]) -> Iterator[Item]:
    """Not by recursion: 1,500 folders in one another are walked."""
    above: list[_Open] = []
    following: tuple[Path, str, bool] | None = (root, prefix, False)
    while following or above:
        if following:
            path, inside, on_disc = following
            following = None
            try:
                above.append(_listed(path, inside, own, on_disc, above))
            except BraintumorError as error:
                yield Item(inside.rstrip("/") or path.name, path, problem=error)
            continue
        folder = above[-1]
        for file_name, kind in folder.entries:
            name, path = folder.prefix + file_name, folder.path / file_name
            if kind == "folder":
                following = path, name + "/", folder.on_disc
                break
            yield from _entry(path, name, kind, folder.viewers)
        else:
            above.pop()


def _listed(
    folder: Path, prefix: str, own: Sequence[Path], on_disc: bool, above: Sequence[_Open]
) -> _Open:
    """A folder's entries in order. Raises what the system has against it, or where it loops."""
    try:
        status = folder.stat()
        identity = status.st_dev, status.st_ino
        if status.st_ino and any(one.identity == identity for one in above):
            raise RepeatedFolderError()
        real = Path(os.path.realpath(folder)) if own else folder
        left_out = {path.name for path in own if path.parent == real}
        with os.scandir(folder) as entries:
            found = sorted(_sort(entry) for entry in entries if entry.name not in left_out)
    except (OSError, ValueError) as error:
        raise folder_error(error) from error
    files = [name for name, kind in found if kind in ("file", "hidden")]
    on_disc = on_disc or any(map(is_index, files))
    viewers = on_disc or has_programs(files)
    on_disc = viewers if above else on_disc  # of what a person named, folders below may be slices'
    return _Open(folder, prefix, identity, iter(found), on_disc, viewers)


def _sort(entry: os.DirEntry[str]) -> tuple[str, str]:
    with suppress(OSError):  # gone since it was listed: reading it will say so
        status = entry.stat(follow_symlinks=False)
        attributes = getattr(status, "st_file_attributes", 0)
        if entry.name.startswith(".") or attributes & stat.FILE_ATTRIBUTE_HIDDEN:
            return entry.name, "hidden"
        junction = getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", -1)  # Windows' link to a folder
        linked = entry.is_symlink() or getattr(status, "st_reparse_tag", 0) == junction
        if linked and entry.is_dir():
            return entry.name, "link"
        if entry.is_dir(follow_symlinks=False):
            return entry.name, "folder"
        if not (stat.S_ISREG(status.st_mode) or entry.is_symlink()):
            return entry.name, "device"
    return entry.name, "file"


def _entry(path: Path, name: str, kind: str, on_disc: bool) -> Iterator[Item]:
    """What stands for one entry of a folder."""
    if kind == "hidden":
        yield Item(name, path, problem=HiddenError("It is hidden."))
    elif kind == "device":
        yield Item(name, path, problem=OtherFileError())
    elif kind == "link":
        yield Item(name, path, problem=LinkedFolderError())
    elif is_index(path.name):
        yield Item(name, path, problem=_missing(path) or PassedIndexError())
    else:
        yield from _file(path, name, on_disc=on_disc)


def _file(path: Path, name: str, *, named: bool = False, on_disc: bool = False) -> Iterator[Item]:
    archive = False
    with suppress(OSError):  # what cannot be looked at cannot be read either, which will say so
        archive = path.suffix.lower() == source.ARCHIVE and path.is_file()
    if archive:
        yield from _archive(path, name)
    else:
        read, peek = partial(read_bytes, path), partial(peek_bytes, path)
        yield Item(name, path, read, peek=peek, named=named, on_disc=on_disc)


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
    on_disc = any(is_index(PurePosixPath(member).name) for member in names)
    for member in names:
        yield _member(opened, path, name, member, times, on_disc)


def _member(
    opened: zipfile.ZipFile,
    path: Path,
    name: str,
    member: str,
    times: Counter[str],
    on_disc: bool,
) -> Item:
    shown = source.as_shown(member)
    full, inside = f"{name}/{member}", path / shown
    if source.hidden(member):
        return Item(full, inside, problem=HiddenError("It is hidden."))
    if times[shown] > 1:
        return Item(full, inside, problem=source.AmbiguousMemberError())
    if is_index(inside.name):
        return Item(full, inside, problem=PassedIndexError())
    read, peek = (partial(get, opened, member) for get in (source.read_member, source.peek_member))
    return Item(full, inside, read, peek=peek, on_disc=on_disc)


def _index(path: Path, prefix: str) -> Iterator[Item]:
    """The images that a DICOMDIR names, in its order."""
    found = False
    try:
        for record, target in disc_files(path):
            found = True
            name = prefix + "/".join(record.file_id)
            if isinstance(target, BraintumorError):
                yield Item(name, path.parent.joinpath(*record.file_id), problem=target, named=True)
            else:
                read, peek = partial(read_bytes, target), partial(peek_bytes, target)
                uid = record.sop_instance_uid
                yield Item(name, target, read, peek=peek, named=True, sop_instance_uid=uid)
    except BraintumorError as error:
        yield Item(prefix + path.name, path, problem=error, named=True)
        return
    if not found:
        problem = FileMissingError("The DICOMDIR names no files.")
        yield Item(prefix + path.name, path, problem=problem, named=True)


def _missing(index: Path) -> FileMissingError | None:
    """What is said where a DICOMDIR names files that the disc has not: walking would not tell."""
    try:
        missing = sum(isinstance(target, FileMissingError) for _, target in disc_files(index))
    except BraintumorError:  # a damaged one says nothing
        return None
    if not missing:
        return None
    return FileMissingError("The DICOMDIR names files that are not there: {count}.", count=missing)
