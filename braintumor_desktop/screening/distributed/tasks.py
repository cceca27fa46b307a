"""What a worker does: look at headers, answer a partition. Everything else is the pipeline's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import cv2
import pydicom

from braintumor_desktop import paths
from braintumor_desktop.domain.study import Series, SeriesKind
from braintumor_desktop.freed_memory import keep_freed
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.distributed.partition import Partition
from braintumor_desktop.screening.distributed.plan import (
    looked_name,
    read_looked,
    write_bucket,
    write_looked,
)
from braintumor_desktop.screening.distributed.results import NOT_FOUND, path_of, write_rows
from braintumor_desktop.screening.distributed.sample_pictures import Wanted, draw
from braintumor_desktop.screening.distributed.source_files import ScreeningError
from braintumor_desktop.screening.distributed.sources import Source
from braintumor_desktop.screening.series_answering import AnsweredSlice, answer_whole
from braintumor_desktop.sources.catalogue import scan

_T = TypeVar("_T")
_ORIGIN = ("Manufacturer", "ManufacturerModelName", "InstitutionName", "StudyDate")
_MEMBER = "!/"  # between an archive's name and that of what it holds
_EMPTY = "nothing_in_it"
_PATIENCE_S = 300.0
_PATIENCE_FOR_A_HEADER_S = 1.0
_PATIENCE_FOR_A_SLICE_S = 5.0  # hundreds of times what one takes, a slow share and a codec included


class LookedAt(NamedTuple):
    """Files that were looked at: where it is written, how many there are, and which were gone."""

    name: str
    files: int
    gone: list[str]


@cache
def _classifier(bundle: str) -> Classifier:
    """The network, loaded once a worker, on one core: a worker is meant for one."""
    cv2.setNumThreads(1)
    keep_freed()
    return Classifier.load(Path(bundle))


def look_at(
    source: Source, names: list[str], out: str, *, last: bool = False, patience_s: float = 0
) -> LookedAt:
    """Look which series files belong to, and write it beside the results.

    What is gone is left out; at the `last` time it stands by its folder. Raises `ScreeningError`
    where it takes longer than `patience_s` seconds, as `answer_partition` does.
    """
    folder = Path(out)
    name = looked_name(names, last)
    known = read_looked(folder, name)
    if known is None:
        patience_s = patience_s or _PATIENCE_S + _PATIENCE_FOR_A_HEADER_S * len(names)
        in_time(lambda: write_looked(folder, name, source.look_at(names), last), patience_s)
        known = read_looked(folder, name)
        assert known is not None
    return LookedAt(name, *known)


def plan_bucket(out: str, number: int, of: int, slices: int) -> int:
    """Put the series of one of `of` buckets into partitions; returns how many they are."""
    return write_bucket(Path(out), number, of, slices)


def answer_partition(
    source: Source, partition: Partition, out: str, *, again: bool = False, patience_s: float = 0
) -> str:
    """Answer the series of a partition, write its rows and return its key.

    A partition that stands there already is left as it is unless it is asked for `again`. Whoever
    answers it, and however often, the rows are the same. Raises `ScreeningError` where it takes
    longer than `patience_s` seconds, by default as many as slow slices may take: then its source
    has stalled, and what hangs there is left behind.
    """
    folder = Path(out)
    if path_of(folder, partition.key).exists() and not again:
        return partition.key
    in_time(
        lambda: write_rows(folder, partition.key, _answered(source, partition)),
        patience_s or _PATIENCE_S + _PATIENCE_FOR_A_SLICE_S * len(partition.names),
    )
    return partition.key


def draw_samples(
    source: Source, wanted: list[Wanted], *, patience_s: float = 0
) -> dict[Wanted, bytes]:
    """Return pictures of slices, as `samples.draw` does; none where the source stalls."""
    patience_s = patience_s or _PATIENCE_FOR_A_SLICE_S * (10 + len(wanted))
    return in_time(lambda: draw(source, wanted), patience_s)


def in_time(work: Callable[[], _T], patience_s: float) -> _T:
    """Do something in a thread that is left behind where it takes longer; raises what it raises."""
    failed: list[BaseException] = []
    given: list[_T] = []

    def run() -> None:
        try:
            given.append(work())
        except BaseException as error:  # raised below, in the task's own thread
            failed.append(error)

    thread = threading.Thread(target=run, name="partition", daemon=True)
    thread.start()
    thread.join(patience_s)
    if thread.is_alive():
        raise ScreeningError("The archive took too long to give its files.")
    if failed:
        raise failed[0]
    return given[0]


def _answered(source: Source, partition: Partition) -> list[dict[str, Any]]:
    classifier = _classifier(str(paths.model_bundle()))
    rows: list[dict[str, Any]] = []
    with source.as_local(list(partition.names)) as local:
        catalogue = scan(list(local))
        for patient in catalogue.patients:
            for study in patient.studies:
                for series in study.series:
                    rows += _rows(series, classifier, local)
        rows += [
            _row(name, refusal=left_out.reason.kind)
            for left_out in (*catalogue.refused, *catalogue.other_files)
            if (name := _named(left_out.path, local))
        ]
        # None is lost: not one that came to nothing else, either.
        said = {row["file"] for row in rows} | {row["file"].split(_MEMBER)[0] for row in rows}
        there = {name for path, name in local.items() if path.exists()}
        rows += [
            _row(name, refusal=_EMPTY if name in there else NOT_FOUND)
            for name in set(partition.names) - said
        ]
    return sorted(rows, key=lambda row: (row["file"], row["frame"]))


def _rows(series: Series, classifier: Classifier, local: dict[Path, str]) -> list[dict[str, Any]]:
    if series.kind is not SeriesKind.IMAGES:
        return [
            _row(name, one.frame, refusal=series.kind.value)
            for one in series.instances
            if (name := _named(one.path, local))
        ]
    answered = answer_whole(series, classifier)
    assert answered is not None  # nobody cancels it
    about = {
        "series_instance_uid": series.series_instance_uid,
        "sequence": series.sequence,
        "plane": series.plane.value,
        "series_finding": answered.answer.finding.value,
        "model": answered.model.name,
        **_origin(series.instances[0].path),
    }
    return [
        _slice_row(one, name, about)
        for one in answered.slices
        if (name := _named(one.instance.path, local))
    ]


def _named(path: Path, local: dict[Path, str]) -> str:
    """What a file is called in the source, or a member of an archive; empty for no part of it."""
    if path in local:
        return local[path]
    for parent in path.parents:
        if parent in local:
            return local[parent] + _MEMBER + path.relative_to(parent).as_posix()
    return ""


def _slice_row(one: AnsweredSlice, name: str, about: dict[str, Any]) -> dict[str, Any]:
    result = one.result
    row = _row(name, one.instance.frame) | about
    row["position_mm"] = result.position_mm
    row["certainty"] = result.certainty.value
    if one.prediction is None:
        row["refusal"] = result.reason.kind if result.reason is not None else ""
        return row
    row["answered"] = True
    row["withheld"] = one.prediction.withheld
    row["label"] = result.label
    row["probability"] = result.probability
    row["tumour_probability"] = one.prediction.tumour_probability
    row["distance"] = one.prediction.distance
    return row


def _row(name: str, frame: int = 0, refusal: str = "") -> dict[str, Any]:
    return {"file": name, "frame": frame, "answered": False, "refusal": refusal}


def _origin(path: Path) -> dict[str, str]:
    """The scanner, the hospital and the month of a series, from its first file's header."""
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(_ORIGIN))
    except Exception:  # it was answered; where it comes from is not known then
        return {}
    maker = str(header.get("Manufacturer", "") or "")
    model = str(header.get("ManufacturerModelName", "") or "")
    return {
        "manufacturer": maker,
        "scanner": f"{maker} {model}".strip(),
        "hospital": str(header.get("InstitutionName", "") or ""),
        "month": str(header.get("StudyDate", "") or "")[:6],
    }
