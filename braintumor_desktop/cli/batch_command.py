"""`batch`: a folder in, a table out; what was cut off goes on where it was."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from braintumor_desktop import paths
from braintumor_desktop.cli.classify_command import printable
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.atomic import ExportError, beside_of, check_earlier, whole_file
from braintumor_desktop.outputs.table import CsvWriter, status, write_json_line
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.screening.progress import Control, Meter, Progress, counting
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.store.database import logs_of
from braintumor_desktop.store.records import Records, user_name, user_records

_REFRESH_S = 0.1
_OUTPUTS = {"out": (b"file", b'"file"'), "jsonl": (b'{"file"',), "report": (b"%PDF",)}
"""The options that name what is written, each with how that begins.

A table that a spreadsheet has saved again may have its text in quotes.
"""


@dataclass
class Summary:
    """What a run came to."""

    done: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refused: int = 0
    duplicates: int = 0
    look: int = 0

    def add(self, row: FileResult) -> None:
        """Count a row."""
        self.done += 1
        self.look += row.needs_look
        self.duplicates += bool(row.duplicate_of)
        self.refused += status(row) == "refused"
        if row.reason is not None:
            self.reasons[row.reason.kind] += 1
        else:
            self.verdicts[row.label] += 1

    def lines(self, seconds: float) -> Iterator[str]:
        """The summary for people."""
        rate = self.done / seconds if seconds > 0 else 0.0
        yield f"{self.done:,} files in {seconds:,.1f} s ({rate:,.1f} a second)"
        for name, count in sorted(self.verdicts.items()):
            yield f"  {name:<14}{count:>9,}"
        for kind, count in sorted(self.reasons.items()):
            yield f"  no answer: {kind} {count:,}"
        yield f"  duplicates by content: {self.duplicates:,}"
        yield f"  need a look: {self.look:,}"


def run(options: Namespace) -> int:
    """Do the batch; returns how many files were refused.

    Raises `ModelBundleError`, `RecordsError` or `ExportError`; the exports are complete or absent.
    """
    kept = (options.records or user_records()).absolute()
    own = _own(options, kept)
    classifier = Classifier.load(paths.model_bundle())
    with closing(Records(kept, user_name())) as records:
        if records.set_aside is not None:
            _say(f"The records were damaged. They are kept as {records.set_aside.name}.")
        batch = Batch(classifier, records, options.jobs, anew=not options.resume)
        number, resumed = records.begin_run(options.paths, batch.key)
        if resumed and options.resume:
            _say("An earlier run was cut off; this one goes on where it was.")
        began = time.monotonic()
        with ExitStack() as stack:
            table = CsvWriter(_text(stack, options.out), classifier.classes)
            lines = _text(stack, options.jsonl) if options.jsonl else None
            report = None
            if options.report:
                from braintumor_desktop.outputs.pdf import Report

                path = stack.enter_context(whole_file(options.report))
                report = stack.enter_context(
                    Report(path, classifier, patient_data=options.patient_data)
                )
            summary = Summary()
            for row in _shown(batch, options.paths, own):
                decision = records.decision(row.content).beside(row.label)
                summary.add(row)
                table.write(row, decision)
                if lines:
                    write_json_line(lines, row, decision)
                if report and (row.answered or decision != Decision()):
                    report.add(row, decision)
        records.end_run(number)
    for line in summary.lines(time.monotonic() - began):
        print(printable(line))
    return summary.refused


def _own(options: Namespace, records: Path) -> list[Path]:
    """The files that the run writes, none of which is a slice, wherever they are.

    Raises `ExportError` where one of them is something else, too.
    """
    places = (records, Path(os.path.realpath(records)))  # behind a link, SQLite writes there
    own = [path for place in places for path in (place, *logs_of(place))]
    taken = {os.path.realpath(path) for path in [*own, *options.paths]}
    for option, beginnings in _OUTPUTS.items():
        if getattr(options, option) is None:
            continue
        target = getattr(options, option).absolute()
        if os.path.realpath(target) in taken:
            raise ExportError(
                "{name} is read or written by this run already; it was left as it is.",
                name=target.name,
            )
        check_earlier(target, *beginnings)
        taken.add(os.path.realpath(target))
        own += [target, beside_of(target)]
    return own


def _shown(batch: Batch, roots: Sequence[Path], own: Sequence[Path]) -> Iterator[FileResult]:
    """The rows, with a bar on a terminal that says how far they are."""
    total = counting(walk(roots, own))
    meter, shown = Meter(time.monotonic), 0.0
    terminal = sys.stderr.isatty()
    for done, row in enumerate(batch.rows(walk(roots, own), Control()), start=1):
        yield row
        if terminal and time.monotonic() - shown > _REFRESH_S:
            shown = time.monotonic()
            print(f"\r{bar(meter.measure(done, total()))}\x1b[K", end="", file=sys.stderr)
    if terminal:
        print("\r\x1b[K", end="", file=sys.stderr)


def bar(progress: Progress, width: int = 24) -> str:
    """A line that says how far a run is."""
    if progress.total is None:
        return f"{progress.done:,} files, {progress.rate:,.0f}/s, counting"
    share = progress.done / max(1, progress.total)
    filled = round(width * min(1.0, share))
    left = progress.seconds_left
    minutes, seconds = divmod(round(left or 0), 60)
    ahead = "" if left is None else f", {minutes}:{seconds:02} left"
    return (
        f"[{'#' * filled}{'.' * (width - filled)}] {progress.done:,} of {progress.total:,}, "
        f"{progress.rate:,.0f}/s{ahead}"
    )


def _text(stack: ExitStack, target: Path) -> TextIO:
    path = stack.enter_context(whole_file(target))
    try:
        # Names on Linux need not be text: what is none is written escaped.
        stream = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
    except OSError as error:
        raise BraintumorError(
            "{name} cannot be written: {reason}.", name=target, reason=error.strerror
        ) from error
    return stack.enter_context(stream)


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr, flush=True)
