"""What is seen as a file, on the clipboard and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRect, QRunnable, Qt, QThreadPool, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QFileDialog

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _

if TYPE_CHECKING:
    from PySide6.QtPrintSupport import QPrinter

    from braintumor_desktop.ui.viewer.viewer import Viewer

SHARPER = 2.0
"""Pictures are made with so many pixels a screen pixel, so that words stay sharp."""


def save(viewer: Viewer) -> None:
    """Ask where to, and write what is seen as PNG or JPEG."""
    name = QFileDialog.getSaveFileName(
        viewer, _("Save the picture"), "", _("Pictures (*.png *.jpg)")
    )[0]
    if name:
        path = Path(name)
        write(viewer, path if path.suffix else path.with_suffix(".png"))


def write(viewer: Viewer, path: Path) -> None:
    """Write what is seen, in a thread of its own: encoding takes longer than a frame."""
    QThreadPool.globalInstance().start(_Writing(viewer, path, rgb_of(viewer.grid.picture(SHARPER))))


def copy(viewer: Viewer) -> None:
    """Put what is seen on the clipboard."""
    QGuiApplication.clipboard().setImage(viewer.grid.picture(SHARPER))


def print_out(viewer: Viewer) -> None:
    """Ask for a printer, and print what is seen as large as the page allows."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # only who prints loads it

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, viewer)
    dialog.accepted.connect(lambda: paint_page(printer, viewer.grid.picture(SHARPER)))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()  # type: ignore[call-arg]


def paint_page(printer: QPrinter, picture: QImage) -> None:
    """Paint a picture on one page, in its own shape."""
    painter = QPainter(printer)
    page = painter.viewport()
    size = picture.size().scaled(page.size(), Qt.AspectRatioMode.KeepAspectRatio)
    painter.drawImage(QRect(page.topLeft(), size), picture, picture.rect())
    painter.end()


def rgb_of(image: QImage) -> NDArray[np.uint8]:
    """Return an image's pixels, uint8 (height, width, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    width, height = plain.width(), plain.height()
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(height, plain.bytesPerLine())
    return rows[:, : 3 * width].reshape(height, width, 3).copy()


class _Told(QObject):
    """Outlives the viewer, so that what is told to nobody is dropped."""

    written = Signal(object)
    failed = Signal(object)


class _Writing(QRunnable):
    def __init__(self, viewer: Viewer, path: Path, rgb: NDArray[np.uint8]) -> None:
        super().__init__()
        self._path, self._rgb, self._told = path, rgb, _Told()
        self._told.written.connect(viewer.picture_written)
        self._told.failed.connect(viewer.picture_failed)

    def run(self) -> None:
        """Write it."""
        from braintumor_desktop.outputs.picture import write_picture

        try:
            write_picture(self._path, self._rgb)
        except BraintumorError as error:
            self._told.failed.emit(error)
        else:
            self._told.written.emit(self._path)
