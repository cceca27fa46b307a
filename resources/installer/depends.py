"""What a folder of programs and libraries needs from a Debian system, from the files themselves."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

# Qt opens these by name while it runs, so that no file's header mentions them.
LOADED_LATER = ("libegl1", "libgl1", "fontconfig")
FONTS = "fonts-dejavu-core | fonts-freefont-ttf | fonts-liberation | fonts-noto-core"


class MissingLibraryError(Exception):
    """A library is needed that is neither in the folder nor on this system."""


def depends(folder: Path) -> list[str]:
    """The entries of `Depends:` for everything in `folder`, sorted.

    Raises `MissingLibraryError` where a library cannot be found, so its package not be named.
    """
    headers = [_header(path) for path in elf_files(folder)]
    inside = {path.name for path in folder.rglob("*")}
    needed = {name for text in headers for name in re.findall(r"NEEDED\s+(\S+)", text)} - inside
    installed = _installed()
    if missing := sorted(needed - installed.keys()):
        raise MissingLibraryError(f"Not on this system: {', '.join(missing)}.")
    packages = {_package(installed[name]) for name in needed} | set(LOADED_LATER)
    versions = {found for text in headers for found in re.findall(r"GLIBC_([\d.]+)", text)}
    newest = max(versions, key=lambda text: [int(part) for part in text.split(".")])
    return sorted([*(packages - {"libc6"}), f"libc6 (>= {newest})", FONTS])


def elf_files(folder: Path) -> Iterator[Path]:
    """The programs and libraries in a folder, links left out."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def needed_by(path: Path) -> list[str]:
    """The names of the libraries that a program or library is linked to."""
    return re.findall(r"NEEDED\s+(\S+)", _header(path))


def _header(path: Path) -> str:
    done = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True)
    return done.stdout


def _installed() -> dict[str, str]:
    """The paths of the system's 64-bit libraries by their names."""
    done = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True)
    pairs = re.findall(r"^\s+(\S+) \(libc6,x86-64.*\) => (\S+)$", done.stdout, re.M)
    return dict(reversed(pairs))


def _package(library: str) -> str:
    real = str(Path(library).resolve())
    for name in (real, real.removeprefix("/usr"), library, library.removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", name], capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise MissingLibraryError(f"{library} belongs to no package.")
