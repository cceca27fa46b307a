"""The app's icon in the sizes and formats that desktops want, drawn from the one SVG."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def write_pngs(svg: Path, folder: Path) -> None:
    """Write `SIZExSIZE/apps/braintumor-desktop.png` below `folder`, as in the hicolor theme."""
    for size in SIZES:
        target = folder / f"{size}x{size}" / "apps" / "braintumor-desktop.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        _save(_draw(svg, size), target, "PNG")


def write_icon(svg: Path, target: Path) -> None:
    """Write an `.ico` of 256 pixels or an `.icns` of 512, by the target's suffix."""
    kind = target.suffix[1:].upper()
    _save(_draw(svg, 256 if kind == "ICO" else 512), target, kind)


def _draw(svg: Path, size: int) -> QImage:
    _application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    return image


def _save(image: QImage, target: Path, kind: str) -> None:
    if not image.save(str(target), kind):
        raise OSError(f"{target} cannot be written as {kind}.")
