"""The language of the window: chosen at the start, changed without a restart.

What widgets were given once (titles, labels, tool tips) is looked up backwards in the language that
was spoken and said again in the new one. A widget whose words are made from data has a method
`retranslate()`, which makes them anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QLibraryInfo, QLocale, QObject, QSettings, QTranslator
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QTabWidget

from braintumor_desktop.text.language import Language, current, known, system_tag, use

SETTING = "language"

_KEPT = "said_in_english_"
"""Before the name of a text: the dynamic property that has its template."""

_PROPERTIES = (
    "text",
    "title",
    "windowTitle",
    "toolTip",
    "statusTip",
    "whatsThis",
    "placeholderText",
    "accessibleName",
    "accessibleDescription",
)


def tag_of(settings: QSettings, asked_for: str = "") -> str:
    """Return the language asked for, else that of the settings, else that of the system."""
    kept = str(settings.value(SETTING, "") or "")
    for tag in (asked_for, kept):
        if tag and known(tag):
            return tag
    found = system_tag()
    if found != "en":
        return found
    names = QLocale.system().uiLanguages()  # macOS tells it to Qt, not to the environment
    return names[0] if names and names[0] != "C" else found


class Translator(QObject):
    """Speaks a language through the whole application; one for an application."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._qt: QTranslator | None = None

    def speak(self, tag: str) -> None:
        """Speak the language of `tag` from now on, in what is on screen, too."""
        before, after = current(), Language.of(tag)
        use(after)
        QLocale.setDefault(QLocale(after.tag))
        self._speak_qt(after)
        if before.code != after.code:
            self._say_again(before, after)

    def _speak_qt(self, language: Language) -> None:
        """Load Qt's own catalogue, for the buttons of its dialogs."""
        if self._qt is not None:
            self._app.removeTranslator(self._qt)
            self._qt = None
        translator = QTranslator(self)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load(f"qtbase_{language.code}", folder):
            self._app.installTranslator(translator)
            self._qt = translator

    def _say_again(self, before: Language, after: Language) -> None:
        back = before.spoken()
        for item in _shown(self._app):
            for name, read, write in _texts(item):
                said = read()
                kept = item.property(_KEPT + name)  # two templates may have one translation
                known = tuple(kept) if kept and before.say(tuple(kept)) == said else back.get(said)
                if known is not None:
                    item.setProperty(_KEPT + name, list(known))
                    write(after.say(known))
        for widget in self._app.allWidgets():
            again = getattr(widget, "retranslate", None)
            if callable(again):
                again()
            if isinstance(widget, QAbstractItemView):  # asks its model when it paints
                widget.viewport().update()


def _shown(app: QApplication) -> Iterator[QObject]:
    for widget in app.allWidgets():
        yield widget
        yield from widget.findChildren(QAction)


def _texts(item: QObject) -> Iterator[tuple[str, Callable[[], str], Callable[[str], object]]]:
    """Yield the name of each text of a widget or an action, and how it is read and written."""
    for name in _PROPERTIES:
        if isinstance(item.property(name), str):
            yield (
                name,
                lambda name=name: str(item.property(name)),  # type: ignore[misc]
                lambda text, name=name: item.setProperty(name, text),  # type: ignore[misc]
            )
    if isinstance(item, QComboBox):
        for place in range(item.count()):
            yield (
                f"item{place}",
                lambda place=place: item.itemText(place),  # type: ignore[misc]
                lambda text, place=place: item.setItemText(place, text),  # type: ignore[misc]
            )
    if isinstance(item, QTabWidget):
        for place in range(item.count()):
            yield (
                f"tab{place}",
                lambda place=place: item.tabText(place),  # type: ignore[misc]
                lambda text, place=place: item.setTabText(place, text),  # type: ignore[misc]
            )
