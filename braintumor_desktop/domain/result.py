"""What became of one file or frame: the network's answer or the reason why there is none."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from braintumor_desktop.domain.answer import (
    Certainty,
    ModelInfo,
    Prediction,
    excluded,
    tumour_probability,
)
from braintumor_desktop.domain.image import DicomIdentifiers, MRISlice, ReadWarning
from braintumor_desktop.errors import BraintumorError

DIGITS = 6
"""Probabilities are kept and written with this many decimals."""

PASSED_OVER = frozenset({"hidden", "index", "other"})
"""Reasons of files that are no slices and never will be."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """One answered file or frame, without pixels; with `reason` a refusal.

    A refusal has no answer: of it only where it stands, `identifiers` and `format` are filled.

    Attributes
    ----------
    reason
        Why there is no answer, as a template with fields; None where there is one.
    label
        The most probable class; empty for a refusal.
    probabilities
        Pairs of class and number in [0, 1], in the model's order.
    possible
        The classes that cannot be excluded.
    unlike_training
        Whether the slice is unlike the training data: then the rest means little.
    area_mm2
        That of the outline; None where the source has no spacing.
    peak
        The strongest point [x, y] of the suspect's heat map in source pixels, shown or not.
    format
        The short name of the file's format.
    identifiers
        What the header says of patient, study, series and instance; None for other formats.
    warnings
        What a person should know about how the file was read.
    model
        Who answered.
    frame
        The frame or tile in the file, counting from 0.
    position_mm
        The slice's place along its normal; None where the file does not say.
    sequence
        The family of the slice's sequence, empty where it is not known.
    withheld
        Whether the model does not hold on that sequence: then it is unlike the training, too.
    number
        The place in the walk, counting from 0.
    name, path
        What it is called in lists, and where it lies.
    content
        The SHA-256 of the file's bytes in hex; empty where there were none to read.
    duplicate_of
        The name of the first file with the same content; empty for the first.
    thumbnail
        A small picture as JPEG; None where it is kept elsewhere or there is none.
    fault
        A line for the log where the app itself failed on the file; such are not kept.

    """

    reason: ReadWarning | None = None
    label: str = ""
    probabilities: tuple[tuple[str, float], ...] = ()
    possible: tuple[str, ...] = ()
    unlike_training: bool = False
    area_mm2: float | None = None
    peak: tuple[float, float] | None = None
    format: str = ""
    identifiers: DicomIdentifiers | None = None
    warnings: tuple[ReadWarning, ...] = ()
    model: ModelInfo | None = None
    frame: int = 0
    position_mm: float | None = None
    sequence: str = ""
    withheld: bool = False
    number: int = 0
    name: str = ""
    path: Path = Path()
    content: str = ""
    duplicate_of: str = ""
    thumbnail: bytes | None = None
    fault: str = ""

    @property
    def answered(self) -> bool:
        """Whether the network has answered."""
        return bool(self.label)

    @property
    def probability(self) -> float:
        """That of the label; 0 for a refusal."""
        return dict(self.probabilities).get(self.label, 0.0)

    @property
    def tumour_probability(self) -> float:
        """That of a tumour of any type, in [0, 1]; of an answer, for a refusal has none."""
        return tumour_probability(dict(self.probabilities))

    @property
    def certainty(self) -> Certainty:
        """How far the answer can be trusted, or what kind of file it is that has none."""
        if self.reason is not None:
            return Certainty.PASSED if self.reason.kind in PASSED_OVER else Certainty.FAILED
        return Certainty.of(dict(self.probabilities), self.possible, self.unlike_training)

    @property
    def needs_look(self) -> bool:
        """Whether a person should look first: unsure, unlike the training, warned of, failed."""
        return self.certainty.needs_look(bool(self.warnings))

    @property
    def excluded(self) -> tuple[str, ...]:
        """The classes that can be excluded."""
        return excluded(dict(self.probabilities), self.possible, self.unlike_training)

    @property
    def series_instance_uid(self) -> str:
        """That of the file's series; empty where it says none."""
        return self.identifiers.series_instance_uid if self.identifiers else ""

    @property
    def sop_instance_uid(self) -> str:
        """That of the file; empty where it says none."""
        return self.identifiers.sop_instance_uid if self.identifiers else ""


_WHERE = frozenset({"number", "name", "path", "content", "duplicate_of", "thumbnail", "fault"})
"""What is of one walk and not kept with the answer: the same content may lie elsewhere tomorrow."""

_KEPT = tuple(item.name for item in fields(FileResult) if item.name not in _WHERE)


def answered(mri: MRISlice, prediction: Prediction) -> FileResult:
    """Return the result of a slice that the network has answered."""
    x, y = prediction.heat_map.peak
    area = prediction.area_mm2
    return FileResult(
        label=prediction.label,
        probabilities=tuple((k, _rounded(v)) for k, v in prediction.probabilities.items()),
        possible=prediction.possible,
        unlike_training=prediction.unlike_training,
        area_mm2=None if area is None else round(area, 2),
        peak=(round(x, 1), round(y, 1)),
        format=mri.source.format,
        identifiers=mri.source.identifiers,
        warnings=mri.warnings,
        model=prediction.model,
        frame=mri.source.frame,
        position_mm=None if mri.geometry is None else round(mri.geometry.position_mm, 3),
        sequence=prediction.sequence,
        withheld=prediction.withheld,
    )


def _rounded(share: float) -> float:
    """Rounded down, but not to 0: no answer becomes certain by that, nor an unsure one sure."""
    steps = int(10**DIGITS)
    return max(math.floor(share * steps), share > 0) / steps


def refused(error: BraintumorError, identifiers: DicomIdentifiers | None = None) -> FileResult:
    """Return the result of a file without an answer; `identifiers` as its header has them."""
    fields = tuple((name, _plain(value)) for name, value in error.fields.items())
    reason = ReadWarning(error.kind, error.template, fields)
    return FileResult(reason=reason, identifiers=identifiers)


def to_json(result: FileResult) -> str:
    """Return what is kept of a result on one line; only what is not empty."""
    said = {name: getattr(result, name) for name in _KEPT}
    # An area of 0 mm² says that there is no outline, none that there is no spacing.
    zero_says = ("area_mm2", "position_mm")
    values = {k: v for k, v in said.items() if v or (k in zero_says and v is not None)}
    return _ENCODER.encode(values)


def from_json(text: str) -> FileResult:
    """Return the inverse of `to_json`; records of earlier versions have fewer fields."""
    values: dict[str, Any] = json.loads(text)
    if "reason" in values:
        values["reason"] = _warning(values["reason"])
    if "identifiers" in values:
        values["identifiers"] = DicomIdentifiers(**values["identifiers"])
    if "model" in values:
        values["model"] = ModelInfo(**values["model"])
    values["warnings"] = tuple(_warning(item) for item in values.get("warnings", ()))
    for name in ("possible", "peak"):
        if name in values:
            values[name] = tuple(values[name])
    values["probabilities"] = tuple((k, v) for k, v in values.get("probabilities", ()))
    return FileResult(**values)


def _values(part: object) -> object:
    if is_dataclass(part):
        return {item.name: getattr(part, item.name) for item in fields(part)}
    return str(part)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_values)


def _warning(values: dict[str, Any]) -> ReadWarning:
    fields = tuple((name, value) for name, value in values["fields"])
    return ReadWarning(values["kind"], values["template"], fields)


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float) else str(value)
