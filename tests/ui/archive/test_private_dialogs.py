"""No patient is named in any log by the archive's dialogs, whatever level the loggers have."""

from __future__ import annotations

import logging
from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.network import dimse
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.receiver import StorageReceiver
from braintumor_desktop.network.servers import Archive, write_archives
from braintumor_desktop.ui.archive.answers_dialog import AnswersDialog
from braintumor_desktop.ui.archive.query_dialog import QueryDialog
from tests.network.conftest import RECEIVER, free_port, orthanc, receiver_port, write_study

__all__ = ["orthanc", "receiver_port"]

LEFT, WAIT = Qt.MouseButton.LeftButton, 60_000
MARKS = ("MarkedNumber", "MarkedPerson", "MarkedFolder", "MarkedAccession")


def _asked(qtbot: QtBot, archives: Path, name: str, cache: Path) -> None:
    """A search for the patient by name and number, and the study retrieved."""
    dialog = QueryDialog(archives, Cache(cache))
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.archives.setCurrentText(name)
    for field, text in (
        ("patient_id", "MarkedNumber"),
        ("patient_name", "MarkedPerson*"),
        ("accession_number", "MarkedAccession"),
    ):
        qtbot.keyClicks(dialog.fields[field], text)
    qtbot.mouseClick(dialog.search_button, LEFT)
    if name == "nobody":
        qtbot.waitUntil(lambda: "No archive answers" in dialog.said.text(), timeout=WAIT)
        return
    qtbot.waitUntil(lambda: dialog.studies.rowCount() == 1, timeout=WAIT)
    with qtbot.waitSignal(dialog.retrieved, timeout=WAIT):
        qtbot.mouseClick(dialog.open_button, LEFT)


def test_the_dialogs_and_the_libraries_below_name_nobody_at_level_debug(
    orthanc: tuple[Archive, Archive],
    qtbot: QtBot,
    tmp_path: Path,
    classifier: Classifier,
    caplog: pytest.LogCaptureFixture,
) -> None:
    files = write_study(tmp_path / "MarkedFolder", 3, "MarkedNumber", "MarkedPerson", seed=31)
    for path in files:
        dataset = pydicom.dcmread(path)
        dataset.AccessionNumber = "MarkedAccession"
        dataset.save_as(path)
    uid = str(pydicom.dcmread(files[0]).StudyInstanceUID)
    archives, nobody = tmp_path / "archives.json", Archive("nobody", host="127.0.0.1", time_out_s=2)
    write_archives(archives, {one.name: one for one in (*orthanc, nobody)})
    for name in list(logging.root.manager.loggerDict):
        if name.split(".")[0] in ("pynetdicom", "dicomweb_client", "urllib3"):
            logging.getLogger(name).setLevel(logging.DEBUG)
    ours = "braintumor_desktop"  # another test's window may have left it at INFO
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, ours):
        dimse.send(orthanc[0], files)
        for name in (orthanc[0].name, orthanc[1].name, "nobody"):
            _asked(qtbot, archives, name, tmp_path / "cache")
        dialog = AnswersDialog(files, archives, lambda: classifier)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.mouseClick(dialog.prepare_button, LEFT)
        qtbot.waitUntil(dialog.hand_over_button.isEnabled, timeout=WAIT)
        dialog.target.setCurrentText(orthanc[1].name)
        qtbot.mouseClick(dialog.hand_over_button, LEFT)
        qtbot.waitUntil(lambda: "Handed over" in dialog.list.toPlainText(), timeout=WAIT)
        port = free_port()
        writer = Cache(tmp_path / "received").open_study(uid)
        peer = Archive("p", host="127.0.0.1", port=port, ae_title=RECEIVER, calling_ae_title="PEER")
        with StorageReceiver("127.0.0.1", port, RECEIVER, ["PEER"], writer):
            dimse.send(peer, files)
        logging.getLogger("braintumor_desktop.network").debug("the log is at level DEBUG")
    assert "the log is at level DEBUG" in caplog.text
    assert not [mark for mark in (*MARKS, uid) if mark in caplog.text], caplog.text[:3000]
