"""The viewer's state as a model without Qt: what a pane shows, and what all panes share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.rendering.heat_map import HEAT_OPACITY
from braintumor_desktop.ui.viewer.viewport import START, Rect, Viewport


class Tool(StrEnum):
    """What a drag with the left button does."""

    SCROLL = "scroll"
    WINDOW = "window"
    ZOOM = "zoom"
    PAN = "pan"
    LENGTH = "length"
    ANGLE = "angle"
    ELLIPSE = "ellipse"
    VALUE = "value"


MOVING_TOOLS = (Tool.SCROLL, Tool.WINDOW, Tool.ZOOM, Tool.PAN)
MEASURING_TOOLS = (Tool.LENGTH, Tool.ANGLE, Tool.ELLIPSE, Tool.VALUE)


class Layout(StrEnum):
    """How many panes there are, as rows x columns."""

    ONE = "1x1"
    TWO = "1x2"
    FOUR = "2x2"

    @property
    def panes(self) -> int:
        """How many there are."""
        return {Layout.ONE: 1, Layout.TWO: 2, Layout.FOUR: 4}[self]


@dataclass(frozen=True)
class Layer:
    """Something laid over the picture: shown or not, and how opaque from 0 to 1."""

    visible: bool = False
    opacity: float = 1.0


@dataclass(frozen=True)
class Display:
    """What all panes share.

    Overlays are off until they are asked for. `bare` is true while a key that hides them is held.
    """

    tool: Tool = Tool.WINDOW
    layout: Layout = Layout.ONE
    heat: Layer = Layer(opacity=HEAT_OPACITY)
    outline: Layer = Layer(opacity=1.0)
    bare: bool = False
    network_view: bool = True
    captions: bool = True
    names: bool = True
    """Whether what names the patient is written on the pictures."""
    reference_lines: bool = True
    linked: bool = True
    magnifier: bool = False

    @property
    def heat_shown(self) -> bool:
        """Whether the heat map is on screen now."""
        return self.heat.visible and not self.bare

    @property
    def outline_shown(self) -> bool:
        """Whether the outline is on screen now."""
        return self.outline.visible and not self.bare


@dataclass(frozen=True)
class PaneState:
    """How one pane looks at its series; stays while the series does.

    `window` is None until a first slice is shown, and `own_window` is true once a person has
    chosen it. `bounds` is the source rectangle of the slice that was fitted last.
    """

    viewport: Viewport = START
    window: DisplayWindow | None = None
    own_window: bool = False
    inverted: bool = False
    bounds: Rect | None = None
