"""The runs over folders that the records remember: which was the last, and was it cut off."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from braintumor_desktop.store.connection import OpenFile
from braintumor_desktop.store.events import now


class Runs:
    """The table of runs in an open file."""

    def __init__(self, file: OpenFile) -> None:
        self._file = file

    def begin_run(self, roots: Sequence[Path], key: str) -> tuple[int, bool]:
        """Note that a run begins; returns its number, and whether it goes on with one cut off.

        It takes the place of that one, after all others: `last_run` is the one begun last.
        """
        named = json.dumps([str(root.absolute()) for root in roots])
        with self._file.writing() as write:
            cut_off = "DELETE FROM run WHERE roots = ? AND key = ? AND ended IS NULL"
            resumed = write.execute(cut_off, (named, key)).rowcount > 0
            insert = "INSERT INTO run (roots, key, started) VALUES (?, ?, ?)"
            return int(write.execute(insert, (named, key, now())).lastrowid or 0), resumed

    def end_run(self, run: int) -> None:
        """Note that a run has come to its end."""
        with self._file.writing() as write:
            write.execute("UPDATE run SET ended = ? WHERE id = ?", (now(), run))

    def last_run(self) -> tuple[list[Path], bool] | None:
        """Return what the latest run went through, and whether it came to its end."""
        rows = self._file.read("SELECT roots, ended FROM run ORDER BY id DESC LIMIT 1")
        try:
            return [Path(name) for name in json.loads(rows[0][0])], rows[0][1] is not None
        except (IndexError, ValueError, TypeError):  # none, or one that is not whole
            return None
