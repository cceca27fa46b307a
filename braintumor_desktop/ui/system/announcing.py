"""What is said to who hears the window: answers and decisions, as soon as they are on screen."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget

from braintumor_desktop.text.bidi import without_isolates


class Announcer:
    """Says what is new about one widget; not again what it has just said of the same thing."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._last: tuple[object, str] | None = None

    def say(self, words: str, about: object = None) -> None:
        """Say it, after what is being said; `about` tells things of one wording apart."""
        if words and (about, words) != self._last:
            event = QAccessibleAnnouncementEvent(self._widget, without_isolates(words))
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
            QAccessible.updateAccessibility(event)
        self._last = about, words
