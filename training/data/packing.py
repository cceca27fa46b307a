"""Every different slice once, prepared, with its outline: one array file to train on."""

from __future__ import annotations

import csv
import hashlib
import json
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from braintumor_desktop.imaging import prepare
from braintumor_desktop.imaging.read import read_slice
from training.audit.indexing import FOLDS
from training.datasets.outlines import Polygon, in_file, prepared_mask, read_figshare_outlines
from training.datasets.patients import FIGSHARE, read_same_pictures, stretch_of

TYPE_UNKNOWN = -1
"""The label of a tumour whose type nobody recorded."""

NO_TUMOUR = "notumor"

_REVIEW = Path(__file__).with_name("slice_review.csv")
UPSIDE_DOWN = "upside down"
"""What `read_findings` says of a slice whose top and bottom are exchanged, or turned by 180°."""

_NO_HEAD = "no head"


@dataclass(frozen=True, eq=False)
class Packed:
    """Prepared slices, all arrays of one length n.

    `pixels` float16 (n, size, size) in [0, 1]; `masks` uint8 (n, size, size), 1 inside a tumour;
    `outlined` bool (n,), false where a tumour's outline is unknown; `labels` int64 (n,), numbers
    of `classes` or `TYPE_UNKNOWN`; `folds` int64 (n,); `testing_only` bool (n,), true where no copy
    stands in Training; `shown_in` bool (n, folds), true for other folds that hold the same picture,
    edited; `upside_down` bool (n,), true where the slice is known to stand so;
    `groups`, `slice_ids`, `sources` and `names` str (n,). `fingerprint` is a SHA-256 over all of
    it.
    """

    pixels: NDArray[np.float16]
    masks: NDArray[np.uint8]
    outlined: NDArray[np.bool_]
    labels: NDArray[np.int64]
    folds: NDArray[np.int64]
    testing_only: NDArray[np.bool_]
    shown_in: NDArray[np.bool_]
    upside_down: NDArray[np.bool_]
    groups: NDArray[np.str_]
    slice_ids: NDArray[np.str_]
    sources: NDArray[np.str_]
    names: NDArray[np.str_]
    classes: NDArray[np.str_]
    fingerprint: str

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def size(self) -> int:
        """The side of the prepared slices in pixels."""
        return int(self.pixels.shape[1])

    def places(self, name: str) -> NDArray[np.intp]:
        """Where the slices of a class are."""
        return np.flatnonzero(self.labels == list(self.classes).index(name))

    def of_folds(self, folds: Sequence[int]) -> Packed:
        """The slices of these folds alone, in the same order; the fingerprint stays."""
        return self.take(np.isin(self.folds, folds))

    def take(self, own: NDArray[np.bool_]) -> Packed:
        """The slices marked in `own` (n,), in the same order; the fingerprint stays."""
        names = {one.name for one in fields(self)} - {"classes", "fingerprint"}
        return replace(self, **{name: getattr(self, name)[own] for name in names})


@dataclass(frozen=True)
class _Source:
    path: Path
    name: str
    label: str  # "" where the type is unknown
    fold: int
    testing_only: bool
    group: str
    slice_id: str
    source: str
    figshare_outline: Polygon | None
    mirrored: bool
    polygons: tuple[Polygon, ...]
    upside_down: bool


def pack(data: Path, out: Path, size: int) -> Packed:
    """Prepare every different slice in `data` at `size` and write them to the file `out`.

    `data` holds `brain-tumor-mri/`, `index.csv`, `tumor-outlines.jsonl` and `tumor-type-unknown/`
    with its CSV file. Of the copies of one slice the first that is not mirrored is taken; where
    its copies stand under two labels, the label is that of its outline. `slice_review.csv` says
    which stand upside down, which is kept, and which show no head, which are left out. Groups and
    folds are those of the index, but for figshare's slices, which go by patient.
    """
    findings = read_findings()
    sources = [*_labelled(data, findings), *_type_unknown(data, findings)]
    classes = sorted({source.label for source in sources if source.label})
    spawn = multiprocessing.get_context("spawn")  # a fork would inherit TensorFlow's locks
    with ProcessPoolExecutor(mp_context=spawn) as pool:
        prepared = pool.map(partial(_prepare, size=size), sources, chunksize=16)
        results = list(tqdm(prepared, total=len(sources), desc="Preparing", unit="slice"))
    arrays = {
        "pixels": np.stack([pixels for pixels, _ in results]),
        "masks": np.stack([mask for _, mask in results]),
        "outlined": np.array(
            [
                source.label == NO_TUMOUR
                or source.figshare_outline is not None
                or bool(source.polygons)
                for source in sources
            ]
        ),
        "labels": np.array(
            [classes.index(s.label) if s.label else TYPE_UNKNOWN for s in sources], np.int64
        ),
        "folds": np.array([source.fold for source in sources], np.int64),
        "shown_in": _shown_in(sources),
        "testing_only": np.array([source.testing_only for source in sources]),
        "upside_down": np.array([source.upside_down for source in sources]),
        **{
            key: np.array([getattr(source, attribute) for source in sources], np.str_)
            for key, attribute in (
                ("groups", "group"),
                ("slice_ids", "slice_id"),
                ("sources", "source"),
                ("names", "name"),
            )
        },
        "classes": np.array(classes, np.str_),
    }
    packed = Packed(**arrays, fingerprint=_fingerprint(arrays))
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_suffix(".part.npz")
    np.savez_compressed(beside, **vars(packed))
    beside.replace(out)
    return packed


def load_packed(path: Path) -> Packed:
    """The packed slices in a file that `pack` wrote.

    Raises `ValueError` where another version of it did.
    """
    with np.load(path) as arrays:
        values = dict(arrays)
    fingerprint = str(values.pop("fingerprint", ""))
    names = {one.name for one in fields(Packed)} - {"fingerprint"}
    if values.keys() != names or fingerprint != _fingerprint(values):
        raise ValueError(f"{path} was packed by another version: pack the data anew.")
    packed = Packed(**values, fingerprint=fingerprint)
    for place in np.flatnonzero(packed.sources == FIGSHARE):
        stretch = stretch_of(str(packed.slice_ids[place]))
        if (packed.groups[place], packed.folds[place]) != (stretch.patient, stretch.fold):
            raise ValueError(f"{path} was packed in other folds: pack the data anew.")
    return packed


def _fingerprint(arrays: dict[str, NDArray[Any]]) -> str:
    """Over the arrays and the version of the preprocessing that made them."""
    digest = hashlib.sha256(prepare.VERSION.encode())
    for one in fields(Packed):
        if one.name in arrays:
            digest.update(arrays[one.name].tobytes())
    return digest.hexdigest()


def _labelled(data: Path, findings: dict[str, str]) -> Iterator[_Source]:
    outlines = read_figshare_outlines(data / "tumor-outlines.jsonl")
    with (data / "index.csv").open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["mirrored"], row["path"]))
    in_training = {row["slice_id"] for row in rows if row["split"] == "Training"}
    seen: set[str] = set()
    for row in rows:
        if row["slice_id"] in seen:
            continue
        seen.add(row["slice_id"])
        label, outline = outlines.get(row["slice_id"], (row["label"], None))
        group, fold = row["group"], int(row["fold"])
        if row["source"] == FIGSHARE:
            stretch = stretch_of(row["slice_id"])
            group, fold = stretch.patient, stretch.fold
        yield _Source(
            path=data / "brain-tumor-mri" / row["path"],
            name=row["path"],
            label=label,
            fold=fold,
            testing_only=row["slice_id"] not in in_training,
            group=group,
            slice_id=row["slice_id"],
            source=row["source"],
            figshare_outline=outline,
            mirrored=row["mirrored"] == "1",
            polygons=(),
            upside_down=findings.get(row["path"]) == UPSIDE_DOWN,
        )


def read_findings() -> dict[str, str]:
    """What was found about files, `UPSIDE_DOWN` or "no head", by their path.

    The path is that in `index.csv` or, of a tumour of unknown type, in `tumor-type-unknown.csv`.
    """
    with _REVIEW.open(newline="", encoding="utf-8") as file:
        return {row["path"]: row["finding"] for row in csv.DictReader(file)}


def _type_unknown(data: Path, findings: dict[str, str]) -> Iterator[_Source]:
    with (data / "tumor-type-unknown.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            finding = findings.get(row["path"])
            if finding == _NO_HEAD:
                continue
            polygons = json.loads(row["polygons"]) if row["polygons"] else []
            yield _Source(
                path=data / row["path"],
                name=row["path"],
                label="",
                fold=int(row["fold"]),
                testing_only=False,
                group=row["group"],
                slice_id=row["path"],
                source="type-unknown",
                figshare_outline=None,
                mirrored=False,
                polygons=tuple(np.array(polygon, float) for polygon in polygons),
                upside_down=finding == UPSIDE_DOWN,
            )


def _shown_in(sources: Sequence[_Source]) -> NDArray[np.bool_]:
    """`Packed.shown_in`."""
    folds = np.array([source.fold for source in sources])
    shown = np.zeros((len(sources), FOLDS), bool)
    names = {source.name: place for place, source in enumerate(sources)}
    for pair in read_same_pictures():
        if all(name in names for name in pair):
            first, second = (names[name] for name in pair)
            shown[first, folds[second]] = shown[second, folds[first]] = True
    shown[np.arange(len(folds)), folds] = False
    return shown


def _prepare(source: _Source, size: int) -> tuple[NDArray[np.float16], NDArray[np.uint8]]:
    mri = read_slice(source.path)
    prepared = prepare.prepare(mri, size)
    polygons = list(source.polygons)
    if source.figshare_outline is not None:
        width = mri.pixels.shape[1]
        polygons.append(in_file(source.figshare_outline, width, source.mirrored))
    mask = prepared_mask(polygons, prepared.crop, size)
    return prepared.pixels.astype(np.float16), mask
