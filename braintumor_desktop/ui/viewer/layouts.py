"""Panes beside each other, of one patient, linked by where their slices lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from braintumor_desktop.domain.geometry import SliceGeometry
from braintumor_desktop.ui.viewer import links
from braintumor_desktop.ui.viewer.pane import Pane
from braintumor_desktop.ui.viewer.shared import Shared
from braintumor_desktop.ui.viewer.sheet import Sheet
from braintumor_desktop.ui.viewer.slices import SliceProvider
from braintumor_desktop.ui.viewer.state import Layout
from braintumor_desktop.ui.viewer.tools.mouse import MouseTools
from braintumor_desktop.ui.viewer.viewport import Point

_GAP = 2


class PaneGrid(QWidget):
    """Up to four panes, one of which is active: keys, menus and new series go to it.

    `laid_out`: there are more of them or fewer.
    """

    activated = Signal(object)
    laid_out = Signal()

    def __init__(self, shared: Shared, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shared = shared
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP)
        self.panes: list[Pane] = []
        self._mice: list[MouseTools] = []
        self._places: dict[tuple[str, int], links.Places | None] = {}
        for number in range(Layout.FOUR.panes):
            pane = Pane(shared, self)
            self.panes.append(pane)
            self._mice.append(MouseTools(pane))
            self._grid.addWidget(pane.canvas, number // 2, number % 2)
            pane.canvas.entered.connect(lambda pane=pane: self.activate(pane))
            pane.moved.connect(lambda _, pane=pane: self._follow(pane))
            pane.shown.connect(self._draw_lines)
        self.active = self.panes[0]
        shared.changed.connect(self._apply)
        self._layout_now: Layout | None = None
        self._apply()

    @property
    def visible_panes(self) -> list[Pane]:
        """Those that the layout has room for."""
        return self.panes[: self._shared.display.layout.panes]

    def activate(self, pane: Pane) -> None:
        """Make a pane the active one."""
        if pane is not self.active:
            self.active = pane
            self._mark()
            self.activated.emit(pane)

    def fill(self, others: Sequence[SliceProvider]) -> None:
        """Show these series in the panes that are empty, where the active one's slice lies."""
        here = _geometry(self.active)
        shown = {pane.slices.key for pane in self.visible_panes if pane.slices is not None}
        left = [one for one in others if one.key not in shown]
        for pane in self.visible_panes:
            if pane.slices is None and pane is not self.active and left:
                series = left.pop(0)
                places = None if here is None else self._places_of(series)
                at = None if here is None or places is None else links.nearest(here, places)
                pane.show(series, len(series) // 2 if at is None else at)

    def keep_only(self, patient_key: str) -> None:
        """Clear every pane but the active one that does not surely show the same patient."""
        for pane in self.panes:
            if pane is self.active or pane.slices is None:
                continue
            if not patient_key or pane.slices.patient_key != patient_key:
                pane.clear()

    def sheet(self, zoom: float = 1.0) -> Sheet:
        """Return what is seen in all panes, with `zoom` pixels of the picture a screen pixel."""
        canvases = [(pane.canvas, pane.scene()) for pane in self.visible_panes]
        views = tuple((canvas.pos(), canvas.size(), scene) for canvas, scene in canvases)
        return Sheet(self.size(), self.devicePixelRatioF() * zoom, self.font(), views)

    def _apply(self) -> None:
        layout = self._shared.display.layout
        if layout is not self._layout_now:
            self._layout_now = layout
            for number, pane in enumerate(self.panes):
                pane.canvas.setVisible(number < layout.panes)
            if self.active not in self.visible_panes:
                self.activate(self.panes[0])
            self._mark()
            self._draw_lines()
            self.laid_out.emit()

    def _mark(self) -> None:
        several = len(self.visible_panes) > 1
        for pane in self.panes:
            pane.canvas.set_marked(several and pane is self.active, framed=several)

    def _follow(self, leader: Pane) -> None:
        """Take the other panes to where the leader's slice lies."""
        here = _geometry(leader)
        if here is None or not self._shared.display.linked:
            return
        for pane in self.visible_panes:
            if pane is leader or pane.slices is None:
                continue
            series = self._places_of(pane.slices)
            index = None if series is None else links.nearest(here, series)
            if index is not None and index != pane.index:
                pane.show(pane.slices, index)

    def _places_of(self, slices: SliceProvider) -> links.Places | None:
        """Where a series' slices lie, worked out once."""
        key = (slices.key, len(slices))
        if key not in self._places:
            self._places = {key: links.places([slices.geometry(i) for i in range(len(slices))])} | {
                kept: places for kept, places in self._places.items() if len(self._places) < 16
            }
        return self._places[key]

    def _draw_lines(self) -> None:
        for pane in self.visible_panes:
            lines = tuple(
                line
                for other in self.visible_panes
                if other is not pane and (line := _cut(pane, other)) is not None
            )
            if lines != pane.view.lines:
                pane.set_view(replace(pane.view, lines=lines))


def _geometry(pane: Pane) -> SliceGeometry | None:
    return None if pane.slices is None else pane.slices.geometry(pane.index)


def _cut(pane: Pane, other: Pane) -> tuple[Point, Point] | None:
    """Where the other pane's slice cuts this one's."""
    here, there = pane.current, other.current
    if here is None or there is None:
        return None
    mine, theirs = here.slice, there.slice
    if mine.geometry is None or theirs.geometry is None:
        return None
    if mine.spacing_mm is None or theirs.spacing_mm is None:
        return None
    rows, columns = theirs.pixels.shape
    return links.cut(
        mine.geometry, mine.spacing_mm, theirs.geometry, theirs.spacing_mm, (rows, columns)
    )
