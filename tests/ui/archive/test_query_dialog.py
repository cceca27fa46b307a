"""The query dialog against a real Orthanc: search, retrieve, and what is said where it fails."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from braintumor_desktop import paths
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.network import services
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import StudyQuery
from braintumor_desktop.network.servers import Archive, read_archives, write_archives
from braintumor_desktop.ui.archive.answers_dialog import AnswersDialog
from braintumor_desktop.ui.archive.archive_form import ArchiveForm
from braintumor_desktop.ui.archive.query_dialog import QueryDialog
from tests.network.conftest import free_port, orthanc, receiver_port, write_study

__all__ = ["orthanc", "receiver_port"]

LEFT = Qt.MouseButton.LeftButton


def _dialog(qtbot: QtBot, folder: Path, *archives: Archive) -> QueryDialog:
    file = folder / "archives.json"
    write_archives(file, {one.name: one for one in archives})
    dialog = QueryDialog(file, Cache(folder / "cache"))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_study_is_found_retrieved_and_handed_out(
    orthanc: tuple[Archive, Archive],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    files = write_study(tmp_path / "study", 4, "DLG-1", "García^Ñoño", seed=11)
    services.send(orthanc[0], files)
    dialog = _dialog(qtbot, tmp_path, orthanc[0])
    assert not dialog.open_button.isEnabled()
    qtbot.keyClicks(dialog.fields["patient_id"], "DLG-1")
    qtbot.mouseClick(dialog.search_button, LEFT)
    qtbot.waitUntil(dialog.open_button.isEnabled, timeout=60_000)
    assert dialog.studies.rowCount() == 1
    shown = [dialog.studies.index(0, column).data() for column in range(6)]
    assert "García Ñoño" in shown[2]
    assert shown[0] == "2026-03-01"
    with qtbot.waitSignal(dialog.retrieved, timeout=60_000) as handed:
        qtbot.mouseClick(dialog.open_button, LEFT)
    (folder,) = handed.args
    assert {pydicom.dcmread(path).PatientID for path in folder.iterdir()} == {"DLG-1"}


def test_what_one_archive_has_found_is_not_retrieved_from_another(
    orthanc: tuple[Archive, Archive],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    services.send(orthanc[0], write_study(tmp_path / "study", 1, "DLG-2", "Two^Of", seed=12))
    nobody = Archive("nobody", host="127.0.0.1", port=free_port())
    dialog = _dialog(qtbot, tmp_path, orthanc[0], nobody)
    qtbot.keyClicks(dialog.fields["patient_id"], "DLG-2")
    dialog.archives.setCurrentText(orthanc[0].name)
    qtbot.mouseClick(dialog.search_button, LEFT)
    qtbot.waitUntil(dialog.open_button.isEnabled, timeout=60_000)
    dialog.archives.setCurrentText("nobody")
    assert dialog.studies.rowCount() == 0
    assert not dialog.open_button.isEnabled()


def test_an_archive_that_is_not_there_is_one_sentence_and_the_dialog_lives_on(
    qtbot: QtBot, tmp_path: Path
) -> None:
    nobody = Archive("nobody", host="127.0.0.1", port=free_port(), time_out_s=2)
    dialog = _dialog(qtbot, tmp_path, nobody)
    qtbot.mouseClick(dialog.search_button, LEFT)
    qtbot.waitUntil(lambda: "No archive answers" in dialog.said.text(), timeout=60_000)
    assert dialog.search_button.isEnabled()


def test_a_date_that_is_none_is_said_before_anything_is_asked(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = _dialog(qtbot, tmp_path, Archive("one", host="127.0.0.1", port=free_port()))
    qtbot.keyClicks(dialog.fields["study_date"], "1 March")
    qtbot.mouseClick(dialog.search_button, LEFT)
    assert "no date and no range" in dialog.said.text()


def test_an_archive_is_added_tested_and_kept(
    orthanc: tuple[Archive, Archive],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    dialog = _dialog(qtbot, tmp_path)
    assert "add one" in dialog.said.text()
    qtbot.mouseClick(dialog.add_button, LEFT)
    (form,) = dialog.findChildren(ArchiveForm)
    qtbot.keyClicks(form.name, "clinic")
    form.host.setText("127.0.0.1")
    form.port.setValue(orthanc[0].port)
    form.ae_title.setText("ORTHANC")
    qtbot.mouseClick(form.test_button, LEFT)
    qtbot.waitUntil(lambda: form.said.text() == "The archive answers.", timeout=60_000)
    form.ae_title.setText("WRONG\\TITLE")
    form.buttons.accepted.emit()
    assert "no AE title" in form.said.text()
    form.ae_title.setText("ORTHANC")
    form.buttons.accepted.emit()
    assert read_archives(tmp_path / "archives.json")["clinic"].port == orthanc[0].port
    assert dialog.archives.currentText() == "clinic"
    assert (tmp_path / "archives.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("closes", [True, False])
def test_what_is_cancelled_leaves_nothing(
    closes: bool,
    orthanc: tuple[Archive, Archive],
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    files = write_study(tmp_path / "study", 20, f"DLG-{closes}", seed=12)
    services.send(orthanc[0], files)
    dialog = _dialog(qtbot, tmp_path, orthanc[0])
    qtbot.keyClicks(dialog.fields["patient_id"], f"DLG-{closes}")
    dialog.search()
    qtbot.waitUntil(lambda: dialog.studies.rowCount() == 1, timeout=60_000)
    monkeypatch.setattr(dialog._cancelled, "clear", lambda: None)
    dialog._cancelled.set()  # as if pressed before the first file comes
    dialog.retrieve()
    if closes:
        dialog.reject()
    else:
        qtbot.waitUntil(lambda: "nothing was kept" in dialog.said.text(), timeout=60_000)
    cache = tmp_path / "cache"
    assert not cache.exists() or not list(cache.iterdir())


def test_answers_are_shown_before_they_go_and_arrive_in_the_study(
    orthanc: tuple[Archive, Archive],
    qtbot: QtBot,
    tmp_path: Path,
) -> None:
    files = write_study(tmp_path / "study", 3, "DLG-SR", seed=13)
    services.send(orthanc[0], files)
    file = tmp_path / "archives.json"
    write_archives(file, {"orthanc": orthanc[0]})
    dialog = AnswersDialog(files, file, lambda: Classifier.load(paths.model_bundle()))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.hand_over_button.isEnabled()
    qtbot.mouseClick(dialog.prepare_button, LEFT)
    qtbot.waitUntil(dialog.hand_over_button.isEnabled, timeout=60_000)
    whose, report, *_ = dialog.list.toPlainText().splitlines()
    assert whose == "Prueba Ana · 2026-03-01 · AX T1 +C"
    assert report.strip() == "SR: AI answer, supplements the reading"
    dialog.target.setCurrentText("orthanc")
    qtbot.mouseClick(dialog.hand_over_button, LEFT)
    qtbot.waitUntil(lambda: "Handed over" in dialog.list.toPlainText(), timeout=60_000)
    uid = str(pydicom.dcmread(files[0]).StudyInstanceUID)
    (found,) = services.find(orthanc[0], StudyQuery(study_instance_uid=uid))
    assert "SR" in found.modalities
