"""Injects faults, looks at what a user would see, and writes `docs/faults.md`.

    python tests/faults/inject.py [--write] [--only WORD]

Each fault is done to real files as often as the table says. What becomes of a copy is one of four:
it is refused with a sentence, it is read with a caution, it is read as before, or it is read as
something else without a word. The last is what must not be; the command fails where it is.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import of_bundles
import of_costs
import of_dicom
import of_rasters
import of_records
import of_system
import of_tests
from outcome import Outcome

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    *of_dicom.FAULTS,
    *of_rasters.FAULTS,
    *of_costs.FAULTS,
    *of_bundles.FAULTS,
    *of_records.FAULTS,
    *of_system.FAULTS,
    *of_tests.FAULTS,
)
HEAD = """# Faults, and what a user sees of them

Written by `python tests/faults/inject.py --write`, which does each fault to real files; the figures
are how many of the copies were refused, read with a caution, or read as before. None may be read as
something else without a word, and nothing that was there before may be lost.

| fault | copies | refused | caution | as before | silent | what the user sees | lost |
| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |
"""


@dataclass
class Row:
    """What became of the copies of one fault."""

    fault: str
    became: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one copy."""
        self.became[outcome.became] += 1
        if outcome.said:
            self.said[outcome.said] += 1
        if outcome.lost:
            self.lost[outcome.lost] += 1

    def __str__(self) -> str:
        said = "; ".join(f"“{text}”" for text, _ in self.said.most_common(2)) or "nothing amiss"
        lost = ", ".join(self.lost) or "nothing"
        counts = [self.became[name] for name in ("refused", "caution", "as before", "silent")]
        cells = [self.fault, sum(counts), *counts, said, lost]
        return "| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |"


def main() -> int:
    """Run as the module says; returns 1 where something was read otherwise in silence, or lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"bring {DOCUMENT.name} up to date")
    parser.add_argument("--only", default="", help="the faults whose name has this word")
    options = parser.parse_args()
    rows = []
    for name, inject in FAULTS:
        if options.only not in name:
            continue
        row, start = Row(name), time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            for outcome in inject(Path(folder)):
                row.add(outcome)
        print(row, f"{time.monotonic() - start:.0f} s", file=sys.stderr)
        rows.append(row)
    if options.write:
        DOCUMENT.write_text(HEAD + _lines(rows), encoding="utf-8")
    return any(row.became["silent"] or row.lost for row in rows)


def _lines(rows: list[Row]) -> str:
    """The table's lines; those of faults that were not injected now stay as they are."""
    known = {line.split(" | ")[0][2:]: line for line in DOCUMENT.read_text("utf-8").splitlines()}
    known |= {row.fault: str(row) for row in rows if row.became}
    return "".join(f"{known[name]}\n" for name, _ in FAULTS if name in known)


if __name__ == "__main__":
    sys.exit(main())
