"""All that a view paints at one moment, ready to be painted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QImage, QPolygonF

from braintumor_desktop.domain.measurement import Measurement
from braintumor_desktop.rendering.orientation import NO_LETTERS, EdgeLetters
from braintumor_desktop.ui.viewer.viewport import START, Point, Rect, Viewport


@dataclass(frozen=True, eq=False)
class Picture:
    """An image with the source rectangle that it covers."""

    image: QImage
    place: Rect


@dataclass(frozen=True, eq=False)
class Overlay:
    """The network's heat map and outline, as far as they are asked for.

    `peak` is the strongest point of the heat map in source pixels. Opacities are in [0, 1].
    """

    heat: Picture | None = None
    heat_opacity: float = 1.0
    peak: Point | None = None
    outline: tuple[QPolygonF, ...] = ()
    outline_opacity: float = 1.0
    outline_colour: str = ""

    def __bool__(self) -> bool:
        return self.heat is not None or bool(self.outline)


@dataclass(frozen=True)
class Drawn:
    """A measurement with the words beside it, and whether it is selected."""

    measurement: Measurement
    words: str
    selected: bool = False


@dataclass(frozen=True)
class ScaleBar:
    """A bar of `length` screen pixels with its words."""

    length: float
    words: str


@dataclass(frozen=True)
class Captions:
    """Lines of words in the corners of a view."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Scene:
    """One view's content; `note` stands in place of a picture, `badge` is burnt into it."""

    viewport: Viewport = START
    picture: Picture | None = None
    overlay: Overlay = Overlay()
    frame: Rect | None = None
    measurements: tuple[Drawn, ...] = ()
    lines: tuple[tuple[Point, Point], ...] = ()
    letters: EdgeLetters = NO_LETTERS
    captions: Captions = Captions()
    scale_bar: ScaleBar | None = None
    magnified: Point | None = None
    badge: str = ""
    key_image: bool = False
    note: str = ""
