"""Whole heads, slice by slice: the manifest of `DATA/volumes` and its masks."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import Crop

MANIFEST = "manifest.csv"
EXTERNAL = "external"
"""The use of slices that nothing is trained on or fitted to."""

TUMOUR = "tumour"
"""The truth of slices whose tumour has no name that the network knows."""

_LARGE_MASK = {"tcga-lgg": 500}
"""Pixels of mask from which a slice counts as one of a tumour, where that is more than one."""

_APART = {"tcga-lgg": 3}
"""Slices from the nearest mask from which one counts as free of tumour, where not two."""


@dataclass(frozen=True)
class VolumeSlice:
    """A row of the manifest.

    `mask` is the mask's path or "", `slices_to_mask` None where the series has no mask at all,
    `mm_below_top` None where unknown, `fold` None where `use` is `EXTERNAL`. Paths start from the
    folder of the manifest.
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
    fold: int | None

    @property
    def tumour(self) -> bool:
        """Whether it counts as a slice of a tumour: its mask is large enough."""
        return self.mask_px >= _LARGE_MASK.get(self.set, 1)

    @property
    def free(self) -> bool:
        """Whether it counts as free of tumour: far enough from any mask."""
        return self.apart(_APART.get(self.set, 2))

    def apart(self, slices: int) -> bool:
        """Whether it lies so many slices or more from any mask."""
        return self.slices_to_mask is None or self.slices_to_mask >= slices


def read_manifest(volumes: Path) -> list[VolumeSlice]:
    """Every slice of the folder `volumes`, in the order of its manifest."""
    with (volumes / MANIFEST).open(newline="", encoding="utf-8") as file:
        return [_slice(row) for row in csv.DictReader(file)]


def mask_on_prepared(path: Path, crop: Crop, size: int) -> NDArray[np.bool_]:
    """The mask in an image file where a prepared slice shows it, bool (size, size).

    `crop` places the prepared slice in the pixels of the file. Raises `ValueError` where the file
    holds no image.
    """
    mask = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise ValueError(f"{path.name} holds no mask.")
    x, y = crop.width / size, crop.height / size
    matrix = np.array([[x, 0, crop.left + x / 2 - 0.5], [0, y, crop.top + y / 2 - 0.5]])
    share = cv2.warpAffine(
        (mask > 0).astype(np.float32),
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
    )
    return np.asarray(share > 0.5)


def _slice(row: dict[str, str]) -> VolumeSlice:
    return VolumeSlice(
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
        mask_px=int(row["mask_px"]) if row["mask_px"] else 0,
        slices_to_mask=int(row["slices_to_mask"]) if row["slices_to_mask"] else None,
        fold=int(row["fold"]) if row["fold"] else None,
    )
