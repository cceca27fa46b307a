"""The MSI's description, and where wixl is installed the MSI itself."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from tests.installer.test_parts import INSTALLER

WIX = "{http://schemas.microsoft.com/wix/2006/wi}"


@pytest.fixture(scope="module")
def msi() -> ModuleType:
    spec = importlib.util.spec_from_file_location("msi", INSTALLER / "windows" / "msi.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    folder = tmp_path / "frozen"
    for name in ("braintumor-desktop.exe", "_internal/a & b/Ä.txt", "_internal/a & b/same", "same"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_every_file_is_a_component_and_every_component_is_installed(
    msi: ModuleType, frozen: Path
) -> None:
    text = msi.source(frozen, "0.2.0")
    assert msi.source(frozen, "0.2.0") == text
    tree = ElementTree.fromstring(text)
    files = {one.get("Source") for one in tree.iter(f"{WIX}File")}
    assert files == {
        f"frozen/{path.relative_to(frozen).as_posix()}"
        for path in frozen.rglob("*")
        if path.is_file()
    }
    components = [one.get("Id") for one in tree.iter(f"{WIX}Component")]
    assert len(set(components)) == len(components) == len(files) + 2
    assert [one.get("Id") for one in tree.iter(f"{WIX}ComponentRef")] == components
    keys = [one.get("Key", "") for one in tree.iter(f"{WIX}RegistryValue")]
    offered = {key.split("\\")[2] for key in keys if key.endswith("OpenWithProgids")}
    assert {".dcm", ".png", ".jpg"} <= offered == set(msi.endings())


def test_another_version_is_another_product_that_replaces_it(msi: ModuleType, frozen: Path) -> None:
    one, two = (
        next(ElementTree.fromstring(msi.source(frozen, version)).iter(f"{WIX}Product"))
        for version in ("0.1.0", "0.2.0")
    )
    assert one.get("Id") != two.get("Id")
    assert one.get("UpgradeCode") == two.get("UpgradeCode")


def test_wixl_makes_it(msi: ModuleType, frozen: Path, tmp_path: Path) -> None:
    if not all(map(shutil.which, ("wixl", "msiextract"))):
        pytest.skip("wixl and msitools are not installed")
    icon, target = tmp_path / "app.ico", tmp_path / "app.msi"
    icon.write_bytes(b"icon")
    msi.build(frozen, icon, "0.2.0", target)
    command = ["msiextract", "--directory", str(tmp_path / "out"), str(target)]
    subprocess.run(command, check=True, capture_output=True)
    (top,) = (tmp_path / "out").rglob("Braintumor Desktop")
    for path in frozen.rglob("*"):
        if path.is_file():
            assert (top / path.relative_to(frozen)).read_bytes() == path.read_bytes()
