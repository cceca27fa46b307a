"""How far an answer can be trusted: calibration, conformal sets, distance from the known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.covariance import LedoitWolf

from braintumor_desktop.inference.classifier import softmax

COVERAGE = 0.95
FALSE_ALARMS = 0.02
MOST_FOREIGN = 20.0
"""The logit to be a foreign image above which the distance grows no further."""


def fit_temperature(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """The temperature above 0 of lowest cross-entropy of softmax(logits / temperature).

    Guo et al. 2017, "On calibration of modern neural networks". `logits` (n, classes), `labels`
    (n,) their classes' numbers.
    """
    rows = np.arange(len(labels))

    def cross_entropy(log_temperature: float) -> float:
        probabilities = softmax(logits / np.exp(log_temperature))
        return float(-np.log(probabilities[rows, labels] + 1e-12).mean())

    best = minimize_scalar(cross_entropy, bounds=(-3, 3), method="bounded")
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


@dataclass(frozen=True, eq=False)
class Distance:
    """How far a slice is from the training data.

    The squared Mahalanobis distance of its features per dimension, 1 on average over the training
    data, divided by the probability that the image is none to refuse. `mean` (d,), `whitening`
    (d, d) with whitening @ whitening.T the inverse of the covariance.
    """

    mean: NDArray[np.float64]
    whitening: NDArray[np.float64]

    def of(
        self, features: NDArray[np.float32], foreign: NDArray[np.float32]
    ) -> NDArray[np.float64]:
        """The distances (n,) of features (n, d) and the logits (n,) to be a foreign image."""
        squared = (((features - self.mean) @ self.whitening) ** 2).mean(axis=1)
        return np.asarray(squared * (1 + np.exp(np.minimum(foreign, MOST_FOREIGN))))


def fit_distance(features: NDArray[np.float32]) -> Distance:
    """The distance from features (n, d), their covariance shrunk (Ledoit and Wolf 2004)."""
    estimate = LedoitWolf().fit(features.astype(np.float64))
    return Distance(estimate.location_, np.linalg.cholesky(estimate.precision_))


def unlike_threshold(distances: NDArray[np.float64], false_alarms: float = FALSE_ALARMS) -> float:
    """The distance that a share `false_alarms` of out-of-fold slices exceed."""
    return float(np.quantile(distances, 1 - false_alarms))
