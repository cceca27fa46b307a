"""Which button and which wheel does what; no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from braintumor_desktop.ui.viewer.state import Tool


@dataclass(frozen=True)
class MouseMap:
    """What each button's drag and the wheel do; the left button has the chosen tool.

    `first_tool` is what the left button has until another is chosen.
    """

    first_tool: Tool = Tool.WINDOW
    right: Tool = Tool.ZOOM
    middle: Tool = Tool.PAN
    wheel: Tool = Tool.SCROLL
    control_wheel: Tool = Tool.ZOOM


MOUSE_MAPS = {
    "radiology": MouseMap(),
    "zooming_wheel": MouseMap(
        first_tool=Tool.PAN,
        right=Tool.WINDOW,
        middle=Tool.ZOOM,
        wheel=Tool.ZOOM,
        control_wheel=Tool.SCROLL,
    ),
}
"""By the word that the settings keep. The first is radiology's, the second that of most pictures'
programs and of this app's first versions."""

DEFAULT_MAP = "radiology"


def mouse_map(name: str) -> MouseMap:
    """Return the map of a word in the settings; the default for one that is not known."""
    return MOUSE_MAPS.get(name, MOUSE_MAPS[DEFAULT_MAP])
