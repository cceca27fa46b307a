"""The licences of all that the frozen app carries, as one text."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution, packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXTS = Path(__file__).resolve().parent / "licences"
NAMES = ("licen", "copying", "notice", "thirdparty")

# Wheels that name their licence without giving its text.
BY_NAME = {
    "flatbuffers": [ROOT / "LICENSE"],
    "PySide6_Essentials": [TEXTS / "LGPL-3.0.txt", TEXTS / "GPL-3.0.txt"],
    "shiboken6": [TEXTS / "LGPL-3.0.txt"],
}

# What else is inside a wheel, and not under its licence.
BESIDES = {"sqlcipher3": [TEXTS / "SQLCipher.txt"]}


class NoLicenceError(Exception):
    """Something would be shipped without its licence."""


def collect(files: Iterable[tuple[str, str, str]]) -> str:
    """One text with the licence of Python and of every distribution in `files`.

    `files` are PyInstaller's (target, source, kind). Raises `NoLicenceError` where none is found.
    """
    parts = [_section("braintumor-desktop", [ROOT / "LICENSE"]), _section("Python", _python())]
    for name in sorted(_distributions(files), key=str.lower):
        found = distribution(name)
        parts.append(_section(f"{found.name} {found.version}", _of_distribution(found)))
    return "\n".join(parts)


def _section(name: str, texts: list[Path]) -> str:
    if not texts or not all(path.is_file() for path in texts):
        raise NoLicenceError(f"No licence of {name} was found.")
    line = "=" * 78
    bodies = "\n\n".join(path.read_text(encoding="utf-8", errors="replace") for path in texts)
    return f"{line}\n{name}\n{line}\n\n{bodies}\n"


def _python() -> list[Path]:
    library = Path(sysconfig.get_path("stdlib"))
    places = [library / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"]
    places.append(Path("/usr/share/doc", f"python{sys.version_info[0]}.{sys.version_info[1]}"))
    return [path for path in [*places[:2], places[2] / "copyright"] if path.is_file()][:1]


def _distributions(files: Iterable[tuple[str, str, str]]) -> set[str]:
    """The distributions whose top-level packages are among the files, but for this project."""
    owners = packages_distributions()
    tops = {target.replace("\\", "/").split("/")[0].split(".")[0] for target, _, _ in files}
    return {owner for top in tops for owner in owners.get(top, ())} - {"braintumor-desktop"}


def _of_distribution(found: Distribution) -> list[Path]:
    texts = [
        Path(str(found.locate_file(file)))
        for file in found.files or ()
        if any(word in file.name.lower() for word in NAMES)
        and file.suffix.lower() in ("", ".txt", ".md", ".rst", ".apache", ".bsd", ".external")
    ]
    own = sorted(path for path in texts if path.is_file()) or BY_NAME.get(found.name, [])
    return own + BESIDES.get(found.name, [])
