"""ONNX Runtime answers: from prepared slices to predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import (
    NO_TUMOUR,
    HeatMap,
    ModelInfo,
    Polygon,
    Prediction,
    area,
    suspect,
    tumour_probability,
)
from braintumor_desktop.domain.image import PreparedSlice
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.imaging.turning import as_stored
from braintumor_desktop.inference.bundle import BundleDescription, read_signed_bundle
from braintumor_desktop.inference.bundle_signature import BundleTrust, Signature
from braintumor_desktop.inference.measured import measured_elsewhere
from braintumor_desktop.inference.outline import outlines
from braintumor_desktop.inference.series import SeriesRule

LOGITS = "logits"
ACTIVATION = "activation"
MASK = "mask"
DISTANCE = "distance"


AT_ONCE = 2
"""Slices that the network gets at once. Of more, what is between its layers leaves a core's cache,
and each takes longer than it does alone."""


@dataclass(frozen=True, eq=False)
class Outputs:
    """What the network gives out for n slices, all float32.

    `logits` (n, classes). `activation` (n, rows, columns, classes), whose mean over rows and
    columns is the logits (Zhou et al. 2016, "Learning deep features for discriminative
    localization": with global average pooling the class activation map is exact). `mask` (n, rows,
    columns), the logit of each cell to lie in a tumour. `distance` (n,), how far the slice's
    features are from the training data's: about 1 on average over those.
    """

    logits: NDArray[np.float32]
    activation: NDArray[np.float32]
    mask: NDArray[np.float32]
    distance: NDArray[np.float32]


class Classifier:
    """A loaded model bundle. Stateless between calls; one may serve several threads."""

    def __init__(
        self,
        description: BundleDescription,
        session: onnxruntime.InferenceSession,
        folder: Path | None = None,
        signature: Signature = Signature(),  # noqa: B008  frozen
    ) -> None:
        """`folder` is where the bundle came from, if from a folder as it is; `signature` whose."""
        self.description = description
        self.folder = folder
        self.signature = signature
        self.info = ModelInfo(description.name, description.sha256)
        self._measured = measured_elsewhere(description)
        self._session = session

    @classmethod
    def load(cls, folder: Path, threads: int = 1, *, signed_only: bool = False) -> Classifier:
        """Load the bundle in `folder` to run on `threads` cores.

        Raises `ModelBundleError` where the bundle is missing, damaged, or not one for this app; and
        with `signed_only`, or where the policy says so, where nobody trusted has signed it.
        """
        trust = BundleTrust.installed(signed_only=signed_only)
        description, network, signature = read_signed_bundle(folder, trust)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: warnings would go to the user's terminal
        try:
            session = onnxruntime.InferenceSession(
                network, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's errors share no narrower public base
            raise ModelBundleError("The network in the model bundle cannot be loaded.") from error
        _check(description, session)
        return cls(description, session, folder, signature)

    @property
    def input_size(self) -> int:
        """The side of the prepared slices that the network takes, in pixels."""
        return self.description.input_size

    @property
    def series_rule(self) -> SeriesRule | None:
        """By what a series is judged; None where the bundle was not measured on volumes."""
        rule = self.description.series_rule
        if not rule:
            return None
        return SeriesRule(rule["suspicious_from"], rule["threshold"], int(rule["least_usable"]))

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in the network's order."""
        return self.description.classes

    def classify(self, prepared: PreparedSlice) -> Prediction:
        """The prediction for one prepared slice of `input_size`."""
        return self._prediction(prepared, self.run(prepared.pixels[np.newaxis]), 0, True)

    def classify_batch(
        self, batch: Sequence[PreparedSlice], *, outlined: bool = True
    ) -> list[Prediction]:
        """The predictions for prepared slices of `input_size`, in their order.

        Without `outlined`, slices that have no area for want of a spacing get no outline either.
        The network always gets `AT_ONCE`: the last bits of an answer may depend on that number, but
        not on what else is in the batch.
        """
        if not batch:
            return []
        filled = [*batch, *[batch[0]] * (-len(batch) % AT_ONCE)]
        outputs = self.run(np.stack([prepared.pixels for prepared in filled]))
        return [
            self._prediction(prepared, outputs, i, outlined or prepared.spacing_mm is not None)
            for i, prepared in enumerate(batch)
        ]

    def run(self, pixels: NDArray[np.float32]) -> Outputs:
        """The network's outputs for the pixels (n, size, size) of prepared slices."""
        (name,) = (item.name for item in self._session.get_inputs())
        names = [LOGITS, ACTIVATION, MASK, DISTANCE]
        parts = [
            self._session.run(names, {name: pixels[start : start + AT_ONCE, ..., None]})
            for start in range(0, len(pixels), AT_ONCE)
        ]
        logits, activation, mask, distance = map(np.concatenate, zip(*parts, strict=True))
        return Outputs(logits, activation, mask[..., 0], distance[..., 0])

    def _prediction(
        self, prepared: PreparedSlice, outputs: Outputs, i: int, outlined: bool
    ) -> Prediction:
        probabilities = softmax(outputs.logits[i] / self.description.temperature)
        if not np.isfinite([*probabilities, outputs.distance[i]]).all():
            raise ValueError("The network's answer is no number.")
        named = dict(zip(self.classes, map(float, probabilities), strict=True))
        crop = prepared.crop  # what lies on the prepared slice is turned back with it
        mask = as_stored(sigmoid(outputs.mask[i]), crop.turn)
        outline = outlines(mask, crop) if outlined else ()
        possible = self._possible(named)
        withheld = prepared.sequence in self.description.abstain_on
        shown = self.classes.index(suspect(named, possible))
        return Prediction(
            probabilities=named,
            possible=possible,
            unlike_training=withheld
            or bool(outputs.distance[i] > self.description.unlike_threshold),
            heat_map=HeatMap(as_stored(outputs.activation[i, ..., shown], crop.turn), crop),
            outline=outline,
            area_mm2=_area_mm2(outline, prepared.spacing_mm),
            model=self.info,
            measured=self._measured,
            distance=float(outputs.distance[i]),
            sequence=prepared.sequence,
            withheld=withheld,
        )

    def _possible(self, probabilities: dict[str, float]) -> tuple[str, ...]:
        thresholds = self.description.set_thresholds
        doubt = self.description.tumour_from
        tumour = tumour_probability(probabilities)
        if doubt < 1 and tumour < doubt:
            return (NO_TUMOUR,)
        most = max(probabilities.values())
        held = {name for name, p in probabilities.items() if p >= thresholds[name] or p == most}
        if held == {NO_TUMOUR} and tumour >= doubt:
            held.add(suspect(probabilities, ()))
        return tuple(name for name in probabilities if name in held)


def _area_mm2(outline: Sequence[Polygon], spacing_mm: tuple[float, float] | None) -> float | None:
    if spacing_mm is None:
        return None
    return sum(map(area, outline)) * spacing_mm[0] * spacing_mm[1]


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities in (0, 1) of logits of any shape."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities (…, classes) that sum to 1 over the last axis."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    result: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return result


def _check(description: BundleDescription, session: onnxruntime.InferenceSession) -> None:
    """Refuse a network whose input or outputs are not what the description promises."""
    inputs = session.get_inputs()
    outputs = {item.name: item.shape for item in session.get_outputs()}
    size, count = description.input_size, len(description.classes)
    fits = (
        len(inputs) == 1
        and list(inputs[0].shape[1:]) == [size, size, 1]
        and {LOGITS, ACTIVATION, MASK, DISTANCE} <= outputs.keys()
        and outputs[LOGITS][1:] == [count]
        and len(outputs[ACTIVATION]) == 4
        and outputs[ACTIVATION][-1] == count
        and len(outputs[MASK]) == 4
        and outputs[MASK][-1] == 1
        and outputs[DISTANCE][1:] == [1]
    )
    if not fits:
        raise ModelBundleError(
            "The network's input or outputs are not those that {file} describes.",
            file="model.json",
        )
