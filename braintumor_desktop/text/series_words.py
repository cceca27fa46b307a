"""What is said of a series: each figure with its denominator, none of a patient."""

from __future__ import annotations

from braintumor_desktop.domain.geometry import Plane
from braintumor_desktop.domain.series_answer import Lesion, SeriesAnswer, SeriesFinding
from braintumor_desktop.domain.study import SeriesKind
from braintumor_desktop.text.answers import class_in_text
from braintumor_desktop.text.language import _, ngettext, pgettext
from braintumor_desktop.text.numbers import decimal, integer


def series_headline(answer: SeriesAnswer) -> str:
    """Return the statement about the whole in a few words."""
    words = {
        SeriesFinding.SUSPICIOUS: _("AI: this series is suspicious for tumour"),
        SeriesFinding.NOTHING_FLAGGED: _("Nothing flagged. Not a normal finding."),
        SeriesFinding.NOT_ANSWERED: _("No statement about this series"),
    }
    return words[answer.finding]


def series_counts(answer: SeriesAnswer) -> str:
    """Return in how many of how many usable slices something is suspicious."""
    usable = answer.usable_count
    left = len(answer.usable) - usable
    fields = {
        "suspicious": integer(answer.suspicious),
        "usable": integer(usable),
        "left": integer(left),
    }
    if not left:
        said = ngettext(
            "Suspicious in {suspicious} of {usable} usable slice.",
            "Suspicious in {suspicious} of {usable} usable slices.",
            usable,
        )
    else:
        said = ngettext(
            "Suspicious in {suspicious} of {usable} usable slice; {left} not usable.",
            "Suspicious in {suspicious} of {usable} usable slices; {left} not usable.",
            usable,
        )
    return said.format(**fields)


def why_not_answered(reason: str) -> str:
    """Return why nothing is said of a series, by `SeriesAnswer.reason`."""
    reasons = {
        "too_few_usable_slices": _("Too few of its slices are usable to say something of it."),
        "not_measured": _("The network was not measured on series like this one."),
    }
    return reasons.get(reason, _("Nothing is said of this series."))


def not_asked(kind: SeriesKind) -> str:
    """Return why a series is not answered unless it is asked for."""
    reasons = {
        SeriesKind.LOCALIZER: _("Not answered: it is a localiser."),
        SeriesKind.DERIVED: _("Not answered: it was computed from others."),
        SeriesKind.PHASE: _("Not answered: it shows a phase."),
        SeriesKind.OTHER: _("Not answered: it is no picture."),
    }
    return reasons.get(kind, _("Not answered."))


def lesion(found: Lesion) -> str:
    """Return one place found, with slices counted from 1 and its extent where it is known."""
    fields = {
        "class_name": class_in_text(found.label),
        "first": integer(found.slices[0] + 1),
        "last": integer(found.slices[-1] + 1),
    }
    if found.extent_mm is None:
        said = _("Slices {first} to {last}: most like {class_name}; size in mm not known.")
        return said.format(**fields)
    across, columns, rows = (decimal(value, 0) for value in found.extent_mm)
    return _(
        "Slices {first} to {last}: most like {class_name}; {columns} × {rows} mm in the slice, "
        "{across} mm across slices, by the AI's outline."
    ).format(**fields, across=across, columns=columns, rows=rows)


def plane(value: Plane) -> str:
    """Return a plane's name, as before a series."""
    names = {
        Plane.AXIAL: pgettext("plane", "Axial"),
        Plane.CORONAL: pgettext("plane", "Coronal"),
        Plane.SAGITTAL: pgettext("plane", "Sagittal"),
        Plane.OBLIQUE: pgettext("plane", "Oblique"),
        Plane.UNKNOWN: pgettext("plane", "Plane not known"),
    }
    return names[value]


def slices(count: int) -> str:
    """Return how many slices there are."""
    return ngettext("{count} slice", "{count} slices", count).format(count=integer(count))
