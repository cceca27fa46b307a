"""The parts of the installer that need no build."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pydicom
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[2]
INSTALLER = REPOSITORY / "resources" / "installer"
SPEC = (REPOSITORY / "build.spec").read_text(encoding="utf-8")


def constant(name: str) -> list[str]:
    for node in ast.parse(SPEC).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return list(ast.literal_eval(node.value))
    raise LookupError(name)


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, INSTALLER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_nothing_that_the_app_imports_is_left_out() -> None:
    excluded = constant("EXCLUDED_MODULES")
    imported = set()
    for file in (REPOSITORY / "braintumor_desktop").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"np\.(random|fft|testing)\b", text), f"{file.name}: left out"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    assert "numpy" in imported
    missing = {
        name for name in imported for out in excluded if name == out or name.startswith(f"{out}.")
    }
    assert not missing


def test_the_recipe_names_neither_upx_nor_this_machine() -> None:
    assert not re.search(r"upx\W+True", SPEC)
    assert not re.search(r"/(home|root|work|tmp)/", SPEC)


def test_the_recipe_carries_all_that_the_app_shows_and_answers_with() -> None:
    resources = {path.name for path in (REPOSITORY / "resources").iterdir() if path.is_dir()}
    (carried,) = re.findall(r"for folder in (\(.*\))", SPEC)
    assert resources - {"installer"} <= set(ast.literal_eval(carried))


def test_every_dependency_is_pinned_with_hashes() -> None:
    text = (INSTALLER / "requirements.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z])", text[re.search(r"^[a-z]", text, re.M).start() :])  # type: ignore[union-attr]
    pinned = {re.match(r"[\w.-]+", entry)[0] for entry in entries}  # type: ignore[index]
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    built_with = (INSTALLER / "requirements.in").read_text(encoding="utf-8").splitlines()
    wanted = [*project["dependencies"], *(line for line in built_with if line[:1].isalpha())]
    assert "pip-audit" in wanted
    names = {re.match(r"[\w-]+", entry)[0].lower() for entry in wanted}  # type: ignore[index]
    assert names <= pinned


def test_the_metainfo_names_what_is_installed() -> None:
    tree = ElementTree.parse(INSTALLER / "linux" / "braintumor-desktop.metainfo.xml")
    launchable = tree.findtext("launchable")
    assert (INSTALLER / "linux" / str(launchable)).is_file()
    entry = (INSTALLER / "linux" / str(launchable)).read_text(encoding="utf-8")
    (types,) = re.findall(r"^MimeType=(.*);$", entry, re.M)
    assert {kind.text for kind in tree.iter("mediatype")} == set(types.split(";"))


def test_windows_offers_the_app_for_every_format() -> None:
    (script,) = (INSTALLER / "windows").glob("*.iss")
    offered = re.findall(r"Classes\\(\.\w+)\\OpenWithProgids", script.read_text(encoding="utf-8"))
    endings = {".bmp", ".dcm", ".dicom", ".jpeg", ".jpg", ".png", ".tif", ".tiff"}
    assert sorted(offered) == sorted(endings)


def test_the_desktop_entry_is_valid() -> None:
    tool = shutil.which("desktop-file-validate")
    if tool is None:
        pytest.skip("desktop-file-validate is not installed")
    entry = INSTALLER / "linux" / "braintumor-desktop.desktop"
    done = subprocess.run([tool, str(entry)], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_icons_in_all_sizes(tmp_path: Path) -> None:
    code = "import sys, icons; from pathlib import Path; icons.write_pngs(*map(Path, sys.argv[1:]))"
    svg = REPOSITORY / "resources" / "icons" / "app.svg"
    subprocess.run([sys.executable, "-c", code, svg, tmp_path], cwd=INSTALLER, check=True)
    import cv2

    for size in (16, 24, 32, 48, 64, 128, 256, 512):
        (file,) = (tmp_path / f"{size}x{size}").rglob("*.png")
        picture = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        assert picture.shape == (size, size, 4)
        assert picture[0, 0, 3] < 32, "the corners are round"
        assert picture[size // 2, size // 2, 3] == 255


@pytest.mark.skipif(sys.platform != "linux", reason="dpkg is Debian's")
def test_dependencies_come_from_the_files_themselves(tmp_path: Path) -> None:
    if not all(map(shutil.which, ("objdump", "dpkg", "ldconfig"))):
        pytest.skip("this is no Debian system with binutils")
    depends = module("depends")
    shutil.copy("/bin/ls", tmp_path / "program")
    (tmp_path / "notes.txt").write_text("no program")
    assert [path.name for path in depends.elf_files(tmp_path)] == ["program"]
    found = depends.depends(tmp_path)
    assert "libselinux1" in found
    assert any(re.fullmatch(r"libc6 \(>= 2\.\d+\)", entry) for entry in found)
    (tmp_path / "libselinux.so.1").write_bytes(b"")
    assert "libselinux1" not in depends.depends(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux links OpenCV to FFmpeg")
def test_opencv_works_without_ffmpeg(tmp_path: Path) -> None:
    if not all(map(shutil.which, ("gcc", "objdump", "readelf"))):
        pytest.skip("there is no C compiler with binutils")
    import cv2

    package = Path(cv2.__file__).parent
    libraries = package.parent / "opencv_python_headless.libs"
    if not list(libraries.glob("libavcodec-*")):
        pytest.skip("this OpenCV has no FFmpeg of its own")
    shutil.copytree(package, tmp_path / "cv2", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(libraries, tmp_path / libraries.name)
    code = (
        "import sys, without_video as w; folder = w.Path(sys.argv[1])\n"
        "w.replace_ffmpeg(folder); w.replace_aom(folder)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], cwd=INSTALLER, check=True)
    left = {
        path.name.split("-")[0]: path.stat().st_size
        for path in (tmp_path / libraries.name).iterdir()
    }
    assert left["libavcodec"] < 50_000
    assert left["libaom"] < 50_000
    assert "libvpx" not in left
    assert "libpng16" in left
    use = """
import sys
sys.path.insert(0, sys.argv[1])
import cv2, numpy
assert cv2.__file__.startswith(sys.argv[1])
grey = numpy.arange(256, dtype=numpy.uint8).reshape(16, 16)
for suffix in (".png", ".bmp", ".tiff"):
    assert (cv2.imdecode(cv2.imencode(suffix, grey)[1], -1) == grey).all()
"""
    subprocess.run([sys.executable, "-c", use, tmp_path], check=True)


def test_a_distribution_without_licence_is_refused() -> None:
    licences = module("licences")
    text = licences.collect([("numpy", "", "PYMODULE"), ("pydicom.uid", "", "PYMODULE")])
    assert "\nnumpy " in text
    assert "\npydicom " in text
    assert "\npytest " not in text
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in text
    with pytest.raises(licences.NoLicenceError, match="nothing"):
        licences._section("nothing", [])


def test_what_is_pinned_is_what_the_package_asks_for() -> None:
    asked = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["dependencies"]
    pinned = re.findall(r"^([\w.-]+)==([\w.]+)", (INSTALLER / "requirements.txt").read_text(), re.M)
    for line in asked:
        requirement = Requirement(line)
        name = canonicalize_name(requirement.name)
        versions = [version for other, version in pinned if canonicalize_name(other) == name]
        assert versions
        assert all(requirement.specifier.contains(version) for version in versions), line


def test_the_tables_of_dicom_objects_have_all_that_is_exported(tmp_path: Path) -> None:
    """What of highdicom's tables is left out is missed only when an object is written."""
    from pydicom.uid import UID

    tables = {
        Path(source).name: Path(source) for source, _ in module("dicom_tables").tables(tmp_path)
    }
    assert sum(path.stat().st_size for path in tables.values()) < 4e6
    attributes = json.loads(tables["module_attribute_map.json"].read_text("utf-8"))
    objects = json.loads(tables["iod_module_map.json"].read_text("utf-8"))
    names = json.loads(tables["sop_class_iod_map.json"].read_text("utf-8"))
    for name in ("Comprehensive3DSR", "KeyObjectSelectionDocument", "Segmentation"):
        uid: UID = getattr(pydicom.uid, f"{name}Storage")
        assert {part["key"] for part in objects[names[uid]]} <= attributes.keys()
