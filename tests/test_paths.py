from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from braintumor_desktop import paths

REPOSITORY = Path(__file__).resolve().parent.parent


def test_in_a_source_tree_resources_stand_beside_the_package() -> None:
    assert paths.resources() == REPOSITORY / "resources"
    assert (paths.model_bundle() / "model.json").is_file()


def test_a_frozen_app_has_them_where_it_was_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.model_bundle() == tmp_path / "resources" / "model"


def test_an_installed_wheel_carries_them(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(site), str(wheel)], check=True, capture_output=True)

    code = "from braintumor_desktop import paths; print(paths.model_bundle())"
    # -P keeps the source tree out, -S the editable install; paths needs the standard library only.
    done = subprocess.run(
        [sys.executable, "-P", "-S", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    bundle = Path(done.stdout.strip())
    assert bundle == site / "braintumor_desktop" / "resources" / "model"
    resources = REPOSITORY / "resources"
    made_from = ("installer/", "translations/messages.py")
    assert files_in(bundle.parent) == {
        name
        for name in files_in(resources)
        if not name.startswith(made_from) and not name.endswith(".po")
    }
    assert not (site / "training").exists()
    assert not (site / "tests").exists()
    code = """
from importlib.metadata import distribution
for entry in distribution("braintumor-desktop").entry_points:
    print(entry.name, entry.load().__code__.co_filename)
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        text=True,
    )
    started = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert started.keys() == {"braintumor-desktop", "braintumor-desktop-window"}
    assert all(Path(file).is_relative_to(site) for file in started.values())


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
