"""Which part of a slice a view shows, and how it is turned; numbers only, no Qt.

Source coordinates count pixels from the image's top left edge. View coordinates count screen
pixels from the view's top left edge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

Point = tuple[float, float]
Size = tuple[float, float]
Rect = tuple[float, float, float, float]
"""Left, top, width, height."""
Matrix = tuple[float, float, float, float]
"""(a, b, c, d): x' = a x + b y, y' = c x + d y."""

SMALLEST, LARGEST = 0.02, 64.0

_QUARTERS: tuple[Matrix, ...] = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))


@dataclass(frozen=True)
class Turn:
    """How a picture is shown: mirrored left to right or not, then turned clockwise by quarters."""

    quarters: int = 0
    mirrored: bool = False

    @property
    def matrix(self) -> Matrix:
        """From directions in the source to directions on screen, y downwards."""
        a, b, c, d = _QUARTERS[self.quarters]
        return (-a, b, -c, d) if self.mirrored else (a, b, c, d)

    def rotated(self, quarters: int) -> Turn:
        """Return it turned further clockwise on screen."""
        return replace(self, quarters=(self.quarters + quarters) % 4)

    def flipped_across(self) -> Turn:
        """Return it with the screen's left and right exchanged."""
        return Turn(-self.quarters % 4, not self.mirrored)

    def flipped_down(self) -> Turn:
        """Return it with the screen's top and bottom exchanged."""
        return self.flipped_across().rotated(2)


UPRIGHT = Turn()

AS_LOOKED_AT = {
    1: UPRIGHT,
    2: Turn(0, True),
    3: Turn(2),
    4: Turn(2, True),
    5: Turn(3, True),
    6: Turn(1),
    7: Turn(1, True),
    8: Turn(3),
}
"""By `MRISlice.turn`: how a slice is turned to be looked at."""


@dataclass(frozen=True)
class Viewport:
    """A point of the source that stands at the middle of the view, a scale and a turn.

    Attributes
    ----------
    centre
        The source point at the view's middle.
    scale
        Screen pixels per source column.
    aspect
        How many times as tall as wide a source pixel is (spacing between rows by that between
        columns).
    turn
        How the picture is turned and mirrored.
    fitted
        The source rectangle that is kept fitted when the view's size changes; None once it was
        zoomed or moved by hand.

    """

    centre: Point = (0.0, 0.0)
    scale: float = 1.0
    aspect: float = 1.0
    turn: Turn = UPRIGHT
    fitted: Rect | None = None

    @property
    def matrix(self) -> Matrix:
        """The linear part of the way from source to view."""
        a, b, c, d = self.turn.matrix
        tall = self.scale * self.aspect
        return a * self.scale, b * tall, c * self.scale, d * tall

    def to_view(self, point: Point, size: Size) -> Point:
        """Return where a source point lies in a view of `size`."""
        a, b, c, d = self.matrix
        x, y = point[0] - self.centre[0], point[1] - self.centre[1]
        return size[0] / 2 + a * x + b * y, size[1] / 2 + c * x + d * y

    def to_source(self, point: Point, size: Size) -> Point:
        """Return which source point a point of the view shows: the inverse of `to_view`."""
        dx, dy = self.moved_by(point[0] - size[0] / 2, point[1] - size[1] / 2)
        return self.centre[0] + dx, self.centre[1] + dy

    def moved_by(self, dx: float, dy: float) -> Point:
        """Return the way in the source that a way on screen is."""
        a, b, c, d = self.matrix
        det = a * d - b * c
        return (d * dx - b * dy) / det, (a * dy - c * dx) / det

    def rect_to_view(self, rect: Rect, size: Size) -> Rect:
        """Return the upright rectangle that a source rectangle covers in a view of `size`."""
        left, top, width, height = rect
        x0, y0 = self.to_view((left, top), size)
        x1, y1 = self.to_view((left + width, top + height), size)
        return min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0)


START = Viewport()


def fit(viewport: Viewport, rect: Rect, size: Size) -> Viewport:
    """Return the viewport that shows all of `rect`, as large as a view of `size` allows."""
    left, top, width, height = rect
    if width <= 0 or height <= 0 or size[0] <= 0 or size[1] <= 0:
        return viewport
    across, down = width, height * viewport.aspect
    if viewport.turn.quarters % 2:
        across, down = down, across
    scale = _clamped(min(size[0] / across, size[1] / down), SMALLEST, LARGEST)
    centre = (left + width / 2, top + height / 2)
    return replace(viewport, centre=centre, scale=scale, fitted=rect)


def zoom(viewport: Viewport, factor: float, anchor: Point, size: Size, bounds: Rect) -> Viewport:
    """Return it scaled by `factor`, with what lies under `anchor` staying there."""
    before = viewport.to_source(anchor, size)
    scaled = replace(viewport, scale=_clamped(viewport.scale * factor, SMALLEST, LARGEST))
    after = scaled.to_source(anchor, size)
    x, y = scaled.centre
    return _centred(scaled, (x + before[0] - after[0], y + before[1] - after[1]), bounds)


def pan(viewport: Viewport, dx: float, dy: float, bounds: Rect) -> Viewport:
    """Return it with the picture moved by (dx, dy) screen pixels."""
    x, y = viewport.moved_by(dx, dy)
    return _centred(viewport, (viewport.centre[0] - x, viewport.centre[1] - y), bounds)


def turned(viewport: Viewport, turn: Turn, size: Size) -> Viewport:
    """Return it turned, still fitted where it was."""
    new = replace(viewport, turn=turn)
    return fit(new, new.fitted, size) if new.fitted is not None else new


def resized(viewport: Viewport, size: Size) -> Viewport:
    """Return it for a view of another size: a fitted picture stays fitted."""
    return fit(viewport, viewport.fitted, size) if viewport.fitted is not None else viewport


def _centred(viewport: Viewport, centre: Point, bounds: Rect) -> Viewport:
    left, top, width, height = bounds
    x = _clamped(centre[0], left, left + width)
    y = _clamped(centre[1], top, top + height)
    return replace(viewport, centre=(x, y), fitted=None)


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
