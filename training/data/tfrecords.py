"""TFRecord shards: every file's bytes unchanged, with what is known of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from training.datasets.folder import SPLITS, LabelledSlice

SHARD_SLICES = 1024
MANIFEST = "manifest.json"
_PARSED_AT_ONCE = 64  # one by one they are read several times slower


@dataclass(frozen=True)
class Manifest:
    """What a folder of records holds.

    `classes` in the order of the labels; `counts` are slices by split and class; `fingerprint` is
    the SHA-256 over every slice's split, label, identifiers and file content, in order.
    """

    classes: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    fingerprint: str


@dataclass(frozen=True)
class Record:
    """One slice out of a record: the file's bytes, its label's number and what is known of it."""

    image: bytes
    label: int
    name: str
    slice_id: str
    group: str
    fold: int
    twin_in_training: bool


def write_records(slices: Sequence[LabelledSlice], out: Path) -> Manifest:
    """Write the shards and the manifest into `out`, which is made if it is not there."""
    import tensorflow as tf

    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)  # first: part of the records must not pass for all
    for old in out.glob("*.tfrecord"):
        old.unlink()
    classes = tuple(sorted({item.label for item in slices}))
    digest = hashlib.sha256()
    counts = {split: dict.fromkeys(classes, 0) for split in SPLITS}
    with tqdm(total=len(slices), desc="Writing records", unit="slice") as progress:
        for split in SPLITS:
            members = [item for item in slices if item.split == split]
            shards = range(0, len(members), SHARD_SLICES)
            for number, start in enumerate(shards):
                shard = out / f"{split}-{number:05d}-of-{len(shards):05d}.tfrecord"
                with tf.io.TFRecordWriter(str(shard)) as writer:
                    for item in members[start : start + SHARD_SLICES]:
                        record = _record(item, classes)
                        writer.write(_serialize(record))
                        _update(digest, split, record)
                        counts[split][item.label] += 1
                        progress.update()
    manifest = Manifest(classes, counts, digest.hexdigest())
    text = json.dumps(asdict(manifest), indent=2)
    (out / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder of records; `FileNotFoundError` where there is none."""
    values = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    return Manifest(tuple(values["classes"]), values["counts"], values["fingerprint"])


def read_records(folder: Path, split: str) -> Iterator[Record]:
    """The records of one split, in the order in which they were written."""
    import tensorflow as tf

    features = {
        "image": tf.io.FixedLenFeature([], tf.string),
        "label": tf.io.FixedLenFeature([], tf.int64),
        "name": tf.io.FixedLenFeature([], tf.string),
        "slice_id": tf.io.FixedLenFeature([], tf.string),
        "group": tf.io.FixedLenFeature([], tf.string),
        "fold": tf.io.FixedLenFeature([], tf.int64),
        "twin_in_training": tf.io.FixedLenFeature([], tf.int64),
    }
    shards = sorted(str(path) for path in folder.glob(f"{split}-*.tfrecord"))
    batches = tf.data.TFRecordDataset(shards).batch(_PARSED_AT_ONCE)
    parsed = batches.map(lambda serialized: tf.io.parse_example(serialized, features))
    for batch in parsed.as_numpy_iterator():
        for image, label, name, slice_id, group, fold, twin in zip(
            *(batch[key] for key in features), strict=True
        ):
            yield Record(
                image=image,
                label=int(label),
                name=name.decode(),
                slice_id=slice_id.decode(),
                group=group.decode(),
                fold=int(fold),
                twin_in_training=bool(twin),
            )


def _record(item: LabelledSlice, classes: Sequence[str]) -> Record:
    name = "/".join(item.path.parts[-3:])  # split, class, file
    return Record(
        image=item.path.read_bytes(),
        label=classes.index(item.label),
        name=name,
        slice_id=item.slice_id,
        group=item.group,
        fold=item.fold,
        twin_in_training=item.twin_in_training,
    )


def _serialize(record: Record) -> bytes:
    import tensorflow as tf

    def feature(value: bytes | str | int) -> Any:
        if isinstance(value, int):
            return tf.train.Feature(int64_list=tf.train.Int64List(value=[int(value)]))
        content = value.encode() if isinstance(value, str) else value
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[content]))

    features = {key: feature(value) for key, value in vars(record).items()}
    example = tf.train.Example(features=tf.train.Features(feature=features))
    serialized: bytes = example.SerializeToString()
    return serialized


def _update(digest: Any, split: str, record: Record) -> None:
    content = hashlib.sha256(record.image).hexdigest()
    known = {**vars(record), "image": content, "split": split}
    digest.update(repr(sorted(known.items())).encode())
