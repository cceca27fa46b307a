"""Texts that have less room than they need."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from braintumor_desktop.ui.widgets.elided_label import ElidedLabel


def cut_off(window: QWidget) -> set[str]:
    """Texts that have less room than they need, and no dots that say so."""
    found = set()
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, QLabel) and not isinstance(widget, ElidedLabel) and widget.text():
            room = widget.contentsRect()
            if widget.wordWrap():
                cut = widget.heightForWidth(widget.width()) > widget.height() + 1
            else:
                words = widget.text().replace("&", "") if widget.buddy() else widget.text()
                cut = widget.fontMetrics().horizontalAdvance(words) > room.width() + 1
        elif isinstance(widget, QAbstractButton) and widget.text():
            needed = widget.fontMetrics().horizontalAdvance(widget.text().replace("&", ""))
            cut = needed > widget.width()
        else:
            continue
        clipped = widget.visibleRegion().boundingRect().width() < widget.width()
        if cut or clipped:
            found.add(f"{type(widget).__name__}: {widget.property('text')}")
    return found
