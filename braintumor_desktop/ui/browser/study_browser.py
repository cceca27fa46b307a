"""The study browser at the left of the window."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.text import _, ngettext
from braintumor_desktop.text.numbers import integer
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.browser.study_delegate import StudyDelegate
from braintumor_desktop.ui.browser.study_tree import Line, LineRole, StudyTree
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.session.workbench import Workbench

MANY = 100
"""From so many lines on to show them takes a frame of its own."""


class StudyBrowser(QWidget):
    """Patients, studies and series; a click goes to a series, where it was left."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._left_at: dict[str, Key] = {}
        self._following = False
        self.tree = StudyTree(bench.shelf, bench.slices, self)
        self.view = QTreeView()
        self.view.setModel(self.tree)
        self.view.setItemDelegate(StudyDelegate(bench.slices, self.view))
        self.view.setHeaderHidden(True)
        self.view.setIndentation(theme.GRID + theme.GRID // 2)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setAccessibleName(_("Open studies"))
        self.progress = _ScanProgress(bench)
        self._repaint = QTimer(self, singleShot=True, interval=100)
        self._repaint.timeout.connect(self.view.viewport().update)
        title = QLabel(_("Studies"))
        title.setProperty("role", "title")
        title.setIndent(theme.GRID + 3)  # where the thumbnails begin
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(self.view, 1)
        column.addWidget(self.progress)
        self.setMinimumWidth(26 * theme.GRID)  # a name beside its thumbnail can be read
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._fill)
        bench.shelf_changed.connect(self._fill_when_there_is_time)
        bench.shown_changed.connect(self._follow)
        bench.slices.dataChanged.connect(lambda *_args: self._repaint.start())
        self.view.selectionModel().currentChanged.connect(self._go)

    def retranslate(self) -> None:
        """Name what the files do not name in the language that is spoken now."""
        self._fill()

    def _fill_when_there_is_time(self) -> None:
        """Say anew what is open: at once where it is little, else when what waits is handled."""
        shelf = self._bench.shelf
        if len(shelf.series) + len(shelf.refused) > MANY:
            self._soon.start()
        else:
            self._fill()

    def _fill(self) -> None:
        self._following = True
        self.tree.fill()
        self.view.expandAll()
        self._following = False
        self._follow()

    def _follow(self) -> None:
        """Mark the line of the slice that is selected."""
        entry, series = self._bench.selected, self._bench.series
        if series is not None and entry is not None:
            self._left_at[series.key] = entry.key
        line = QModelIndex() if entry is None else self.tree.line_of(entry.key)
        if line != self.view.currentIndex():
            self._following = True
            self.view.setCurrentIndex(line)
            self._following = False

    def _go(self, current: QModelIndex) -> None:
        line: Line | None = current.data(LineRole)
        if self._following or line is None or line.key is None:
            return
        key = line.key
        if line.series is not None:
            key = self._left_at.get(line.series.key, line.series.middle)
            if key not in line.series.index:
                key = line.series.middle
        self._bench.select(key)


class _ScanProgress(QWidget):
    """How many files have been looked at, with a way to stop."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__()
        self._bench = bench
        self._words = QLabel()
        self._words.setProperty("role", "quiet")
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setTextVisible(False)
        bar.setFixedHeight(theme.GRID // 2)
        bar.setAccessibleName(_("Looking at files"))
        stop = QPushButton(_("Stop"))
        stop.setToolTip(_("What was found so far stays"))
        stop.clicked.connect(bench.scans.end)
        line = QHBoxLayout()
        line.addWidget(self._words, 1)
        line.addWidget(stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.GRID] * 4)
        column.addLayout(line)
        column.addWidget(bar)
        self._late = QTimer(self, singleShot=True, interval=400)
        self._late.timeout.connect(lambda: self.setVisible(bench.scans.going))
        bench.scans.counted.connect(self._say)
        bench.progress_changed.connect(self._show)
        self.hide()

    def _show(self) -> None:
        if not self._bench.scans.going:
            self.hide()
            self._say(0)
        elif not self.isVisible() and not self._late.isActive():
            self._late.start()  # a short scan does not flash

    def _say(self, done: int) -> None:
        words = ngettext("{count} file looked at", "{count} files looked at", done)
        self._words.setText(words.format(count=integer(done)))
        if self._bench.scans.going and not self.isVisible() and not self._late.isActive():
            self._late.start()
