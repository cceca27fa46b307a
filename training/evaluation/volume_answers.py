"""What a bundle says of whole heads, slice by slice, beside what is known of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from braintumor_desktop.domain.answer import NO_TUMOUR, Prediction, tumour_probability
from braintumor_desktop.domain.image import PreparedSlice
from braintumor_desktop.errors import BlankSliceError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier, sigmoid, softmax
from training.datasets.outlines import mask_picture
from training.datasets.whole_heads import TUMOUR, ManifestRow, read_manifest_rows

_BATCH = 16


@dataclass(frozen=True)
class JudgedSlice:
    """What was said of a slice, and how right that was.

    `tumour_probability` in [0, 1]; `possible`, the classes that cannot be excluded; `unlike`,
    whether it is called unlike the training data. `dice` of the outline and `peak_inside`, whether
    the strongest cell lies inside the mask, are None where the slice is none of a tumour.
    `withheld`, whether a file that names the sequence would keep the answer back.
    """

    slice: ManifestRow
    tumour_probability: float
    possible: frozenset[str]
    unlike: bool
    dice: float | None
    peak_inside: bool | None
    withheld: bool = False

    @property
    def called(self) -> bool:
        """Whether it is called tumour: no tumour has less than half of the probability."""
        return self.tumour_probability > 0.5

    @property
    def wrong(self) -> bool:
        """Whether the truth, a tumour of any type or none, is excluded."""
        tumour_possible = bool(self.possible - {NO_TUMOUR})
        return not tumour_possible if self.slice.tumour else NO_TUMOUR not in self.possible

    @property
    def undecided(self) -> bool:
        """Whether neither a tumour nor none is excluded."""
        return NO_TUMOUR in self.possible and bool(self.possible - {NO_TUMOUR})

    @property
    def type_wrong(self) -> bool:
        """Whether the tumour's type is excluded, but not every type; never without a type."""
        truth = self.slice.truth
        return truth not in (TUMOUR, NO_TUMOUR, *self.possible) and not self.wrong


def answer_volumes(
    classifier: Classifier, volumes: Path, slices: Sequence[ManifestRow] | None = None
) -> list[JudgedSlice]:
    """Answer `slices`, or all of the manifest in `volumes`; those without an image are left out."""
    batches = _prepared(volumes, slices, classifier.input_size)
    return [one for batch in batches for one in _answer(classifier, volumes, batch)]


def answer_volumes_by_run(
    run: Path, volumes: Path, slices: Sequence[ManifestRow] | None = None
) -> list[JudgedSlice]:
    """Answer `slices`, or all of the manifest in `volumes`, by a run of the seed's recipe.

    The most probable class is the answer: no other is possible, and nothing is called unlike. Such
    a network has no outline. Raises `OSError` where the run or the manifest is missing.
    """
    from training.data.tfrecords import read_manifest  # TensorFlow: the bundle needs none
    from training.engine.seed import load_trained, read_configuration
    from training.models.networks import predict_logits

    settings = read_configuration(run)
    classes = read_manifest(Path(settings.records)).classes
    model = load_trained(run)
    judged: list[JudgedSlice] = []
    for batch in _prepared(volumes, slices, settings.size):
        logits = predict_logits(model, np.stack([each.pixels for _, each in batch]))
        for (one, _), probabilities in zip(batch, softmax(logits), strict=True):
            answer = dict(zip(classes, map(float, probabilities), strict=True))
            judged.append(
                JudgedSlice(
                    slice=one,
                    tumour_probability=tumour_probability(answer),
                    possible=frozenset([max(answer, key=lambda name: answer[name])]),
                    unlike=False,
                    dice=None,
                    peak_inside=None,
                )
            )
    return judged


def _prepared(
    volumes: Path, slices: Sequence[ManifestRow] | None, size: int
) -> Iterator[list[tuple[ManifestRow, PreparedSlice]]]:
    """Slices as a network of the input `size` sees them, some at a time, with progress."""
    slices = read_manifest_rows(volumes) if slices is None else slices
    with tqdm(total=len(slices), desc="Answering", unit="slice", disable=None) as progress:
        for start in range(0, len(slices), _BATCH):
            batch = []
            for one in slices[start : start + _BATCH]:
                with contextlib.suppress(BlankSliceError):  # above the vertex: refused by name
                    batch.append((one, prepare(read_slice(volumes / one.path), size)))
            if batch:
                yield batch
            progress.update(len(slices[start : start + _BATCH]))


def _answer(
    classifier: Classifier, volumes: Path, prepared: Sequence[tuple[ManifestRow, PreparedSlice]]
) -> list[JudgedSlice]:
    predictions = classifier.classify_batch([each for _, each in prepared], outlined=False)
    masks = sigmoid(classifier.run(np.stack([each.pixels for _, each in prepared])).mask)
    abstain_on = classifier.description.abstain_on
    judged = [
        _judged(one, each, prediction, mask, volumes)
        for (one, each), prediction, mask in zip(prepared, predictions, masks, strict=True)
    ]
    return [replace(one, withheld=one.slice.sequence in abstain_on) for one in judged]


def named(judged: Sequence[JudgedSlice]) -> list[JudgedSlice]:
    """The same slices where their files name the sequence: what is withheld counts as unlike."""
    return [replace(one, unlike=one.unlike or one.withheld) for one in judged]


def _judged(
    one: ManifestRow,
    prepared: PreparedSlice,
    prediction: Prediction,
    mask: NDArray[np.float32],
    volumes: Path,
) -> JudgedSlice:
    scores: tuple[float | None, bool | None] = (None, None)
    if one.tumour:
        size = prepared.pixels.shape[0]
        scores = score_mask(mask, mask_picture(volumes / one.mask, prepared.crop, size) > 0)
    return JudgedSlice(
        slice=one,
        tumour_probability=prediction.tumour_probability,
        possible=frozenset(prediction.possible),
        unlike=prediction.unlike_training,
        dice=scores[0],
        peak_inside=scores[1],
    )


def score_mask(cells: NDArray[np.float32], truth: NDArray[np.bool_]) -> tuple[float, bool]:
    """Dice of what has half of the probability, and whether the strongest cell lies inside.

    `cells` float32 (rows, columns) tile the prepared slice, `truth` is bool (size, size) on it.
    """
    size = truth.shape[0]
    fine = np.asarray(cv2.resize(cells, (size, size), interpolation=cv2.INTER_LINEAR)) > 0.5
    either = int(fine.sum() + truth.sum())
    dice = 2 * int((fine & truth).sum()) / either if either else 0.0
    row, column = np.unravel_index(int(cells.argmax()), cells.shape)
    y, x = (
        int((place + 0.5) * size / side)
        for place, side in ((row, cells.shape[0]), (column, cells.shape[1]))
    )
    return dice, bool(truth[y, x])
