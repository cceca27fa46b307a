"""How far an answer can be trusted: calibration, conformal sets, distance from the known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from braintumor_desktop.inference.bundle import TEMPERATURES, UNLIKE_THRESHOLDS
from braintumor_desktop.inference.classifier import softmax

COVERAGE = 0.95
DECIDED = 0.4
FALSE_ALARMS = 0.02
MOST_FOREIGN = 20.0
"""The logarithm of how much likelier foreign is, above which the distance grows no further."""

_LEAST_DEVIATION = 1e-3


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature above 0 of lowest cross-entropy of softmax(logits / temperature).

    Guo et al. 2017, "On calibration of modern neural networks". `logits` (n, classes), `labels`
    (n,) their classes' numbers.
    """
    rows = np.arange(len(labels))

    def cross_entropy(log_temperature: float) -> float:
        probabilities = softmax(logits / np.exp(log_temperature))
        return float(-np.log(probabilities[rows, labels] + 1e-12).mean())

    best = minimize_scalar(cross_entropy, bounds=tuple(np.log(TEMPERATURES)), method="bounded")
    return float(np.exp(best.x))


def fit_set_thresholds(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], coverage: float = COVERAGE
) -> NDArray[np.float64]:
    """Each class's smallest probability at which it cannot be excluded, (classes,).

    Class-conditional split conformal prediction (Vovk 2012, "Conditional validity of inductive
    conformal predictors"): with m slices of a class, the floor((m + 1)(1 - coverage))-th smallest
    of their probabilities for it; 0 where m is too small for that.
    """
    thresholds = np.zeros(probabilities.shape[1])
    for number in range(probabilities.shape[1]):
        own = np.sort(probabilities[labels == number, number])
        rank = int(np.floor((len(own) + 1) * (1 - coverage)))
        if rank > 0:
            thresholds[number] = own[rank - 1]
    return thresholds


def fit_tumour_from(tumour_probabilities: NDArray[np.float64], decided: float = DECIDED) -> float:
    """The probability of any tumour from which none can be excluded.

    `tumour_probabilities` (n,) are those of left-out slices without a tumour: a share `decided` of
    them lies below, and stays free of doubt. So it is as low as these slices bear, not as high as
    the tumours of the training sources allow: elsewhere more are missed.
    """
    return float(np.quantile(tumour_probabilities, decided))


@dataclass(frozen=True, eq=False)
class Distance:
    """How far a slice is from the training data.

    That of its features from the mean of the nearest kind of slice, as the root of the mean square
    of the features in units of their standard deviation within the kind, times 1 plus how many
    times likelier the image is if foreign than if not, and if turned than if upright. `means` and
    `deviations` (kinds, d); `prior`, the logit of the share of foreign images among the draws of
    training: taken off, it leaves the logarithm of that ratio.
    """

    means: NDArray[np.float64]
    deviations: NDArray[np.float64]
    prior: float

    def of(
        self,
        features: NDArray[np.float32],
        foreign: NDArray[np.float32],
        turned: NDArray[np.float32],
    ) -> NDArray[np.float64]:
        """The distances (n,) of features (n, d) and the logits (n,) to be foreign and turned.

        Of the slices from which the second logit was learned half were turned.
        """
        each = [
            (((features - mean) / deviation) ** 2).mean(axis=1)
            for mean, deviation in zip(self.means, self.deviations, strict=True)
        ]
        likelier = [
            np.exp(np.minimum(above, MOST_FOREIGN)) for above in (foreign - self.prior, turned)
        ]
        return np.asarray(np.sqrt(np.min(each, axis=0)) * (1 + sum(likelier)))


def fit_distance(
    features: NDArray[np.float32], labels: NDArray[np.int64], foreign_share: float
) -> Distance:
    """The distance from features (n, d) of slices of the kinds `labels` (n,).

    `foreign_share`, that of foreign images among the draws of training, in (0, 1).
    """
    kinds = [features[labels == kind].astype(np.float64) for kind in np.unique(labels)]
    return Distance(
        np.stack([own.mean(axis=0) for own in kinds]),
        np.stack([own.std(axis=0) + _LEAST_DEVIATION for own in kinds]),
        float(np.log(foreign_share / (1 - foreign_share))),
    )


def unlike_threshold(distances: NDArray[np.float64], false_alarms: float = FALSE_ALARMS) -> float:
    """The distance that a share `false_alarms` of out-of-fold slices exceed.

    Within what a bundle may say: a network whose distances are larger calls more slices unlike.
    """
    return float(np.clip(np.quantile(distances, 1 - false_alarms), *UNLIKE_THRESHOLDS))
