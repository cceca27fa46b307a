"""The audit of what is pinned: by a list of advisories where the service is not reached."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.installer.test_parts import INSTALLER, module

LOCK = "pillow==11.2.0 \\\n    --hash=sha256:00\nPy_Thing==2.0 ; sys_platform == 'linux' \\\n"


def _advisory(name: str, *events: dict[str, str], **more: Any) -> dict[str, Any]:
    ranges = [{"type": "ECOSYSTEM", "events": list(events)}] if events else []
    package = {"ecosystem": "PyPI", "name": name}
    affected = {"package": package, "ranges": ranges, "versions": more.pop("versions", [])}
    return {"id": "TEST-1", "modified": "2026-11-01T00:00:00Z", "affected": [affected], **more}


@pytest.mark.parametrize(
    ("advisory", "found"),
    [
        # As PYSEC has CVE-2025-48379: introduced and fixed.
        (_advisory("Pillow", {"introduced": "11.2.0"}, {"fixed": "11.3.0"}), True),
        (_advisory("pillow", {"introduced": "0"}, {"fixed": "11.2.0"}), False),
        (_advisory("pillow", {"introduced": "0"}, {"last_affected": "11.2.0"}), True),
        (_advisory("pillow", {"introduced": "0"}, {"last_affected": "11.1"}), False),
        (_advisory("pillow", {"introduced": "0"}, {"fixed": "9"}, {"introduced": "11"}), True),
        (_advisory("pillow", {"introduced": "11.2.1"}), False),
        (_advisory("pillow", versions=["11.2.0"]), True),
        (_advisory("pillow", {"introduced": "0"}, withdrawn="2026-01-01T00:00:00Z"), False),
        (_advisory("py.thing", {"introduced": "0"}), True),
        (_advisory("pillow-simd", {"introduced": "0"}), False),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_what_is_affected_is_named(
    tmp_path: Path, advisory: dict[str, Any], found: bool, packed: bool
) -> None:
    lock, folder = tmp_path / "lock.txt", tmp_path / "osv"
    lock.write_text(LOCK)
    folder.mkdir()
    (folder / "TEST-1.json").write_text(json.dumps(advisory))
    if packed:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.write(folder / "TEST-1.json", "TEST-1.json")
    named, newest = module("audit").by_list(lock, tmp_path / "all.zip" if packed else folder)
    assert [line.split(": ")[1] for line in named] == (["TEST-1"] if found else [])
    assert newest.startswith("2026-11-01")


def test_every_pin_of_the_lock_is_looked_at() -> None:
    pins = module("audit").pinned(INSTALLER / "requirements.txt")
    assert {"numpy", "pillow", "pyside6-essentials"} <= pins.keys()
    text = (INSTALLER / "requirements.txt").read_text(encoding="utf-8")
    assert sum(map(len, pins.values())) == text.count("==") - text.count(" == ")


@pytest.mark.parametrize("advisories", ["none", "empty", "clean", "weak"])
def test_nothing_is_called_clean_that_nobody_looked_at(tmp_path: Path, advisories: str) -> None:
    """In a network namespace of its own, so that the service is not reached."""
    alone = ["unshare", "-rn"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"]).returncode != 0:
        pytest.skip("this system lets nobody make a network namespace here")
    lock, folder = tmp_path / "lock.txt", tmp_path / "osv"
    lock.write_text(LOCK)
    folder.mkdir()
    if advisories in ("clean", "weak"):
        events = [{"introduced": "0"}, {"fixed": "11.0" if advisories == "clean" else "12.0"}]
        (folder / "one.json").write_text(json.dumps(_advisory("pillow", *events)))
    command = [*alone, sys.executable, str(INSTALLER / "audit.py"), "--lock", str(lock)]
    if advisories != "none":
        command += ["--advisories", str(folder)]
    environment = {key: value for key, value in os.environ.items() if key != "ADVISORIES"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    status, said = {
        "none": (2, "not audited"),
        "empty": (2, "holds no advisories"),
        "clean": (0, "up to 2026-11-01:\nnothing known"),
        "weak": (1, "pillow 11.2.0: TEST-1"),
    }[advisories]
    assert done.returncode == status, done.stderr
    assert said in done.stdout
