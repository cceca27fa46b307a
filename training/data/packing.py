"""Every different slice once, prepared, with its outline: one array file to train on."""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from braintumor_desktop.errors import BlankSliceError
from braintumor_desktop.imaging import prepare
from braintumor_desktop.imaging.read import read_slice
from training.audit.indexing import FOLDS
from training.datasets.interface import TrainingSlice
from training.datasets.outlines import mask_picture, prepared_mask
from training.datasets.patients import FIGSHARE, read_same_pictures, stretch_of
from training.datasets.registry import DATA_SETS

TYPE_UNKNOWN = -1
"""The label of a tumour whose type nobody recorded."""


@dataclass(frozen=True, eq=False)
class Packed:
    """Prepared slices, all arrays of one length n.

    `pixels` float16 (n, size, size) in [0, 1]; `masks` uint8 (n, size, size), 1 inside a tumour;
    `outlined` bool (n,), false where a tumour's outline is unknown; `labels` int64 (n,), numbers
    of `classes` or `TYPE_UNKNOWN`; `folds` int64 (n,); `testing_only` bool (n,), true where no copy
    stands in Training; `shown_in` bool (n, folds), true for other folds that hold the same picture,
    edited; `upside_down` bool (n,), true where the slice is known to stand so;
    `kinds` str (n,), the pools that slices are drawn from; `groups`, `slice_ids`, `sources` and
    `names` str (n,). `fingerprint` is a SHA-256 over all of
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
    kinds: NDArray[np.str_]
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


def pack(data: Path, out: Path, size: int, names: Sequence[str] = tuple(DATA_SETS)) -> Packed:
    """Prepare every different slice in `data` at `size` and write them to the file `out`.

    `names` are those of the data sets (`datasets.registry`); of those, the ones that stand in the
    folder `data` are packed. Raises `ValueError` where none does.
    """
    found = [DATA_SETS[name] for name in names if DATA_SETS[name].found(data)]
    slices = [one for data_set in found for one in data_set.slices(data)]
    if not slices:
        raise ValueError(f"{data} holds none of the data sets: {', '.join(names)}.")
    classes = sorted({one.label for one in slices if one.label})
    spawn = multiprocessing.get_context("spawn")  # a fork would inherit TensorFlow's locks
    with ProcessPoolExecutor(mp_context=spawn) as pool:
        prepared = pool.map(partial(_prepare, size=size), slices, chunksize=16)
        results = list(tqdm(prepared, total=len(slices), desc="Preparing", unit="slice"))
    # A slice at the very top of a head may be blank, which the app refuses as well.
    kept = [one for one, result in zip(slices, results, strict=True) if result is not None]
    pictures = [result for result in results if result is not None]
    arrays = {
        "pixels": np.stack([pixels for pixels, _ in pictures]),
        "masks": np.stack([mask for _, mask in pictures]),
        "outlined": np.array([one.outlined for one in kept]),
        "labels": np.array(
            [classes.index(one.label) if one.label else TYPE_UNKNOWN for one in kept], np.int64
        ),
        "folds": np.array([one.fold for one in kept], np.int64),
        "shown_in": _shown_in(kept),
        "testing_only": np.array([one.testing_only for one in kept]),
        "upside_down": np.array([one.upside_down for one in kept]),
        **{
            key: np.array([getattr(one, attribute) for one in kept], np.str_)
            for key, attribute in (
                ("kinds", "kind"),
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


def _shown_in(sources: Sequence[TrainingSlice]) -> NDArray[np.bool_]:
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


def _prepare(one: TrainingSlice, size: int) -> tuple[NDArray[np.float16], NDArray[np.uint8]] | None:
    """The prepared slice with its mask, None where it is blank."""
    try:
        prepared = prepare.prepare(read_slice(one.path), size)
    except BlankSliceError:
        return None
    if one.mask is not None:
        mask = mask_picture(one.mask, prepared.crop, size)
    else:
        mask = prepared_mask(one.polygons, prepared.crop, size)
    return prepared.pixels.astype(np.float16), mask
