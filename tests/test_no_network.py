"""The app without any network: in a namespace of its own, with no interface that is up."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pydicom.data
import pytest

APP = [sys.executable, "-m", "braintumor_desktop"]
REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def alone() -> list[str]:
    """What starts a command in a network namespace of its own."""
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("unshare") and subprocess.run([*command, "true"]).returncode == 0:
            return command
    pytest.skip("this system lets nobody make a network namespace here")


def run(command: list[str], home: Path) -> subprocess.CompletedProcess[str]:
    folders = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")
    return subprocess.run(
        command,
        env={**os.environ, **dict.fromkeys(folders, str(home))},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_namespace_has_no_way_out(alone: list[str], tmp_path: Path) -> None:
    code = """
import socket
print([name for _, name in socket.if_nameindex()])
for address in (("127.0.0.1", 9), ("192.0.2.1", 9)):
    try:
        socket.create_connection(address, 1)
    except OSError as error:
        print(error.strerror)
"""
    done = run([*alone, sys.executable, "-c", code], tmp_path)
    assert done.stdout.splitlines() == ["['lo']", *["Network is unreachable"] * 2]


def test_answers_are_the_same_without_a_network(
    alone: list[str], demo_slice: Path, tmp_path: Path
) -> None:
    dicom = str(pydicom.data.get_testdata_file("MR_small.dcm", download=False))
    command = [*APP, "classify", "--json", str(demo_slice), dicom]
    outside, inside = run(command, tmp_path), run([*alone, *command], tmp_path)
    assert (inside.returncode, inside.stderr) == (0, "")
    assert inside.stdout == outside.stdout
    assert len(inside.stdout.splitlines()) == 2


def test_the_self_test_holds_without_a_network(alone: list[str], tmp_path: Path) -> None:
    done = run([*alone, *APP, "--self-test"], tmp_path)
    said = json.loads(done.stdout)
    assert said["ok"], [check for check in said["checks"] if not check["ok"]]
    assert said["checks"][-1]["name"] == "window"


def test_the_command_lines_own_tests_hold_without_a_network(
    alone: list[str], tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/cli/test_cli.py",
    ]
    done = run([*alone, *command], tmp_path)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\d+ passed", done.stdout)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_nothing_is_even_asked_of_the_network(demo_slice: Path, tmp_path: Path) -> None:
    told = tmp_path / "calls"
    picture = str(tmp_path / "window.png")
    tracer = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg", "-o", str(told)]
    done = run([*tracer, *APP, "demo", "--screenshot", picture], tmp_path)
    if "ptrace" in done.stderr and done.returncode != 0:
        pytest.skip("this system lets nobody trace here")
    assert done.returncode == 0, done.stderr
    assert Path(picture).is_file()
    calls = told.read_text()
    assert [line for line in calls.splitlines() if "AF_INET" in line] == []
