"""The worklist as a workbook (.xlsx), for people: every identifier stays as it is.

Its words are those of the language that is spoken; those of the CSV are for programs and stay.

A spreadsheet guesses what the text of a CSV means: `00012345` becomes 12345, `1E5` 100000, `1/2` a
date, and of a number with 19 digits the last are lost, so that two patients become one. In a
workbook text is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from zipfile import BadZipFile, ZipFile

from xlsxwriter import Workbook
from xlsxwriter.exceptions import XlsxWriterException

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.outputs.atomic import ExportError, check_regular, refusal
from braintumor_desktop.outputs.table import flat, values
from braintumor_desktop.text.table_words import heading, in_words

CREATOR = "braintumor-desktop"
MOST_ROWS = 1_048_575  # below the header, in a sheet of Excel
MOST_CHARACTERS = 32_767  # in a cell
_WIDE, _USUAL = 36, 14
_WIDE_COLUMNS = frozenset({"file", "reason", "warnings", "comment"})


class WorkbookWriter:
    """Writes rows as they come, with little memory; the file is whole once the block ends."""

    def __init__(self, path: Path, classes: Sequence[str]) -> None:
        self._classes = tuple(classes)
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        # The same rows give the same bytes.
        made = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
        self._book.set_properties({"author": CREATOR, "created": made})
        self._sheet = self._book.add_worksheet("results")
        self._text = self._book.add_format({"num_format": "@"})
        self._bold = self._book.add_format({"bold": True})
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._book.fileclosed = True  # else it would warn when it is collected
            return
        try:
            self._book.close()
        except XlsxWriterException as refused:
            cause = refused.__context__ or refused.__cause__
            raise cause if isinstance(cause, OSError) else refused from refused

    def write(self, row: FileResult, decision: Decision) -> None:
        """One line. Raises `ExportError` beyond what a sheet can hold."""
        line = in_words(flat(values(row, decision), self._classes), row, decision)
        if self._rows == 0:
            self._begin(line)
        if self._rows >= MOST_ROWS:
            raise ExportError(
                "A workbook holds at most {limit} rows; the CSV has all of them.", limit=MOST_ROWS
            )
        self._rows += 1
        for column, value in enumerate(line.values()):
            self._cell(column, value)

    def _begin(self, line: dict[str, Any]) -> None:
        for column, name in enumerate(line):
            width = _WIDE if name in _WIDE_COLUMNS else _USUAL
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, heading(name), self._bold)
        self._sheet.freeze_panes(1, 1)

    def _cell(self, column: int, value: Any) -> None:
        if value is None or value == "":
            return
        if isinstance(value, int | float):
            self._sheet.write_number(self._rows, column, value)
        else:
            text = str(value).encode("utf-8", "backslashreplace").decode()
            if len(text) > MOST_CHARACTERS:
                text = text[: MOST_CHARACTERS - 1] + "…"
            self._sheet.write_string(self._rows, column, text, self._text)


def check_earlier_workbook(target: Path) -> None:
    """Raise `ExportError` where `target` is there and is no earlier workbook of this app."""
    check_regular(target)
    try:
        with ZipFile(target) as archive:
            ours = CREATOR.encode() in archive.read("docProps/core.xml")
    except FileNotFoundError:
        return
    except OSError as error:
        raise refusal(target, error) from error
    except (BadZipFile, KeyError, ValueError, EOFError, RuntimeError):
        ours = False
    if not ours:
        raise ExportError(
            "{name} is there and was not written by this app; it was left as it is.",
            name=target.name,
        )
