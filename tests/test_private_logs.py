"""Marked names go through every path of the window; no log, report or temporary file has them."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pydicom
import pydicom.data
import pytest
from pydicom.encaps import encapsulate

MARKS = ("MarkedFolder", "MarkedFile", "Marked^Name", "MarkedID", "99887766")

WINDOW = """
import sys
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from braintumor_desktop.ui import app
from braintumor_desktop.ui.dialogs.crash_report import CrashReport
from braintumor_desktop.ui.session.fresh_reader import FreshReader

folder, target = map(Path, sys.argv[1:])
read, build = FreshReader.read, app.build_window


def read_or_break(reader, instance):
    if "breaks" in instance.path.name:
        raise ValueError(f"{instance.path} of Marked^Name, MarkedID")
    return read(reader, instance)


def break_the_window(window):
    QTimer.singleShot(0, lambda: save_the_report(window))
    raise ValueError(f"{window.bench.selected.path} of Marked^Name, MarkedID")


def save_the_report(window):
    boxes = window.findChildren(QMessageBox)
    if not boxes:  # it comes once the event that failed is over
        QTimer.singleShot(10, lambda: save_the_report(window))
        return
    (box,) = boxes
    read = next(button for button in box.buttons() if "report" in button.text())
    read.click()
    (report,) = window.findChildren(CrashReport)
    report.save(target)
    window.close()


def build_watched(*given):
    window = build(*given)
    window.bench.idle.connect(
        lambda: QTimer.singleShot(0, lambda: break_the_window(window)),
        Qt.ConnectionType.SingleShotConnection,
    )
    return window


FreshReader.read = read_or_break
app.build_window = build_watched
sys.exit(app.run([folder]))
"""


@pytest.fixture
def marked(tmp_path: Path, demo_slice: Path) -> Path:
    """Files that are answered, refused for several reasons, and break the app."""
    folder = tmp_path / "MarkedFolder"
    folder.mkdir()
    dataset = pydicom.dcmread(str(pydicom.data.get_testdata_file("MR_small.dcm", download=False)))
    dataset.PatientName, dataset.PatientID = "Marked^Name", "MarkedID"
    dataset.StudyInstanceUID = "1.2.826.99887766.1"
    dataset.save_as(folder / "MarkedFile.dcm")
    whole = (folder / "MarkedFile.dcm").read_bytes()
    (folder / "MarkedFile-cut.dcm").write_bytes(whole[: len(whole) // 2])
    (folder / "MarkedFile-odd.dcm").write_bytes(whole.replace(b"MONOCHROME2", b"Marked^Name"))
    (folder / "MarkedFile-rows.dcm").write_bytes(whole.replace(b"US\2\0\x40\0", b"US\2\0\1\0"))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    dataset.PixelData = encapsulate([b"\xff\xd8 Marked^Name"])
    dataset.save_as(folder / "MarkedFile-jpeg.dcm")
    (folder / "MarkedFile.png").write_bytes(demo_slice.read_bytes())
    (folder / "MarkedFile-breaks.png").write_bytes(demo_slice.read_bytes())
    (folder / "MarkedFile.txt").write_text("Marked^Name, MarkedID")
    return folder


def environment(home: Path, temporary: Path) -> dict[str, str]:
    names = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "LOCALAPPDATA", "APPDATA")
    names += ("WIN_PD_OVERRIDE_LOCAL_APPDATA",)  # by which platformdirs goes on Windows
    folders = dict.fromkeys(names, str(home))
    temporaries = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    settings = {"XDG_CONFIG_HOME": str(home.parent / "settings")}  # recent files are the user's
    return {**os.environ, **folders, **temporaries, **settings}


def with_marks(folder: Path) -> list[str]:
    """What in a folder has a mark in its name or its content."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        if any(mark in path.name or mark.encode() in content for mark in MARKS):
            found.append(str(path))
    return found


def test_marked_names_are_nowhere_after_good_refused_and_breaking_files(
    tmp_path: Path, marked: Path
) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    report = home / "report.txt"
    done = subprocess.run(
        [sys.executable, "-c", WINDOW, str(marked), str(report)],
        env=environment(home, temporary),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (log,) = home.rglob("app.log")
    assert "A slice failed: ValueError" in log.read_text()
    assert "Unexpected: ValueError" in log.read_text()
    assert "ValueError at" in report.read_text()
    assert "SHA-256" in report.read_text()
    assert with_marks(home) + with_marks(temporary) == []
    assert not any(mark in done.stdout + done.stderr for mark in MARKS)
    assert not list(temporary.iterdir()), "the window leaves temporary files behind"


def test_classifying_leaves_no_marks(tmp_path: Path, marked: Path) -> None:
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "braintumor_desktop", "classify", "--json", str(marked)],
        env=environment(home, temporary),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert '"error"' in done.stdout
    assert '"label"' in done.stdout
    assert not any(mark in done.stderr for mark in MARKS)
    assert list(temporary.iterdir()) == []
    assert with_marks(home) == []


def test_the_search_finds_marks(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("slice of MarkedID")
    (tmp_path / "MarkedFile.png").write_bytes(b"")
    assert len(with_marks(tmp_path)) == 2


@pytest.fixture
def log_handler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RotatingFileHandler:
    from braintumor_desktop.ui import app

    monkeypatch.setattr(app.platformdirs, "user_log_dir", lambda *_, **__: str(tmp_path / "logs"))
    package = logging.getLogger("braintumor_desktop")
    before = list(package.handlers)
    app._log_to_file()
    (handler,) = (one for one in package.handlers if one not in before)
    assert isinstance(handler, RotatingFileHandler)
    yield handler
    package.removeHandler(handler)
    handler.close()


def test_logs_rotate(log_handler: RotatingFileHandler, tmp_path: Path) -> None:
    log = logging.getLogger("braintumor_desktop.test")
    for _ in range(5000):
        log.error("%s", "x" * 300)
    files = sorted((tmp_path / "logs").iterdir())
    assert [file.name for file in files] == ["app.log", "app.log.1", "app.log.2"]
    assert all(file.stat().st_size <= 256_000 for file in files)


def test_an_exception_is_logged_without_its_message(
    log_handler: RotatingFileHandler, tmp_path: Path
) -> None:
    try:
        raise ValueError("Marked^Name in /MarkedFolder/MarkedFile.dcm")
    except ValueError:
        logging.getLogger("braintumor_desktop.test").exception("It failed.")
    text = (tmp_path / "logs" / "app.log").read_text()
    assert "It failed." in text
    assert "ValueError at test_private_logs.py" in text
    assert with_marks(tmp_path / "logs") == []
