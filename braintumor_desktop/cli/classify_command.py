"""`classify`: the network's answers, one line a file."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from braintumor_desktop import paths
from braintumor_desktop.domain.answer import Prediction, SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.answer_file import answer_file
from braintumor_desktop.sources.files import files_below
from braintumor_desktop.text import _, answers, numbers, reading
from braintumor_desktop.text.bidi import without_isolates

Said = SliceAnswer | BraintumorError
Style = Callable[[Path, Said], str]
"""Makes the line for a file from its answer, or from why there is none."""


class InternalError(BraintumorError):
    """Something went wrong that this app did not foresee."""

    kind = "internal"


def run(named: Sequence[Path], style: Style, threads: int = 1, *, debug: bool = False) -> int:
    """Print a line for every file that `named` lead to, as soon as it is known.

    Returns how many files failed. Raises `ModelBundleError` before the first line where there is
    no usable model.
    """
    classifier = Classifier.load(paths.model_bundle(), threads)
    failed = 0
    for path, outcome in answered(named, classifier, debug=debug):
        failed += isinstance(outcome, BraintumorError)
        print(style(path, outcome), flush=True)
    return failed


def answered(
    named: Sequence[Path], classifier: Classifier, *, debug: bool = False
) -> Iterator[tuple[Path, Said]]:
    """The answer to every file that `named` lead to, or why there is none."""
    for path, refusal in files_below(named):
        yield path, refusal or _answer(path, classifier, debug)


def _answer(path: Path, classifier: Classifier, debug: bool) -> Said:
    try:
        return answer_file(path, classifier)
    except BraintumorError as error:
        return error
    except Exception as error:  # the edge: one file that breaks the app must not cost the others
        if debug:
            traceback.print_exc(file=sys.stderr)
        return InternalError(
            "The app failed on this file in a way that it did not foresee ({error}).",
            error=type(error).__name__,
        )


def as_json(path: Path, outcome: Said) -> str:
    """One JSON object, in ASCII, so that it survives every terminal and pipe."""
    record: dict[str, Any] = {"path": str(path)}
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


def as_text(path: Path, outcome: Said) -> str:
    """An aligned line for people: the most probable class, its probability, and the file."""
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


def _line(verdict: str, share: str, path: Path, notes: Sequence[str]) -> str:
    said = "".join(f"  ({note})" for note in notes)
    return printable(without_isolates(f"{verdict:<{_WIDTH}}{share:>7}  {path}{said}"))


def _needs_look(mri: MRISlice, prediction: Prediction) -> bool:
    return prediction.certainty.needs_look(bool(mri.warnings))


def printable(text: str) -> str:
    """`text` with what standard output cannot encode, or would break the line, escaped."""
    visible = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    encoding = sys.stdout.encoding or "utf-8"
    return visible.encode(encoding, "backslashreplace").decode(encoding)
