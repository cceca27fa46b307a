"""A few slices of each group as small pictures, so that eyes see what a distance means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pydicom

from braintumor_desktop.domain.study import SeriesKind
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.rendering.thumbnail import thumbnail_jpeg
from braintumor_desktop.screening.distributed.sources import Source
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.sources.instances import InstanceReader

COLUMNS = ("month", "scanner", "sequence")
"""What samples are taken by."""

_AT = (0.02, 0.34, 0.66, 0.98)  # of the distances in order: the least, and nearly the largest
_GROUPS = 60  # of a column; the largest
_SIDE = 128
_MR = "1.2.840.10008.5.1.4.1.1.4"
_SAMPLES = "samples.parquet"
_ORIGIN = ("SOPClassUID", "ImageType")

Wanted = tuple[str, int]
"""A file's name in the source, and the frame."""


@dataclass(frozen=True)
class Sample:
    """A slice of a group; `jpeg` is its picture, a side of 128 pixels at most."""

    column: str
    group: str
    file: str
    frame: int
    distance: float
    certainty: str
    withheld: bool
    label: str
    jpeg: bytes = b""


def choose(results: ds.Dataset) -> list[Sample]:
    """Choose slices of each group, spread over its distances; the same for the same results.

    The names of all slices would not fit into memory: held are their distances, and the names of
    those that have a chosen one.
    """
    columns = ["file", "frame", "distance", "certainty", "withheld", "label"]
    whole = ds.field("answered") & ~pc.match_substring(ds.field("file"), "!/")
    found = []
    for column in COLUMNS:
        chosen = _distances(results.to_table(columns=[column, "distance"], filter=whole), column)
        each = pa.array([one for own in chosen.values() for one in own], pa.float32())
        some = whole & ds.field("distance").isin(each)
        table = results.to_table(columns=[*columns, column], filter=some)
        rows = table.sort_by([(key, "ascending") for key in columns[:2]]).to_pylist()
        for name, own in chosen.items():
            for distance, count in Counter(own).items():
                alike = [row for row in rows if row[column] == name and row["distance"] == distance]
                found += [
                    Sample(column, name, **{key: row[key] for key in columns})
                    for row in alike[:count]
                ]
    return found


def _distances(table: pa.Table, column: str) -> dict[str, list[float]]:
    """The distances at `_AT` of the largest groups, in the order of their names."""
    counts = pc.value_counts(pc.fill_null(table[column], "")).to_pylist()
    largest = sorted(counts, key=lambda one: (-one["counts"], one["values"]))[:_GROUPS]
    chosen = {}
    for name in sorted(one["values"] for one in largest if one["values"]):
        own = table.filter(pc.equal(table[column], name))["distance"].combine_chunks().sort()
        chosen[name] = own.take(sorted({int(part * (len(own) - 1)) for part in _AT})).to_pylist()
    return chosen


def draw(source: Source, wanted: Sequence[Wanted]) -> dict[Wanted, bytes]:
    """Return pictures of slices, without those whose pixels may name the patient.

    Left out is what is no original MR image, what its header says to have text in the pixels, and
    what is there no more.
    """
    found: dict[Wanted, bytes] = {}
    frames = set(wanted)
    with source.as_local(sorted({name for name, _ in wanted})) as local, InstanceReader() as reader:
        for series in scan(list(local)).series:
            if series.kind is not SeriesKind.IMAGES:
                continue
            for instance in series.instances:
                key = local.get(instance.path, ""), instance.frame
                if key not in frames or not _original(instance.path):
                    continue
                try:
                    mri = reader.read(instance)
                except BraintumorError:
                    continue
                if not any(warning.kind == "annotation" for warning in mri.warnings):
                    found[key] = thumbnail_jpeg(mri, _SIDE)
    return found


def _original(path: Path) -> bool:
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_ORIGIN))
        kind = [str(word).upper() for word in header.get("ImageType", None) or ()]
        return str(header.get("SOPClassUID", "")).startswith(_MR) and kind[:1] == ["ORIGINAL"]
    except Exception:  # no DICOM, or not there: nothing says what its pixels show
        return False


def write_samples(out: Path, samples: Iterable[Sample]) -> None:
    """Write the samples beside the results."""
    rows = [
        {"column": one.column, "group": one.group, "distance": one.distance}
        | {"certainty": one.certainty, "withheld": one.withheld, "label": one.label}
        | {"jpeg": one.jpeg}
        for one in samples
    ]
    schema = pa.schema(
        [(key, pa.string()) for key in ("column", "group", "certainty", "label")]
        + [("distance", pa.float32()), ("withheld", pa.bool_()), ("jpeg", pa.binary())]
    )
    beside = out / f".{_SAMPLES}"
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), beside)
    beside.replace(out / _SAMPLES)


def read_samples(out: Path) -> Iterator[Sample]:
    """Give the samples of the results in a folder, if there are any; they do not name files."""
    path = out / _SAMPLES
    if path.exists():
        for row in pq.read_table(path).to_pylist():
            yield Sample(file="", frame=0, **row)
