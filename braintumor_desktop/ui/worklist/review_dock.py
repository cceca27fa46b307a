"""The review below the slice, and its menu wired to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSettings, QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QFileDialog, QMainWindow

from braintumor_desktop.text import _
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.session.review import Review
from braintumor_desktop.ui.system.window_geometry import keep_within_screen
from braintumor_desktop.ui.worklist.review_page import ReviewPage

_HEIGHT, _WIDTHS, _BESIDE = "review_height", "review_widths", "review_beside"


class ReviewDock(QDockWidget):
    """Holds the page; the slice it asks for is shown above."""

    def __init__(
        self,
        window: QMainWindow,
        review: Review,
        actions: WindowActions,
        settings: QSettings,
    ) -> None:
        super().__init__(window)
        self.setObjectName("review")
        self.setWindowTitle(_("Worklist"))
        movable, floatable = (
            QDockWidget.DockWidgetFeature.DockWidgetMovable,
            QDockWidget.DockWidgetFeature.DockWidgetFloatable,
        )
        self.setFeatures(movable | floatable)  # beside, below, or on another screen
        self.page = ReviewPage(review, self)
        self.setWidget(self.page)
        self._actions = actions
        self._settings = settings
        self._window = window
        self._stretched = QTimer(self, singleShot=True, interval=50)
        self._stretched.timeout.connect(lambda: keep_within_screen(window))
        self.page.installEventFilter(self)
        beside = bool(settings.value(_BESIDE, False, bool))
        actions.beside.setChecked(beside)
        self._place(beside)
        actions.beside.toggled.connect(self._place)
        # On a small screen the lines need more than half of it.
        share = 0.5 if window.height() > 60 * theme.GRID else 0.62
        height = settings.value(_HEIGHT, round(share * window.height()))
        if str(height).isdigit():  # a settings file can hold anything
            window.resizeDocks([self], [int(str(height))], Qt.Orientation.Vertical)
        widths = settings.value(_WIDTHS)
        if isinstance(widths, list) and all(str(width).isdigit() for width in widths):
            self.page.view.table.set_widths([int(width) for width in widths])
        page = self.page
        actions.decide_on(page.view.table, page.view.grouped.table)
        actions.pause.toggled.connect(page.pause)
        actions.cancel.triggered.connect(page.cancel)
        actions.export.triggered.connect(self._export)
        actions.report.triggered.connect(self._report)

    def _place(self, beside: bool) -> None:
        """Stand beside the picture, or below it."""
        areas = Qt.DockWidgetArea
        area = areas.RightDockWidgetArea if beside else areas.BottomDockWidgetArea
        self._window.addDockWidget(area, self)
        self.setFloating(False)
        self.page.view.set_narrow(beside)
        if beside:
            width = 2 * self._window.width() // 5
            self._window.resizeDocks([self], [width], Qt.Orientation.Horizontal)
        self._settings.setValue(_BESIDE, beside)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the window shrink again that had to make room while this was laid out."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._stretched.start()
        return False

    def remember(self) -> None:
        """Keep the height and the columns' widths for the next start."""
        self._settings.setValue(_HEIGHT, self.height())
        self._settings.setValue(_WIDTHS, self.page.view.table.widths())

    def open(self, paths: Sequence[Path]) -> None:
        """Show the worklist and go through `paths`; with none, through the last ones."""
        self.show()
        with QSignalBlocker(self._actions.review):
            self._actions.review.setChecked(True)
        self._actions.pause.setChecked(False)
        self.page.start(paths)

    def _export(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(
            self, _("Export the table into a new folder"), "braintumor-export"
        )
        if name:
            self.page.handing_over.export(Path(name))

    def _report(self) -> None:
        rows = (
            self.page.handing_over.reported()
        )  # what is selected may be another thing after the dialog
        if not rows:
            return
        name, _filter = QFileDialog.getSaveFileName(
            self, _("Report on the selected slices"), "report.pdf", "PDF (*.pdf)"
        )
        if name:
            wanted = self._actions.patient_data.isChecked()
            slices = self._actions.slice_pages.isChecked()
            self.page.handing_over.report(rows, Path(name), patient_data=wanted, slice_pages=slices)
