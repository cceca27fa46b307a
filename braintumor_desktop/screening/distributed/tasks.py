"""What a worker does: look at headers, answer a partition. Everything else is the pipeline's."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pydicom

from braintumor_desktop import paths
from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.domain.study import Series, SeriesKind
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.headers import read_header
from braintumor_desktop.imaging.read import format_of
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.distributed.partition import FileKey, Partition
from braintumor_desktop.screening.distributed.results import path_of, write_rows
from braintumor_desktop.screening.distributed.source_files import SourceFiles
from braintumor_desktop.screening.series_answering import AnsweredSlice, answer_whole
from braintumor_desktop.sources.catalogue import scan

_ORIGIN = ("Manufacturer", "ManufacturerModelName", "InstitutionName", "StudyDate")
_SNIFFED = 512


@cache
def _classifier(bundle: str) -> Classifier:
    """The network, loaded once a worker, on one core: a worker is meant for one."""
    return Classifier.load(Path(bundle))


def look_at(source: SourceFiles, names: list[str]) -> list[FileKey]:
    """Return each file with the series that its header names."""
    return [FileKey(name, _series_of(source, name)) for name in names]


def _series_of(source: SourceFiles, name: str) -> str:
    try:
        if not format_of(source.head(name, _SNIFFED)).startswith("DICOM"):
            return ""
        header = read_header(lambda count: source.head(name, count))
    except (BraintumorError, OSError):
        return ""  # the partition that it stands in says what is wrong with it
    return header.series.series_instance_uid


def answer_partition(
    source: SourceFiles, partition: Partition, out: str, bundle: str = ""
) -> tuple[str, int]:
    """Answer the series of a partition and write its rows; returns its key and how many rows.

    A partition that stands there already is left as it is. Whoever answers it, and however often,
    the rows are the same.
    """
    folder = Path(out)
    if path_of(folder, partition.key).exists():
        return partition.key, 0
    classifier = _classifier(bundle or str(paths.model_bundle()))
    rows: list[dict[str, Any]] = []
    with source.as_local(list(partition.names)) as local:
        catalogue = scan(list(local))
        for patient in catalogue.patients:
            for study in patient.studies:
                for series in study.series:
                    rows += _rows(series, classifier, local)
        rows += [
            _row(local[left_out.path], refusal=left_out.reason.kind)
            for left_out in catalogue.refused
            if left_out.path in local
        ]
        missing = set(partition.names) - set(local.values())
        rows += [_row(name, refusal="not_found") for name in missing]
    rows.sort(key=lambda row: (row["file"], row["frame"]))
    write_rows(folder, partition.key, rows)
    return partition.key, len(rows)


def _rows(series: Series, classifier: Classifier, local: dict[Path, str]) -> list[dict[str, Any]]:
    if series.kind is not SeriesKind.IMAGES:
        return [
            _row(local[one.path], one.frame, refusal=series.kind.value)
            for one in series.instances
            if one.path in local
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
    return [_slice_row(one, local, about) for one in answered.slices]


def _slice_row(one: AnsweredSlice, local: dict[Path, str], about: dict[str, Any]) -> dict[str, Any]:
    result = one.result
    row = _row(local[one.instance.path], one.instance.frame)
    row |= about
    row["position_mm"] = result.position_mm
    row["certainty"] = result.certainty.value
    if one.prediction is None:
        row["refusal"] = result.reason.kind if result.reason is not None else ""
        return row
    row["answered"] = True
    row["label"] = result.label
    row["probability"] = result.probability
    row["tumour_probability"] = 1 - one.prediction.probabilities[NO_TUMOUR]
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
