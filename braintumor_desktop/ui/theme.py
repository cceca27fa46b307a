"""Colours, sizes and the style sheet: the one place where the window's look is decided."""

from __future__ import annotations

from html import escape
from string import Template

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from braintumor_desktop import paths
from braintumor_desktop.rendering.palette import class_colour as colour_of_class

GRID = 8

CANVAS = "#0a0b0d"
PANEL = "#15171b"
RAISED = "#1e2126"
LINE = "#2b2f36"
TEXT = "#e7e9ec"
QUIET = "#9ba3ae"
ACCENT = "#56b4e9"

# On the pictures, which are dark in every theme.
PICTURE_TEXT = "#e7e9ec"
PICTURE_QUIET = "#9ba3ae"
LETTERS = "#f0e442"
MEASURE = "#7be0c3"
SELECTED = "#ffb454"
REFERENCE = "#e69f00"


def plain(text: str) -> str:
    """`text` for a tool tip, which Qt would take for HTML where it looks like it."""
    return f"<span>{escape(text)}</span>".replace("\n", "<br>") if "<" in text else text


def class_colour(name: str) -> QColor:
    """The colour of a class; quiet grey for a class that this app does not know."""
    return QColor(colour_of_class(name))


def stylesheet() -> str:
    """The style sheet with this module's colours in place of its `$names`."""
    resources = paths.resources()
    source = resources / "styles" / "window.qss"
    return Template(source.read_text(encoding="utf-8")).substitute(
        canvas=CANVAS,
        panel=PANEL,
        raised=RAISED,
        line=LINE,
        text=TEXT,
        quiet=QUIET,
        accent=ACCENT,
        icons=(resources / "icons").as_posix(),
    )


def palette() -> QPalette:
    """The dark palette, for what the style sheet does not reach (dialogs, menus)."""
    result = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, PANEL),
        (roles.Base, CANVAS),
        (roles.AlternateBase, RAISED),
        (roles.Button, RAISED),
        (roles.ToolTipBase, RAISED),
        (roles.WindowText, TEXT),
        (roles.Text, TEXT),
        (roles.ButtonText, TEXT),
        (roles.ToolTipText, TEXT),
        (roles.PlaceholderText, QUIET),
        (roles.Highlight, ACCENT),
        (roles.HighlightedText, CANVAS),
        (roles.Link, ACCENT),
    ):
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor("#5d646e"))
    return result


def apply(app: QApplication) -> None:
    """Dress the whole application; the same on every system, since viewing needs the dark."""
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(palette())
    app.setStyleSheet(stylesheet())
