"""`export`: the answers about series as DICOM objects, in a folder or sent to an archive."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from braintumor_desktop import paths
from braintumor_desktop.domain.study import Series, SeriesKind
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.dicom_export import (
    ObjectKind,
    objects_about,
    write_disc,
    write_objects,
)
from braintumor_desktop.screening.series_answering import answer_whole
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.text import _
from braintumor_desktop.text.reading import plain_sentence


def run(options: argparse.Namespace) -> bool:
    """Export; returns whether something failed."""
    kinds = [kind for kind in ObjectKind if getattr(options, kind.value)] or list(ObjectKind)
    return export(options.paths, options.out, kinds, disc=options.dicomdir)


def export(given: Sequence[Path], out: Path, kinds: Sequence[ObjectKind], *, disc: bool) -> bool:
    """Write the objects of these kinds about every series below `given`.

    Prints a line for each series; returns whether one of them failed or there was none.
    """
    classifier = Classifier.load(paths.model_bundle())
    objects, failed, found = [], False, False
    for series in _series(given):
        found = True
        name = series.description or series.series_instance_uid
        try:
            answered = answer_whole(series, classifier)
            assert answered is not None  # nobody cancels it
            made = objects_about(answered, kinds)
        except BraintumorError as error:
            print(f"{name}: {plain_sentence(error)}", file=sys.stderr)
            failed = True
            continue
        objects += made
        print(f"{name}: {', '.join(str(one.Modality) for one in made) or '-'}", flush=True)
    if not found:
        print(_("There is no DICOM series that can be answered."), file=sys.stderr)
        return True
    if disc:
        write_disc(objects, out)
    else:
        write_objects(objects, out)
    return failed


def _series(given: Sequence[Path]) -> Iterator[Series]:
    for patient in scan(given).patients:
        for study in patient.studies:
            for series in study.series:
                if series.kind is SeriesKind.IMAGES and series.series_instance_uid:
                    yield series
