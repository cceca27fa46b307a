"""The same app packed twice, elsewhere and at another time, is the same to the byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installer.test_parts import INSTALLER, module

PACK = """
import sys
from pathlib import Path
import debian
frozen, work = map(Path, sys.argv[1:])
debian.stage(frozen, work / "package" / "usr", "0.2.0")
(work / "dist").mkdir()
debian.build_deb(work / "package" / "usr", work / "dist", "0.2.0")
debian.build_tar(work / "package" / "usr", work / "dist", "0.2.0")
"""
NAMES = (
    "braintumor-desktop",
    "_internal/b.txt",
    "_internal/a/z",
    "_internal/resources/licences.txt",
)


def _frozen(folder: Path, order: tuple[str, ...], date: int) -> Path:
    for name in order:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if name == "braintumor-desktop":  # a program, whose libraries the package asks for
            shutil.copyfile("/bin/ls", folder / name)
        else:
            (folder / name).write_text(name)
        os.utime(folder / name, (date, date))
    (folder / "braintumor-desktop").chmod(0o755)
    (folder / "_internal" / "link").symlink_to("b.txt")
    return folder


@pytest.mark.skipif(sys.platform != "linux", reason="dpkg is Debian's")
def test_packages_differ_neither_by_place_nor_by_time(tmp_path: Path) -> None:
    if not all(map(shutil.which, ("objdump", "dpkg-deb", "ldconfig"))):
        pytest.skip("this is no Debian system with binutils")
    for name, order, date, umask in (
        ("here", NAMES, 1_600_000_000, 0o022),
        ("far/elsewhere", NAMES[::-1], 1_900_000_000, 0o077),
    ):
        work = tmp_path / name
        frozen = _frozen(work / "frozen", order, date)
        (work / "package").mkdir()
        subprocess.run(
            [sys.executable, "-c", PACK, str(frozen), str(work)],
            cwd=INSTALLER,
            env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
            umask=umask,
            check=True,
        )
    compare = module("compare_builds")
    one, other = tmp_path / "here" / "dist", tmp_path / "far" / "elsewhere" / "dist"
    assert len(compare.fingerprints(one)) == 2
    assert compare.differences(one, other) == []


def test_what_differs_is_named(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name / "inside").mkdir(parents=True)
        (tmp_path / name / "inside" / "same").write_text("same")
        (tmp_path / name / "different").write_text(name)
    (tmp_path / "other" / "inside" / "alone").write_text("")
    command = [sys.executable, str(INSTALLER / "compare_builds.py")]
    folders = [str(tmp_path / "one"), str(tmp_path / "other")]
    done = subprocess.run([*command, *folders], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "different\ninside/alone\n")
    done = subprocess.run([*command, folders[0], folders[0]], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "2 files are the same.\n")
    assert subprocess.run([*command, str(tmp_path / "none"), folders[0]]).returncode == 1
