"""The Debian package and the tar archive, both from one tree as it lies below /usr."""

from __future__ import annotations

import datetime
import gzip
import os
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

from depends import depends
from icons import write_pngs

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NAME = "braintumor-desktop"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}

CONTROL = """\
Package: {name}
Version: {version}
Architecture: {architecture}
Maintainer: The Braintumor Desktop developers <braintumor-desktop@localhost>
Installed-Size: {size}
Depends: {depends}
Section: science
Priority: optional
Description: classifies brain MRI slices on this computer
 Opens brain MRI slices and lets a neural network say how probable a glioma, a
 meningioma, a pituitary tumour and no tumour are, beside a map of where it
 looked. Nothing leaves the computer unless it is sent.
 .
 Research and education; not a medical device; not for diagnosis on its own.
"""


def build_time() -> int:
    """Return the date of the build: `SOURCE_DATE_EPOCH`, or now, in seconds."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())


def stage(frozen: Path, usr: Path, version: str) -> None:
    """Lay out the frozen app with its desktop entry, file types, icons and texts below `usr`."""
    shutil.rmtree(usr, ignore_errors=True)
    shutil.copytree(frozen, usr / "lib" / NAME, symlinks=True)
    (usr / "bin").mkdir()
    (usr / "bin" / NAME).symlink_to(f"../lib/{NAME}/{NAME}")
    share = usr / "share"
    _copy(HERE / "linux" / f"{NAME}.desktop", share / "applications")
    _copy(HERE / "linux" / f"{NAME}.xml", share / "mime" / "packages")
    icons = share / "icons" / "hicolor"
    svg = ROOT / "resources" / "icons" / "app.svg"
    write_pngs(svg, icons)
    _copy(svg, icons / "scalable" / "apps").rename(icons / "scalable" / "apps" / f"{NAME}.svg")
    metainfo = _copy(HERE / "linux" / f"{NAME}.metainfo.xml", share / "metainfo")
    text = metainfo.read_text(encoding="utf-8").replace("@VERSION@", version)
    built = datetime.datetime.fromtimestamp(build_time(), datetime.UTC)
    text = text.replace("@DATE@", built.date().isoformat())
    metainfo.write_text(text, encoding="utf-8")
    doc = share / "doc" / NAME
    doc.mkdir(parents=True)
    shutil.copyfile(frozen / "_internal" / "resources" / "licences.txt", doc / "copyright")
    changes = (ROOT / "CHANGELOG.md").read_bytes()
    (doc / "changelog.gz").write_bytes(gzip.compress(changes, mtime=0))
    date = build_time()
    # Whatever the builder's umask, and whenever the libraries were installed.
    for path in (*usr.rglob("*"), usr):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        os.utime(path, (date, date), follow_symlinks=False)


def build_deb(usr: Path, out: Path, version: str) -> Path:
    """Make the package of what lies below `usr` and return it."""
    control = usr.parent / "DEBIAN"
    shutil.rmtree(control, ignore_errors=True)
    control.mkdir()
    architecture = ARCHITECTURES[os.uname().machine]
    size = sum(path.lstat().st_size for path in usr.rglob("*") if not path.is_dir()) // 1024
    (control / "control").write_text(
        CONTROL.format(
            name=NAME,
            version=version,
            architecture=architecture,
            size=size,
            depends=", ".join(depends(usr / "lib" / NAME)),
        ),
        encoding="utf-8",
    )
    (control / "control").chmod(0o644)
    for script in ("postinst", "postrm"):
        shutil.copyfile(HERE / "linux" / "caches.sh", control / script)
        (control / script).chmod(0o755)
    for folder in (control, usr.parent):
        folder.chmod(0o755)
    date = build_time()
    for path in (*control.iterdir(), control, usr.parent):
        os.utime(path, (date, date))
    package = out / f"{NAME}_{version}_{architecture}.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zxz", "-z6", "--build"]
    subprocess.run([*command, str(usr.parent), str(package)], check=True)
    shutil.rmtree(control)
    return package


def build_tar(usr: Path, out: Path, version: str) -> Path:
    """Make the archive of what lies below `usr`, to be unpacked into a prefix like ~/.local."""
    top = f"{NAME}-{version}-linux-{os.uname().machine}"
    archive = out / f"{top}.tar.gz"

    def owned_by_nobody_here(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        info.mtime = build_time()
        return info

    with (
        archive.open("wb") as file,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        tar.add(usr, top, filter=owned_by_nobody_here)
    return archive


def _copy(source: Path, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(source, folder / source.name))
