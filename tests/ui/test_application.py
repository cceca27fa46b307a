"""Files that the system hands to the app while it runs, as macOS does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication
from braintumor_desktop.ui import app

build = app.build_window

def watched(*parts):
    window = build(*parts)
    def hand():
        application = QApplication.instance()
        application.sendEvent(application, QFileOpenEvent(sys.argv[1]))
    window.bench.idle.connect(
        lambda: (print([path.name for path in window.bench.slices.paths()]), window.close())
    )
    QTimer.singleShot(0, hand)
    return window

app.build_window = watched
sys.exit(app.main([]))
"""


def test_what_finder_opens_is_opened(slices: list[Path], tmp_path: Path) -> None:
    folders = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(slices[2])],
        env={**os.environ, **dict.fromkeys(folders, str(tmp_path))},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (0, "['slice2.png']\n"), done.stderr
