"""Deciding about what is on screen: by the worklist while it is shown, else about the picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QWidget

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.text import _, answers, isolated, reading
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui.actions import WindowActions
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.session.decisions import Decisions, Step, Subject
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.session.session import Session

if TYPE_CHECKING:  # OpenCV comes with it: the window opens sooner without
    from braintumor_desktop.ui.worklist.review_page import ReviewPage


class Deciding(QObject):
    """Hands the keys and buttons that decide to the worklist's page, or decides here.

    `decided`: what is decided about the slice on screen may be another thing, or can be decided at
    last.
    """

    decided = Signal()

    def __init__(
        self,
        window: QWidget,
        session: Session,
        actions: WindowActions,
        page: Callable[[], ReviewPage | None],
    ) -> None:
        """`page` gives the worklist's page while the worklist is on screen."""
        super().__init__(window)
        self._window, self._session, self._actions, self._page = window, session, actions, page
        self._watched = False
        actions.agree.triggered.connect(lambda: self.decide("agree"))
        actions.unsure.triggered.connect(lambda: self.decide("unsure"))
        actions.comment.triggered.connect(self.comment)
        actions.undo.triggered.connect(self.undo)
        session.bench.shown_changed.connect(self._open_store)

    @property
    def possible(self) -> bool:
        """Whether something can be decided about what is on screen."""
        if self._page() is not None:
            return True
        return self._decisions is not None and self._subject() is not None

    def standing(self, subject: str) -> Decision | None:
        """What is decided about a subject; None where nobody keeps decisions.

        In the worklist, where lines are series, what is decided about the series.
        """
        if not self._session.reviews:
            return None
        page = self._page()
        lines = None if page is None else page.view.lines
        of_line = lines.subject() if lines is not None and lines.is_grouped else None
        decisions = self._decisions
        if decisions is None:
            return Decision()  # as far as is known before the store is open
        return decisions.standing.get(of_line.content if of_line else subject, Decision())

    def decide(self, verdict: str, class_name: str = "") -> None:
        """Decide about what is on screen; `verdict` as in `Decision`."""
        page, decisions, subject = self._page(), self._decisions, self._subject()
        if verdict == "agree" and subject is not None and not subject.label:
            words = _("There is no answer on screen to agree with: say what it is, or unsure.")
            dialogs.notice(self._window, words).open()
        elif page is not None:
            page.decisions.decide(verdict, class_name)
        elif decisions is not None and subject is not None:
            step = decisions.decide(subject, verdict, class_name)
            if step is not None:
                self._tell(step)

    def comment(self) -> None:
        """Ask for a comment on what is on screen, and keep it."""
        page, decisions, subject = self._page(), self._decisions, self._subject()
        if page is not None:
            page.view.lines.type_comment()
        elif decisions is not None and subject is not None:
            dialog = QInputDialog(self._window)
            dialog.setWindowTitle(_("Comment"))
            dialog.setLabelText(_("Comment on {file}").format(file=isolated(subject.name)))
            dialog.setTextValue(decisions.on(subject).comment)
            dialog.textValueSelected.connect(
                lambda text: self._tell(decisions.comment(subject, text.strip()))
            )
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def undo(self) -> None:
        """Take the last decision back, and show its slice; nothing of one that is not open."""
        page, decisions = self._page(), self._decisions
        if page is not None:
            page.decisions.undo()
        elif decisions is not None and decisions.can_undo:
            key = _key_of(decisions.last)
            if key is None or self._session.bench.slices.entry(key) is None:
                words = _("The last decision is about a slice that is not open: {file}.")
                named = words.format(file=isolated(decisions.last.name))
                dialogs.notice(self._window, named).open()
                return
            self._session.bench.select(key)
            step = decisions.undo()
            if step is not None:
                self._tell(step)

    @property
    def _decisions(self) -> Decisions | None:
        review = self._session.review
        return None if review is None else review.decisions

    def _subject(self) -> Subject | None:
        """The slice on screen, with the answer that is seen; None while it is not read."""
        bench = self._session.bench
        entry, loaded = bench.selected, bench.loaded
        if entry is None or loaded is None or not loaded.slice.source.sha256:
            return None
        shown = bench.shown(entry.key)
        answer = None if shown is None else shown.prediction
        source = loaded.slice.source
        return Subject(
            slice_subject(source.sha256, source.frame),
            "" if answer is None else answer.label,
            visible(bench.slices.name(entry.path)),
            entry.key,
        )

    def _open_store(self) -> None:
        """Open the store once a slice is answered, so that what was decided earlier is seen."""
        loaded = self._session.bench.loaded
        if self._watched or loaded is None or loaded.prediction is None:
            return
        review = self._session.begin_reviewing()
        if review is None:
            return
        self._watched = True
        review.opened.connect(self._opened)
        if review.decisions is not None:
            self._opened()
        elif not review.tasks.busy:
            review.open_store()

    def _opened(self) -> None:
        review = self._session.review
        if review is not None and not self._actions.classes_menu.actions():
            for number, name in enumerate(review.classes, start=1):
                action = self._actions.add_class(answers.class_name(name), str(number))
                action.triggered.connect(partial(self._say_class, name))
        self.decided.emit()

    def _say_class(self, name: str, *_checked: bool) -> None:
        self.decide("disagree", name)

    def _tell(self, step: Step) -> None:
        """Show what stands now, and why it is not what was asked for."""
        self.decided.emit()
        if step.met_others:
            words = _("{file} was decided in another window meanwhile: look again.")
            named = words.format(file=isolated(step.subject.name))
            dialogs.notice(self._window, named).open()
        elif step.error is not None:
            dialogs.notice(self._window, reading.sentence(step.error)).open()


def _key_of(subject: Subject) -> Key | None:
    """The slice that was decided about, where it was one."""
    what = subject.what
    if isinstance(what, FileResult):
        return what.path, what.frame
    return what if isinstance(what, tuple) else None
