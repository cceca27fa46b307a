"""The window: it puts the parts together and says which of them shows what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QModelIndex, QSettings, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QIcon,
)
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.paths import model_bundle
from braintumor_desktop.text import _, answers, isolated, reading
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.answer.answer_panel import AnswerPanel
from braintumor_desktop.ui.answer.decision_bar import DecisionBar
from braintumor_desktop.ui.archive.menu import ArchiveMenu
from braintumor_desktop.ui.browser.slice_list import SliceList
from braintumor_desktop.ui.browser.slice_model import Entry, EntryRole, State
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.opening import DropMark, Opening
from braintumor_desktop.ui.session.session import Session
from braintumor_desktop.ui.viewer.linked_views import LinkedViews
from braintumor_desktop.ui.widgets.pages import MessagePage
from braintumor_desktop.ui.widgets.status import StatusLine

if TYPE_CHECKING:  # OpenCV comes with it: the window opens sooner without
    from braintumor_desktop.ui.worklist.review_dock import ReviewDock


class MainWindow(QMainWindow):
    """List at the left, both views in the middle, the answer at the right."""

    def __init__(self, session: Session, settings: QSettings, icon: QIcon) -> None:
        super().__init__()
        self.session = session
        self.bench = session.bench
        self.review: ReviewDock | None = None
        self.setWindowTitle(_("Brain tumour MRI"))
        self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self._settings = settings
        self._may_lose = False
        self._copied = ""
        self.actions_ = WindowActions(self)
        self.opening = Opening(self, settings, self.open_paths, self.review_paths)
        self.archive = ArchiveMenu(
            self, self.actions_.help_menu, self.open_paths, self.bench.slices.paths
        )
        self.list_panel = SliceList(self.bench.slices)
        self.list = self.list_panel.view
        self.views = LinkedViews()
        act = self.actions_
        decisions = DecisionBar(act.agree, act.unsure, act.comment, act.classes_menu)
        self.answer = AnswerPanel(act.heat, act.outline, decisions)
        self._anyway: Path | None = None
        self.welcome = MessagePage((self.actions_.open_files, self.actions_.open_folder))
        self.message = MessagePage()
        self.status = StatusLine(self.statusBar(), self.bench)
        self._lay_out()
        self._connect()
        self._restore()
        self._show_model()
        self._show_selected()

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders, and remember them.

        The worklist goes: what is opened is none of its slices, and decisions are about those.
        """
        if paths:
            if self.review is not None and self._reviewing:
                with QSignalBlocker(self.actions_.review):  # the next start shows it again
                    self.actions_.review.setChecked(False)
                self.review.hide()
            self.opening.recent.add(paths)
            self._clear_screen()
            self.bench.open(paths)

    def review_paths(self, paths: Sequence[Path]) -> None:
        """Review folders, archives and DICOMDIRs; with none, go on with the last review."""
        review = self.session.begin_reviewing()
        if review is None:
            return
        if self.review is None:
            from braintumor_desktop.ui.worklist.review_dock import ReviewDock

            self.review = ReviewDock(self, review, self.actions_, self._settings)
            self.review.page.slice_asked.connect(self._show_row)
            self.review.page.decided.connect(self._show_decision)
            self.bench.shown_changed.connect(self._tell_review)
            self.review.visibilityChanged.connect(lambda *_: self._show_selected())
            self.bench.model_changed.connect(self._say_nothing_answers)
        self.review.open(paths)
        self._say_nothing_answers()
        self._settings.setValue("review", True)

    # What the user does

    def _say_nothing_answers(self) -> None:
        if self.review is not None and self.bench.model_settled and self.bench.model is None:
            words = _("{reason} Without it nothing can be reviewed.")
            reason = reading.no_model(self.bench.model_error)
            self.review.page.said.say(words.format(reason=reason))

    def _tell_review(self) -> None:
        entry, loaded = self.bench.selected, self.bench.loaded
        if self.review is None:
            return
        if entry is not None and loaded is not None:
            self.review.page.take_shown(entry.path, loaded.slice.source.sha256)
        elif entry is not None and entry.state in (State.REFUSED, State.FAILED):
            self.review.page.take_shown(entry.path)
        else:
            self.review.page.take_shown(None)

    def _show_row(self, path: Path | None) -> None:
        entry = self.bench.selected
        if path is None:
            if self._reviewing:
                self.bench.close_all()
                self._forget_copied()
            return
        coming = entry is not None and entry.path == path and entry.state is State.WAITING
        if self._reviewing and not coming:
            self.bench.show_alone(path)

    def _resume_review(self) -> None:
        if self.bench.empty:  # else it was started with a file, which is what it should show
            self.review_paths([])

    def _toggle_review(self, on: bool) -> None:
        self._settings.setValue("review", on)
        if on and self.review is None:
            self.review_paths([])
        elif self.review is not None:
            self.review.setVisible(on)
            if on:
                self.review.page.ask_again()

    def _close_slice(self) -> None:
        if (entry := self.bench.selected) is not None:
            self.bench.close(entry.path)

    def _copy_answer(self) -> None:
        entry, loaded = self.bench.selected, self.bench.loaded
        if entry is not None and loaded is not None and loaded.prediction is not None:
            name, warnings = self.bench.slices.name(entry.path), loaded.slice.warnings
            self._copied = answers.answer_text(name, loaded.prediction, warnings)
            QGuiApplication.clipboard().setText(self._copied)

    def _step(self, rows: int) -> None:
        if self._reviewing:
            assert self.review is not None
            self.review.page.view.step(rows)
            return
        row = self.list.currentIndex().row() + rows
        if 0 <= row < self.bench.slices.rowCount():
            self.list.setCurrentIndex(self.bench.slices.index(row))

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
            event.mimeData().urls(),
            reviewing=self._reviewing,
            reviews=self.session.reviews,
        )

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Remember the window, vanish, and end the work; ask where a comment would be lost."""
        unkept = self.review.page.unkept() if self.review is not None else []
        if unkept and not self._may_lose:
            event.ignore()
            dialogs.losing(self, unkept, self._close_and_lose).open()
            return
        self._settings.setValue("geometry", self.saveGeometry())
        self._settings.setValue("splitter", self._splitter.saveState())
        if self.review is not None:
            self.review.remember()
        self.hide()
        self.session.stop()
        super().closeEvent(event)

    def _close_and_lose(self) -> None:
        self._may_lose = True
        self.close()

    # What the window shows

    @property
    def _reviewing(self) -> bool:
        return self.review is not None and not self.review.isHidden()

    def _clear_screen(self) -> None:
        """Take picture, title, answer and copied text away: what comes next is another's."""
        self.list.setCurrentIndex(QModelIndex())
        self.bench.select(None)
        self._forget_copied()

    def _forget_copied(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if self._copied and clipboard.text() == self._copied:
            clipboard.clear()
        self._copied = ""

    def _show_selected(self) -> None:
        entry = self.bench.selected
        loaded = self.bench.loaded if entry is not None else None
        something = self.bench.slices.rowCount() > 0
        self.list_panel.setVisible(something and not self._reviewing)
        self.actions_.enable_for_review(self._reviewing)
        self.answer.setVisible(entry is not None)
        self.actions_.enable_for_slice(
            selected=entry is not None,
            shown=loaded is not None,
            answered=loaded is not None and loaded.prediction is not None,
        )
        self._name_slice()
        began = entry is not None and self._centre.currentWidget() is self.welcome
        if began and not self._reviewing:  # else the worklist keeps its keys
            self.list.setFocus()
        if entry is None:
            self.actions_.invert.setChecked(False)
            self.views.show_nothing("")
            self.answer.show_words("", "")
            self._centre.setCurrentWidget(self.welcome)
        elif entry.state in (State.REFUSED, State.FAILED):
            self._show_refused(entry)
        elif loaded is None:
            self._show_waiting()
        else:
            self._show_loaded(entry, loaded)
            self._centre.setCurrentWidget(self.views)
        self._show_decision()

    def _show_loaded(self, entry: Entry, loaded: SliceAnswer) -> None:
        """The slice with its answer, which is withheld where the slice is unlike the training.

        Only what was asked to be shown all the same is; the picture gets no overlay else.
        """
        asked_for = self._anyway == entry.path
        prediction = loaded.prediction
        withheld = prediction is not None and prediction.unlike_training and not asked_for
        self.views.show_slice(replace(loaded, prediction=None) if withheld else loaded)
        no_model = reading.no_model(self.bench.model_error)
        self.answer.show_answer(loaded, no_model, asked_for=asked_for)

    def _show_anyway(self) -> None:
        entry, loaded = self.bench.selected, self.bench.loaded
        if entry is not None and loaded is not None:
            self._anyway = entry.path
            self._show_loaded(entry, loaded)

    def _show_decision(self) -> None:
        """What is decided about the slice on screen; nothing can be, where nobody keeps it."""
        loaded, review = self.bench.loaded, self.session.review
        decisions = None if review is None else review.decisions
        self.answer.decisions.setVisible(self._reviewing and loaded is not None)
        if loaded is not None and decisions is not None:
            content = loaded.slice.source.sha256
            self.answer.decisions.show_decision(decisions.standing.get(content, Decision()))

    def _name_slice(self) -> None:
        """Its name above it and in the title, with the patient's identifier where there is one.

        Also where a file of the same name has come or gone, which changes how it is told apart.
        """
        entry, loaded = self.bench.selected, self.bench.loaded
        name = "" if entry is None else self.bench.slices.name(entry.path)
        who = None if loaded is None else loaded.slice.source.identifiers
        if who is not None and who.patient:
            name = _("{file}, patient {patient}").format(
                file=isolated(name), patient=isolated(who.patient)
            )
        self.views.set_name(name)
        self.message.say(name, self.message.words)
        title = _("Brain tumour MRI")
        if name:
            title = _("{file} – Brain tumour MRI").format(file=isolated(name))
        self.setWindowTitle(title)

    def _show_refused(self, entry: Entry) -> None:
        self.views.show_nothing("")
        if entry.error is not None:
            words = reading.sentence(entry.error)
        else:
            words = _(
                "Something unexpected went wrong with this file. The other slices are not affected."
            )
        self.message.say(self.views.name, words)
        self.answer.show_words(_("No answer"), _("This file could not be opened as a slice."))
        self._centre.setCurrentWidget(self.message)

    def _show_waiting(self) -> None:
        # At once, so that no slice is ever on screen under another one's name.
        loading = not self.bench.model_settled
        words = _("Loading the model…") if loading else _("Reading…")
        self.views.show_nothing(words)
        self.answer.show_words(words, "")
        self._centre.setCurrentWidget(self.views)

    def _show_model(self) -> None:
        headline = _("Drop MRI slices or folders here")
        words = _("PNG, JPEG, BMP, TIFF and single-frame DICOM. Files never leave this computer.")
        if self.bench.model is None and self.bench.model_settled:
            words = _("{reason} Slices can be looked at, but no answers are given.").format(
                reason=reading.no_model(self.bench.model_error)
            )
        self.welcome.say(headline, words)

    def retranslate(self) -> None:
        """Say everything that is made from data in the language that is spoken now."""
        self._show_model()
        self._show_selected()
        self.bench.progress_changed.emit()
        self.bench.model_changed.emit()

    def _select_row(self, row: int) -> None:
        index = self.bench.slices.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _current_changed(self, current: QModelIndex) -> None:
        entry = current.data(EntryRole)
        self._anyway = None  # is for the slice that it was asked of
        self.actions_.invert.setChecked(False)  # is for the slice that it was asked of
        self.bench.select(entry.path if entry is not None else None)

    # How it is put together

    def _lay_out(self) -> None:
        self._centre = QStackedWidget()
        self._centre.setObjectName("centre")
        for page in (self.welcome, self.message, self.views):
            self._centre.addWidget(page)
        self._drop_mark = DropMark(self._centre)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.list_panel, self._centre, self.answer):
            self._splitter.addWidget(part)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([33 * theme.GRID, 97 * theme.GRID, 30 * theme.GRID])
        self.setCentralWidget(self._splitter)

    def _connect(self) -> None:
        bench, actions, views = self.bench, self.actions_, self.views
        bench.shown_changed.connect(self._show_selected)
        bench.slices.rowsInserted.connect(self._name_slice)
        bench.slices.rowsRemoved.connect(self._name_slice)
        bench.select_asked.connect(self._select_row)
        bench.model_changed.connect(self._show_model)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        actions.open_files.triggered.connect(self.opening.choose_files)
        actions.open_folder.triggered.connect(self.opening.choose_folder)
        recent = actions.recent_menu
        recent.aboutToShow.connect(lambda: self.opening.fill_recent(recent))
        actions.close_slice.triggered.connect(self._close_slice)
        actions.close_all.triggered.connect(bench.close_all)
        actions.quit.triggered.connect(self.close)
        self.answer.anyway_asked.connect(self._show_anyway)
        actions.decide_on(self.views)
        actions.heat.toggled.connect(views.set_heat_visible)
        actions.outline.toggled.connect(views.set_outline_visible)
        actions.invert.toggled.connect(views.set_inverted)
        actions.fit.triggered.connect(views.fit)
        actions.fit_prepared.triggered.connect(views.fit_prepared)
        actions.zoomed.connect(views.zoom)
        actions.panned.connect(views.pan)
        actions.window_adjusted.connect(views.adjust_window)
        actions.reset_window.triggered.connect(views.reset_window)
        actions.next_slice.triggered.connect(lambda: self._step(1))
        actions.previous_slice.triggered.connect(lambda: self._step(-1))
        actions.copy_answer.triggered.connect(self._copy_answer)
        actions.review_folder.triggered.connect(self.opening.choose_review)
        actions.review.toggled.connect(self._toggle_review)
        actions.shortcuts.triggered.connect(lambda: dialogs.shortcuts(self, actions.all()).open())
        actions.model_card.triggered.connect(
            lambda: dialogs.model_card(self, model_bundle(), bench.model).open()
        )
        actions.about.triggered.connect(lambda: dialogs.about(self, bench.model).open())
        actions.heat.toggled.connect(lambda on: self._settings.setValue("heat_map", on))
        actions.outline.toggled.connect(lambda on: self._settings.setValue("outline", on))

    def _restore(self) -> None:
        self.actions_.heat.setChecked(bool(self._settings.value("heat_map", False, bool)))
        self.actions_.outline.setChecked(bool(self._settings.value("outline", False, bool)))
        reviews = self.session.reviews
        self.actions_.review_menu.menuAction().setVisible(reviews)
        self.actions_.review.setEnabled(reviews)
        self.actions_.review_folder.setEnabled(reviews)
        if reviews and self._settings.value("review", False, bool):
            QTimer.singleShot(0, self._resume_review)  # after the window is on screen
        geometry = self._settings.value("geometry", None)
        if not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.resize(1280, 800)
        splitter = self._settings.value("splitter", None)
        if isinstance(splitter, QByteArray):
            self._splitter.restoreState(splitter)


def _accept_as_copy(event: QDropEvent) -> None:
    """Files are read, not taken: with Shift held a file manager would move them."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
