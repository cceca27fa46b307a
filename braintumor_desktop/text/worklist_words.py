"""The worklist's words: columns, verdicts, certainty, decisions, counts."""

from __future__ import annotations

from braintumor_desktop.domain.answer import Certainty
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.text.answers import abstention, class_in_text, finding, in_a_row
from braintumor_desktop.text.bidi import isolated, visible
from braintumor_desktop.text.language import _
from braintumor_desktop.text.numbers import integer
from braintumor_desktop.text.reading import sentence, short_reason


def column(name: str) -> str:
    """Return the title of a column, by its stable name."""
    titles = {
        "mark": "✓",
        "file": _("File"),
        "patient": _("Patient"),
        "series": _("Series"),
        "verdict": _("AI's answer"),
        "probability": _("Probability"),
        "certainty": _("Certainty"),
        "warnings": _("Warnings"),
        "decision": _("Decision"),
        "comment": _("Comment"),
    }
    return titles.get(name, name)


def file_name(row: FileResult) -> str:
    """Return what a file or one of its frames is called, frames counted from 1."""
    if not row.frame:
        return visible(row.name)
    return _("{file}, frame {number}").format(file=visible(row.name), number=integer(row.frame + 1))


def series(dicom: DicomIdentifiers | None) -> str:
    """Return the end of a series' UID, and what its file calls it; empty where there is no UID.

    Two series may have one description, so that a narrow column cuts this and not the UID. All UIDs
    of Siemens end in .0.0.0, which tells none apart.
    """
    uid = dicom.series_instance_uid if dicom else ""
    if dicom is None or not uid:
        return ""
    zeros = len(uid) - len(uid.removesuffix(".0.0.0"))
    return f"…{visible(uid[-8 - zeros :])} {visible(dicom.series_description)}".strip()


def verdict(row: FileResult) -> str:
    """Return the answer, or why there is none, in a few words; no class where it is withheld."""
    if row.answered:
        return finding(row)
    return short_reason(row.reason.kind if row.reason else "")


def certainty_name(value: Certainty) -> str:
    """Return a certainty in a word or two."""
    names = {
        Certainty.FAILED: _("No answer"),
        Certainty.UNLIKE: _("Unlike the training"),
        Certainty.UNCERTAIN: _("Uncertain"),
        Certainty.CERTAIN: _("Others excluded"),
        Certainty.PASSED: _("No slice"),
    }
    return names[value]


def certainty_words(row: FileResult) -> str:
    """Return the certainty of a row with what else is possible."""
    if row.withheld:
        return abstention(row)
    others = tuple(name for name in row.possible if name != row.label)
    if row.certainty is Certainty.UNCERTAIN and others:
        return _("Or: {classes}").format(classes=in_a_row(others))
    return certainty_name(row.certainty)


def warnings(row: FileResult) -> str:
    """Return the warnings, or the reason of a refusal, and whose copy a row is."""
    said = [sentence(warning) for warning in row.warnings]
    if row.reason is not None:
        said.append(sentence(row.reason))
    if row.duplicate_of:
        said.append(_("Same content as {file}.").format(file=isolated(row.duplicate_of)))
    return " ".join(said)


def decision(given: Decision) -> str:
    """Return a decision in a few words; empty where there is none."""
    fields = {"class_name": class_in_text(given.class_name)}
    match given.verdict:
        case "agree":
            return _("Agreed: {class_name}").format(**fields)
        case "disagree":
            return _("No, {class_name}").format(**fields)
        case "unsure":
            return _("Unsure")
        case _missing:
            return ""


def mark(given: Decision) -> str:
    """Return a decision as a sign for a narrow column; its words stand elsewhere in the line."""
    return {"agree": "✓", "disagree": "≠", "unsure": "?"}.get(given.verdict, "")


def shown_of(visible: int, total: int) -> str:
    """Return how many lines the filters leave."""
    return _("{visible} of {total} shown").format(visible=integer(visible), total=integer(total))


def progress(done: int, total: int | None, rate: float, seconds_left: float | None) -> str:
    """Return how far a run is, on one line; `rate` in files a second."""
    fields = {"done": integer(done), "rate": integer(rate)}
    if total is None:
        return _("{done} files, {rate} a second, counting…").format(**fields)
    fields["total"] = integer(total)
    if seconds_left is None or done >= total:
        return _("{done} of {total} files").format(**fields)
    minutes, seconds = divmod(round(seconds_left), 60)
    return _("{done} of {total} files, {rate} a second, {minutes}:{seconds} left").format(
        **fields, minutes=minutes, seconds=f"{seconds:02}"
    )


def counts(needs_look: int, failed: int, duplicates: int, passed: int) -> str:
    """Return what else there is, below the plot."""
    return _(
        "{look} need a look · {failed} without an answer · {duplicates} copies · {passed} passed "
        "over"
    ).format(
        look=integer(needs_look),
        failed=integer(failed),
        duplicates=integer(duplicates),
        passed=integer(passed),
    )


def suspicious(count: int, usable: int, not_usable: int) -> str:
    """Return in how many of how many usable slices of a group something is suspicious."""
    fields = {"count": integer(count), "usable": integer(usable), "left": integer(not_usable)}
    if not_usable:
        return _("{count} of {usable} usable; {left} not usable").format(**fields)
    return _("{count} of {usable} usable").format(**fields)


def grouping(by: str, filtered: bool) -> str:
    """Return how a group's line is computed; `by` "patient" or "series".

    `filtered` where filters are set, which hide none of it.
    """
    if by == "patient":
        start = _("A line puts the slices with the same DICOM patient identifier together.")
    else:
        start = _("A line puts the slices with the same DICOM series together.")
    said = [
        start,
        _(
            "Suspicious: slices where any tumour has a probability of half or more, of those "
            "usable. Strongest: the highest probability of any tumour, 1 less that of no tumour. "
            "Copies are left out. The AI has judged every slice on its own and says nothing of "
            "the whole."
        ),
    ]
    if filtered:
        said.append(_("The filters choose among slices: groups are of all slices."))
    return " ".join(said)
