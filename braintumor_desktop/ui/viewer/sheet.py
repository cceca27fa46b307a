"""What is seen, as it is handed over: all panes at one moment, to be painted in any thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QFont, QImage, QPainter

from braintumor_desktop.ui import theme
from braintumor_desktop.ui.viewer import layers
from braintumor_desktop.ui.viewer.scene import Scene


@dataclass(frozen=True, eq=False)
class Sheet:
    """Scenes with their places on a sheet of `size` screen pixels.

    Attributes
    ----------
    size
        Of the sheet, in screen pixels.
    ratio
        How many pixels of the picture there are for one of the screen.
    font
        In which words are written.
    views
        For each view its top left corner, its size and its scene.

    """

    size: QSize
    ratio: float
    font: QFont
    views: tuple[tuple[QPoint, QSize, Scene], ...]

    def paint(self) -> QImage:
        """Return the picture; without the frame of focus, which is no part of what is seen."""
        image = QImage(self.size * self.ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(self.ratio)
        image.fill(theme.CANVAS)
        painter = QPainter(image)
        try:
            painter.setFont(self.font)
            for corner, size, scene in self.views:
                painter.save()
                painter.translate(corner)
                painter.setClipRect(0, 0, size.width(), size.height())
                layers.paint(painter, scene, (float(size.width()), float(size.height())))
                painter.restore()
        finally:
            painter.end()
        return image
