"""`series`: what was found below some paths, series by series, with the answers."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from braintumor_desktop import paths
from braintumor_desktop.cli.classify_command import other_files, printable
from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.domain.study import (
    Catalogue,
    LeftOut,
    PatientStudies,
    Series,
    SeriesKind,
    Study,
)
from braintumor_desktop.domain.volume import series_affine
from braintumor_desktop.imaging.dicom.object_kinds import no_picture
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.series_answering import AnsweredSeries, answer_whole
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.text import _, ngettext
from braintumor_desktop.text.bidi import without_isolates
from braintumor_desktop.text.numbers import integer
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.text.series_words import not_asked, plane, series_counts, series_headline


def run(
    named: Sequence[Path],
    *,
    as_json: bool = False,
    every_kind: bool = False,
    as_series: bool = False,
) -> int:
    """Print every series that `named` lead to, then what was refused; returns how much was.

    Images are answered; localisers, derived and phase images with `every_kind` alone. With
    `as_series` the numbered pictures of a folder are one. Raises `ModelBundleError` where there is
    no usable model.
    """
    classifier = Classifier.load(paths.model_bundle())
    found = scan(named, _progress, as_series=as_series)
    _progress(0)
    failed = len(found.refused)
    for patient, study, series in _all(found):
        asked = series.kind is SeriesKind.IMAGES or every_kind
        answered = answer_whole(series, classifier) if asked and not series.object_name else None
        if answered is not None:
            failed += any(one.result.reason for one in answered.slices)
        if as_json:
            print(json.dumps(_record(patient, study, series, answered)), flush=True)
        else:
            lines = map(without_isolates, _lines(patient, series, answered))
            print("\n".join(map(printable, lines)), flush=True)
    for left_out in found.refused:
        print(_refusal(left_out, as_json), flush=True)
    if found.other_files:
        said = other_files(len(found.other_files))
        print(said, file=sys.stderr if as_json else sys.stdout)
    return failed


def _progress(done: int) -> None:
    if sys.stderr.isatty() and done % 100 == 0:
        said = ngettext("{count} file", "{count} files", done).format(count=integer(done))
        said = said if done else ""
        print(f"\r{said}\x1b[K", end="", file=sys.stderr, flush=True)


def _all(found: Catalogue) -> Iterator[tuple[PatientStudies, Study, Series]]:
    for patient in found.patients:
        for study in patient.studies:
            for series in study.series:
                yield patient, study, series


def _record(
    patient: PatientStudies, study: Study, series: Series, answered: AnsweredSeries | None
) -> dict[str, Any]:
    """One series for programs; `path` is the file or the folder that holds all of it."""
    matrix = series_affine(series)
    within = series.instances[0].spacing_mm
    record: dict[str, Any] = {
        "path": str(_place(series)),
        "patient_id": patient.patient.patient_id,
        "issuer_of_patient_id": patient.patient.issuer_of_patient_id,
        "study_instance_uid": study.study_instance_uid,
        "series_instance_uid": series.series_instance_uid,
        "part": series.part if series.series_instance_uid else "",
        "description": series.description,
        "modality": series.modality,
        "kind": str(series.kind),
        "plane": str(series.plane),
        "frames": 0 if series.object_name else len(series.instances),
        "usable": None if answered is None else answered.answer.usable_count,
        "spacing_mm": None if within is None else [series.slice_spacing_mm, *within],
        "affine": None if matrix is None else matrix.tolist(),
        "gaps": [distance for _, distance in series.gaps],
        "duplicates": series.duplicates,
        "cautions": _cautions(series, answered),
        "answer": None if answered is None else _answer(answered.answer),
        "slices": [] if series.object_name else _slices(series, answered),
    }
    if series.object_name:
        error = no_picture(series.object_name)
        record["error"] = {"kind": error.kind, "message": str(error)}
    return record


def _place(series: Series) -> Path:
    """The file that holds all of a series, or the folder."""
    files = {one.path for one in series.instances}
    if len(files) == 1:
        return files.pop()
    return Path(os.path.commonpath({path.parent for path in files}))


def _cautions(
    series: Series,
    answered: AnsweredSeries | None,
    words: Callable[[ReadWarning], str] = str,
) -> list[str]:
    """What is said of the series and of its slices, each sentence once; in English for programs."""
    said = list(series.cautions)
    for one in answered.slices if answered else ():
        said += one.result.warnings
    return list(dict.fromkeys(map(words, said)))


def _answer(answer: SeriesAnswer) -> dict[str, Any]:
    return {
        "finding": str(answer.finding),
        "score": answer.score,
        "suspicious": answer.suspicious,
        "usable": answer.usable_count,
        "reason": answer.reason,
        "lesions": [
            {
                "slices": list(lesion.slices),
                "peak_slice": lesion.peak_slice,
                "peak": list(lesion.peak),
                "probability": lesion.probability,
                "label": lesion.label,
                "extent_mm": lesion.extent_mm and list(lesion.extent_mm),
            }
            for lesion in answer.lesions
        ],
    }


def _slices(series: Series, answered: AnsweredSeries | None) -> list[dict[str, Any]]:
    height = series.instances[0].geometry
    found: list[dict[str, Any]] = []
    for index, instance in enumerate(series.instances):
        place = instance.geometry
        record: dict[str, Any] = {
            "index": index,
            "path": str(instance.path),
            "frame": instance.frame,
            "sop_instance_uid": instance.sop_instance_uid,
            "position_mm": place.height_mm(height.normal) if place and height else None,
            "probabilities": None,
            "unlike_training": None,
        }
        if answered is not None:
            result = answered.slices[index].result
            if result.reason is not None:
                record["error"] = {"kind": result.reason.kind, "message": str(result.reason)}
            else:
                record["probabilities"] = dict(result.probabilities)
                record["unlike_training"] = result.unlike_training
        found.append(record)
    return found


def _lines(
    patient: PatientStudies, series: Series, answered: AnsweredSeries | None
) -> Iterator[str]:
    """One series for people."""
    who = patient.patient.name or patient.patient.patient_id or "-"
    if series.object_name:
        yield f"{who}  {sentence(no_picture(series.object_name))}"
        return
    name = series.description or series.instances[0].path.name
    part = f" ({series.part})" if series.part and series.series_instance_uid else ""
    count = len(series.instances)
    frames = ngettext("{count} slice", "{count} slices", count).format(count=integer(count))
    yield f"{who}  {name}{part}  {plane(series.plane)}, {frames}"
    if answered is None:
        yield "  " + not_asked(series.kind)
    else:
        yield "  " + series_headline(answered.answer)
        yield "  " + series_counts(answered.answer)
    for caution in _cautions(series, answered, sentence):
        yield "  " + caution


def _refusal(left_out: LeftOut, as_json: bool) -> str:
    if as_json:
        error = {"kind": left_out.reason.kind, "message": str(left_out.reason)}
        return json.dumps({"path": str(left_out.path), "error": error})
    return printable(f"{_('refused')}  {left_out.path}  ({sentence(left_out.reason)})")
