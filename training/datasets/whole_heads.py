"""Whole heads, slice by slice: contrast without a tumour, vertex, skull base, other scanners."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from braintumor_desktop.domain.answer import NO_TUMOUR
from training.datasets.interface import TrainingSlice

WITH_CONTRAST = ("brain-tumor-progression", "qin-brain-dsc-mri", "pyradiomics", "remind")
HEALTHY = ("openfmri-ds011", "healthy-heads")
STRIPPED = ("openneuro-ds002748",)
CONTRAST_FREE = "contrast-free"
KINDS = ("contrast-tumour", CONTRAST_FREE, "healthy", "stripped")
"""The pools of slices of whole heads."""

TRAIN, EXTERNAL = "train", "external"
TUMOUR = "tumour"
"""The truth of slices whose tumour has no name that the network knows."""

_LARGE_MASK = {"tcga-lgg": 500}  # pixels from which a slice counts as one of a tumour, where not 1
_APART = {"tcga-lgg": 3}  # slices from a mask from which one counts as free of it, where not 2
_CLEAR_OF_MASK = 2  # slices nearer than that to a mask may still show oedema or a cavity


@dataclass(frozen=True)
class ManifestRow:
    """One row of `manifest.csv`, typed.

    `slices_to_mask` is the distance to the nearest slice with a mask, None in series that have
    none; `mm_below_top` the height below the top of the head, None where it is not known.
    """

    path: str
    use: str
    set: str
    patient: str
    series: str
    sequence: str
    position: int
    mm_below_top: float | None
    truth: str
    mask: str
    mask_px: int
    slices_to_mask: int | None
    fold: int

    @property
    def usable(self) -> bool:
        """Whether the slice shows a tumour, or lies two slices or more from one."""
        clear = self.slices_to_mask is None or self.slices_to_mask >= _CLEAR_OF_MASK
        return self.truth != NO_TUMOUR or clear

    @property
    def tumour(self) -> bool:
        """Whether it counts as a slice of a tumour: its mask is large enough."""
        return self.mask_px >= _LARGE_MASK.get(self.set, 1)

    @property
    def free(self) -> bool:
        """Whether it counts as free of tumour: far enough from any mask."""
        return self.apart(_APART.get(self.set, _CLEAR_OF_MASK))

    def apart(self, slices: int) -> bool:
        """Whether it lies so many slices or more from any mask."""
        return self.slices_to_mask is None or self.slices_to_mask >= slices

    @property
    def kind(self) -> str:
        """The pool that it is drawn from."""
        if self.set in WITH_CONTRAST:
            return CONTRAST_FREE if self.truth == NO_TUMOUR else "contrast-tumour"
        return "stripped" if self.set in STRIPPED else "healthy"


def read_manifest_rows(volumes: Path) -> list[ManifestRow]:
    """Return the rows of `manifest.csv` in the folder `volumes`, in its order."""
    with (volumes / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return [_typed(row) for row in csv.DictReader(file)]


class Volumes:
    """The part of the volumes that may be trained on, without the skull-stripped set.

    That set would teach "stripped means healthy", as no tumour slice is stripped.
    """

    name = "volumes"
    licence = "CC BY 3.0, CC BY 4.0, BSD, PDDL, Apache-2.0, MIT by set: the model card names each"

    def found(self, data: Path) -> bool:
        """Return whether the manifest is there."""
        return (data / self.name / "manifest.csv").is_file()

    def slices(self, data: Path) -> Iterator[TrainingSlice]:
        """Give the slices to train on, never an external one."""
        folder = data / self.name
        for row in read_manifest_rows(folder):
            if row.use != TRAIN or row.set in STRIPPED or not row.usable:
                continue
            yield TrainingSlice(
                path=folder / row.path,
                name=row.path,
                kind=row.kind,
                label="" if row.truth == "tumour" else row.truth,
                fold=row.fold,
                group=row.patient,
                slice_id=row.path,
                source=row.set,
                mask=folder / row.mask if row.mask else None,
                volume=row.series,
                position=row.position,
                sequence=row.sequence,
            )


def _typed(row: dict[str, str]) -> ManifestRow:
    return ManifestRow(
        path=row["path"],
        use=row["use"],
        set=row["set"],
        patient=row["patient"],
        series=row["series"],
        sequence=row["sequence"],
        position=int(row["position"]),
        mm_below_top=float(row["mm_below_top"]) if row["mm_below_top"] else None,
        truth=row["truth"],
        mask=row["mask"],
        mask_px=int(row["mask_px"] or 0),
        slices_to_mask=int(row["slices_to_mask"]) if row["slices_to_mask"] else None,
        fold=int(row["fold"]) if row["fold"] else -1,
    )
