"""`--self-test`: checks this installation and prints JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from braintumor_desktop import __version__, paths
from braintumor_desktop.cli import installation_checks as self_test
from braintumor_desktop.cli import series_checks
from braintumor_desktop.screening.workers import Helper
from braintumor_desktop.sources.demo import write_demo_slice

_COLOURS = 100  # an empty window has far fewer


def run() -> int:
    """Print what was checked; returns how many checks failed."""
    checks = list(self_test.run(paths.model_bundle(), _MORE))
    failed = sum(not check.ok for check in checks)
    result = {
        "ok": not failed,
        "version": __version__,
        "frozen": bool(getattr(sys, "frozen", False)),
        "checks": [asdict(check) for check in checks],
    }
    print(json.dumps(result, indent=2))
    return failed


def _helper() -> dict[str, Any]:
    """Start a helper process of the batch, and ask for its model."""
    helper = Helper(paths.model_bundle())
    try:
        model = helper.model(series_checks.SECONDS)
    finally:
        helper.close()
    if model is None:
        raise self_test.SelfTestError("It did not come up.")
    return {"model": model[0].name}


def _window() -> dict[str, Any]:
    """Open the window off-screen on the demo slice.

    In a process of its own: where Qt lacks what it needs, it ends the whole process.
    """
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "window.png")
        series_checks.make(picture, "The window did not open", "demo", "--screenshot", str(picture))
        pixels = np.asarray(cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR))
    if len(np.unique(pixels.reshape(-1, 3), axis=0)) < _COLOURS:
        raise self_test.SelfTestError("The window is empty.")
    height, width = pixels.shape[:2]
    return {"width": width, "height": height}


def _report() -> dict[str, Any]:
    """Let a batch answer the demo slice, and report on it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_demo_slice(folder / "slices")
        report, table = folder / "report.pdf", folder / "table.csv"
        files = ("--out", str(table), "--records", str(folder / "records"), "--report", str(report))
        said = "The batch did not end well"
        series_checks.make(report, said, "batch", str(folder / "slices"), *files)
        if not report.read_bytes().startswith(b"%PDF"):
            raise self_test.SelfTestError("The report is no PDF.")
        return {"bytes": report.stat().st_size, "lines": len(table.read_text("utf-8").splitlines())}


_MORE = {"helper": _helper, **series_checks.CHECKS, "report": _report, "window": _window}
