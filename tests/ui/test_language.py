"""The window in one language after another, and nothing in it that no catalogue knows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from braintumor_desktop.text.language import current
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.system.translator import Translator, tag_of
from tests.ui.fitting import cut_off

Opener = Callable[..., MainWindow]
PROPERTIES = ("text", "title", "windowTitle", "toolTip", "placeholderText", "accessibleName")
PLAIN = re.compile(
    r"^[\W\d_]*$"  # signs and figures
    r"|\.(png|jpe?g|dcm)$"  # a file's name, elided or not
    r"|^[0-9a-f]{64}$"  # a hash
    r"|^(TR|TE|R|L|A|P|H|F)$"
)


def texts(window: QWidget) -> list[str]:
    """Every text that a person may see or hear."""
    widgets = [window, *window.findChildren(QWidget)]
    # Parts that Qt makes itself speak by its own catalogue.
    shown: list[QWidget | QAction] = [w for w in widgets if not w.objectName().startswith("qt_")]
    shown += window.findChildren(QAction)
    found = [item.property(name) for item in shown for name in PROPERTIES]
    return [text for text in found if isinstance(text, str) and text]


def test_the_language_changes_without_a_restart(
    open_review: Opener, opened: Callable[..., None], slices: list[Path], qapp: QApplication
) -> None:
    window = open_review()
    opened(window, window.open_paths, slices[:2])
    translator = Translator(qapp)
    english = texts(window)
    headline = window.answer.headline
    assert window.actions_.quit.text() == "&Quit"
    translator.speak("es_MX")
    assert window.actions_.quit.text() == "&Salir"
    assert window.answer.headline == "Nada señalado. No equivale a un estudio normal."
    assert "respondidos" in " ".join(label.text() for label in window.findChildren(QLabel))
    left = {
        text for text in texts(window) if text in english and re.search(r"[a-z]{4} [a-z]", text)
    }
    assert not {text for text in left if not PLAIN.search(text)}
    translator.speak("en")
    assert window.answer.headline == headline
    assert texts(window) == english


def test_the_browser_s_lines_change_with_the_language(
    open_window: Opener, cases: Path, qtbot: QtBot, qapp: QApplication
) -> None:
    window = open_window()
    window.open_paths([cases / "names" / "s00.dcm"])
    view = window.browser.view

    def said() -> str:
        lines = []
        index = view.model().index(0, 0)
        while index.isValid():
            lines.append(str(index.data()))
            index = view.indexBelow(index)
        return " ".join(lines)

    qtbot.waitUntil(lambda: "Series without a description" in said(), timeout=20_000)
    translator = Translator(qapp)
    translator.speak("es")
    assert "Serie sin descripción" in said()
    translator.speak("en")
    assert "Series without a description" in said()


@pytest.mark.usefixtures("pseudo")
def test_no_text_of_the_window_escapes_the_catalogue(
    open_review: Opener, opened: Callable[..., None], slices: list[Path]
) -> None:
    window = open_review()
    opened(window, window.open_paths, slices[:2])
    window.actions_.review.trigger()
    assert not {text for text in texts(window) if "⟦" not in text and not PLAIN.search(text)}


def test_qt_s_own_buttons_speak_it_too(qtbot: QtBot, qapp: QApplication) -> None:
    translator = Translator(qapp)
    translator.speak("es")
    try:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        qtbot.addWidget(box)
        said = box.button(QDialogButtonBox.StandardButton.Cancel).text()
        assert said.replace("&", "") == "Cancelar"
    finally:
        translator.speak("en")


def test_what_is_asked_for_goes_before_the_settings_and_those_before_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "es_AR")
    settings = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    assert tag_of(settings) == "es_AR"
    settings.setValue("language", "en")
    assert tag_of(settings) == "en"
    assert tag_of(settings, "es_MX") == "es_MX"
    assert current().code == "en"


@pytest.mark.usefixtures("pseudo")
@pytest.mark.parametrize("size", [(1366, 768), (1280, 800)])
def test_nothing_is_cut_off_where_texts_are_40_percent_longer(
    open_review: Opener,
    opened: Callable[..., None],
    slices: list[Path],
    qtbot: QtBot,
    size: tuple[int, int],
) -> None:
    window = open_review()
    window.resize(*size)
    assert not cut_off(window), "the welcome"
    opened(window, window.open_paths, slices[:2])
    qtbot.waitUntil(lambda: not cut_off(window))  # nested layouts take their turns
    assert window.width() <= size[0], "the window grows beyond the screen"
    window.actions_.review.trigger()
    qtbot.waitUntil(lambda: not cut_off(window))
