"""The results as Parquet: a file for each partition, written beside and renamed."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("frame", pa.int32()),
        ("series_instance_uid", pa.string()),
        ("position_mm", pa.float32()),
        ("answered", pa.bool_()),
        ("label", pa.string()),
        ("tumour_probability", pa.float32()),
        ("probability", pa.float32()),
        ("certainty", pa.string()),
        ("withheld", pa.bool_()),
        ("distance", pa.float32()),
        ("refusal", pa.string()),
        ("series_finding", pa.string()),
        ("sequence", pa.string()),
        ("plane", pa.string()),
        ("manufacturer", pa.string()),
        ("scanner", pa.string()),
        ("hospital", pa.string()),
        ("month", pa.string()),
        ("model", pa.string()),
    ]
)
"""One row a slice, without names, identifiers of patients and dates of birth.

`withheld` is whether the network abstains by the slice's sequence, whatever its distance.
"""

NOT_FOUND = "not_found"
"""The refusal of a file that is gone; it is looked for again."""


def path_of(out: Path, key: str) -> Path:
    """Return where the results of a partition stand."""
    return out / f"part-{key}.parquet"


def write_rows(out: Path, key: str, rows: list[dict[str, Any]]) -> Path:
    """Write a partition's rows: there whole or not at all, the same bytes for the same rows."""
    path = path_of(out, key)
    beside = out / f".part-{key}.{uuid4().hex}"  # of several hosts, too
    named = [{**row, "file": _shown(row["file"])} for row in rows]
    table = pa.Table.from_pylist(named, schema=SCHEMA)
    pq.write_table(table, beside, compression="zstd")
    beside.replace(path)
    return path


def written_keys(out: Path) -> set[str]:
    """Return the keys of the partitions whose results are there."""
    return {path.stem.removeprefix("part-") for path in out.glob("part-*.parquet")}


def with_files_missing(out: Path) -> set[str]:
    """Return the keys of partitions with a file that was not there when they were answered."""
    found = set()
    for path in out.glob("part-*.parquet"):
        refusals = pq.read_table(path, columns=["refusal"])["refusal"]
        if pc.any(pc.equal(refusals, NOT_FOUND)).as_py():
            found.add(path.stem.removeprefix("part-"))
    return found


def open_results(out: Path) -> ds.Dataset:
    """Return all results in a folder."""
    return ds.dataset(sorted(map(str, out.glob("part-*.parquet"))), schema=SCHEMA)


def _shown(name: str) -> str:
    """A name as text: on Linux it need not be any."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
