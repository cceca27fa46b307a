"""Coming and going of the worklist, which is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QMainWindow

from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.session.session import Session

if TYPE_CHECKING:  # OpenCV comes with it: the window opens sooner without
    from braintumor_desktop.ui.worklist.review_dock import ReviewDock
    from braintumor_desktop.ui.worklist.review_page import ReviewPage


class Reviewing(QObject):
    """Puts the worklist on screen and takes it away.

    `shown_changed`: it came or went. `decided`: what is decided about a line may be another thing.
    """

    shown_changed = Signal()
    decided = Signal()

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        actions: WindowActions,
        settings: QSettings,
        forget: Callable[[], None],
    ) -> None:
        """`forget` lets what was copied go, when another patient's slices are asked for."""
        super().__init__(window)
        self._window, self._session, self._actions = window, session, actions
        self._settings, self._forget = settings, forget
        self.dock: ReviewDock | None = None
        actions.review.toggled.connect(self._toggle)
        actions.review_menu.menuAction().setVisible(session.reviews)
        actions.review.setEnabled(session.reviews)
        actions.review_folder.setEnabled(session.reviews)

    @property
    def page(self) -> ReviewPage | None:
        """The worklist's page, while it is on screen."""
        return None if self.dock is None or self.dock.isHidden() else self.dock.page

    def start(self, paths: Sequence[Path]) -> None:
        """Review folders, archives and DICOMDIRs; with none, go on with the last review."""
        review = self._session.begin_reviewing()
        if review is None:
            return
        if self.dock is None:
            from braintumor_desktop.ui.worklist.review_dock import ReviewDock
            from braintumor_desktop.ui.worklist.review_link import ReviewLink

            self.dock = ReviewDock(self._window, review, self._actions, self._settings)
            self.dock.page.decisions.decided.connect(self.decided)
            self.dock.visibilityChanged.connect(lambda *_args: self.shown_changed.emit())
            self._link = ReviewLink(self.dock, self._session.bench, self._forget)
        self.dock.open(paths)
        self._link.say_nothing_answers()
        self._settings.setValue("review", True)

    def resume_soon(self) -> None:
        """Go on with the last review, where it was on screen, once the window is."""
        if self._session.reviews and self._settings.value("review", False, bool):
            QTimer.singleShot(0, self._resume)

    def hide(self) -> None:
        """Make room for what is opened beside it; the next start shows it again."""
        if self.dock is not None and self.page is not None:
            with QSignalBlocker(self._actions.review):
                self._actions.review.setChecked(False)
            self.dock.hide()

    def unkept(self) -> list[tuple[str, str]]:
        """Files with the comments that could not be kept."""
        return [] if self.dock is None else self.dock.page.decisions.unkept()

    def remember(self) -> None:
        """Keep its size for the next start."""
        if self.dock is not None:
            self.dock.remember()

    def _resume(self) -> None:
        if self._session.bench.empty:  # else it was started with a file, which it should show
            self.start([])

    def _toggle(self, on: bool) -> None:
        self._settings.setValue("review", on)
        if on and self.dock is None:
            self.start([])
        elif self.dock is not None:
            self.dock.setVisible(on)
            if on:
                self.dock.page.ask_again()
