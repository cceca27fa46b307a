"""The viewer's words: captions, figures of measurements, names of tools."""

from __future__ import annotations

from braintumor_desktop.domain.geometry import Vector
from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.text import _
from braintumor_desktop.text.numbers import decimal, pixel_value
from braintumor_desktop.ui.viewer.state import Layout, Tool

TOOLS = {
    Tool.SCROLL: gettext_noop("Scroll"),
    Tool.WINDOW: gettext_noop("W/L"),
    Tool.ZOOM: gettext_noop("Zoom"),
    Tool.PAN: gettext_noop("Pan"),
    Tool.LENGTH: gettext_noop("Length"),
    Tool.ANGLE: gettext_noop("Angle"),
    Tool.ELLIPSE: gettext_noop("Ellipse"),
    Tool.VALUE: gettext_noop("Value"),
}
"""What the tools are called, in English."""

LAYOUTS = {
    Layout.ONE: gettext_noop("One picture"),
    Layout.TWO: gettext_noop("Two side by side"),
    Layout.FOUR: gettext_noop("Four"),
}
"""What the layouts are called, in English."""


def tool_help(tool: Tool) -> str:
    """What a drag with the left button does."""
    return {
        Tool.SCROLL: _("Drag up and down to walk through the series"),
        Tool.WINDOW: _("Drag sideways for the window's width, up and down for its level"),
        Tool.ZOOM: _("Drag up and down to zoom to where the drag began"),
        Tool.PAN: _("Drag to move the picture"),
        Tool.LENGTH: _("Drag from end to end"),
        Tool.ANGLE: _("Drag one leg to its vertex, then click at the other end"),
        Tool.ELLIPSE: _("Drag from corner to corner: area, mean and deviation"),
        Tool.VALUE: _("Click on a pixel"),
    }[tool]


def badge() -> str:
    """What stands on every picture with the network's marks on it."""
    return _("AI, not for diagnosis")


def empty_pane() -> str:
    """What stands in a pane that shows nothing."""
    return _("Click here, then on a series: it is shown in this pane.")


def sides_unknown() -> str:
    """What stands where a file does not say how the patient lay."""
    return _("Side not marked")


def cursor_line(x: int, y: int, value: float, width: float) -> str:
    """Pixel and value under the cursor, with the digits that a window of `width` makes worth it."""
    return _("x {x}  y {y}   value {value}").format(x=x, y=y, value=pixel_value(value, width))


def position_line(point: Vector) -> str:
    """A place in the patient, each axis by the letter of its side."""
    parts = [
        f"{pair[value < 0]} {decimal(abs(value), 1)}"
        for value, pair in zip(point, ("LR", "PA", "HF"), strict=True)
    ]
    return _("{x}  {y}  {z} mm").format(x=parts[0], y=parts[1], z=parts[2])


def scale_words(length: float, known_mm: bool) -> str:
    """What a scale bar is long."""
    digits = 0 if length >= 1 else 1
    words = _("{length} mm") if known_mm else _("{length} pixels")
    return words.format(length=decimal(length, digits))
