"""A wheel's or touchpad's turning, counted in whole notches; no Qt."""

from __future__ import annotations

NOTCH = 120
"""What Qt counts for one notch of a wheel."""


class Notches:
    """Adds up what a touchpad sends in small steps; turning back forgets what was left over."""

    def __init__(self) -> None:
        self._left = 0

    def steps(self, turned: int) -> int:
        """Return how many whole notches there are with this event, upwards above 0."""
        if turned * self._left < 0:
            self._left = 0
        self._left += turned
        steps = int(self._left / NOTCH)
        self._left -= steps * NOTCH
        return steps
