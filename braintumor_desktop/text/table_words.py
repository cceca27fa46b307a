"""The words of the table for people; the one for programs keeps its stable English words."""

from __future__ import annotations

from typing import Any

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.text import worklist_words
from braintumor_desktop.text.answers import class_in_text, class_name
from braintumor_desktop.text.bidi import without_isolates
from braintumor_desktop.text.language import _, pgettext
from braintumor_desktop.text.reading import plain_sentence


def heading(column: str) -> str:
    """Return a column's title, by its name in `outputs.table`; `p_` columns are of a class."""
    if column.startswith("p_"):
        return _("Probability: {class_name}").format(
            class_name=class_in_text(column.removeprefix("p_"))
        )
    titles = {
        "file": _("File"),
        "status": _("Status"),
        "reason": _("Reason"),
        "verdict": _("AI's answer"),
        "probability": _("Probability"),
        "possible": _("Possible"),
        "unlike_training": _("Unlike the training"),
        "needs_look": _("Needs a look"),
        "area_mm2": _("Outline, mm²"),
        "peak_x": _("Strongest point, x"),
        "peak_y": _("Strongest point, y"),
        "warnings": _("Warnings"),
        "patient_id": _("Patient ID"),
        "issuer_of_patient_id": _("Issuer of the patient ID"),
        "study_instance_uid": _("Study"),
        "series_instance_uid": _("Series"),
        "frame": _("Frame"),
        "position_mm": _("Position, mm"),
        "modality": _("Modality"),
        "decision": _("Decision"),
        "decided_class": _("Decided class"),
        "comment": _("Comment"),
        "duplicate_of": _("Same content as"),
        "sha256": _("SHA-256 of the file"),
        "model": _("Model"),
        "model_sha256": _("SHA-256 of the model"),
    }
    return titles.get(column, column)


def in_words(line: dict[str, Any], row: FileResult, decision: Decision) -> dict[str, Any]:
    """Return a line of the table, a value a column, with its stable words in the language."""
    statuses = {
        "answered": pgettext("status", "answered"),
        "refused": pgettext("status", "refused"),
        "passed over": pgettext("status", "passed over"),
    }
    verdicts = {
        "agree": pgettext("decision", "agreed"),
        "disagree": pgettext("decision", "disagreed"),
        "unsure": pgettext("decision", "unsure"),
    }
    said = {
        "status": statuses.get(line.get("status", ""), ""),
        "reason": plain_sentence(row.reason) if row.reason else "",
        "verdict": without_isolates(worklist_words.verdict(row)) if row.answered else "",
        "possible": "; ".join(map(class_in_text, row.possible)),
        "warnings": " ".join(map(plain_sentence, row.warnings)),
        "decision": verdicts.get(decision.verdict, ""),
        "decided_class": class_name(decision.class_name) if decision.class_name else "",
    }
    words = {name: _yes_or_no(value) for name, value in line.items() if isinstance(value, bool)}
    return {name: said.get(name, words.get(name, value)) for name, value in line.items()}


def _yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")
