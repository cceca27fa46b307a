"""A frozen Windows app carries every library that is not Windows's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.installer.test_parts import module

pytest.importorskip("pefile", reason="pefile reads Windows programs")


def _program() -> Path:
    """A real Windows program of a few kilobytes: pip carries those that start scripts."""
    import pip

    (file,) = Path(pip.__file__).parent.rglob("t64.exe")
    return file


def _as_if_it_needed(target: Path, library: str) -> None:
    """The program with the name of one of Windows's libraries in it exchanged."""
    data = _program().read_bytes()
    assert data.count(b"SHLWAPI.dll") == 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data.replace(b"SHLWAPI.dll", library.encode().ljust(11, b"\0")))


def test_windows_own_are_not_missed(tmp_path: Path) -> None:
    shutil.copy(_program(), tmp_path / "app.exe")
    assert module("windows_libraries").missing(tmp_path) == []


def test_what_lies_elsewhere_in_the_folder_is_missed(tmp_path: Path) -> None:
    missing = module("windows_libraries").missing
    _as_if_it_needed(tmp_path / "_internal" / "onnxruntime" / "capi" / "a.pyd", "RUNTIME.dll")
    said = ["runtime.dll, for _internal/onnxruntime/capi/a.pyd"]
    assert missing(tmp_path) == said
    (tmp_path / "_internal" / "shiboken6").mkdir()
    shutil.copy(_program(), tmp_path / "_internal" / "shiboken6" / "runtime.dll")
    assert missing(tmp_path) == said, "nobody looks there for ONNX Runtime"
    _as_if_it_needed(tmp_path / "_internal" / "PySide6" / "b.pyd", "RUNTIME.dll")
    assert missing(tmp_path) == said, "Qt's own folders are looked through for Qt"
    shutil.copy(_program(), tmp_path / "_internal" / "Runtime.DLL")
    assert missing(tmp_path) == []
