"""Compares two builds, as `build.py --out` leaves them: 0 where every file is the same.

python resources/installer/compare_builds.py DIST OTHER_DIST
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path


def fingerprints(folder: Path) -> dict[str, str]:
    """What lies in a folder, by relative path: a link's aim, or whether it runs and its SHA-256."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"to {path.readlink()}"
        elif path.is_file():
            kind = "program" if path.stat().st_mode & 0o100 else "file"
            found[name] = f"{kind} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return found


def differences(one: Path, other: Path) -> list[str]:
    """The relative paths of what differs, or is in one of them alone."""
    first, second = fingerprints(one), fingerprints(other)
    return sorted(
        name for name in first.keys() | second.keys() if first.get(name) != second.get(name)
    )


if __name__ == "__main__":
    builds = Path(sys.argv[1]), Path(sys.argv[2])
    if not all(map(fingerprints, builds)):
        sys.exit("One of the folders is empty.")
    different = differences(*builds)
    print("\n".join(different) or f"{len(fingerprints(builds[0]))} files are the same.")
    sys.exit(bool(different))
