"""The window: it puts the parts together and says which of them shows what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from PySide6.QtWidgets import (
    QFileDialog,
    QLabel,
    QListView,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from braintumor_desktop.paths import model_bundle
from braintumor_desktop.text import _, answers, reading
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.answer.answer_panel import AnswerPanel
from braintumor_desktop.ui.browser.slice_delegate import SliceDelegate
from braintumor_desktop.ui.browser.slice_model import Entry, EntryRole, State
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.session.workbench import Workbench
from braintumor_desktop.ui.system.recent import RecentPaths
from braintumor_desktop.ui.viewer.linked_views import LinkedViews
from braintumor_desktop.ui.widgets.file_names import distinct_names
from braintumor_desktop.ui.widgets.pages import MessagePage

if TYPE_CHECKING:  # OpenCV and ONNX Runtime come with it: the window opens sooner without
    from braintumor_desktop.ui.session.review_thread import ReviewEngine
    from braintumor_desktop.ui.worklist.review_dock import ReviewDock


class MainWindow(QMainWindow):
    """List at the left, both views in the middle, the answer at the right."""

    def __init__(
        self,
        bench: Workbench,
        settings: QSettings,
        icon: QIcon,
        load_review: Callable[[], ReviewEngine] | None = None,
    ) -> None:
        """`load_review` opens the records for a review, in its own thread; None for no review."""
        super().__init__()
        self._load_review = load_review
        self.review: ReviewDock | None = None
        self.setWindowTitle(_("Brain tumour MRI"))
        self.setWindowIcon(icon)
        self.setAcceptDrops(True)
        self.bench = bench
        self._settings = settings
        self._may_lose = False
        self._recent = RecentPaths(settings)
        self.actions_ = WindowActions(self)
        self.list = QListView()
        self.views = LinkedViews()
        self.answer = AnswerPanel(self.actions_.heat, self.actions_.outline)
        self.welcome = MessagePage((self.actions_.open_files, self.actions_.open_folder))
        self.message = MessagePage()
        self._progress = QLabel()
        self._model = QLabel()
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
            self._recent.add(paths)
            self.bench.open(paths)

    def review_paths(self, paths: Sequence[Path]) -> None:
        """Review folders, archives and DICOMDIRs; with none, go on with the last review."""
        if self._load_review is None:
            return
        if self.review is None:
            from braintumor_desktop.ui.worklist.review_dock import ReviewDock

            self.review = ReviewDock(self, self._load_review, self.actions_, self._settings)
            self.review.page.slice_asked.connect(self._show_row)
            self.bench.shown_changed.connect(self._tell_review)
            self.review.visibilityChanged.connect(lambda *_: self._show_selected())
            self.bench.model_changed.connect(self._tell_review_of_model)
            self._tell_review_of_model()
        self.review.open(paths)
        self._settings.setValue("review", True)

    # What the user does

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

    def _tell_review_of_model(self) -> None:
        if self.review is not None and self.bench.model_settled:
            self.review.page.take_key(self.bench.answering_key)

    def _show_row(self, path: Path | None) -> None:
        entry = self.bench.selected
        if path is None:
            if self._reviewing:
                self.bench.close_all()
            return
        coming = entry is not None and entry.path == path and entry.state is State.WAITING
        if self._reviewing and not coming:
            self.bench.show_alone(path)

    def _choose_review(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self, _("Review a folder of slices"), str(self._settings.value("folder", ""))
        )
        if name:
            self._settings.setValue("folder", name)
            self.review_paths([Path(name)])

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

    def _choose_files(self) -> None:
        names, _filter = QFileDialog.getOpenFileNames(
            self, _("Open slices"), str(self._settings.value("folder", ""))
        )
        if names:
            self._settings.setValue("folder", str(Path(names[0]).parent))
            self.open_paths([Path(name) for name in names])

    def _choose_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self, _("Open a folder of slices"), str(self._settings.value("folder", ""))
        )
        if name:
            self._settings.setValue("folder", name)
            self.open_paths([Path(name)])

    def _fill_recent(self) -> None:
        menu = self.actions_.recent_menu
        menu.clear()
        paths = self._recent.paths()
        names = distinct_names(paths)
        for path in paths:
            action = menu.addAction(names[path].replace("&", "&&"))
            action.setToolTip(visible(str(path)))
            action.triggered.connect(lambda *_, path=path: self.open_paths([path]))
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        clear = menu.addAction(_("Clear the list"))
        clear.setEnabled(bool(paths))
        clear.triggered.connect(self._recent.clear)

    def _close_slice(self) -> None:
        if (entry := self.bench.selected) is not None:
            self.bench.close(entry.path)

    def _copy_answer(self) -> None:
        entry, loaded = self.bench.selected, self.bench.loaded
        if entry is not None and loaded is not None and loaded.prediction is not None:
            name, warnings = self.bench.slices.name(entry.path), loaded.slice.warnings
            text = answers.answer_text(name, loaded.prediction, warnings)
            QGuiApplication.clipboard().setText(text)

    def _step(self, rows: int) -> None:
        if self._reviewing:
            assert self.review is not None
            self.review.page.step(rows)
            return
        row = self.list.currentIndex().row() + rows
        if 0 <= row < self.bench.slices.rowCount():
            self.list.setCurrentIndex(self.bench.slices.index(row))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            _accept_as_copy(event)
            self._mark_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802
        """They went elsewhere."""
        self._mark_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open what was dropped."""
        self._mark_drop(False)
        urls = event.mimeData().urls()
        _accept_as_copy(event)
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        # Slices open in the list; what holds many goes through the worklist, and where that is
        # shown, everything.
        many = any(
            path.is_dir() or path.suffix.lower() == ".zip" or path.name.upper() == "DICOMDIR"
            for path in paths
        )
        if self._load_review is not None and (many or self._reviewing):
            self.review_paths(paths)
        else:
            self.open_paths(paths)

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
        self.bench.stop()
        if self.review is not None:
            self.review.page.stop()
        super().closeEvent(event)

    def _close_and_lose(self) -> None:
        self._may_lose = True
        self.close()

    # What the window shows

    @property
    def _reviewing(self) -> bool:
        return self.review is not None and not self.review.isHidden()

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
        if entry is not None and self._centre.currentWidget() is self.welcome:
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
            self.views.show_slice(loaded)
            self.answer.show_answer(loaded, self._no_model_reason())
            self._centre.setCurrentWidget(self.views)

    def _name_slice(self) -> None:
        """Its name above it and in the title, with the patient's identifier where there is one.

        Also where a file of the same name has come or gone, which changes how it is told apart.
        """
        entry, loaded = self.bench.selected, self.bench.loaded
        name = "" if entry is None else self.bench.slices.name(entry.path)
        who = None if loaded is None else loaded.slice.source.identifiers
        if who is not None and who.patient:
            name = _("{file}, patient {patient}").format(file=name, patient=who.patient)
        self.views.set_name(name)
        self.message.say(name, self.message.words)
        title = _("Brain tumour MRI")
        if name:
            title = _("{file} – Brain tumour MRI").format(file=name)
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

    def _show_progress(self) -> None:
        slices = self.bench.slices
        refused = slices.count(State.REFUSED) + slices.count(State.FAILED)
        fields = {
            "answered": slices.count(State.ANSWERED),
            "total": slices.rowCount(),
            "refused": refused,
        }
        if not fields["total"]:
            text = _("No slices open")
        elif refused:
            text = _("{answered} of {total} answered, {refused} refused").format(**fields)
        else:
            text = _("{answered} of {total} answered").format(**fields)
        self._progress.setText(text)

    def _show_model(self) -> None:
        bench = self.bench
        headline = _("Drop MRI slices or folders here")
        words = _("PNG, JPEG, BMP, TIFF and single-frame DICOM. Files never leave this computer.")
        if bench.model is not None:
            self._model.setText(answers.model_tag(bench.model))
            self._model.setToolTip(bench.model.sha256)
        elif not bench.model_settled:
            self._model.setText(_("Loading the model…"))
        else:
            reason = self._no_model_reason()
            self._model.setText(_("No model: no answers"))
            self._model.setToolTip(reason)
            words = _("{reason} Slices can be looked at, but no answers are given.").format(
                reason=reason
            )
        self.welcome.say(headline, words)

    def _no_model_reason(self) -> str:
        if self.bench.model_error is not None:
            return reading.sentence(self.bench.model_error)
        return _("The model could not be loaded.")

    def _select_row(self, row: int) -> None:
        index = self.bench.slices.index(row)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def _current_changed(self, current: QModelIndex) -> None:
        entry = current.data(EntryRole)
        self.actions_.invert.setChecked(False)  # is for the slice that it was asked of
        self.bench.select(entry.path if entry is not None else None)

    def _mark_drop(self, over: bool) -> None:
        margin = theme.GRID
        self._drop_mark.setGeometry(self._centre.rect().adjusted(margin, margin, -margin, -margin))
        self._drop_mark.raise_()
        self._drop_mark.setVisible(over)

    # How it is put together

    def _lay_out(self) -> None:
        self.list.setModel(self.bench.slices)
        self.list.setItemDelegate(SliceDelegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName(_("Open slices"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        title = QLabel(_("Slices"))
        title.setProperty("role", "title")
        title.setIndent(theme.GRID + 3)  # where the thumbnails begin
        self.list_panel = QWidget()
        column = QVBoxLayout(self.list_panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(self.list)
        self.list_panel.setMinimumWidth(22 * theme.GRID)

        self._centre = QStackedWidget()
        self._centre.setObjectName("centre")
        for page in (self.welcome, self.message, self.views):
            self._centre.addWidget(page)
        self._drop_mark = QLabel(_("Drop to open"), self._centre)
        self._drop_mark.setObjectName("drop")
        self._drop_mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._drop_mark.setProperty("role", "headline")
        self._drop_mark.hide()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        for part in (self.list_panel, self._centre, self.answer):
            self._splitter.addWidget(part)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([33 * theme.GRID, 97 * theme.GRID, 30 * theme.GRID])
        self.setCentralWidget(self._splitter)

        disclaimer = QLabel(answers.disclaimer())
        disclaimer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        bar.addWidget(self._progress)
        bar.addWidget(disclaimer, 1)
        bar.addPermanentWidget(self._model)

    def _connect(self) -> None:
        bench, actions, views = self.bench, self.actions_, self.views
        bench.shown_changed.connect(self._show_selected)
        bench.slices.rowsInserted.connect(self._name_slice)
        bench.slices.rowsRemoved.connect(self._name_slice)
        bench.select_asked.connect(self._select_row)
        bench.progress_changed.connect(self._show_progress)
        bench.model_changed.connect(self._show_model)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        actions.open_files.triggered.connect(self._choose_files)
        actions.open_folder.triggered.connect(self._choose_folder)
        actions.recent_menu.aboutToShow.connect(self._fill_recent)
        actions.close_slice.triggered.connect(self._close_slice)
        actions.close_all.triggered.connect(bench.close_all)
        actions.quit.triggered.connect(self.close)
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
        actions.review_folder.triggered.connect(self._choose_review)
        actions.review.toggled.connect(self._toggle_review)
        actions.shortcuts.triggered.connect(lambda: dialogs.shortcuts(self, actions.all()).open())
        actions.model_card.triggered.connect(
            lambda: dialogs.model_card(self, model_bundle(), bench.model).open()
        )
        actions.about.triggered.connect(lambda: dialogs.about(self, bench.model).open())
        actions.heat.toggled.connect(lambda on: self._settings.setValue("heat_map", on))
        actions.outline.toggled.connect(lambda on: self._settings.setValue("outline", on))

    def _restore(self) -> None:
        self.actions_.heat.setChecked(bool(self._settings.value("heat_map", True, bool)))
        self.actions_.outline.setChecked(bool(self._settings.value("outline", True, bool)))
        self._show_progress()
        reviews = self._load_review is not None
        self.actions_.review_menu.menuAction().setVisible(reviews)
        self.actions_.review.setEnabled(reviews)
        self.actions_.review_folder.setEnabled(reviews)
        if self._load_review is not None and self._settings.value("review", False, bool):
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
