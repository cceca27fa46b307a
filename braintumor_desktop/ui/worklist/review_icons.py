"""The worklist's small pictures."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap

from braintumor_desktop.ui import theme


@cache
def dot(label: str) -> QIcon:
    """The class's colour as it stands beside its word in the list of slices."""
    image = QImage(12, 12, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.class_colour(label))
    painter.drawEllipse(2, 2, 8, 8)
    painter.end()
    return icon_of(image)


def icon_of(image: QImage) -> QIcon:
    """An image that looks the same on a selected line, where Qt would tint it."""
    icon = QIcon()
    if not image.isNull():
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            icon.addPixmap(QPixmap.fromImage(image), mode)
    return icon
