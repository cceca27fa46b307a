"""`--self-test`: checks this installation and prints JSON."""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from braintumor_desktop import __version__, paths
from braintumor_desktop.cli import installation_checks as self_test
from braintumor_desktop.cli import series_checks
from braintumor_desktop.screening.records_opening import CLEAR, ENCRYPTED, open_records
from braintumor_desktop.screening.workers import Helper
from braintumor_desktop.sources.demo import write_demo_slice
from braintumor_desktop.store.cipher import key_name

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


class _Keys(dict[str, str]):
    """A keyring for this check alone: the system's is not to be touched for it."""

    def get(self, name: str) -> str:  # type: ignore[override]
        return self[name]

    put = dict.__setitem__
    remove = dict.__delitem__


def _encrypted_records() -> dict[str, Any]:
    """Encrypt records, find in them what was kept, and write them in clear again."""
    with tempfile.TemporaryDirectory() as name:
        path, keys, who = Path(name, "records.sqlite"), _Keys(), "self-test"
        for wanted in (CLEAR, ENCRYPTED, CLEAR):
            with closing(open_records(path, who, wanted, keys)) as records:
                if records.not_as_wanted is not None:
                    raise records.not_as_wanted
                records.begin_run([Path(name, "MarkedName")], "key")
            if wanted == ENCRYPTED and (b"MarkedName" in path.read_bytes() or not key_name(path)):
                raise self_test.SelfTestError("The records are not encrypted.")
        return {"bytes": path.stat().st_size}


_MORE = {
    "encrypted records": _encrypted_records,
    "helper": _helper,
    **series_checks.CHECKS,
    "report": _report,
    "window": _window,
}
