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
    tracked = {path.name for path in (REPOSITORY / "resources" / "model").iterdir()}
    assert {path.name for path in bundle.iterdir()} == tracked
    assert not (site / "training").exists()
    assert not (site / "tests").exists()
