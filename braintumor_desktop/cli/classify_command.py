"""`classify`: the network's answers, one line a file."""

from __future__ import annotations

import json
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from braintumor_desktop import paths
from braintumor_desktop.domain.answer import Prediction, SliceAnswer
from braintumor_desktop.domain.image import MRISlice, ReadWarning
from braintumor_desktop.domain.study import Catalogue, Instance
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.object_kinds import no_picture
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.slice_answering import answer_slice
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.sources.files import files_below
from braintumor_desktop.sources.instances import InstanceReader
from braintumor_desktop.text import _, answers, ngettext, numbers, reading
from braintumor_desktop.text.bidi import without_isolates

Said = SliceAnswer | BraintumorError


@dataclass(frozen=True)
class Place:
    """Where a slice stands: `index` counts the slices of its series in order, from 0.

    `instance` is None for what is no slice.
    """

    path: Path
    instance: Instance | None = None
    series_instance_uid: str = ""
    index: int = 0


Style = Callable[[Place, Said], str]
"""Makes the line for a slice from its answer, or from why there is none."""


class InternalError(BraintumorError):
    """Something went wrong that this app did not foresee."""

    kind = "internal"


class _LeftOutError(BraintumorError):
    """What the headers alone told of a file, kept as `reason`."""

    def __init__(self, reason: ReadWarning) -> None:
        self.kind = reason.kind
        super().__init__(reason.template, **dict(reason.fields))


def run(named: Sequence[Path], style: Style, threads: int = 1, *, debug: bool = False) -> int:
    """Print a line for every slice that `named` lead to, as soon as it is known.

    Returns how many failed. Raises `ModelBundleError` before the first line where there is no
    usable model.
    """
    classifier = Classifier.load(paths.model_bundle(), threads)
    failed = 0
    others: list[Path] = []
    for place, outcome in answered(named, classifier, others, debug=debug):
        failed += isinstance(outcome, BraintumorError)
        print(style(place, outcome), flush=True)
    if others:
        print(other_files(len(others)), file=sys.stderr)
    return failed


def answered(
    named: Sequence[Path],
    classifier: Classifier,
    others: list[Path] | None = None,
    *,
    debug: bool = False,
) -> Iterator[tuple[Place, Said]]:
    """The answer to every slice that `named` lead to, or why there is none, in the walk's order.

    Headers are read first: the index in a series is that of its position. What is passed over is
    added to `others`.
    """
    found = scan(named)
    refused = {one.path: one.reason for one in found.refused}
    places = _places(found)
    reader = InstanceReader()
    for path, refusal in files_below(named, others):
        if refusal is not None:
            yield Place(path), refusal
        elif path in refused:
            yield Place(path), _LeftOutError(refused[path])
        for place, object_name in places.get(path, ()):
            if object_name:
                yield place, no_picture(object_name)
            else:
                yield place, _answer(place, classifier, reader, debug)


def _places(found: Catalogue) -> dict[Path, list[tuple[Place, str]]]:
    """The slices of each file by frame; with what it is where it is no picture."""
    places: dict[Path, list[tuple[Place, str]]] = defaultdict(list)
    for series in found.series:
        for index, instance in enumerate(series.instances):
            place = Place(instance.path, instance, series.series_instance_uid, index)
            places[instance.path].append((place, series.object_name))
    for together in places.values():
        together.sort(key=lambda one: one[0].instance.frame if one[0].instance else 0)
    return places


def _answer(place: Place, classifier: Classifier, reader: InstanceReader, debug: bool) -> Said:
    try:
        assert place.instance is not None
        return answer_slice(reader.read(place.instance), classifier)
    except BraintumorError as error:
        return error
    except Exception as error:  # the edge: one file that breaks the app must not cost the others
        if debug:
            traceback.print_exc(file=sys.stderr)
        return InternalError(
            "The app failed on this file in a way that it did not foresee ({error}).",
            error=type(error).__name__,
        )


def as_json(place: Place, outcome: Said) -> str:
    """One JSON object, in ASCII, so that it survives every terminal and pipe."""
    record: dict[str, Any] = {"path": str(place.path)}
    if place.instance is not None:
        geometry = place.instance.geometry
        record |= {
            "series_instance_uid": place.series_instance_uid,
            "frame": place.instance.frame,
            "position_mm": None if geometry is None else geometry.position_mm,
            "index": place.index,
        }
    if isinstance(outcome, BraintumorError):
        record["error"] = {"kind": outcome.kind, "message": str(outcome)}
    else:
        prediction = outcome.prediction
        assert prediction is not None
        model = prediction.model
        record |= {
            "probabilities": prediction.probabilities,
            "label": prediction.label,
            "possible": list(prediction.possible),
            "unlike_training": prediction.unlike_training,
            "needs_look": _needs_look(outcome.slice, prediction),
            "peak": list(prediction.heat_map.peak),
            "outline": [polygon.round(2).tolist() for polygon in prediction.outline],
            "area_mm2": prediction.area_mm2,
            "model": {"name": model.name, "sha256": model.sha256},
            "warnings": [str(warning) for warning in outcome.slice.warnings],
        }
    return json.dumps(record)


def as_text(place: Place, outcome: Said) -> str:
    """An aligned line for people: the most probable class, its probability, and the file."""
    path = str(place.path)
    if place.instance is not None and place.instance.frame:
        frame = numbers.integer(place.instance.frame + 1)
        path = _("{file}, frame {frame}").format(file=path, frame=frame)
    if isinstance(outcome, BraintumorError):
        return _line(_("refused"), "", path, [reading.sentence(outcome)])
    prediction = outcome.prediction
    assert prediction is not None
    notes = [reading.sentence(warning) for warning in outcome.slice.warnings]
    if _needs_look(outcome.slice, prediction):
        notes.insert(0, _("needs a look"))
    if prediction.unlike_training:
        return _line(_("no answer"), "", path, [answers.abstention(prediction), *notes])
    others = tuple(name for name in prediction.possible if name != prediction.label)
    if others:
        notes.insert(0, _("or {classes}").format(classes=answers.in_a_row(others)))
    share = numbers.exact_percent(prediction.probabilities[prediction.label])
    return _line(answers.class_in_text(prediction.label), share, path, notes)


_WIDTH = 17  # the longest class


def _line(verdict: str, share: str, path: str, notes: Sequence[str]) -> str:
    said = "".join(f"  ({note})" for note in notes)
    return printable(without_isolates(f"{verdict:<{_WIDTH}}{share:>7}  {path}{said}"))


def other_files(count: int) -> str:
    """The one line for what lies beside slices."""
    said = ngettext("{count} other file", "{count} other files", count)
    return said.format(count=numbers.integer(count))


def _needs_look(mri: MRISlice, prediction: Prediction) -> bool:
    return prediction.certainty.needs_look(bool(mri.warnings))


def printable(text: str) -> str:
    """`text` with what standard output cannot encode, or would break the line, escaped."""
    visible = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    encoding = sys.stdout.encoding or "utf-8"
    return visible.encode(encoding, "backslashreplace").decode(encoding)
