"""The original and the prepared slice side by side, looked at through one viewport."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Signal
from PySide6.QtGui import QPolygonF, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.image import Crop, DisplayWindow
from braintumor_desktop.rendering import display
from braintumor_desktop.rendering.heat_map import heat_rgba
from braintumor_desktop.text import _, reading
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer.linked_canvas import SliceCanvas
from braintumor_desktop.ui.viewer.linked_viewport import Viewport
from braintumor_desktop.ui.widgets.elided_label import ElidedLabel
from braintumor_desktop.ui.widgets.images import grey_image, rgba_image

# A drag of this many screen pixels changes the display window by its own first width.
DRAG_PER_WIDTH = 400


class LinkedViews(QWidget):
    """Two canvases on one viewport, with what is to be known about them above and below.

    Window and inversion act on the original alone: the prepared slice is shown as the network
    gets it.
    """

    read_out = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport = Viewport(self)
        self.original = SliceCanvas(self.viewport)
        self.prepared = SliceCanvas(self.viewport)
        self.original.setAccessibleName(_("Original slice"))
        self.prepared.setAccessibleName(_("Prepared slice, as the network sees it"))
        self._loaded: SliceAnswer | None = None
        self._first_window = display.UNIT_WINDOW
        self._window = display.UNIT_WINDOW
        self._inverted = False
        self._heat_visible = False
        self._outline_visible = False
        self._name = ElidedLabel()
        self._readout = QLabel()
        self._sides = QLabel(_("Sides not marked"))
        self._prepared_facts = QLabel()
        self._grid = QGridLayout(self)
        self._lay_out()
        self.viewport.changed.connect(self._write_readout)
        for canvas in (self.original, self.prepared):
            canvas.fit_asked.connect(self.fit)
            canvas.window_dragged.connect(self._drag_window)

    def show_slice(self, loaded: SliceAnswer) -> None:
        """Show a slice, all of it, in its own window."""
        mri, prepared = loaded.slice, loaded.prepared
        self._loaded = loaded
        self._first_window = self._window = display.default_window(mri)
        self.viewport.set_bounds(self._image_rect(), mri.pixel_aspect)
        self._paint_original()
        if prepared is None:
            self.prepared.set_image(None, QRectF())
            self.prepared.set_note(_("Without a model nothing is prepared."))
            self._prepared_facts.clear()
        else:
            grey = display.to_grey(prepared.pixels, display.UNIT_WINDOW)
            self.prepared.set_image(grey_image(grey), _rect(prepared.crop))
            self._prepared_facts.setText(
                _("{size} × {size} pixels, from the dashed frame").format(size=prepared.size)
            )
        self.original.set_frame(None if prepared is None else _rect(prepared.crop))
        self._sides.show()
        self._paint_heat()
        self._paint_outline()
        self.fit()

    def show_nothing(self, note: str) -> None:
        """Take the slice away and say why there is none."""
        self._loaded = None
        for canvas in (self.original, self.prepared):
            canvas.set_image(None, QRectF())
            canvas.set_heat(None, QRectF(), None)
            canvas.set_outline([])
            canvas.set_frame(None)
            canvas.set_note(note)
        self._readout.clear()
        self._prepared_facts.clear()
        self._sides.hide()

    def set_name(self, name: str) -> None:
        """Write the slice's name above the original."""
        self._name.set_whole(name)

    @property
    def name(self) -> str:
        """The name above the original, whole."""
        return self._name.whole

    @property
    def window_now(self) -> DisplayWindow:
        """The display window of the original."""
        return self._window

    def fit(self) -> None:
        """Show the whole slice."""
        if self._loaded is not None:
            self.viewport.fit(self._image_rect(), self._smaller_size())

    def fit_prepared(self) -> None:
        """Show what the network sees as large as possible, in both views."""
        if self._loaded is not None and self._loaded.prepared is not None:
            self.viewport.fit(_rect(self._loaded.prepared.crop), self._smaller_size())

    def zoom(self, factor: float) -> None:
        """Zoom about the middle."""
        size = self.original.extent()
        self.viewport.zoom(factor, QPointF(size.width() / 2, size.height() / 2), size)

    def pan(self, dx: float, dy: float) -> None:
        """Move by screen pixels."""
        self.viewport.pan(dx, dy)

    def set_heat_visible(self, visible: bool) -> None:
        """Lay the heat map over both views, or take it away."""
        self._heat_visible = visible
        self._paint_heat()

    def set_outline_visible(self, visible: bool) -> None:
        """Draw what the network takes for tumour in both views, or not."""
        self._outline_visible = visible
        self._paint_outline()

    def set_inverted(self, inverted: bool) -> None:
        """Show the original with black and white exchanged."""
        self._inverted = inverted
        self._paint_original()

    def reset_window(self) -> None:
        """Go back to the slice's own window."""
        self._window = self._first_window
        self._paint_original()

    def adjust_window(self, wider: float, higher: float) -> None:
        """Widen and raise the window by fractions of its first width."""
        self._window = display.adjusted_window(self._window, self._first_window, wider, higher)
        self._paint_original()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep a fitted slice fitted."""
        super().resizeEvent(event)
        self._grid.activate()
        fitted = self.viewport.fitted
        if self._loaded is not None and fitted is not None:
            self.viewport.fit(fitted, self._smaller_size())

    def _image_rect(self) -> QRectF:
        assert self._loaded is not None
        height, width = self._loaded.slice.pixels.shape
        return QRectF(0, 0, width, height)

    def _smaller_size(self) -> QSizeF:
        return self.original.extent().boundedTo(self.prepared.extent())

    def _drag_window(self, dx: float, dy: float) -> None:
        # Down raises the level, which darkens: the way of most DICOM viewers.
        self.adjust_window(dx / DRAG_PER_WIDTH, dy / DRAG_PER_WIDTH)

    def _paint_original(self) -> None:
        if self._loaded is None:
            return
        grey = display.to_grey(self._loaded.slice.pixels, self._window, self._inverted)
        self.original.set_image(grey_image(grey), self._image_rect())
        self._write_readout()

    def _paint_heat(self) -> None:
        prediction = self._loaded.prediction if self._loaded is not None else None
        heat, place, peak = None, QRectF(), None
        if prediction is not None and prediction.located and self._heat_visible:
            heat_map = prediction.heat_map
            heat = rgba_image(heat_rgba(heat_map.values))
            place = _rect(heat_map.crop)
            peak = QPointF(*heat_map.peak)
        for canvas in (self.original, self.prepared):
            canvas.set_heat(heat, place, peak)

    def _paint_outline(self) -> None:
        prediction = self._loaded.prediction if self._loaded is not None else None
        polygons = prediction.outline if prediction is not None and self._outline_visible else ()
        outline = [QPolygonF([QPointF(x, y) for x, y in polygon]) for polygon in polygons]
        for canvas in (self.original, self.prepared):
            canvas.set_outline(outline)

    def _write_readout(self) -> None:
        if self._loaded is not None:
            text = reading.readout(self._window, self.viewport.scale, self._inverted)
            self._readout.setText(text)
            self.read_out.emit(text)

    def _lay_out(self) -> None:
        self._sides.setToolTip(
            _(
                "The slice is shown as its file has it. The app does not know which side is the"
                " patient's left."
            )
        )
        titles = (QLabel(_("Original")), QLabel(_("What the network sees")))
        for title in titles:
            title.setProperty("role", "title")
            title.setIndent(0)
        for label in (self._name, self._readout, self._sides, self._prepared_facts):
            label.setProperty("role", "quiet")
            label.setIndent(0)
        below = QWidget()
        line = QHBoxLayout(below)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._readout)
        line.addStretch(1)
        line.addWidget(self._sides)
        above = QWidget()
        line = QHBoxLayout(above)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * theme.GRID)
        line.addWidget(titles[0])
        line.addWidget(self._name, 1)
        for widget in (above, titles[1], below, self._prepared_facts):
            # A long text must not decide how wide a view is: both are to stay equally wide.
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        layout = self._grid
        layout.setContentsMargins(theme.GRID, 0, theme.GRID, 0)
        layout.setHorizontalSpacing(2 * theme.GRID)
        layout.setVerticalSpacing(0)
        layout.addWidget(above, 0, 0)
        layout.addWidget(titles[1], 0, 1)
        layout.addWidget(self.original, 1, 0)
        layout.addWidget(self.prepared, 1, 1)
        layout.addWidget(below, 2, 0)
        layout.addWidget(self._prepared_facts, 2, 1)
        layout.setRowStretch(1, 1)
        for column in (0, 1):
            layout.setColumnStretch(column, 1)


def _rect(crop: Crop) -> QRectF:
    return QRectF(crop.left, crop.top, crop.width, crop.height)
