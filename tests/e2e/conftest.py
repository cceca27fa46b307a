"""The real `main()` in a process of its own, with a home of its own, driven by mouse and keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.uid import generate_uid

DRIVER = """
import json, os, sys, time
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from braintumor_desktop.ui import app

Key, LEFT = Qt.Key, Qt.MouseButton.LeftButton
build, told, watcher = app.build_window, {}, None

def wait(until, seconds=200):  # under Wine, on a busy machine, importing takes 80
    ends = time.monotonic() + seconds
    while not until():
        if time.monotonic() > ends:
            raise TimeoutError
        QTest.qWait(20)

def words(window):
    labels = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
    return "\\n".join([window.windowTitle(), *labels])

def marks(page):
    model = page.view.model
    return [model.index(line, 0).data() for line in range(model.rowCount())]

def on_screen(window):
    page = window.reviewing.dock.page
    return page.desk.on_screen(page.view.lines.current()) and window.bench.loaded is not None

def watched(*parts):
    window = build(*parts)
    def begin():
        if watcher is not None:
            watcher.leave_out_what_runs_now()
        try:
            steps(window)
            told["done"] = True
        except BaseException as error:
            told["error"] = repr(error)
        window.close()
        QApplication.instance().exit()
    QTimer.singleShot(0, begin)
    return window

app.build_window = watched

STEPS

if "BRAINTUMOR_WATCH_INTO" in os.environ:
    from tests.ui.watcher import watch_in_process

    watcher = watch_in_process()

status = app.main(sys.argv[1:])
print(json.dumps({**told, "status": status}))
"""

Drive = Callable[..., dict[str, Any]]


@pytest.fixture
def drive(tmp_path: Path) -> Drive:
    """Starts the app on paths and runs `steps(window)`; what it put into `told` comes back."""
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
    home = tmp_path / "home"
    home.mkdir()

    def run(steps: str, *arguments: str | Path) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-c", DRIVER.replace("STEPS", steps), *map(str, arguments)],
            env={**os.environ, **dict.fromkeys(names, str(home)), "QT_QPA_PLATFORM": "offscreen"},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        assert told.get("done"), (told, done.stderr[-2000:])
        assert told["status"] == 0
        return told

    return run


@pytest.fixture
def patients(data_folder: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A folder of Anna's and one of Bert's, a series of six slices each."""
    folders = tmp_path / "anna", tmp_path / "bert"
    files = sorted((data_folder / "dicom-series").iterdir())[10:22]
    for number, folder in enumerate(folders):
        folder.mkdir()
        name, uids = ("ANNA", "BERT")[number], [generate_uid(), generate_uid()]
        for path in files[6 * number : 6 * number + 6]:
            dataset = pydicom.dcmread(path)
            dataset.ImageType = ["ORIGINAL", "PRIMARY"]
            dataset.PatientID, dataset.PatientName = f"{name}-1", name.title()
            dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uids
            dataset.save_as(folder / path.name)
    return folders
