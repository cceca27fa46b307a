"""Asks whether anything that is pinned has a known weakness; `make audit`.

pip-audit asks the service. Where it is not reached, pip-audit says "No known vulnerabilities found"
of packages that it looked at none of: then the lock is held against a list of advisories in OSV's
format (https://ossf.github.io/osv-schema), a folder or a ZIP of JSON files as osv.dev hands out for
PyPI, that `--advisories` or `ADVISORIES` names. Ends with 0 where all was looked at, nothing found,
1 where something was found, 2 where something was not audited.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

LOCK = Path(__file__).resolve().parent / "requirements.txt"
FOUND, NOT_AUDITED = 1, 2


def pinned(lock: Path) -> dict[str, list[str]]:
    """The versions that a lock pins of each package, by canonical name."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", lock.read_text("utf-8"), re.M):
        found.setdefault(canonicalize_name(name), []).append(version)
    return found


def by_service(lock: Path) -> tuple[list[str], bool]:
    """What pip-audit finds, and whether it has audited every package of the lock."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes", "--progress-spinner", "off"]
    command += ["--format", "json", "-r", str(lock)]
    done = subprocess.run(command, capture_output=True, text=True)
    try:
        packages = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], False
    found = [
        f"{one['name']} {one['version']}: {weakness['id']}"
        for one in packages
        for weakness in one.get("vulns", ())
    ]
    return found, bool(packages) and not any("skip_reason" in one for one in packages)


def by_list(lock: Path, advisories: Path) -> tuple[list[str], str]:
    """What a list of advisories says of the lock, and the date of its newest entry."""
    packages = pinned(lock)
    found, newest = [], ""
    for advisory in _read(advisories):
        newest = max(newest, str(advisory.get("modified", "")))
        if "withdrawn" in advisory:
            continue
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(str(package.get("name", "")))
            if package.get("ecosystem") != "PyPI":
                continue
            found += [
                f"{name} {version}: {advisory['id']}"
                for version in packages.get(name, ())
                if _is_affected(version, affected)
            ]
    return sorted(set(found)), newest


def _read(advisories: Path) -> Iterator[dict[str, Any]]:
    if advisories.is_dir():
        for path in sorted(advisories.rglob("*.json")):
            yield json.loads(path.read_bytes())
        return
    with zipfile.ZipFile(advisories) as archive:
        for name in archive.namelist():
            if name.endswith(".json"):
                yield json.loads(archive.read(name))


def _is_affected(version: str, affected: dict[str, Any]) -> bool:
    """Whether a version is listed, or lies in a range (OSV schema, "Evaluation")."""
    if version in affected.get("versions", ()):
        return True
    ranges = [one for one in affected.get("ranges", ()) if one.get("type") == "ECOSYSTEM"]
    return any(_is_inside(Version(version), one.get("events", ())) for one in ranges)


def _is_inside(version: Version, events: list[dict[str, str]]) -> bool:
    inside = False
    for at, kind in sorted((_version(text), kind) for one in events for kind, text in one.items()):
        if kind == "introduced" and version >= at:
            inside = True
        elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
            inside = False
    return inside


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:  # of long ago: no pinned version lies before it
        return Version("0")


def main() -> int:
    """Audit, and say in one line what by and with what outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", type=Path, default=LOCK)
    parser.add_argument("--advisories", type=Path, default=os.environ.get("ADVISORIES"))
    options = parser.parse_args()
    count = sum(map(len, pinned(options.lock).values()))
    found, whole = by_service(options.lock)
    said = f"{count} pinned packages, audited by the service"
    if not whole:
        if options.advisories is None:
            print(f"{count} pinned packages, not audited: the service was not reached, and")
            print("no list of advisories is named (--advisories, ADVISORIES).")
            return NOT_AUDITED
        listed, newest = by_list(options.lock, options.advisories)
        if not newest:
            print(f"Not audited: {options.advisories} holds no advisories.")
            return NOT_AUDITED
        found = sorted({*found, *listed})
        said = f"{count} pinned packages, audited by a list of advisories up to {newest[:10]}"
    print("\n".join([said + ":", *(found or ["nothing known"])]))
    return FOUND if found else 0


if __name__ == "__main__":
    sys.exit(main())
