"""The review's words: columns, verdicts, certainty, decisions, counts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.screening.batch import Row
from braintumor_desktop.screening.groups import By
from braintumor_desktop.screening.progress import Progress
from braintumor_desktop.screening.worklist import Certainty, Column, Counts, certainty
from braintumor_desktop.ui.widgets import messages
from braintumor_desktop.ui.widgets.file_names import shown


def tr(text: str) -> str:
    """Translate a sentence of this module."""
    return QCoreApplication.translate("Review", text)


def column(name: Column) -> str:
    """A column's title."""
    titles = {
        Column.FILE: tr("File"),
        Column.PATIENT: tr("Patient"),
        Column.SERIES: tr("Series"),
        Column.VERDICT: tr("Network's answer"),
        Column.PROBABILITY: tr("Probability"),
        Column.CERTAINTY: tr("Certainty"),
        Column.WARNINGS: tr("Warnings"),
        Column.DECISION: tr("Decision"),
        Column.COMMENT: tr("Comment"),
    }
    return titles[name]


def verdict(row: Row) -> str:
    """The answer, or why there is none, in a few words."""
    outcome = row.outcome
    if outcome.answered:
        return messages.class_name(outcome.label)
    reasons = {
        "hidden": tr("Passed over: hidden"),
        "index": tr("Passed over: an index"),
        "other": tr("Passed over: no picture"),
        "link": tr("Not followed: a link"),
        "archive": tr("Archive not readable"),
        "internal": tr("Failed unexpectedly"),
    }
    kind = outcome.reason.kind if outcome.reason else ""
    return reasons.get(kind) or messages.short_reason(kind)


def certainty_name(value: Certainty) -> str:
    """A certainty in a word or two."""
    names = {
        Certainty.FAILED: tr("No answer"),
        Certainty.UNLIKE: tr("Unlike the training"),
        Certainty.UNCERTAIN: tr("Uncertain"),
        Certainty.CERTAIN: tr("Others excluded"),
        Certainty.PASSED: tr("No slice"),
    }
    return names[value]


def certainty_words(row: Row) -> str:
    """The certainty of a row with what else is possible."""
    value = certainty(row)
    others = [name for name in row.outcome.possible if name != row.outcome.label]
    if value is Certainty.UNCERTAIN and others:
        return tr("Or: {classes}").format(classes=", ".join(map(messages.class_name, others)))
    return certainty_name(value)


def warnings(row: Row) -> str:
    """The warnings, or the reason of a refusal, and whose copy a row is."""
    said = [messages.sentence(warning) for warning in row.outcome.warnings]
    if row.outcome.reason is not None:
        said.append(messages.sentence(row.outcome.reason))
    if row.duplicate_of:
        said.append(tr("Same content as {file}.").format(file=shown(row.duplicate_of)))
    return " ".join(said)


def decision(given: Decision) -> str:
    """A decision in a few words; empty where there is none."""
    fields = {"class_name": messages.class_name(given.class_name)}
    match given.verdict:
        case "agree":
            return tr("Agreed: {class_name}").format(**fields)
        case "disagree":
            return tr("No, {class_name}").format(**fields)
        case "unsure":
            return tr("Unsure")
        case _:
            return ""


def progress(now: Progress) -> str:
    """How far a run is, on one line."""
    fields = {"done": f"{now.done:,}", "rate": f"{now.rate:,.0f}"}
    left = now.seconds_left
    if now.total is None:
        return tr("{done} files, {rate} a second, counting…").format(**fields)
    fields["total"] = f"{now.total:,}"
    if left is None or now.done >= now.total:
        return tr("{done} of {total} files").format(**fields)
    minutes, seconds = divmod(round(left), 60)
    return tr("{done} of {total} files, {rate} a second, {minutes}:{seconds} left").format(
        **fields, minutes=minutes, seconds=f"{seconds:02}"
    )


def counts(now: Counts) -> str:
    """What else there is, below the plot."""
    return tr(
        "{look} need a look · {failed} without an answer · {duplicates} copies · {passed} passed "
        "over"
    ).format(
        look=f"{now.needs_look:,}",
        failed=f"{now.failed:,}",
        duplicates=f"{now.duplicates:,}",
        passed=f"{now.passed:,}",
    )


def grouping(by: By, filtered: bool) -> str:
    """How a group's line is computed; `filtered` where filters are set, which hide none of it."""
    if by is By.PATIENT:
        start = tr("A line puts the slices with the same DICOM patient identifier together.")
    else:
        start = tr("A line puts the slices with the same DICOM series together.")
    said = tr(
        "{start} Tumour: slices whose most probable class is one; type: the most frequent of "
        "them, several where they are as frequent. Strongest: the highest probability of any "
        "tumour, 1 less that of no tumour. Mean: it, averaged over the slices that show a tumour. "
        "Copies are left out. The network has judged every slice on its own."
    ).format(start=start)
    if filtered:
        said = tr("{said} The filters choose among slices: groups are of all slices.").format(
            said=said
        )
    return said
