"""Tumours whose type nobody recorded, which look like the slices without a tumour."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from training.datasets.interface import TrainingSlice
from training.datasets.slice_review import NO_HEAD, UPSIDE_DOWN, read_findings

KIND = "type-unknown"


class TumorTypeUnknown:
    """Br35H's tumours that are not in the Kaggle set; what shows no head is left out."""

    name = "tumor-type-unknown"
    licence = "as published on Kaggle by their authors (Br35H, Navoneel)"

    def found(self, data: Path) -> bool:
        """Return whether the list of its slices is there."""
        return self._list(data).is_file()

    def slices(self, data: Path) -> Iterator[TrainingSlice]:
        """Give the slices in the order of their list."""
        findings = read_findings()
        with self._list(data).open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                finding = findings.get(row["path"])
                if finding == NO_HEAD:
                    continue
                polygons = json.loads(row["polygons"]) if row["polygons"] else []
                yield TrainingSlice(
                    path=data / row["path"],
                    name=row["path"],
                    kind=KIND,
                    label="",
                    fold=int(row["fold"]),
                    group=row["group"],
                    slice_id=row["path"],
                    source=KIND,
                    polygons=tuple(np.array(polygon, float) for polygon in polygons),
                    outlined=bool(polygons),
                    upside_down=finding == UPSIDE_DOWN,
                )

    def _list(self, data: Path) -> Path:
        return data / f"{self.name}.csv"
