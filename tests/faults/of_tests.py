"""Faults that a test injects, for they need the window, many starts or large files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from outcome import Outcome

ROOT = Path(__file__).resolve().parents[2]


def by(test: str) -> Callable[[Path], Iterator[Outcome]]:
    """Run a test, which fails where something is read otherwise in silence or lost."""

    def inject(folder: Path) -> Iterator[Outcome]:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--basetemp={folder}/pytest", f"tests/{test}"],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
        if done.returncode:
            yield Outcome("silent", f"tests/{test} fails")
        elif " passed" in done.stdout:
            yield Outcome("as before", f"as tests/{test} looks for")

    return inject


_WINDOW = "ui/test_misleading.py::"
FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    (
        "Window: HTML in every text of a file",
        by(_WINDOW + "test_the_text_of_a_file_is_never_taken_for_html"),
    ),
    (
        "Window: a path that the system will not look at",
        by(_WINDOW + "test_no_worker_dies_of_a_file_system_that_fails"),
    ),
    (
        "Window: four starts at once",
        by("ui/test_single_instance.py::test_four_starts_at_once_make_one_window"),
    ),
    (
        "Batch: many files, each as large as may be",
        by("screening/test_byte_budget.py::test_many_large_files_are_not_in_memory_at_once"),
    ),
    (
        "Table: cells that begin as formulas do",
        by("outputs/test_table.py::test_no_cell_runs_in_a_spreadsheet"),
    ),
    (
        "Streams: standard output and error are closed",
        by("cli/test_streams.py::test_closed_streams_are_no_error"),
    ),
)
