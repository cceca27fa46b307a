"""What is seen as a file, on the clipboard and on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRect, QRunnable, Qt, QThreadPool, Signal, SignalInstance
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QFileDialog

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _
from braintumor_desktop.ui.viewer.sheet import Sheet

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
    """Write what is seen, in another thread: painting and encoding take longer than a frame."""

    def work(sheet: Sheet) -> Path:
        from braintumor_desktop.outputs.picture import write_picture

        write_picture(path, rgb_of(sheet.paint()))
        return path

    _start(viewer, work, viewer.picture_written)


def copy(viewer: Viewer) -> None:
    """Put what is seen on the clipboard."""
    _start(viewer, Sheet.paint, viewer.picture_copied)


def print_out(viewer: Viewer) -> None:
    """Ask for a printer, and print what is seen as large as the page allows."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter  # only who prints loads it

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    dialog = QPrintDialog(printer, viewer)
    dialog.accepted.connect(lambda: paint_page(printer, viewer.grid.sheet(SHARPER).paint()))
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

    done = Signal(object)
    failed = Signal(object)


class _Work(QRunnable):
    def __init__(self, sheet: Sheet, work: Callable[[Sheet], object], told: _Told) -> None:
        super().__init__()
        self._sheet, self._work, self._told = sheet, work, told

    def run(self) -> None:
        """Do it, and tell."""
        try:
            made = self._work(self._sheet)
        except BraintumorError as error:
            self._told.failed.emit(error)
        else:
            self._told.done.emit(made)


def _start(viewer: Viewer, work: Callable[[Sheet], object], done: SignalInstance) -> None:
    told = _Told()
    told.done.connect(done)
    told.failed.connect(viewer.picture_failed)
    QThreadPool.globalInstance().start(_Work(viewer.grid.sheet(SHARPER), work, told))
