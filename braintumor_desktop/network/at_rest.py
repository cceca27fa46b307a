"""Encryption of a folder by the system, where the system has it as a flag of folders."""

from __future__ import annotations

import stat
import sys
from pathlib import Path


def encrypt_folder(folder: Path) -> bool:
    """Have what is written into `folder` from now on encrypted for this user; returns whether.

    Windows does so on NTFS (the Encrypting File System), but for its Home editions. Elsewhere it is
    the whole disk that is encrypted, or nothing.
    """
    if sys.platform != "win32":
        return False
    import ctypes

    ctypes.windll.advapi32.EncryptFileW(str(folder))
    # Not what the function says: Wine's agrees, and does nothing.
    return bool(folder.stat().st_file_attributes & stat.FILE_ATTRIBUTE_ENCRYPTED)
