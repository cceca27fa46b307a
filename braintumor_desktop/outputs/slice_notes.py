"""What a person measured on a slice, as lines of a report."""

from __future__ import annotations

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.measurement import SliceNotes
from braintumor_desktop.rendering.measure import measured
from braintumor_desktop.text import _
from braintumor_desktop.text.measuring import measured_words, measurement_name


def noted(mri: MRISlice, notes: SliceNotes) -> tuple[tuple[str, str], ...]:
    """Return pairs of what something is called and what is said of it; none without notes."""
    lines = []
    for one in notes.measurements:
        figures = measured_words(one.kind, measured(one, mri)).replace("\n", ", ")
        lines.append((measurement_name(one.kind), figures))
    if notes.key_image:
        lines.append((_("Key image"), _("Marked by a person.")))
    return tuple(lines)
