"""`make installer`: freezes the app and packs it for the system that this runs on.

In an environment with the app and PyInstaller. Leaves in `dist/`: the frozen app's folder; on
Linux a Debian package and a tar archive; on Windows, where Inno Setup's `iscc` is on the path, an
installer; on macOS a disk image. `SHA256SUMS` covers what is handed out. Prints JSON.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT)]

import signing  # noqa: E402

from braintumor_desktop import __version__  # noqa: E402

NAME = "braintumor-desktop"
STRIPPED = (
    *("python3.", "libpython", "PySide6", "shiboken6"),
    *("contourpy", "fontTools", "kiwisolver", "matplotlib"),
    *("_openjpeg", "cryptography", "imagecodecs", "pydicom_jpeg_decoder", "PIL", "sqlcipher3"),
)
MAC_APP = "Braintumor Desktop.app"


def freeze(work: Path, out: Path) -> Path:
    """Run PyInstaller; returns the frozen app's folder."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--workpath", str(work), "--distpath", str(out), str(ROOT / "build.spec")]
    # Sets of names, whose order would differ from run to run, are written into what is built.
    subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "0"})
    return out / NAME


def set_date() -> None:
    """Date what is built by its last change instead of by the clock, unless a date is given.

    `SOURCE_DATE_EPOCH` (reproducible-builds.org) is what PyInstaller, dpkg-deb and the archive
    here go by. Where there is no history, as in an unpacked source archive, today is left.
    """
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    if "SOURCE_DATE_EPOCH" not in os.environ and shutil.which("git"):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode == 0:
            os.environ["SOURCE_DATE_EPOCH"] = done.stdout.strip()


def write_bill_of_materials(target: Path) -> None:
    """Write what the app is built from, by the lock, as CycloneDX JSON."""
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible"]
    command += ["--output-format", "JSON", "--output-file", str(target)]
    lock = HERE / "requirements.txt"
    subprocess.run([*command, str(lock)], check=True, stderr=subprocess.DEVNULL)


def strip(frozen: Path) -> None:
    """Take debugging symbols out of the libraries of Python, Qt, matplotlib and the decoders.

    Not out of numpy's and OpenCV's: those have been moved about in a way that `strip` breaks. What
    is stripped here is used by the self-test, which runs afterwards.
    """
    from depends import elf_files

    for path in elf_files(frozen / "_internal"):
        top = path.relative_to(frozen / "_internal").parts[0]
        if top.startswith(STRIPPED):
            subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def pack(frozen: Path, work: Path, out: Path) -> list[Path]:
    """Make what this system hands out."""
    if sys.platform == "linux":
        import debian

        usr = work / "package" / "usr"
        debian.stage(frozen, usr, __version__)
        return [
            debian.build_deb(usr, out, __version__),
            debian.build_tar(usr, out, __version__),
        ]
    if sys.platform == "darwin":
        image = out / f"{NAME}-{__version__}.dmg"
        command = ["hdiutil", "create", "-ov", "-format", "UDZO", "-volname", "Braintumor Desktop"]
        subprocess.run([*command, "-srcfolder", str(out / MAC_APP), str(image)], check=True)
        return [image]
    script = str(HERE / "windows" / "installer.iss")
    icon = work / "build" / "app.ico"  # PyInstaller's own folder, named after the recipe
    defines = [f"/DVersion={__version__}", f"/DFrozen={frozen}", f"/DIcon={icon}"]
    subprocess.run(["iscc", "/Q", *defines, f"/O{out}", script], check=True)
    setup = out / f"{NAME}-{__version__}-setup.exe"
    signing.sign([setup])
    return [setup]


def self_test(frozen: Path) -> None:
    """Run the frozen app's self-test; raises where it does not hold."""
    program = frozen / (f"{NAME}-cli.exe" if sys.platform == "win32" else NAME)
    done = subprocess.run([str(program), "--self-test"], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"The frozen app fails its self-test:\n{done.stdout}{done.stderr}")


def bytes_in(folder: Path) -> int:
    """The size of the files in a folder; links count as links."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


def main() -> None:
    """Build, and print what came out of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "build")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--only-freeze", action="store_true", help="make no packages")
    options = parser.parse_args()
    work, out = options.work.resolve(), options.out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    set_date()
    work.mkdir(parents=True, exist_ok=True)
    write_bill_of_materials(work / "sbom.cdx.json")  # before: a signed bundle takes nothing more
    frozen = freeze(work, out)
    if sys.platform == "linux":
        from without_video import replace_aom, replace_ffmpeg

        replace_ffmpeg(frozen / "_internal")
        replace_aom(frozen / "_internal")
        strip(frozen)
    if sys.platform == "win32":
        from windows_libraries import missing

        if lacking := missing(frozen):
            raise LookupError("Libraries are missing: " + "; ".join(lacking))
        signing.sign(sorted(frozen.glob("*.exe")))
    self_test(frozen)
    packages = [] if options.only_freeze else pack(frozen, work, out)
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in packages}
    lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    if packages:
        (out / "SHA256SUMS").write_text(lines, encoding="utf-8")
    result = {
        "version": __version__,
        "installed_megabytes": round(bytes_in(frozen) / 1e6, 1),
        "packages_megabytes": {p.name: round(p.stat().st_size / 1e6, 1) for p in packages},
        "sha256": sums,
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
