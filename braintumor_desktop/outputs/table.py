"""The worklist as CSV and as JSON Lines, both for programs (`workbook` is for spreadsheets).

Nothing in them depends on when or how often a run was cut off: the same folder, model and decisions
give the same bytes.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from braintumor_desktop.domain.answer import Certainty
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.domain.result import FileResult

_WIDE = "\uff1d\uff0b\uff0d\uff20"  # the same four as wide as a Chinese letter
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *_WIDE)
"""What a spreadsheet takes for a formula (OWASP, "CSV Injection")."""

_INSIDE = re.compile(rf"""([;\t\r\n])(?=["'\s]*[=+\-@{_WIDE}])""")
"""Where a cell begins for a spreadsheet that splits at semicolons, as many languages' do."""

_BYTE_ORDER_MARK = "\ufeff"


def values(row: FileResult, decision: Decision) -> dict[str, Any]:
    """Everything in the table about a row, by column; the probabilities as a dictionary."""
    dicom = row.identifiers or DicomIdentifiers()
    return {
        "file": row.name,
        "status": status(row),
        "reason": str(row.reason) if row.reason else "",
        "verdict": row.label,
        "probability": row.probability if row.answered else None,
        "probabilities": dict(row.probabilities),
        "possible": list(row.possible),
        "unlike_training": row.unlike_training if row.answered else None,
        "needs_look": row.needs_look,
        "area_mm2": row.area_mm2,
        "peak": list(row.peak) if row.peak else None,
        "warnings": [str(warning) for warning in row.warnings],
        "patient_id": dicom.patient_id,
        "issuer_of_patient_id": dicom.issuer_of_patient_id,
        "study_instance_uid": dicom.study_instance_uid,
        "series_instance_uid": dicom.series_instance_uid,
        "frame": row.frame,
        "position_mm": row.position_mm,
        "modality": dicom.modality,
        "decision": decision.verdict,
        "decided_class": decision.class_name,
        "comment": decision.comment,
        "duplicate_of": row.duplicate_of,
        "sha256": row.content,
        "model": row.model.name if row.model else "",
        "model_sha256": row.model.sha256 if row.model else "",
    }


def status(row: FileResult) -> str:
    """One of "answered", "refused", and "passed over" for what need not be a slice."""
    if row.answered:
        return "answered"
    return "passed over" if row.certainty is Certainty.PASSED else "refused"


class CsvWriter:
    """Writes rows as RFC 4180 CSV: CRLF, quotes where needed, a header.

    `stream` is open as UTF-8 with `newline=""`. A byte order mark comes first: without one Excel
    takes accented letters for others. Text that a spreadsheet would run gets an apostrophe in
    front.
    """

    def __init__(self, stream: TextIO, classes: Sequence[str]) -> None:
        self._stream = stream
        self._writer = csv.writer(stream)
        self._classes = tuple(classes)
        self._header = False

    def write(self, row: FileResult, decision: Decision) -> None:
        """One line."""
        line = flat(values(row, decision), self._classes)
        if not self._header:
            self._stream.write(_BYTE_ORDER_MARK)
            self._writer.writerow(line)
            self._header = True
        self._writer.writerow(map(_cell, line.values()))

    def write_all(self, rows: Iterable[tuple[FileResult, Decision]]) -> None:
        """All lines."""
        for row, decision in rows:
            self.write(row, decision)


def flat(given: dict[str, Any], classes: Sequence[str]) -> dict[str, Any]:
    """Return `values` with one value a column: text, number, True or False, or None."""
    line: dict[str, Any] = {}
    for name, value in given.items():
        if name == "probabilities":
            line |= {f"p_{label}": value.get(label) for label in classes}
        elif name == "peak":
            line["peak_x"], line["peak_y"] = value or (None, None)
        elif isinstance(value, list):
            line[name] = "; ".join(value)
        else:
            line[name] = value
    return line


def write_json_line(stream: TextIO, row: FileResult, decision: Decision) -> None:
    """One JSON object on a line, in ASCII, so that any name survives."""
    stream.write(json.dumps(values(row, decision)) + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".")
    text = _INSIDE.sub(r"\1'", str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
