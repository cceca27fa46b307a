from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QMessageBox, QPlainTextEdit, QTextBrowser

from braintumor_desktop import paths
from braintumor_desktop.text.bidi import without_isolates
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.main_window import MainWindow


def test_about_shows_the_licences_of_what_is_handed_out(
    open_window: Callable[..., MainWindow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    (tmp_path / "licences.txt").write_text("Licence of everything", encoding="utf-8")
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    box = dialogs.about(window, window.bench.model)
    (button,) = (one for one in box.buttons() if one.text() == "Licences…")
    button.click()
    texts = [view.toPlainText() for view in window.findChildren(QPlainTextEdit)]
    assert "Licence of everything" in texts
    for dialog in window.findChildren(QDialog):
        dialog.close()


def test_about_and_the_model_card_say_who_signed_the_model(
    open_window: Callable[..., MainWindow],
) -> None:
    window = open_window()
    window.actions_.about.trigger()
    (box,) = window.findChildren(QMessageBox)
    said = f"Signed by braintumor-desktop, key {window.bench.engine.signature.key_id}"
    assert said in without_isolates(box.informativeText())
    box.close()
    card = dialogs.model_card(window, paths.model_bundle(), window.bench.model)
    assert f"{said}." in without_isolates(card.findChild(QTextBrowser).toPlainText())


def test_about_offers_no_licences_where_none_are_there(
    open_window: Callable[..., MainWindow], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = open_window()
    monkeypatch.setattr(paths, "resources", lambda: tmp_path)
    box = dialogs.about(window, None)
    assert not any(button.text() == "Licences…" for button in box.buttons())
