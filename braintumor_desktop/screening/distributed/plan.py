"""The plan of a screening: what each series has, put together on disk, however many files."""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from braintumor_desktop.screening.distributed.partition import FileKey, Partition, partitions
from braintumor_desktop.screening.distributed.source_files import ScreeningError

_FILES_IN_BUCKET = 25_000  # that one task holds
_WHOLE, _LIST = "whole.json", "looked.json"
_BUCKETS = 1 << 16
_ROWS = 256  # of a file that are passed over together where none is of the bucket
_LOOKED = pa.schema([("bucket", pa.int32()), ("series", pa.string()), ("name", pa.binary())])
_PLANNED = pa.schema([("key", pa.string()), ("names", pa.list_(pa.binary()))])


@dataclass(frozen=True)
class Plan:
    """A plan that is whole: how many partitions there are, and in how many files they stand."""

    partitions: int
    buckets: int


def folder_of(out: Path) -> Path:
    """Return where the plan of the results in a folder stands."""
    return out / "plan"


def looked_name(names: Iterable[str], last: bool) -> str:
    """Return what is called what is known of these files: the same for the same ones."""
    digest = hashlib.sha256(_bytes("\n".join(names))).hexdigest()
    return f"looked-{'last-' * last}{digest[:24]}.parquet"


def write_looked(out: Path, name: str, keys: Sequence[FileKey], last: bool) -> None:
    """Write which series each of some files belongs to; gone ones by their folders at the last."""
    rows = sorted(
        (_bucket(key.group), key.series, _bytes(key.name)) for key in keys if last or not key.gone
    )
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    gone = [] if last else [key.name for key in keys if key.gone]
    table = pa.table(columns, schema=_LOOKED).replace_schema_metadata({"gone": json.dumps(gone)})
    _write(folder_of(out) / name, table, row_group_size=_ROWS)


def read_looked(out: Path, name: str) -> tuple[int, list[str]] | None:
    """Return how many files there were, and which were gone; None where they were not looked at."""
    path = folder_of(out) / name
    if not path.exists():
        return None
    about = pq.read_metadata(path)
    return about.num_rows, json.loads(about.metadata[b"gone"])


def buckets_for(files: int) -> int:
    """Return by how many tasks so many files are put into partitions."""
    return min(_BUCKETS, max(1, math.ceil(files / _FILES_IN_BUCKET)))


def write_bucket(out: Path, number: int, of: int, slices: int) -> int:
    """Put the series of a bucket into partitions, write these, and return how many they are.

    `keep_list` has said which files are meant.
    """
    folder = folder_of(out)
    looked = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    first, last = number * _BUCKETS // of, (number + 1) * _BUCKETS // of
    own = (ds.field("bucket") >= first) & (ds.field("bucket") < last)
    tables = (
        pq.read_table(folder / name, columns=["series", "name"], filters=own, use_threads=False)
        for name in looked
    )
    table = pa.concat_tables([one for one in tables if len(one)] or [_LOOKED.empty_table()])
    keys = (
        FileKey(_text(row["name"]), row["series"])
        for batch in table.to_batches(max_chunksize=1000)
        for row in batch.to_pylist()
    )
    made = partitions(keys, slices)
    rows = [{"key": one.key, "names": [_bytes(name) for name in one.names]} for one in made]
    planned = pa.Table.from_pylist(rows, schema=_PLANNED)
    _write(_bucket_path(out, number), planned, row_group_size=_ROWS)
    return len(made)


def keep_list(out: Path, looked: Sequence[str]) -> None:
    """Say what the partitions are made of: the names that `look_at` gave."""
    _write_json(folder_of(out) / _LIST, looked)


def close_plan(out: Path, plan: Plan) -> None:
    """Say that a plan is whole, and take away what it was made of."""
    _write_json(folder_of(out) / _WHOLE, asdict(plan))
    for path in (*folder_of(out).glob("looked-*.parquet"), folder_of(out) / _LIST):
        path.unlink(missing_ok=True)


def read_plan(out: Path) -> Plan | None:
    """Return the plan of the results in a folder, None where it is not whole yet."""
    path = folder_of(out) / _WHOLE
    try:
        return Plan(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise ScreeningError("The plan of the screening cannot be read.") from error


def planned(out: Path, plan: Plan) -> Iterator[Partition]:
    """Give the partitions one after the other; no more than some hundred are held."""
    for number in range(plan.buckets):
        try:
            with pq.ParquetFile(_bucket_path(out, number)) as file:
                for batch in file.iter_batches(batch_size=64):
                    for row in batch.to_pylist():
                        yield Partition(row["key"], tuple(map(_text, row["names"])))
        except (OSError, pa.ArrowException) as error:
            raise ScreeningError("The plan of the screening cannot be read.") from error


def _bucket(series: str) -> int:
    return zlib.crc32(_bytes(series)) % _BUCKETS


def _bucket_path(out: Path, number: int) -> Path:
    return folder_of(out) / f"partitions-{number:05}.parquet"


def _write(path: Path, table: pa.Table, *, row_group_size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{uuid4().hex}")  # of several hosts, too
    pq.write_table(table, beside, compression="zstd", row_group_size=row_group_size)
    beside.replace(path)


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(content), encoding="utf-8")
    beside.replace(path)


def _bytes(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")  # names need not be text on Linux


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
