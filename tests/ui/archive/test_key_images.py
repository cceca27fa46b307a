"""What a person marks as key images goes into the Key Object Selection."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.dicom_export import ObjectKind
from braintumor_desktop.ui.archive.answers_dialog import AnswersDialog
from braintumor_desktop.ui.main_window import MainWindow

WAIT = 60_000


def test_the_slice_that_is_marked_by_its_key_is_the_one_that_is_handed_over(
    qtbot: QtBot,
    open_review: Callable[..., MainWindow],
    data_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "series"
    folder.mkdir()
    for path in sorted((data_folder / "dicom-series").iterdir())[8:12]:
        shutil.copy(path, folder)
    window = open_review(folder)
    qtbot.waitUntil(lambda: window.bench.engine is not None, timeout=WAIT)
    monkeypatch.delattr(Classifier, "load")  # the window's network answers, no second one
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    qtbot.waitUntil(lambda: not window.bench.scans.going, timeout=WAIT)
    canvas = window.views.active.canvas
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: window.bench.loaded is not None, timeout=WAIT)
    qtbot.keyClick(canvas, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    marked = window.bench.selected
    assert marked is not None
    window.archive.answers.trigger()
    (dialog,) = window.findChildren(AnswersDialog)
    for kind, box in dialog.kinds.items():
        box.setChecked(kind is not ObjectKind.SECONDARY_CAPTURE)
    qtbot.mouseClick(dialog.prepare_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(dialog.hand_over_button.isEnabled, timeout=WAIT)
    (made,) = [one for one in dialog._made if one.Modality == "KO"]
    (study,) = made.CurrentRequestedProcedureEvidenceSequence
    (series,) = study.ReferencedSeriesSequence
    uids = [one.ReferencedSOPInstanceUID for one in series.ReferencedSOPSequence]
    assert uids == [pydicom.dcmread(marked.path).SOPInstanceUID]
    dialog.reject()
