"""Pictures of the review: the worklist and the groups, on slices of the data set.

python tests/benchmarks/picture_review.py DATA OUT
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from braintumor_desktop import app, paths
from braintumor_desktop.review.groups import By
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.review_thread import load_engine

PER_CLASS = 12


def main(data: Path, target: Path) -> None:
    """Review a few slices of every class and a DICOM series, decide some, and save the window."""
    application = QApplication([])
    theme.apply(application)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "clinic"
        for place in sorted((data / "brain-tumor-mri" / "Testing").iterdir()):
            files = sorted(place.glob("*.jpg"))
            for file in files[:: max(1, len(files) // PER_CLASS)]:
                (folder / place.name).mkdir(parents=True, exist_ok=True)
                shutil.copy(file, folder / place.name)
        shutil.copytree(data / "dicom-series", folder / "series")
        cut = next((folder / "glioma").iterdir())
        cut.write_bytes(cut.read_bytes()[:4000])
        settings = QSettings(str(Path(name) / "settings.ini"), QSettings.Format.IniFormat)
        bundle = paths.model_bundle()
        window = app.build_window(
            settings,
            lambda: app.load_engine(bundle),
            lambda: load_engine(bundle, Path(name) / "records.sqlite"),
        )
        window.resize(1440, 960)
        window.show()
        window.review_paths([folder])
        assert window.review is not None
        page = window.review.page
        _until(lambda: page.settled)
        page.table.selectRow(1)
        for verdict in ("agree", "agree", "unsure", "agree"):
            page.decide(verdict)
        page.decide("disagree", page.classes[1])
        _until(lambda: window.bench.loaded is not None)
        window.grab().save(str(target / "worklist.png"))
        page.bar.needs_look.setChecked(True)
        _until(lambda: window.bench.loaded is not None)
        window.grab().save(str(target / "worklist-needs-look.png"))
        page.bar.needs_look.setChecked(False)
        page.bar.grouping.setCurrentIndex(page.bar.grouping.findData(By.SERIES))
        application.processEvents()
        window.grab().save(str(target / "worklist-groups.png"))
        window.close()


def _until(done) -> None:  # type: ignore[no-untyped-def]
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: done() and loop.quit())
    timer.start(100)
    loop.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
