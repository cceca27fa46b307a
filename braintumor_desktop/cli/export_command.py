"""`export`: the answers about series as DICOM objects, in a folder or sent to an archive."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from braintumor_desktop import paths
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.dicom_export import (
    ObjectKind,
    Persons,
    answers_as_objects,
    write_disc,
    write_objects,
)
from braintumor_desktop.outputs.stored_persons import StoredPersons
from braintumor_desktop.screening.records_opening import open_records
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.records import user_name
from braintumor_desktop.text import _
from braintumor_desktop.text.reading import plain_sentence


def run(options: argparse.Namespace) -> bool:
    """Export; returns whether something failed."""
    kinds = [kind for kind in ObjectKind if getattr(options, kind.value)] or list(ObjectKind)
    if options.records is None:
        return export(options.paths, options.out, kinds, disc=options.dicomdir)
    if not options.records.is_file():  # none are made for it
        raise RecordsError("There are no records in {file}.", file=options.records.name)
    with closing(open_records(options.records.absolute(), user_name())) as records:
        if records.set_aside is not None:
            raise RecordsError(
                "The records were damaged; they are kept as {file}.", file=records.set_aside.name
            )
        said = StoredPersons.of(records)
        return export(options.paths, options.out, kinds, disc=options.dicomdir, persons=said)


def export(
    given: Sequence[Path],
    out: Path,
    kinds: Sequence[ObjectKind],
    *,
    disc: bool,
    persons: Persons | None = None,
) -> bool:
    """Write the objects of these kinds about every series below `given`.

    `persons` has what was decided and marked. Prints a line for each series; returns whether one of
    them failed or there was none.
    """
    classifier = Classifier.load(paths.model_bundle())
    made = []
    for one in answers_as_objects(given, classifier, kinds, persons=persons):
        made.append(one)
        if one.error is not None:
            print(f"{one.name}: {plain_sentence(one.error)}", file=sys.stderr)
        else:
            modalities = ", ".join(str(item.Modality) for item in one.objects)
            print(f"{one.name}: {modalities or '-'}", flush=True)
    if not made:
        print(_("There is no DICOM series that can be answered."), file=sys.stderr)
        return True
    objects = [item for one in made for item in one.objects]
    if disc:
        write_disc(objects, out)
    else:
        write_objects(objects, out)
    return any(one.error is not None for one in made)
