"""What a person decides: kept in the store, taken back, held against what others decided.

Plain Python over `store.records`; the window only says what became of each step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.records import DecidedMeanwhileError, Records


@dataclass(frozen=True, eq=False)
class Subject:
    """What is decided about.

    Attributes
    ----------
    content
        By which the store knows it: the SHA-256 of a file in hex, or a name for a series.
    label
        The class that was answered; empty where there is none to agree with.
    name
        What it is called on screen.
    what
        Whatever the caller wants back when the decision is undone.

    """

    content: str
    label: str
    name: str
    what: object = None


@dataclass(frozen=True)
class Step:
    """What became of one attempt.

    `error` says why it was not kept; where it is a `DecidedMeanwhileError`, what others decided
    stands now. A comment can be kept beside that: then both are set.
    """

    subject: Subject
    kept: bool
    error: BraintumorError | None = None

    @property
    def met_others(self) -> bool:
        """Whether somebody else had decided meanwhile."""
        return isinstance(self.error, DecidedMeanwhileError)


class Decisions:
    """Decide, undo, comment; `standing` is what is decided, by content."""

    def __init__(self, records: Records, key: str) -> None:
        """`key` is that of the answers that are decided about. Raises `RecordsError`."""
        self._records = records
        self._key = key
        self._done: list[tuple[int, Subject]] = []
        self.standing = records.decisions()

    @property
    def can_undo(self) -> bool:
        """Whether there is a decision of this session to take back."""
        return bool(self._done)

    @property
    def done(self) -> int:
        """How many steps can be taken back."""
        return len(self._done)

    @property
    def last(self) -> Subject:
        """What the last step was about. There must be one."""
        return self._done[-1][1]

    def refresh(self) -> None:
        """Read what stands anew, and forget what could be taken back: another review begins."""
        self.standing.clear()
        self.standing.update(self._records.decisions())
        self._done.clear()

    def on(self, subject: Subject) -> Decision:
        """What is decided about it, beside the answer that it has now."""
        return self.standing.get(subject.content, Decision()).beside(subject.label)

    def decide(self, subject: Subject, verdict: str, class_name: str = "") -> Step | None:
        """Decide, and keep the comment; None where there is no answer to agree with.

        `verdict` as in `Decision`; to say the class that was answered is to agree.
        """
        if verdict == "agree":
            class_name = subject.label
        elif verdict == "disagree" and class_name == subject.label:
            verdict = "agree"
        if verdict == "agree" and not class_name:
            return None
        return self._keep(subject, Decision(verdict, class_name, self.on(subject).comment))

    def comment(self, subject: Subject, text: str) -> Step:
        """Keep a comment, also beside what others have decided, but never over their comment."""
        seen = self.on(subject)
        step = self._keep(subject, replace(seen, comment=text))
        if step.kept or not step.met_others:
            return step
        stands = self.on(subject)
        if stands.comment != seen.comment:
            return step
        again = self._keep(subject, replace(stands, comment=text))
        return Step(subject, again.kept, step.error if again.kept else again.error)

    def undo(self) -> Step | None:
        """Take the last step back; None where there is none."""
        if not self._done:
            return None
        event, subject = self._done[-1]
        try:
            stands = self._records.undo(event)
        except DecidedMeanwhileError as error:
            self._done.pop()
            self.standing[subject.content] = error.stands
            return Step(subject, False, error)
        except RecordsError as error:
            return Step(subject, False, error)
        self._done.pop()
        self.standing[subject.content] = stands
        return Step(subject, True)

    def _keep(self, subject: Subject, decision: Decision) -> Step:
        seen = self.standing.get(subject.content, Decision())
        try:
            event = self._records.decide(subject.content, self._key, decision, seen)
        except DecidedMeanwhileError as error:
            self.standing[subject.content] = error.stands
            return Step(subject, False, error)
        except RecordsError as error:
            return Step(subject, False, error)
        self._done.append((event, subject))
        self.standing[subject.content] = decision
        return Step(subject, True)
