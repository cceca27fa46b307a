"""The slices of a folder of records as the network sees them, prepared once and kept."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from braintumor_desktop.imaging import prepare
from braintumor_desktop.imaging.read import decode_slice
from training.data.tfrecords import Record, read_manifest, read_records


@dataclass(frozen=True, eq=False)
class PreparedSet:
    """Prepared slices with what is known of them, all of one length n.

    `pixels` float32 (n, size, size) in [0, 1], `labels` int64 (n,), `twins` bool (n,) true where a
    copy stands in the training split, `groups` and `slice_ids` str (n,), `folds` int64 (n,).
    """

    pixels: NDArray[np.float32]
    labels: NDArray[np.int64]
    twins: NDArray[np.bool_]
    groups: NDArray[np.str_]
    slice_ids: NDArray[np.str_]
    folds: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> PreparedSet:
        """The slices at the given places."""
        return PreparedSet(*(array[which] for array in vars(self).values()))


def load_prepared(records: Path, split: str, size: int) -> PreparedSet:
    """The prepared slices of one split, from the cache beside the records or made now.

    The cache is taken only for the same records (by fingerprint), preprocessing version and size.
    Raises `ValueError` where records are missing.
    """
    manifest = read_manifest(records)
    name = f"prepared-{split}-{size}-v{prepare.VERSION}-{manifest.fingerprint[:16]}.npz"
    cache = records / name
    if cache.is_file():
        with np.load(cache) as arrays:
            return PreparedSet(**arrays)
    found = list(read_records(records, split))
    if len(found) != sum(manifest.counts[split].values()):
        raise ValueError(f"{records} lacks records of {split}: write them anew.")
    prepared = _prepare_all(found, size, split)
    beside = cache.with_suffix(".part.npz")
    np.savez(beside, **vars(prepared))
    beside.replace(cache)
    return prepared


def _prepare_all(records: list[Record], size: int, split: str) -> PreparedSet:
    spawn = multiprocessing.get_context("spawn")  # a fork would inherit TensorFlow's locks
    with ProcessPoolExecutor(mp_context=spawn) as pool:
        prepared = pool.map(partial(_pixels, size=size), records, chunksize=32)
        progress = tqdm(prepared, total=len(records), desc=f"Preparing {split}", unit="slice")
        pixels = np.stack(list(progress))
    return PreparedSet(
        pixels=pixels,
        labels=np.array([record.label for record in records], np.int64),
        twins=np.array([record.twin_in_training for record in records], np.bool_),
        groups=np.array([record.group for record in records], np.str_),
        slice_ids=np.array([record.slice_id for record in records], np.str_),
        folds=np.array([record.fold for record in records], np.int64),
    )


def _pixels(record: Record, size: int) -> NDArray[np.float32]:
    mri = decode_slice(record.image, Path(record.name))
    return prepare.prepare(mri, size).pixels
