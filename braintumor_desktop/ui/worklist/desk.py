"""Deciding about the selected row: only about what is on screen, and said at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.outputs.stored_persons import group_subject
from braintumor_desktop.screening.groups import Group
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.text import _, isolated, reading
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.ui.session.decisions import Decisions, Step, Subject
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.worklist.said import SaidLabel


def about(row: FileResult) -> Subject:
    """A row as what is decided about."""
    return Subject(slice_subject(row.content, row.frame), row.label, visible(row.name), row)


def about_series(group: Group) -> Subject:
    """A series as what is decided about: the network says nothing of a whole one to agree with."""
    return Subject(group_subject(group), "", visible(group.name), group)


class Desk(QObject):
    """Takes decisions and comments, and says what became of them.

    `changed` carries the content that something else is decided about now. `unkept` has, by path,
    the comments that could not be kept: what typing goes on with.
    """

    changed = Signal(str)

    def __init__(
        self,
        decisions: Callable[[], Decisions | None],
        said: SaidLabel,
        unkept: dict[Key, str],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._decisions = decisions
        self._said = said
        self._shown: Key | None = None
        self._shown_content = ""
        self.comments_kept = True
        self.unkept = unkept

    def take_shown(self, key: Key | None, content: str = "") -> None:
        """Take note of what is on screen: nothing is decided about any other row or content.

        `content` is the SHA-256 of what was read, empty where the file was refused.
        """
        self._shown, self._shown_content = key, content

    @property
    def shown(self) -> Key | None:
        """The slice that is on screen: its file and frame."""
        return self._shown

    def on_screen(self, row: FileResult | None) -> bool:
        """Whether what is shown is the row's slice, or why it was refused."""
        return row is not None and self._shown == (row.path, row.frame)

    def has_changed(self, row: FileResult) -> bool:
        """Whether the file has changed since it was answered; says so."""
        answered = bool(row.answered)
        same = self._shown_content == row.content or not (self._shown_content or answered)
        changed = self._shown == (row.path, row.frame) and not same
        if changed:
            words = _("{file} has changed since it was answered: review it again to decide.")
            self._said.say_until_decided(words.format(file=isolated(row.name)))
        return changed

    def decide(self, row: FileResult, subject: Subject, verdict: str, class_name: str = "") -> bool:
        """Decide about `subject`, of which `row` is on screen; whether that is kept."""
        decisions = self._decisions()
        if decisions is None:
            return False
        if verdict == "agree" and not subject.label:
            return False  # there is no answer to agree with
        if self.has_changed(row):
            return False
        step = decisions.decide(subject, verdict, class_name)
        return step is not None and self._tell(step)

    def comment(self, row: FileResult, text: str) -> None:
        """Keep a comment, also beside what others have decided; else it can be typed on later."""
        decisions = self._decisions()
        if decisions is None:
            return
        changed = self.has_changed(row)
        step = None if changed else decisions.comment(about(row), text)
        if step is not None and self._tell(step):
            if step.error is not None:
                self.comments_kept = False
            return
        self.comments_kept = False
        self.unkept[row.path, row.frame] = text
        words = _("{reason} The comment is not kept yet: it opens again as it was typed.")
        self._said.say_until_decided(words.format(reason=self._said.until_decided))

    def undo(self) -> Subject | None:
        """Take the last step back; what it was about, None where nothing is taken back."""
        decisions = self._decisions()
        step = None if decisions is None else decisions.undo()
        if step is None:
            return None
        if not self._tell(step) and not step.met_others:
            return None
        if step.kept:
            words = _("Taken back: {file}.").format(file=isolated(step.subject.name))
            self._said.say_until_decided(words)
        return step.subject

    def _tell(self, step: Step) -> bool:
        """Show and say what became of a step; whether it was kept."""
        if step.kept or step.met_others:
            self.changed.emit(step.subject.content)
        if step.met_others:
            words = _("{file} was decided in another window meanwhile: look again.")
            self._said.say_until_decided(words.format(file=isolated(step.subject.name)))
        elif step.error is not None:
            self._said.say_until_decided(reading.sentence(step.error))
        else:
            self._said.decided()
        return step.kept
