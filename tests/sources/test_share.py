"""What the operating system answers on shares and odd file systems."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from braintumor_desktop.imaging.file_bytes import access_error, folder_error
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.sources.files import files_below

REPOSITORY = Path(__file__).resolve().parents[2]
WALK = """
import json, sys
from pathlib import Path
from braintumor_desktop.imaging.file_bytes import access_error, folder_error
from braintumor_desktop.sources.catalogue import scan
found = scan([Path(path) for path in sys.argv[1:]])
print(json.dumps([
    [str(one.instances[0].path) for one in found.series],
    {str(one.path): str(one.reason) for one in found.refused},
]))
"""


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory, shared_cases: Path) -> Path:
    """The library that stands in for a share, built from its source."""
    source = shared_cases / "share" / "fs_faults.c"
    if not sys.platform.startswith("linux") or not shutil.which("gcc"):
        pytest.skip("needs Linux and gcc")
    library = tmp_path_factory.mktemp("faults") / "fs_faults.so"
    command = ["gcc", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, capture_output=True)
    return library


@pytest.mark.parametrize(
    ("fault", "cause"),
    [("stale", "cannot be reached"), ("hostdown", "cannot be reached"), ("eacces", "permission")],
)
def test_a_share_that_fails_costs_nothing_else_and_is_named(
    fault: str, cause: str, faults: Path, demo_slice: Path, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    for path in (share / "a.png", share / "b.png", tmp_path / "here.png"):
        shutil.copy(demo_slice, path)
    done = subprocess.run(
        [sys.executable, "-c", WALK, str(share), str(share / "a.png"), str(tmp_path / "here.png")],
        env={
            **os.environ,
            "LD_PRELOAD": str(faults),
            "FAULT": fault,
            "SHARE": str(share),
            "PYTHONPATH": str(REPOSITORY),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    series, refused = json.loads(done.stdout)
    assert series == [str(tmp_path / "here.png")]
    assert set(refused) == {str(share), str(share / "a.png")}
    assert all(cause in said for said in refused.values())


def test_a_folder_that_may_not_be_searched_is_one_row(
    demo_slice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("closed/1.png", "open/2.png"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(demo_slice, tmp_path / name)
    scandir = os.scandir

    def refusing(folder: Path) -> object:  # as root, permissions would not refuse anything
        if Path(folder).name == "closed":
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refusing)
    found = scan([tmp_path])
    assert [one.instances[0].path.name for one in found.series] == ["2.png"]
    ((path, reason),) = ((one.path.name, str(one.reason)) for one in found.refused)
    assert (path, reason) == ("closed", "The folder cannot be listed: permission is denied.")


def test_a_name_that_is_too_long_is_said(demo_slice: Path, tmp_path: Path) -> None:
    found = scan([tmp_path / ("x" * 300 + ".png"), tmp_path / "\0.png", demo_slice])
    assert len(found.series) == 1
    reasons = [str(one.reason) for one in found.refused]
    assert reasons == [
        "The file cannot be read: its path is too long.",
        "There is no such file.",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such depth")
def test_1500_folders_in_one_another_are_walked(demo_slice: Path, tmp_path: Path) -> None:
    top = folder = tmp_path / "deep"
    top.mkdir()
    for _ in range(1500):
        folder = folder / "d"
        folder.mkdir()
    shutil.copy(demo_slice, folder / "slice.png")
    shutil.copy(demo_slice, top / "z.png")
    try:
        found = list(files_below([top]))
        assert [(path.name, problem) for path, problem in found] == [
            ("slice.png", None),
            ("z.png", None),
        ]
    finally:
        (folder / "slice.png").unlink()
        while folder != top:  # rmtree goes by recursion
            folder.rmdir()
            folder = folder.parent


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such links")
def test_links_in_a_circle_are_named_as_such(demo_slice: Path, tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to(tmp_path / "b.png")
    (tmp_path / "b.png").symlink_to(tmp_path / "a.png")
    shutil.copy(demo_slice, tmp_path / "c.png")
    found = scan([tmp_path])
    assert [one.instances[0].path.name for one in found.series] == ["c.png"]
    assert {str(one.reason) for one in found.refused} == {
        "The file cannot be read: its links lead in a circle."
    }


def test_a_folder_that_goes_while_it_is_walked_costs_no_other(
    demo_slice: Path, tmp_path: Path
) -> None:
    for name in ("a/1.png", "b/2.png", "c/3.png"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(demo_slice, tmp_path / name)
    walked = files_below([tmp_path])
    assert next(walked)[0].name == "1.png"
    shutil.rmtree(tmp_path / "b")
    said = {path.name: str(problem) for path, problem in walked}
    assert said == {"b": "There is no such folder.", "3.png": "None"}


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        (53, "cannot be reached"),
        (59, "cannot be reached"),
        (206, "too long"),
        (1117, "drive fails"),
        (1921, "circle"),
    ],
)
def test_what_windows_answers_is_named_by_its_cause(code: int, cause: str) -> None:
    for kind in (OSError, FileNotFoundError, PermissionError):
        error = kind(22, "as Windows says it")
        error.winerror = code  # on Windows Python sets it
        for said in (access_error(error), folder_error(error)):
            assert cause in str(said)


def test_what_windows_says_of_a_name_it_has_no_room_for() -> None:
    for code in (2, 3, 123):
        error = FileNotFoundError(2, "as Windows says it", "x" * 300 + ".png")
        error.winerror = code
        assert "too long" in str(access_error(error))
        error.filename = "x.png"
        assert "too long" not in str(access_error(error))
