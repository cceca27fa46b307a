"""A series played as a film."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from braintumor_desktop.ui.viewer.pane import Pane

RATES = (5, 10, 20, 30)
"""Slices a second that can be chosen."""


class Cine(QObject):
    """Walks the active pane round and round; waits at a slice that is not read yet."""

    playing_changed = Signal(bool)

    def __init__(self, pane: Callable[[], Pane], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pane = pane
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.step)
        self.set_rate(RATES[1])

    @property
    def playing(self) -> bool:
        """Whether it runs."""
        return self._timer.isActive()

    def set_rate(self, rate: int) -> None:
        """Play so many slices a second."""
        self._timer.setInterval(round(1000 / rate))

    def play(self, on: bool) -> None:
        """Start or stop; a series of one slice does not start."""
        slices = self._pane().slices
        on = on and slices is not None and len(slices) > 1
        if on:
            self._timer.start()
        else:
            self._timer.stop()
        self.playing_changed.emit(on)

    def step(self) -> None:
        """Go to the next slice, after the last to the first."""
        pane = self._pane()
        if pane.slices is None or len(pane.slices) < 2:
            self.play(False)
        elif pane.current is not None:
            pane.go_to((pane.index + 1) % len(pane.slices))
