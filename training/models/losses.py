"""The losses of a network that names the tumour and outlines it, in `keras.ops`."""

from __future__ import annotations

import keras
from keras import ops

from training.models.networks import Tensor

UNKNOWN_OUTLINE = -1.0
"""The value of a target mask's cells where nobody drew an outline."""


@keras.saving.register_keras_serializable("braintumor")
class PartialLabelLoss(keras.losses.Loss):  # type: ignore[misc]
    """Cross-entropy where the label may be a set of classes.

    Targets (n, classes) are 1 for every class that the slice may have: the loss is minus the
    logarithm of their summed probability. Label smoothing (Szegedy et al. 2015) applies where the
    set has one class.
    """

    def __init__(self, smoothing: float = 0.0, name: str = "partial_label", **kwargs: object):
        super().__init__(name=name, **kwargs)
        self.smoothing = smoothing

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The loss of each slice, (n,)."""
        log_probabilities = ops.log_softmax(y_pred)
        allowed = ops.where(y_true > 0.5, log_probabilities, -1e9)
        partial = -ops.logsumexp(allowed, axis=-1)
        known = ops.cast(ops.sum(y_true, axis=-1) < 1.5, partial.dtype) * self.smoothing
        return (1 - known) * partial - known * ops.mean(log_probabilities, axis=-1)

    def get_config(self) -> dict[str, object]:
        """What a saved network needs to make the loss anew."""
        return {**super().get_config(), "smoothing": self.smoothing}


@keras.saving.register_keras_serializable("braintumor")
class OutlineLoss(keras.losses.Loss):  # type: ignore[misc]
    """Binary cross-entropy and Dice loss (Milletari et al. 2016) of mask logits.

    Targets (n, rows, columns, 1) are the shares of the cells inside a tumour, or -1 all over where
    the outline is unknown; those slices count for nothing.
    """

    def __init__(self, name: str = "outline", **kwargs: object) -> None:
        super().__init__(name=name, **kwargs)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """The loss of each slice, (n,)."""
        known = ops.cast(y_true[:, 0, 0, 0] > UNKNOWN_OUTLINE / 2, y_pred.dtype)
        target = ops.maximum(y_true, 0.0)
        # log(1 + e^x) - x t is the cross-entropy of sigmoid(x) and t
        entropy = ops.mean(ops.softplus(y_pred) - y_pred * target, axis=(1, 2, 3))
        inside = ops.sigmoid(y_pred)
        both = ops.sum(inside * target, axis=(1, 2, 3))
        either = ops.sum(inside + target, axis=(1, 2, 3))
        return known * (entropy + 1 - (2 * both + 1) / (either + 1))
