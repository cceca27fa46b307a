"""Colours, sizes and the style sheet: the one place where the window's look is decided."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from string import Template

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from braintumor_desktop import paths
from braintumor_desktop.rendering.palette import SUSPICIOUS
from braintumor_desktop.rendering.palette import class_colour as colour_of_class

GRID = 8

_CHOSEN, _DARK, _LIGHT = "theme", "dark", "light"

CANVAS = "#0a0b0d"
"""Behind pictures, which are dark in every theme."""


@dataclass(frozen=True)
class Colours:
    """A theme; text on panel, raised and base has 4.5:1 or more, controls' edges 3:1."""

    panel: str
    base: str
    raised: str
    hover: str
    line: str
    edge: str
    text: str
    quiet: str
    faint: str
    accent: str
    on_accent: str


DARK = Colours(
    panel="#15171b", base="#0a0b0d", raised="#1e2126", hover="#1a1d21", line="#2b2f36",
    edge="#6d7683", text="#e7e9ec", quiet="#9ba3ae", faint="#727b87", accent="#56b4e9",
    on_accent="#0a0b0d",
)  # fmt: skip
LIGHT = Colours(
    panel="#f3f4f6", base="#ffffff", raised="#e3e6ea", hover="#eaecef", line="#cdd2d8",
    edge="#767f8b", text="#16181c", quiet="#4b535d", faint="#757d87", accent="#0072b2",
    on_accent="#ffffff",
)  # fmt: skip

# On the pictures, which are dark in every theme.
PICTURE_TEXT = "#e7e9ec"
PICTURE_QUIET = "#9ba3ae"
PICTURE_ACCENT = "#56b4e9"
SELECTED = "#ffb454"
REFERENCE = SUSPICIOUS


def plain(text: str) -> str:
    """`text` for a tool tip, which Qt would take for HTML where it looks like it."""
    return f"<span>{escape(text)}</span>".replace("\n", "<br>") if "<" in text else text


def class_colour(name: str) -> QColor:
    """The colour of a class; quiet grey for a class that this app does not know."""
    return QColor(colour_of_class(name))


def is_dark(app: QGuiApplication | None = None) -> bool:
    """Whether the dark theme is on: chosen, else the system's; dark where it does not say."""
    running = app or QGuiApplication.instance()
    chosen = "" if running is None else str(running.property(_CHOSEN) or "")
    if chosen in (_DARK, _LIGHT):
        return chosen == _DARK
    return QGuiApplication.styleHints().colorScheme() is not Qt.ColorScheme.Light


def colours() -> Colours:
    """The theme that is on."""
    return DARK if is_dark() else LIGHT


def stylesheet(theme: Colours) -> str:
    """The style sheet with a theme's colours in place of its `$names`."""
    resources = paths.resources()
    source = resources / "styles" / "window.qss"
    names = {**asdict(theme), "canvas": CANVAS, "icons": (resources / "icons").as_posix()}
    suffix = "" if theme is DARK else "-light"
    names |= {name: f"{name}{suffix}.svg" for name in ("check", "arrow", "up")}
    return Template(source.read_text(encoding="utf-8")).substitute(names)


def palette(theme: Colours) -> QPalette:
    """The palette, for what the style sheet does not reach (dialogs, menus)."""
    result = QPalette()
    roles = QPalette.ColorRole
    for role, colour in (
        (roles.Window, theme.panel),
        (roles.Base, theme.base),
        (roles.AlternateBase, theme.raised),
        (roles.Button, theme.raised),
        (roles.ToolTipBase, theme.raised),
        (roles.WindowText, theme.text),
        (roles.Text, theme.text),
        (roles.ButtonText, theme.text),
        (roles.ToolTipText, theme.text),
        (roles.PlaceholderText, theme.quiet),
        (roles.Highlight, theme.accent),
        (roles.HighlightedText, theme.on_accent),
        (roles.Link, theme.accent),
    ):
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return result


def apply(app: QApplication, chosen: str = "") -> None:
    """Dress the whole application: "dark", "light", or by itself as the system is."""
    app.setProperty(_CHOSEN, chosen)
    if app.style() is None or app.style().objectName().lower() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    theme = colours()
    app.setPalette(palette(theme))
    app.setStyleSheet(stylesheet(theme))


def follow_system(app: QApplication) -> None:
    """Dress it anew whenever the system turns light or dark, unless one was chosen."""

    def turn() -> None:
        chosen = str(app.property(_CHOSEN) or "")
        if chosen not in (_DARK, _LIGHT):
            apply(app, chosen)

    QGuiApplication.styleHints().colorSchemeChanged.connect(turn)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, relative luminance)."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
