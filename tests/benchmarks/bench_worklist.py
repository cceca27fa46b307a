"""How long the worklist's table takes at 100,000 rows, as JSON in milliseconds.

python tests/benchmarks/bench_worklist.py [--rows 100000]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.worklist import Column, Filter
from braintumor_desktop.ui.worklist.review_model import COLUMNS, ReviewModel

CLASSES = ("glioma", "meningioma", "notumor", "pituitary")


def main() -> None:
    """Fill, scroll, filter, sort, decide."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    count = parser.parse_args().rows
    application = QApplication([])
    model = ReviewModel(lambda content: None, lambda row, text: None)
    view = QTableView()
    view.verticalHeader().setDefaultSectionSize(44)
    view.setModel(model)
    view.resize(1400, 800)
    view.show()
    chance = random.Random(1)
    rows = [_row(i, chance) for i in range(count)]

    def timed(work: Callable[[], object]) -> float:
        began = time.perf_counter()
        work()
        application.processEvents()
        return round(1000 * (time.perf_counter() - began), 1)

    report = {"rows": count}
    chunks = [rows[i : i + 64] for i in range(0, count, 64)]
    pieces = [timed(lambda chunk=chunk: model.append(chunk)) for chunk in chunks]
    report["append_64_worst_ms"] = max(pieces[len(pieces) // 2 :])
    bar = view.verticalScrollBar()
    places = [chance.randrange(count) for _ in range(50)]
    report["scroll_worst_ms"] = max(
        timed(lambda place=place: bar.setValue(place)) for place in places
    )
    for column in (Column.PROBABILITY, Column.VERDICT, Column.DECISION):
        place = COLUMNS.index(column)
        report[f"sort_{column}_ms"] = timed(lambda place=place: model.sort(place))
    report["sort_as_walked_ms"] = timed(lambda: model.sort(-1, Qt.SortOrder.AscendingOrder))
    report["filter_class_ms"] = timed(lambda: model.set_filter(Filter(label="glioma")))
    report["filter_needs_look_ms"] = timed(lambda: model.set_filter(Filter(needs_look=True)))
    report["search_ms"] = timed(lambda: model.set_filter(Filter(text="9999")))
    report["no_filter_ms"] = timed(lambda: model.set_filter(Filter()))
    report["decide_ms"] = timed(lambda: model.decided(rows[5].content, Decision("unsure")))
    print(json.dumps(report, indent=2))


def _row(number: int, chance: random.Random) -> FileResult:
    label = chance.choice(CLASSES)
    share = chance.uniform(0.4, 1.0)
    possible = (label, "notumor") if share < 0.6 else (label,)
    name = f"series{number // 100:04}/{number:06}.dcm"
    return FileResult(
        number=number,
        name=name,
        path=Path(name),
        content=f"{number:064x}",
        label=label,
        probabilities=((label, share),),
        possible=possible,
    )


if __name__ == "__main__":
    main()
