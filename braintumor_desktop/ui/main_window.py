"""The window: it puts the parts together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, QSignalBlocker, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
)
from PySide6.QtWidgets import QMainWindow, QSplitter

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.paths import model_bundle
from braintumor_desktop.text import _, isolated
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.answer.answer_panel import AnswerPanel
from braintumor_desktop.ui.answer.decision_bar import DecisionBar
from braintumor_desktop.ui.archive.menu import ArchiveMenu
from braintumor_desktop.ui.browser.study_browser import StudyBrowser
from braintumor_desktop.ui.copied_answer import CopiedAnswer
from braintumor_desktop.ui.deciding import Deciding
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.opening import DropMark, Opening
from braintumor_desktop.ui.picture_links import PictureLinks
from braintumor_desktop.ui.preferences import Preferences
from braintumor_desktop.ui.reviewing import Reviewing
from braintumor_desktop.ui.session.session import Session
from braintumor_desktop.ui.stage import Stage
from braintumor_desktop.ui.system.window_geometry import remember_geometry, restore_geometry
from braintumor_desktop.ui.version_notice import VersionNotice
from braintumor_desktop.ui.viewer.viewer import Viewer
from braintumor_desktop.ui.widgets.pages import MessagePage
from braintumor_desktop.ui.widgets.status import StatusLine
from braintumor_desktop.ui.window_settings import WindowSettings

NARROW = 125 * theme.GRID
"""Below this width the original has the middle for itself at first."""


class MainWindow(QMainWindow):
    """Studies at the left, the pictures in the middle, the answer at the right."""

    def __init__(
        self,
        session: Session,
        settings: QSettings,
        icon: QIcon,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__()
        self.session = session
        self.bench = session.bench
        self.setWindowTitle(_("Brain tumour MRI"))
        self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self._settings = settings
        self.preferences = preferences or Preferences(settings, parent=self)
        self._may_lose = self._shown = False
        self.copied = CopiedAnswer(self.bench)
        self.actions_ = act = WindowActions(self)
        self.reviewing = Reviewing(self, session, act, settings, self.copied.forget)
        self.opening = Opening(self, settings, self.open_paths, self.reviewing.start)
        self.opening.reviews = session.reviews
        opened, asked = self.bench.slices.paths, (session.classifier, session.persons)
        self.archive = ArchiveMenu(self, act.help_menu, self.open_paths, opened, *asked)
        self.version_notice = VersionNotice(self, self.preferences)
        self.browser = StudyBrowser(self.bench)
        self.list = self.browser.view
        self.views = Viewer()
        pictures = self.views.actions_
        self.answer = AnswerPanel(pictures.heat, pictures.outline, DecisionBar.of(act))
        self.welcome = MessagePage((act.open_files, act.open_folder, act.demo))
        self.deciding = Deciding(self, session, act, lambda: self.reviewing.page)
        standing = self.deciding.standing
        self.stage = Stage(self.bench, self.views, self.answer, self.welcome, standing)
        self.message = self.stage.message
        PictureLinks(self.views, self.bench, session.notes)
        self.status = StatusLine(self.statusBar(), self.bench)
        self._lay_out()
        self._connect()
        self._restore()
        ruled = act, self.views, self.stage, self.opening
        WindowSettings(self, self.preferences, ruled, self._show_selected)
        self._show_selected()

    def open_paths(self, paths: Sequence[Path], *, as_series: bool = False) -> None:
        """Open files and folders, and remember them; with `as_series` a folder's pictures as one.

        The worklist goes: what is opened is none of its slices, and decisions are about those.
        """
        if paths:
            self.reviewing.hide()
            if self.preferences.value("keep_recent"):
                self.opening.recent.add(paths)
            self.bench.select(None)  # what comes next may be another patient's
            self.copied.forget()
            self.bench.scans.begin(paths, as_series=as_series)
            self._show_selected()

    # What the user does

    def _step(self, steps: int, *, beyond: bool = False) -> None:
        if (page := self.reviewing.page) is not None:
            page.view.lines.step(steps)
        else:
            self.bench.step(steps, beyond=beyond)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            _accept_as_copy(event)
            self._drop_mark.mark(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """They went elsewhere."""
        self._drop_mark.mark(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open what was dropped."""
        self._drop_mark.mark(False)
        _accept_as_copy(event)
        self.opening.take_dropped(
            event.mimeData().urls(), reviewing=self.reviewing.page is not None
        )

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember the window, vanish, and end the work; ask where a comment would be lost."""
        unkept = self.reviewing.unkept() + self.session.unkept_notes()
        if unkept and not self._may_lose:
            event.ignore()
            dialogs.losing(self, unkept, self._close_and_lose).open()
            return
        remember_geometry(self._settings, self, self._splitter)
        self.reviewing.remember()
        self.hide()
        self.version_notice.stop()
        self.session.stop()
        super().closeEvent(event)

    def _close_and_lose(self) -> None:
        self._may_lose = True
        self.close()

    # What the window shows

    def _show_selected(self) -> None:
        entry, loaded = self.bench.selected, self.bench.loaded
        something = not self.bench.empty
        wanted = self.actions_.browser.isChecked()
        reviewing = self.reviewing.page is not None
        self.browser.setVisible(something and wanted and not reviewing)
        self.actions_.enable_for_review(reviewing)
        self.actions_.enable_deciding(self.deciding.possible)
        self.actions_.enable_for_slice(
            selected=entry is not None,
            answered=loaded is not None and loaded.prediction is not None,
        )
        began = entry is not None and not self._shown
        self._shown = entry is not None
        self.stage.show_selected()
        if entry is not None and not self.actions_.answer.isChecked():
            self.answer.hide()
        if began and not reviewing:  # else the worklist keeps its keys
            self._look()
        self._name_window()

    def _look(self) -> None:
        """Give the picture the keys: that is where decisions are made."""
        self.views.active.canvas.setFocus()

    def _name_window(self) -> None:
        name = self.stage.name()
        title = _("{file} – Brain tumour MRI").format(file=isolated(name)) if name else ""
        self.setWindowTitle(title or _("Brain tumour MRI"))

    def _show_full_screen(self, on: bool) -> None:
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(self.windowState() | full if on else self.windowState() & ~full)

    def retranslate(self) -> None:
        """Say everything that is made from data in the language that is spoken now."""
        self.stage.show_welcome()
        self._show_selected()
        self.bench.progress_changed.emit()
        self.bench.model_changed.emit()
        self.bench.shelf_changed.emit()

    # How it is put together

    def _lay_out(self) -> None:
        self._drop_mark = DropMark(self.stage)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.browser, self.stage, self.answer):
            self._splitter.addWidget(part)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        self.setCentralWidget(self._splitter)
        pictures = self.views.actions_
        pictures.list.add_to(self)
        pictures.list.fill(self.actions_.image_menu)
        self.actions_.take([one for group in pictures.list.groups.values() for one in group])
        canvases = [*(pane.canvas for pane in self.views.grid.panes), self.views.network.canvas]
        self.actions_.decide_on(*canvases)

    def _connect(self) -> None:
        bench, actions = self.bench, self.actions_
        bench.shown_changed.connect(self._show_selected)
        self.list.clicked.connect(self._look)
        self.deciding.decided.connect(self._show_selected)
        self.reviewing.decided.connect(self.deciding.decided)
        self.reviewing.shown_changed.connect(self._show_selected)
        bench.slices.rowsInserted.connect(self._name_window)
        bench.slices.rowsRemoved.connect(self._name_window)
        actions.open_files.triggered.connect(self.opening.choose_files)
        actions.open_folder.triggered.connect(self.opening.choose_folder)
        actions.open_as_series.triggered.connect(self.opening.choose_as_series)
        recent = actions.recent_menu
        recent.aboutToShow.connect(lambda: self.opening.fill_recent(recent))
        actions.close_slice.triggered.connect(bench.close_selected)
        actions.close_all.triggered.connect(bench.close_all)
        actions.quit.triggered.connect(self.close)
        actions.browser.toggled.connect(self._show_selected)
        actions.answer.toggled.connect(self._show_selected)
        actions.full_screen.toggled.connect(self._show_full_screen)
        actions.next_slice.triggered.connect(lambda: self._step(1))
        actions.previous_slice.triggered.connect(lambda: self._step(-1))
        actions.next_series.triggered.connect(lambda: bench.step_series(1))
        actions.previous_series.triggered.connect(lambda: bench.step_series(-1))
        actions.copy_answer.triggered.connect(self.copied.copy)
        actions.review_folder.triggered.connect(self.opening.choose_review)
        actions.demo.triggered.connect(self.opening.open_demo)
        actions.model_card.triggered.connect(
            lambda: dialogs.model_card(self, model_bundle(), bench.model).open()
        )
        actions.newer_version.triggered.connect(self.version_notice.ask)
        actions.about.triggered.connect(self._show_about)

    def say_records_trouble(self, error: BraintumorError) -> None:
        """Say why the records are not kept as settings or policy want them."""
        words = _("The records are kept as they were: {reason}").format(reason=sentence(error))
        dialogs.notice(self, words).open()

    def _show_about(self) -> None:
        engine = self.bench.engine
        signature = None if engine is None else engine.signature
        dialogs.about(self, self.bench.model, signature).open()

    def _restore(self) -> None:
        actions = self.actions_
        for action in (actions.browser, actions.answer):
            with QSignalBlocker(action):
                action.setChecked(True)
        self.reviewing.resume_soon()
        restore_geometry(self._settings, self, self._splitter)
        if self.width() < NARROW:  # 1366 pixels at 200 % are 683
            self.views.shared.update(network_view=False)


def _accept_as_copy(event: QDropEvent) -> None:
    """Files are read, not taken: with Shift held a file manager would move them."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
