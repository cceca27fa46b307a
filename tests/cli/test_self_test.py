from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom.uid import MPEG2MPML

from braintumor_desktop import paths
from braintumor_desktop.cli import installation_checks as self_test
from braintumor_desktop.cli import main
from braintumor_desktop.cli import self_test_command as command
from braintumor_desktop.imaging.dicom.transfer_syntax import TRANSFER_SYNTAXES
from braintumor_desktop.imaging.raster.tiff_codecs import DECODERS
from braintumor_desktop.inference.bundle import SEAL, named_network, seal
from braintumor_desktop.inference.bundle_signature import SIGNATURE_FILE


def failed(bundle: Path, **more: Any) -> dict[str, str]:
    return {check.name: check.reason for check in self_test.run(bundle, more) if not check.ok}


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Makes a shell script what the app starts in place of itself; gives the script's path."""

    def make(script: str) -> Path:
        program = tmp_path / "program"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        return program

    return make


def test_the_command_checks_everything_and_prints_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--self-test"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is True
    names = [check["name"] for check in said["checks"]]
    assert {"model", "classify", "helper", "report", "window"} < set(names)
    assert {
        "series",
        "workbook",
        "DICOM objects",
        "copies without names",
        "encrypted records",
    } < set(names)
    assert sum(name.startswith("read TIFF") for name in names) == len(DECODERS)
    assert sum(name.startswith("read DICOM") for name in names) == len(TRANSFER_SYNTAXES)
    window = said["checks"][-1]["found"]
    assert window["width"] > window["height"] > 400
    assert said["checks"][-2]["found"]["lines"] == 2  # the demo slice, under the columns' names


def test_a_damaged_model_fails_and_the_rest_is_still_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = Path(shutil.copytree(paths.model_bundle(), tmp_path / "model"))
    with (bundle / "model.onnx").open("ab") as file:
        file.write(b"more")
    monkeypatch.setattr(paths, "model_bundle", lambda: bundle)
    assert main(["self-test"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is False
    broken = {check["name"]: check["reason"] for check in said["checks"] if not check["ok"]}
    assert broken.keys() == {"model", "classify", "helper"}
    assert "SHA-256" in broken["model"]


def test_classes_that_were_exchanged_are_noticed(tmp_path: Path) -> None:
    bundle = Path(shutil.copytree(paths.model_bundle(), tmp_path / "model"))
    (bundle / SIGNATURE_FILE).unlink()
    description = json.loads((bundle / "model.json").read_text("utf-8"))
    classes = description["classes"]
    here, there = classes.index("glioma"), classes.index("notumor")
    classes[here], classes[there] = classes[there], classes[here]
    network = named_network((bundle / "model.onnx").read_bytes(), tuple(classes), "1")
    (bundle / "model.onnx").write_bytes(network)
    description["sha256"] = hashlib.sha256(network).hexdigest()
    description[SEAL] = seal(description)  # by somebody who knew how
    (bundle / "model.json").write_text(json.dumps(description), "utf-8")
    assert failed(bundle) == {"classify": "SelfTestError: The healthy head is called glioma."}


def test_a_window_that_does_not_open_is_a_failure() -> None:
    def window() -> dict[str, Any]:
        raise self_test.SelfTestError("no window")

    assert failed(paths.model_bundle(), window=window) == {"window": "SelfTestError: no window"}


@pytest.mark.skipif(sys.platform == "win32", reason="no shell")
@pytest.mark.parametrize(
    ("script", "said"),
    [('cp "$0.png" "$5"', "The window is empty."), ("echo no xcb >&2; exit 134", "134): no xcb")],
)
def test_a_window_that_shows_nothing_is_a_failure(
    script: str, said: str, stand_in: Callable[[str], Path]
) -> None:
    cv2.imwrite(f"{stand_in(script)}.png", np.full((480, 640, 3), 20, np.uint8))
    broken = failed(paths.model_bundle(), window=command._window)
    assert broken.keys() == {"window"}
    assert said in broken["window"]


@pytest.mark.skipif(sys.platform == "win32", reason="no shell")
@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('echo %%%% > "${10}"', "The report is no PDF."),
        ("echo no fonts >&2; exit 1", "1): no fonts"),
    ],
)
def test_a_batch_that_makes_no_report_is_a_failure(
    script: str, said: str, stand_in: Callable[[str], Path]
) -> None:
    stand_in(script)
    broken = failed(paths.model_bundle(), report=command._report)
    assert broken.keys() == {"report"}
    assert said in broken["report"]


def test_a_reader_that_changes_pixels_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = self_test._encoded

    def shifted(suffix: str, pixels: Any, options: Any = None) -> bytes:
        return real(suffix, pixels + (suffix == ".bmp"), options)

    monkeypatch.setattr(self_test, "_encoded", shifted)
    broken = failed(paths.model_bundle())
    assert broken.keys() == {"read BMP"}
    assert "differ" in broken["read BMP"]


def test_a_syntax_that_is_claimed_but_cannot_be_tested_is_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(self_test, "TRANSFER_SYNTAXES", {*TRANSFER_SYNTAXES, MPEG2MPML})
    (reason,) = failed(paths.model_bundle()).values()
    assert "No file can be made" in reason
