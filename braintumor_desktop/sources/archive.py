"""Slices by name: files, and members of ZIP archives as `archive.zip/folder/slice.png`."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections import defaultdict
from contextlib import suppress
from pathlib import Path, PurePosixPath

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.errors import (
    BraintumorError,
    FileMissingError,
    TruncatedFileError,
)
from braintumor_desktop.imaging.file_bytes import access_error, read_bytes
from braintumor_desktop.imaging.limits import check_file_bytes
from braintumor_desktop.imaging.read import decode_slice

ARCHIVE = ".zip"
MAX_MEMBERS = 500_000
_END_RECORD = 22 + 0xFFFF  # bytes at most, with its comment
_LARGE = 16 * 2**20  # bytes from which a member's compression is looked at
_MOST_PACKED = 200  # no slice packs better; a bomb does
# By APPNOTE.TXT 4.4.5. bzip2 and LZMA are read, too: Python's module does it.
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_OTHER_COMPRESSIONS = {
    1: "Shrink",
    6: "Implode",
    9: "Deflate64",
    20: "Zstandard",
    93: "Zstandard",
    95: "XZ",
    96: "JPEG",
    97: "WavPack",
    98: "PPMd",
    99: "encryption (AES)",
}
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


class ArchiveError(BraintumorError):
    """A ZIP archive, or a member of it, cannot be read."""

    kind = "archive"


class AmbiguousMemberError(ArchiveError):
    """Several members of an archive have one path, so that another could be shown."""

    def __init__(self) -> None:
        super().__init__("The archive holds several files whose names lead to the same path.")


def read_named(path: Path) -> MRISlice:
    """The slice in a file or a member; errors as `read_named_bytes` and `decode_slice`."""
    return decode_slice(read_named_bytes(path), path)


def read_named_bytes(path: Path) -> bytes:
    """The bytes of a file or of a member of an archive.

    Nothing is unpacked to disk, so that a member's name leads nowhere. Raises what `read_bytes`
    raises, and `ArchiveError`.
    """
    archive = archive_of(path)
    if archive is None:
        return read_bytes(path)
    with OpenArchive(archive) as opened:
        return opened.read(path)


class OpenArchive:
    """An archive whose members are read one after the other; a context manager that closes it."""

    def __init__(self, path: Path) -> None:
        """Open it; raises as `open_archive`."""
        self.path = path
        self._opened = open_archive(path)
        self._names: dict[str, list[str]] = defaultdict(list)
        for item in self._opened.filelist:
            self._names[as_shown(item.filename)].append(item.filename)

    def read(self, path: Path) -> bytes:
        """The bytes of the member at `path`; raises as `read_member`."""
        shown = path.relative_to(self.path).as_posix()
        found = self._names.get(shown, [shown])
        if len(found) > 1:
            raise AmbiguousMemberError()
        return read_member(self._opened, found[0])

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def __enter__(self) -> OpenArchive:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def archive_of(path: Path) -> Path | None:
    """The archive that `path` leads into, None where it is a path of the file system alone."""
    for above in path.parents:
        with suppress(OSError):  # what cannot be looked at cannot be opened: who reads it will say
            if above.suffix.lower() == ARCHIVE and above.is_file():
                return above
    return None


def open_archive(path: Path) -> zipfile.ZipFile:
    """An archive, open for reading. Raises `ArchiveError` and what `read_bytes` raises."""
    try:
        disk, count = _end_record(path)
        if disk:
            raise ArchiveError("The archive is one part of several, which are not read.")
        opened = zipfile.ZipFile(path)
    except OSError as error:
        raise access_error(error) from error
    except _BROKEN as error:
        raise ArchiveError("The archive is damaged or no ZIP.") from error
    if count not in (0xFFFF, len(opened.filelist) & 0xFFFF):  # zipfile does not compare
        opened.close()
        raise ArchiveError("The archive is damaged: its list of files is not whole.")
    if len(opened.filelist) > MAX_MEMBERS:
        opened.close()
        raise ArchiveError("The archive names more than {limit} files.", limit=MAX_MEMBERS)
    return opened


def _end_record(path: Path) -> tuple[int, int]:
    """The number of the disk that an archive ends on, 0 for one in one file, and of its members.

    After APPNOTE.TXT 4.3.16: at offsets 4 and 10, in 16 bits, all set in archives of ZIP64. A part
    of an archive that is not its last begins with PK 07 08 (8.5.3) and has no end.
    """
    with path.open("rb") as stream:
        begin = stream.read(4)
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - _END_RECORD))
        tail = stream.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 12:
        return int(begin == b"PK\7\x08"), 0
    (disk,) = struct.unpack_from("<H", tail, end + 4)
    (count,) = struct.unpack_from("<H", tail, end + 10)
    return 0 if disk == 0xFFFF else disk, count


def members(opened: zipfile.ZipFile) -> list[str]:
    """The names of an archive's files, sorted, each as often as it stands there."""
    return sorted(item.filename for item in opened.filelist if not item.is_dir())


def as_shown(name: str) -> str:
    """A member's name as a path below its archive: without `./`, `//` and a slash in front."""
    return PurePosixPath(name.lstrip("/")).as_posix()


def hidden(name: str) -> bool:
    """Whether a member or a folder above it is hidden, or is macOS's shadow of another."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") and part != ".." for part in parts) or "__MACOSX" in parts


def read_member(opened: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of one member. Never holds more than a slice may have, whatever the header says.

    Raises `DimensionsError` for a larger one and `ArchiveError`.
    """
    item = _member(opened, name)
    # As much as the header says and one more: zipfile itself stops at the header's size and
    # compares the checksum there.
    data = _unpacked(opened, item, item.file_size + 1)
    if len(data) != item.file_size:
        raise TruncatedFileError("The file in the archive ends early.")
    return data


def peek_member(opened: zipfile.ZipFile, name: str, count: int) -> bytes:
    """The first `count` bytes of one member, all where it has fewer; errors as `read_member`."""
    return _unpacked(opened, _member(opened, name), count)


def _member(opened: zipfile.ZipFile, name: str) -> zipfile.ZipInfo:
    try:
        item = opened.getinfo(name)
    except KeyError as error:
        raise FileMissingError("There is no such file in the archive.") from error
    check_file_bytes(item.file_size)
    if item.flag_bits & 1:
        raise ArchiveError("The file in the archive is encrypted.")
    if item.compress_type not in _COMPRESSIONS:
        raise ArchiveError(
            "The file in the archive is compressed by {method}, which is not read.",
            method=_OTHER_COMPRESSIONS.get(item.compress_type, f"method {item.compress_type}"),
        )
    if item.file_size > max(_LARGE, _MOST_PACKED * item.compress_size):
        raise ArchiveError("The file in the archive unpacks to far more than a slice does.")
    return item


def _unpacked(opened: zipfile.ZipFile, item: zipfile.ZipInfo, count: int) -> bytes:
    try:
        with opened.open(item) as stream:
            return stream.read(count)
    except OSError as error:
        raise access_error(error) from error
    except _BROKEN as error:
        raise ArchiveError("The file in the archive is damaged.") from error
