"""The results as Parquet: a file for each partition, written beside and renamed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow as pa
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
"""One row a slice, without names, identifiers of patients and dates of birth."""


def path_of(out: Path, key: str) -> Path:
    """Return where the results of a partition stand."""
    return out / f"part-{key}.parquet"


def write_rows(out: Path, key: str, rows: list[dict[str, Any]]) -> Path:
    """Write a partition's rows: there whole or not at all, the same bytes for the same rows."""
    path = path_of(out, key)
    beside = out / f".part-{key}.{os.getpid()}"
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, beside, compression="zstd")
    beside.replace(path)
    return path


def open_results(out: Path) -> ds.Dataset:
    """Return all results in a folder."""
    return ds.dataset(sorted(map(str, out.glob("part-*.parquet"))), schema=SCHEMA)
