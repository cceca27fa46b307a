"""What the review hands over, written in a thread of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.measurement import NO_NOTES
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.atomic import whole_file, whole_folder
from braintumor_desktop.outputs.stored_persons import group_subject
from braintumor_desktop.outputs.table import CsvWriter, write_json_line
from braintumor_desktop.screening.groups import By, groups
from braintumor_desktop.store.events import deciders
from braintumor_desktop.store.records import Records
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.text.numbers import day

Pairs = Sequence[tuple[FileResult, Decision]]


def export_folder(target: Path, pairs: Pairs, classes: Sequence[str], records: Records) -> None:
    """The table for people as `results.xlsx`, for programs as `results.csv` and `results.jsonl`.

    Every event about its slices and their series goes to `audit.jsonl`. Raises `ExportError`; the
    folder is complete or absent.
    """
    from braintumor_desktop.outputs.workbook import WorkbookWriter  # only who wants one waits

    contents = {row.content for row, _ in pairs}
    series = {row.series_instance_uid for row, _ in pairs} - {""}
    with whole_folder(target) as folder:
        with WorkbookWriter(folder / "results.xlsx", classes) as book:
            for row, decision in pairs:
                book.write(row, decision)
        with (folder / "results.csv").open(
            "w", encoding="utf-8", errors="backslashreplace", newline=""
        ) as stream:
            CsvWriter(stream, classes).write_all(pairs)
        with (folder / "results.jsonl").open("w", encoding="ascii", newline="\n") as stream:
            for row, decision in pairs:
                write_json_line(stream, row, decision)
        with (folder / "audit.jsonl").open("w", encoding="ascii", newline="\n") as stream:
            for event in records.audit():
                if event["content"] in contents or event["series"].split(":")[0] in series:
                    stream.write(json.dumps(event) + "\n")


def write_report(
    target: Path,
    pairs: Pairs,
    classifier: Classifier,
    records: Records,
    *,
    patient_data: bool,
    slice_pages: bool = False,
) -> None:
    """A PDF with a page for every series, with `slice_pages` one for every row behind them.

    Raises `ExportError`; complete or absent. `records` has what persons measured on the slices, and
    who decided about slices and series.
    """
    # matplotlib takes a second to import: only who wants a report waits for it.
    from braintumor_desktop.outputs.pdf import Report
    from braintumor_desktop.outputs.pdf_series import Decided

    who, standing = deciders(records.audit()), records.decisions()

    def said_by(subject: str) -> str:
        name, at = who.get(subject, ("", ""))
        return f"{name}, {day(at[:10].replace('-', ''))}" if name else ""

    def of_series(row: FileResult) -> Decided | None:
        for group in groups([replace(row, duplicate_of="")], By.SERIES):
            subject = group_subject(group)
            if (decision := standing.get(subject, Decision())) != Decision():
                return Decided(decision, said_by(subject))
        return None

    with (
        whole_file(target) as path,
        Report(path, classifier, patient_data=patient_data, slice_pages=slice_pages) as report,
    ):
        for row, decision in pairs:
            notes = records.notes.of(row.content).get(row.frame, NO_NOTES)
            by = said_by(slice_subject(row.content, row.frame)) if decision.verdict else ""
            report.add(row, decision, notes, by, of_series(row))
