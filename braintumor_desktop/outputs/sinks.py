"""Where results go: each output a sink of its own, so that one that fails costs no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.atomic import ExportError, whole_file
from braintumor_desktop.outputs.table import CsvWriter, write_json_line
from braintumor_desktop.screening.pipeline import Screened, Sink

log = logging.getLogger(__name__)

Opener = Callable[[], AbstractContextManager[Sink]]


@dataclass(frozen=True)
class _Writing:
    """A sink of one function."""

    take: Callable[[Screened], None]
    pictures: bool = False

    def write(self, screened: Screened) -> None:
        self.take(screened)


@contextmanager
def csv_table(target: Path, classes: Sequence[str]) -> Iterator[Sink]:
    """The table for programs, whole or absent; raises `ExportError`."""
    # Names on Linux need not be text: what is none is written escaped.
    with (
        whole_file(target) as path,
        path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream,
    ):
        table = CsvWriter(stream, classes)
        yield _Writing(lambda one: table.write(one.result, one.decision))


@contextmanager
def json_lines(target: Path) -> Iterator[Sink]:
    """The table as JSON Lines, whole or absent; raises `ExportError`."""
    with whole_file(target) as path, path.open("w", encoding="ascii", newline="\n") as stream:
        yield _Writing(lambda one: write_json_line(stream, one.result, one.decision))


@contextmanager
def workbook(target: Path, classes: Sequence[str]) -> Iterator[Sink]:
    """The table for spreadsheets, whole or absent; raises `ExportError`."""
    from braintumor_desktop.outputs.workbook import WorkbookWriter  # only who wants one waits

    with whole_file(target) as path, WorkbookWriter(path, classes) as book:
        yield _Writing(lambda one: book.write(one.result, one.decision))


@contextmanager
def report(
    target: Path, classifier: Classifier, *, patient_data: bool, slice_pages: bool
) -> Iterator[Sink]:
    """The PDF report, whole or absent; raises `ExportError`."""
    # matplotlib takes a second to import: only who wants a report waits for it.
    from braintumor_desktop.outputs.pdf import Report

    with (
        whole_file(target) as path,
        Report(path, classifier, patient_data=patient_data, slice_pages=slice_pages) as pages,
    ):
        yield pages


class Outputs:
    """All outputs of a run as one sink, complete or absent each for itself.

    A context. Raises `ExportError` at its beginning where one cannot be opened; from then on one
    that fails is left out, and `errors` says why. They are whole once the block has ended without
    an error, else absent.
    """

    def __init__(self, openers: Sequence[Opener]) -> None:
        self._openers = openers
        self._open: list[tuple[ExitStack, Sink]] = []
        self.errors: list[BraintumorError] = []

    @property
    def pictures(self) -> bool:
        """Whether one of them wants pictures."""
        return any(sink.pictures for _, sink in self._open)

    def __enter__(self) -> Self:
        try:
            for opener in self._openers:
                stack = ExitStack()
                self._open.append((stack, stack.enter_context(opener())))
        except BaseException as error:
            self.__exit__(type(error), error, error.__traceback__)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for stack, _ in self._open:
            self._end(stack, error)
        self._open.clear()

    def write(self, screened: Screened) -> None:
        """Hand one to each of them."""
        for entry in list(self._open):
            stack, sink = entry
            try:
                sink.write(screened)
            except Exception as error:  # the worker's edge: one output must not cost the others
                self._open.remove(entry)
                self._end(stack, error)

    def _end(self, stack: ExitStack, error: BaseException | None) -> None:
        """End one output: whole, or with an error as absent."""
        try:
            if error is None:
                stack.close()
            elif not stack.__exit__(type(error), error, None) and isinstance(error, Exception):
                raise error
        except BraintumorError as refused:
            self.errors.append(refused)
        except Exception as failed:
            log.error("An output failed: %s", type(failed).__name__)
            sentence = "An output could not be made ({error})."
            self.errors.append(ExportError(sentence, error=type(failed).__name__))
