"""Files' bytes, and what the operating system has against giving them, by its right name."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from braintumor_desktop.errors import FileAccessError, FileMissingError, NotAnImageError
from braintumor_desktop.imaging.limits import check_file_bytes

# What a share or a drive answers that has gone away, by errno and by Windows' codes: bad network
# path, device gone, name deleted, no such share, semaphore timed out, no network, not ready.
_GONE = frozenset(
    getattr(errno, name)
    for name in (
        *("ESTALE", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENOTCONN"),
        *("ETIMEDOUT", "ECONNRESET", "ECONNABORTED", "EREMOTEIO", "ENOMEDIUM", "ENODEV", "ENXIO"),
    )
    if hasattr(errno, name)
)
_GONE_ON_WINDOWS = frozenset({21, 53, 55, 59, 64, 67, 121, 1231, 1232, 1236})
# A bad sector, a name too long, a device's error, a link to itself: Python calls some of them
# missing files.
_CAUSES_ON_WINDOWS = {23: "drive", 206: "long", 1117: "drive", 1921: "circle"}
# No such file, path or name: what Windows says of a name that it has no room for, too.
_MAY_BE_LONG = frozenset({2, 3, 123})
_LONGEST_NAME = 255


def read_bytes(path: Path) -> bytes:
    """The whole file, its kind and size looked at before it is opened: a pipe would wait.

    Raises FileMissingError, FileAccessError, NotAnImageError, DimensionsError.
    """
    try:
        check_file_bytes(_regular(path).st_size)
        with path.open("rb", buffering=0) as stream:
            return stream.readall()
    except (OSError, ValueError) as error:
        raise access_error(error) from error


def peek_bytes(path: Path, count: int) -> bytes:
    """The first `count` bytes of a file, all where it has fewer; errors as `read_bytes`."""
    try:
        _regular(path)
        with path.open("rb", buffering=0) as stream:
            return stream.read(count) or b""
    except (OSError, ValueError) as error:
        raise access_error(error) from error


def access_error(error: OSError | ValueError) -> FileAccessError | FileMissingError:
    """What the operating system has against giving a file."""
    reason = getattr(error, "strerror", None) or type(error).__name__
    match _cause(error):
        case "denied":
            return FileAccessError("The file may not be read: permission is denied.")
        case "gone":
            return FileAccessError(
                "The drive or share that the file is on cannot be reached: {reason}.", reason=reason
            )
        case "long":
            return FileAccessError("The file cannot be read: its path is too long.")
        case "circle":
            return FileAccessError("The file cannot be read: its links lead in a circle.")
        case "drive":
            return FileAccessError("The drive fails to give the file: {reason}.", reason=reason)
        case "missing":
            return FileMissingError("There is no such file.")
    return FileAccessError("The operating system cannot read the file: {reason}.", reason=reason)


def folder_error(error: OSError | ValueError) -> FileAccessError | FileMissingError:
    """What the operating system has against listing a folder."""
    reason = getattr(error, "strerror", None) or type(error).__name__
    match _cause(error):
        case "denied":
            return FileAccessError("The folder cannot be listed: permission is denied.")
        case "gone":
            return FileAccessError(
                "The drive or share that the folder is on cannot be reached: {reason}.",
                reason=reason,
            )
        case "long":
            return FileAccessError("The folder cannot be listed: its path is too long.")
        case "circle":
            return FileAccessError("The folder cannot be listed: its links lead in a circle.")
        case "drive":
            return FileAccessError("The drive fails to list the folder: {reason}.", reason=reason)
        case "missing":
            return FileMissingError("There is no such folder.")
    return FileAccessError("The folder cannot be listed: {reason}.", reason=reason)


def _cause(error: OSError | ValueError) -> str:
    number, windows = getattr(error, "errno", None) or 0, getattr(error, "winerror", None) or 0
    if number in _GONE or windows in _GONE_ON_WINDOWS:
        return "gone"
    if windows in _MAY_BE_LONG and any(len(part) > _LONGEST_NAME for part in _parts(error)):
        return "long"
    if windows in _CAUSES_ON_WINDOWS:
        return _CAUSES_ON_WINDOWS[windows]
    if isinstance(error, PermissionError):
        return "denied"
    if isinstance(error, FileNotFoundError | NotADirectoryError | ValueError):
        return "missing"
    return {errno.ENAMETOOLONG: "long", errno.ELOOP: "circle", errno.EIO: "drive"}.get(number, "")


def _parts(error: OSError | ValueError) -> tuple[str, ...]:
    """The folders and the name of the path that an error of the system is about."""
    name = getattr(error, "filename", None)
    return Path(name).parts if isinstance(name, str | Path) else ()


def _regular(path: Path) -> os.stat_result:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise NotAnImageError("This is a folder, not a file.")
    if not stat.S_ISREG(status.st_mode):
        raise NotAnImageError("This is a device or a pipe, not a file.")
    return status
