"""What the network sees of the active pane's slice: as the network gets it, never turned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import FloatImage, PreparedSlice
from braintumor_desktop.imaging.turning import as_stored
from braintumor_desktop.rendering import display
from braintumor_desktop.rendering.orientation import view_letters
from braintumor_desktop.text import _
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer import viewport as vp
from braintumor_desktop.ui.viewer import words
from braintumor_desktop.ui.viewer.canvas import SliceCanvas
from braintumor_desktop.ui.viewer.composing import crop_rect, overlay_of
from braintumor_desktop.ui.viewer.pane import Pane
from braintumor_desktop.ui.viewer.pictures import PictureCache
from braintumor_desktop.ui.viewer.scene import Captions, Scene
from braintumor_desktop.ui.viewer.tools.notches import Notches
from braintumor_desktop.ui.viewer.viewport import AS_LOOKED_AT, UPRIGHT, Size, Viewport


class NetworkView(QWidget):
    """The prepared slice beside the original; it follows its place and zoom, nothing else."""

    def __init__(self, pane: Pane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pane = pane
        self._pictures = PictureCache()
        self._stored: tuple[PreparedSlice, FloatImage] | None = None
        self._last: tuple[SliceAnswer | None, Viewport] | None = None
        self.canvas = SliceCanvas(self._scene)
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._title.setProperty("role", "title")
        self._title.setIndent(theme.GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self.canvas, 1)
        self.canvas.set_handler(_WheelOnly(lambda: self._pane))

    def follow(self, pane: Pane) -> None:
        """Show what the network sees of another pane's slice."""
        self._pane = pane
        self.canvas.update()

    def retranslate(self) -> None:
        """Speak the language that is spoken now."""
        self._title.setText(_("What the network sees"))
        self.canvas.setAccessibleName(_("Prepared slice, as the network sees it"))
        self.canvas.update()

    def keep_up(self) -> None:
        """Follow the pane's slice and zoom, where they have changed."""
        now = self._pane.current, self._pane.state.viewport
        if now != self._last:
            self._last = now
            self.canvas.update()

    def _as_stored(self, prepared: PreparedSlice) -> FloatImage:
        """Turned back: the view turns it again, and all that lies on it with it."""
        if self._stored is None or self._stored[0] is not prepared:
            pixels = np.ascontiguousarray(as_stored(prepared.pixels, prepared.crop.turn))
            self._stored = prepared, pixels
        return self._stored[1]

    def _scene(self) -> Scene:
        shown = self._pane.current
        if shown is None:
            return Scene()
        if shown.prepared is None:
            return Scene(note=_("Without a model nothing is prepared."))
        prepared = shown.prepared
        unit, size = display.UNIT_WINDOW, (float(self.canvas.width()), float(self.canvas.height()))
        view = linked_viewport(self._pane, shown, size)
        picture = self._pictures.grey(self._as_stored(prepared), unit, 1.0)
        overlay = overlay_of(shown, self._pane.shared, self._pictures)
        facts = _("{size} × {size}").format(size=prepared.size)
        return Scene(
            viewport=view,
            picture=replace(picture, place=crop_rect(prepared.crop)),
            overlay=overlay,
            letters=view_letters(shown.slice.geometry, view.turn.matrix),
            captions=Captions(bottom_left=(facts,)),
            badge=words.badge() if overlay else "",
        )


class _WheelOnly:
    """The wheel walks here, too; nothing else is done with what the network sees."""

    def __init__(self, pane: Callable[[], Pane]) -> None:
        self._pane = pane
        self._notches = Notches()

    def wheel(self, event: QWheelEvent) -> None:
        """Walk."""
        if steps := self._notches.steps(event.angleDelta().y()):
            self._pane().scroll(-steps)

    def press(self, event: QMouseEvent) -> None:
        """Nothing."""

    move = release = double_click = press

    def wants(self, event: QKeyEvent) -> bool:
        """No key."""
        return False

    key = wants

    def leave(self) -> None:
        """Nothing."""


def linked_viewport(pane: Pane, shown: SliceAnswer, size: Size) -> Viewport:
    """Return the viewport of the prepared slice: all of it, closer where the original is zoomed."""
    assert shown.prepared is not None
    looks = pane.state.viewport
    crop = shown.prepared.crop
    turned = replace(looks, turn=AS_LOOKED_AT.get(crop.turn, UPRIGHT))
    whole = vp.fit(turned, crop_rect(crop), size)
    if looks.fitted is not None:
        return whole
    closer = looks.scale / vp.fit(looks, pane.bounds, pane.size).scale
    return replace(whole, scale=whole.scale * closer, centre=looks.centre, fitted=None)
