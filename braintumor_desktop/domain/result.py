"""What became of one file: the network's answer or the reason why there is none, without pixels."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from braintumor_desktop.domain.answer import UNSURE_BELOW, ModelInfo, Prediction
from braintumor_desktop.domain.image import DicomIdentifiers, MRISlice, ReadWarning
from braintumor_desktop.errors import BraintumorError

DIGITS = 6
"""Probabilities are kept and written with this many decimals."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, or with `reason` a refusal, whose rest is empty but for the `identifiers`.

    `probabilities` in [0, 1] in the model's order, `possible` the classes that cannot be excluded,
    `area_mm2` of the outline or None, `peak` the strongest point [x, y] in source pixels of the
    most probable tumour's heat map, shown or not. `reason` and `warnings` hold sentences as
    templates with fields.
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

    @property
    def answered(self) -> bool:
        """Whether the network has answered."""
        return bool(self.label)

    @property
    def probability(self) -> float:
        """That of the label; 0 for a refusal."""
        return dict(self.probabilities).get(self.label, 0.0)

    @property
    def uncertain(self) -> bool:
        """Whether no class is probable enough, or more than one cannot be excluded."""
        improbable = self.answered and self.probability < UNSURE_BELOW
        return improbable or len(self.possible) > 1

    @property
    def needs_look(self) -> bool:
        """Whether a person should look first: unsure, unlike the training, warned of, failed."""
        if self.reason is not None:
            return self.reason.kind not in PASSED_OVER
        return self.uncertain or self.unlike_training or bool(self.warnings)


PASSED_OVER = frozenset({"hidden", "index"})
"""Reasons of rows that are no slices and never will be."""


_FIELDS = tuple(item.name for item in fields(Outcome))


def answered(mri: MRISlice, prediction: Prediction) -> Outcome:
    """The outcome of a slice that the network has answered."""
    x, y = prediction.heat_map.peak
    area = prediction.area_mm2
    return Outcome(
        label=prediction.label,
        probabilities=tuple((k, _kept(v)) for k, v in prediction.probabilities.items()),
        possible=prediction.possible,
        unlike_training=prediction.unlike_training,
        area_mm2=None if area is None else round(area, 2),
        peak=(round(x, 1), round(y, 1)),
        format=mri.source.format,
        identifiers=mri.source.identifiers,
        warnings=mri.warnings,
        model=prediction.model,
    )


def _kept(share: float) -> float:
    """Rounded down, but not to 0: no answer becomes certain by that, nor an unsure one sure."""
    steps = int(10**DIGITS)
    return max(math.floor(share * steps), share > 0) / steps


def refused(error: BraintumorError, identifiers: DicomIdentifiers | None = None) -> Outcome:
    """The outcome of a file that there is no answer for; `identifiers` as its header has them."""
    fields = tuple((name, _plain(value)) for name, value in error.fields.items())
    reason = ReadWarning(error.kind, error.template, fields)
    return Outcome(reason=reason, identifiers=identifiers)


def to_json(outcome: Outcome) -> str:
    """One line; only what is not empty."""
    said = {name: getattr(outcome, name) for name in _FIELDS}
    # An area of 0 mm² says that there is no outline, none that there is no spacing.
    values = {k: v for k, v in said.items() if v or (k == "area_mm2" and v is not None)}
    return _ENCODER.encode(values)


def from_json(text: str) -> Outcome:
    """The inverse of `to_json`."""
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
    return Outcome(**values)


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
