"""The Kaggle set of four classes, with figshare's outlines and patients."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from braintumor_desktop.domain.answer import NO_TUMOUR
from training.datasets.interface import TrainingSlice
from training.datasets.outlines import in_file, read_figshare_outlines
from training.datasets.patients import FIGSHARE, stretch_of
from training.datasets.slice_review import UPSIDE_DOWN, read_findings

_OUTLINES = "tumor-outlines.jsonl"


class BrainTumorMRI:
    """`masoudnickparvar/brain-tumor-mri-dataset`: every different slice once.

    Of the copies of one slice the first that is not mirrored is taken; where its copies stand under
    two labels, the label is that of its outline. Groups and folds are those of the index, but for
    figshare's slices, which go by patient.
    """

    name = "brain-tumor-mri"
    licence = "CC0; its tumours are figshare 1512427 (Cheng et al.), CC BY 4.0"

    def found(self, data: Path) -> bool:
        """Return whether the folder of slices and its index are there."""
        return (data / self.name).is_dir() and (data / "index.csv").is_file()

    def slices(self, data: Path) -> Iterator[TrainingSlice]:
        """Give every different slice, those that are not mirrored first, by path."""
        outlines = read_figshare_outlines(data / _OUTLINES)
        findings = read_findings()
        with (data / "index.csv").open(newline="", encoding="utf-8") as file:
            rows = sorted(csv.DictReader(file), key=lambda row: (row["mirrored"], row["path"]))
        in_training = {row["slice_id"] for row in rows if row["split"] == "Training"}
        seen: set[str] = set()
        for row in rows:
            if row["slice_id"] in seen:
                continue
            seen.add(row["slice_id"])
            path = data / self.name / row["path"]
            label, outline = outlines.get(row["slice_id"], (row["label"], None))
            polygons = () if outline is None else (in_file(outline, _width(path), _mirrored(row)),)
            group, fold = _group_and_fold(row)
            yield TrainingSlice(
                path=path,
                name=row["path"],
                kind=label,
                label=label,
                fold=fold,
                group=group,
                slice_id=row["slice_id"],
                source=row["source"],
                polygons=polygons,
                outlined=label == NO_TUMOUR or outline is not None,
                testing_only=row["slice_id"] not in in_training,
                upside_down=findings.get(row["path"]) == UPSIDE_DOWN,
            )


def _group_and_fold(row: dict[str, str]) -> tuple[str, int]:
    if row["source"] == FIGSHARE:
        stretch = stretch_of(row["slice_id"])
        return stretch.patient, stretch.fold
    return row["group"], int(row["fold"])


def _mirrored(row: dict[str, str]) -> bool:
    return row["mirrored"] == "1"


def _width(path: Path) -> int:
    """The file's width in pixels; its outline is given for figshare's 512."""
    with Image.open(path) as opened:  # reads the header alone
        return opened.width
