"""Whoever changes what a number of `versions` stands for has to raise it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from braintumor_desktop import versions
from braintumor_desktop.imaging import prepare

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def golden() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden", HERE / "golden.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["golden"] = module
    spec.loader.exec_module(module)
    return module


def _recorded(golden: ModuleType, name: str) -> Path:
    path: Path = golden.RECORDS[name][0]
    assert path.exists(), f"versions.{name} is new: python tests/versions/golden.py"
    return path


def test_files_are_read_as_the_reader_s_number_says(golden: ModuleType) -> None:
    before = json.loads(_recorded(golden, "READER").read_text("utf-8"))
    now = json.loads(json.dumps(golden.reader()))
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    assert not changed, "raise versions.READER, then python tests/versions/golden.py"


def test_the_network_sees_what_the_number_of_prepare_says(golden: ModuleType) -> None:
    now = golden.prepared()
    with np.load(_recorded(golden, "PREPARE")) as before:
        assert set(before.files) == set(now)
        for name, pixels in now.items():
            off = np.abs(pixels.astype(np.float32) - before[name].astype(np.float32)).max()
            assert off < 4e-3, f"{name}: raise versions.PREPARE, then golden.py"


def test_the_same_is_said_of_outputs_as_the_classifier_s_number_says(golden: ModuleType) -> None:
    before = json.loads(_recorded(golden, "CLASSIFIER").read_text("utf-8"))
    now = json.loads(json.dumps(golden.said()))
    assert _near(now, before), "raise versions.CLASSIFIER, then python tests/versions/golden.py"


def _near(a: Any, b: Any) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_near(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_near, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= 1e-3 * max(1.0, abs(b))
    return bool(a == b)


def test_a_number_on_record_is_not_recorded_again(
    golden: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path, _write, _make in golden.RECORDS.values()}
    golden.main()
    assert capsys.readouterr().out.count("is on record") == 3
    assert {path: path.read_bytes() for path in before} == before


def test_each_number_is_in_the_key_of_stored_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    key = versions.answering_key("bundle")
    for name in ("READER", "PREPARE", "CLASSIFIER"):
        with monkeypatch.context() as patched:
            patched.setattr(versions, name, getattr(versions, name) + 1)
            assert versions.answering_key("bundle") != key
    assert versions.answering_key("another") != key


def test_the_preprocessing_of_networks_is_named_in_one_place() -> None:
    assert prepare.VERSION == versions.PREPROCESSING
