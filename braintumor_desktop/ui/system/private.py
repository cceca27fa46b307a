"""Files that hold paths or names, and are read by this user alone."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path


def make_private(path: Path) -> None:
    """Create the file where there is none, and take it from everybody else's reading.

    What cannot be changed, as on a share without rights, stays as it is. On Windows the user's own
    folders are private already: only the folder is made there.
    """
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if sys.platform == "win32":
            return
        path.touch(0o600, exist_ok=True)
        if path.is_file() and not path.is_symlink():
            path.chmod(0o600)
