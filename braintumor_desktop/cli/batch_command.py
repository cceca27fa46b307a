"""`batch`: a folder in, a table out; what was cut off goes on where it was."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from braintumor_desktop import paths
from braintumor_desktop.cli.classify_command import printable
from braintumor_desktop.domain.answer import Certainty
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs import sinks
from braintumor_desktop.outputs.atomic import ExportError, beside_of, check_earlier
from braintumor_desktop.outputs.workbook import check_earlier_workbook
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.screening.progress import Control, Meter, Progress, ReadAhead
from braintumor_desktop.screening.records_opening import open_records
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.store.database import logs_of
from braintumor_desktop.store.records import Records, user_name, user_records
from braintumor_desktop.text import _
from braintumor_desktop.text.answers import class_in_text
from braintumor_desktop.text.numbers import decimal, integer
from braintumor_desktop.text.reading import plain_sentence, short_reason

_REFRESH_S = 0.1


@dataclass(frozen=True)
class Request:
    """What is asked for: the paths to go through, and what is written, None where it is not."""

    paths: Sequence[Path]
    table: Path
    records: Path | None = None
    json_lines: Path | None = None
    report: Path | None = None
    slice_pages: bool = False
    patient_data: bool = False
    jobs: int = 1
    resume: bool = True

    @property
    def workbook(self) -> Path:
        """The table for spreadsheets, beside the one for programs."""
        return self.table.with_suffix(".xlsx")


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
        self.refused += row.certainty is Certainty.FAILED
        if row.reason is not None:
            self.reasons[row.reason.kind] += 1
        else:
            self.verdicts[row.label] += 1

    def lines(self, seconds: float) -> Iterator[str]:
        """The summary for people."""
        rate = self.done / seconds if seconds > 0 else 0.0
        yield _("{count} files in {seconds} s ({rate} a second)").format(
            count=integer(self.done), seconds=decimal(seconds, 1), rate=decimal(rate, 1)
        )
        for name, count in sorted(self.verdicts.items()):
            yield f"  {class_in_text(name):<17}{integer(count):>9}"
        for kind, count in sorted(self.reasons.items()):
            said = _("{reason} ({count})")
            yield "  " + said.format(reason=short_reason(kind), count=integer(count))
        yield "  " + _("duplicates by content: {count}").format(count=integer(self.duplicates))
        yield "  " + _("need a look: {count}").format(count=integer(self.look))


def run(options: Namespace) -> int:
    """Do the batch; returns how many files were refused and how much could not be written.

    Raises `ModelBundleError`, `RecordsError` or `ExportError` where it cannot begin; each export is
    complete or absent.
    """
    request = Request(
        paths=options.paths,
        table=options.out.with_suffix(".csv") if options.out.suffix == ".xlsx" else options.out,
        records=options.records,
        json_lines=options.jsonl,
        report=options.report,
        slice_pages=options.slice_pages,
        patient_data=options.patient_data,
        jobs=options.jobs,
        resume=options.resume,
    )
    return screen(request)


def screen(request: Request) -> int:
    """Answer what is asked for; returns and raises as `run` does."""
    kept = (request.records or user_records()).absolute()
    own = _own(request, kept)
    classifier = Classifier.load(paths.model_bundle())
    with closing(open_records(kept, user_name())) as records:
        if records.not_as_wanted is not None:
            reason = plain_sentence(records.not_as_wanted)
            _say(_("The records are kept as they were: {reason}").format(reason=reason))
        if records.set_aside is not None:
            words = _("The records were damaged. They are kept as {file}; new ones begin.")
            _say(words.format(file=records.set_aside.name))
        key = classifier.description.answering_key
        number, resumed = records.begin_run(request.paths, key)
        if resumed and request.resume:
            _say(_("An earlier run was cut off; this one goes on where it was."))
        began = time.monotonic()
        summary = Summary()
        with sinks.Outputs(_openers(request, classifier)) as outputs:
            batch = Batch(
                classifier, records, request.jobs, anew=not request.resume, sinks=[outputs]
            )
            for row in _shown(batch, request.paths, own):
                summary.add(row)
        troubles = [*outputs.errors, *_end_run(records, number, batch)]
    for line in summary.lines(time.monotonic() - began):
        print(printable(line))
    both = _("{table} is for programs, {workbook} for people.")
    print(printable(both.format(table=request.table.name, workbook=request.workbook.name)))
    for trouble in troubles:
        _say(f"braintumor-desktop: {plain_sentence(trouble)}")
    return summary.refused + len(troubles)


def _openers(request: Request, classifier: Classifier) -> list[sinks.Opener]:
    openers: list[sinks.Opener] = [
        partial(sinks.csv_table, request.table, classifier.classes),
        partial(sinks.workbook, request.workbook, classifier.classes),
    ]
    if request.json_lines is not None:
        openers.append(partial(sinks.json_lines, request.json_lines))
    if request.report is not None:
        openers.append(
            partial(
                sinks.report,
                request.report,
                classifier,
                patient_data=request.patient_data,
                slice_pages=request.slice_pages,
            )
        )
    return openers


def _end_run(records: Records, number: int, batch: Batch) -> Iterator[BraintumorError]:
    """Note that the run has ended; what is to be said of the records."""
    if batch.not_kept is not None:
        yield batch.not_kept
        return  # the next run goes on with what was not kept
    try:
        records.end_run(number)
    except BraintumorError as error:
        yield error
    if records.answers_lost:
        lost = _("Answers in the records that were not whole, and were made anew: {count}.")
        _say(lost.format(count=integer(records.answers_lost)))
    if records.decisions_lost:
        lost = _("Decisions in the records that are not whole: {count}. Decide anew.")
        _say(lost.format(count=integer(records.decisions_lost)))


def _own(request: Request, records: Path) -> list[Path]:
    """The files that the run writes, none of which is a slice, wherever they are.

    Raises `ExportError` where one of them is something else, too.
    """
    places = (records, Path(os.path.realpath(records)))  # behind a link, SQLite writes there
    own = [path for place in places for path in (place, *logs_of(place))]
    taken = {os.path.realpath(path) for path in [*own, *request.paths]}
    # Each with how an earlier one begins. A table that a spreadsheet has saved again may have its
    # text in quotes.
    targets: list[tuple[Path | None, tuple[bytes, ...]]] = [
        (request.table, (b"file", b'"file"')),
        (request.json_lines, (b'{"file"',)),
        (request.report, (b"%PDF",)),
        (request.workbook, ()),
    ]
    for named, beginnings in targets:
        if named is None:
            continue
        target = named.absolute()
        if os.path.realpath(target) in taken:
            raise ExportError(
                "{name} is read or written by this run already; it was left as it is.",
                name=target.name,
            )
        if beginnings:
            check_earlier(target, *beginnings)
        else:
            check_earlier_workbook(target)
        taken.add(os.path.realpath(target))
        own += [target, beside_of(target)]
    return own


def _shown(batch: Batch, roots: Sequence[Path], own: Sequence[Path]) -> Iterator[FileResult]:
    """The rows, with a bar on a terminal that says how far they are."""
    meter, shown = Meter(time.monotonic), 0.0
    terminal = sys.stderr.isatty()
    with closing(ReadAhead(walk(roots, own))) as items:
        for row in batch.rows(items, Control()):
            yield row
            if terminal and time.monotonic() - shown > _REFRESH_S:
                shown = time.monotonic()
                line = bar(meter.measure(batch.files_done, items.total))
                print(f"\r{line}\x1b[K", end="", file=sys.stderr)
    if terminal:
        print("\r\x1b[K", end="", file=sys.stderr)


def bar(progress: Progress, width: int = 24) -> str:
    """A line that says how far a run is."""
    if progress.total is None:
        return _("{done} files, {rate}/s, counting").format(
            done=integer(progress.done), rate=integer(progress.rate)
        )
    share = progress.done / max(1, progress.total)
    filled = round(width * min(1.0, share))
    left = progress.seconds_left
    minutes, seconds = divmod(round(left or 0), 60)
    fields = {
        "done": integer(progress.done),
        "total": integer(progress.total),
        "rate": integer(progress.rate),
        "left": f"{minutes}:{seconds:02}",
    }
    if left is None:
        said = _("{done} of {total}, {rate}/s")
    else:
        said = _("{done} of {total}, {rate}/s, {left} left")
    return f"[{'#' * filled}{'.' * (width - filled)}] {said.format(**fields)}"


def _say(text: str) -> None:
    print(printable(text), file=sys.stderr, flush=True)
