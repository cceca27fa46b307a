"""OpenCV without FFmpeg and libaom: a third of it, for videos and AVIF, which are never opened.

OpenCV's wheel for Linux is linked to them, so leaving those files out would keep it from being
loaded. In their place come libraries with the same names and symbols, which end the process if
anything calls them. Needs a C compiler and binutils.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

from depends import elf_files, needed_by

_SYMBOL = re.compile(r"\bUND (\w+)@(LIB(?:AV|SW)\w+)")
_FFMPEG = re.compile(r"^lib(avcodec|avformat|avutil|swscale|swresample)-")


def replace_ffmpeg(internal: Path) -> None:
    """Put stand-ins for FFmpeg's libraries into the frozen app; drop what only those needed."""
    (module,) = internal.glob("cv2/*.so")
    folder = internal / "opencv_python_headless.libs"
    listed = _listed(module)
    symbols: dict[str, set[str]] = defaultdict(set)
    for name, version in _SYMBOL.findall(listed):
        symbols[version.split("_")[0].lower()].add(f"{name} {version}")
    for path in sorted(folder.iterdir()):
        if _FFMPEG.match(path.name):
            wanted = sorted(symbols.pop(path.name.split("-")[0], ()))
            path.unlink()
            if wanted:
                _compile([entry.split() for entry in wanted], path)
    if symbols:
        raise LookupError(f"No library for {', '.join(symbols)}.")
    _drop_unneeded(internal, folder)


def replace_aom(internal: Path) -> None:
    """Put a stand-in for libaom, which decodes AVIF, into the frozen app.

    OpenCV asks libavif of every picture whether it is one, and that does not ask libaom: it is
    called once an AVIF picture is to be decoded, which the app gives to no codec.
    """
    folder = internal / "opencv_python_headless.libs"
    for target in folder.glob("libaom-*"):
        (needing,) = folder.glob("libavif-*")
        wanted = re.findall(r"\bUND (aom_\w+)", _listed(needing))
        target.unlink()
        _compile([[name, ""] for name in wanted], target)


def _listed(library: Path) -> str:
    table = ["readelf", "--dyn-syms", "--wide", str(library)]
    return subprocess.run(table, capture_output=True, text=True, check=True).stdout


def _compile(symbols: list[list[str]], target: Path) -> None:
    """Make a library named as `target` with these (symbol, version), each of which traps."""
    lines = [f"void {name}(void) {{ __builtin_trap(); }}" for name, _ in symbols]
    version = symbols[0][1]
    with tempfile.TemporaryDirectory() as name:
        source, script = Path(name, "stub.c"), Path(name, "stub.map")
        source.write_text("\n".join(lines), encoding="utf-8")
        script.write_text(f"{version} {{ global: *; }};\n", encoding="utf-8")
        options = ["-shared", "-fPIC", "-nostdlib", "-fno-builtin", "-w", "-s"]
        options += [f"-Wl,-soname,{target.name}", f"-Wl,--version-script,{script}"]
        subprocess.run(["gcc", *options, "-o", str(target), str(source)], check=True)


def _drop_unneeded(internal: Path, folder: Path) -> None:
    """Remove from `folder`, again and again, what no library in the frozen app needs."""
    while True:
        needed = {name for path in elf_files(internal) for name in needed_by(path)}
        unneeded = [path for path in folder.iterdir() if path.name not in needed]
        for path in unneeded:
            path.unlink()
        if not unneeded:
            break
    for link in internal.iterdir():
        if link.is_symlink() and not link.exists():
            link.unlink()
