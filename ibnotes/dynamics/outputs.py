"""Losses of each point's margin or scores, and their slopes, by hand.

Slopes stay accurate, relative to their size, until exp(-margin) underflows at a margin of about 745: no ``1 - p`` of a
probability near one is taken.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logsumexp

from ibnotes.problems.validation import Array


def logistic(margins: Array) -> Array:
    """``log(1 + exp(-m))``."""
    return np.logaddexp(0, -margins)


def logistic_slope(margins: Array) -> Array:
    return -expit(-margins)


def exponential(margins: Array) -> Array:
    """``exp(-m)``."""
    return np.exp(-margins)


def exponential_slope(margins: Array) -> Array:
    return -np.exp(-margins)


def cross_entropy(scores: Array, hot: np.ndarray) -> Array:
    """``-log softmax`` of scores (..., n, K) at the labels, which are True in ``hot`` (n, K): (..., n)."""
    return logsumexp(scores, axis=-1) - scores[..., hot]


def cross_entropy_slope(scores: Array, hot: np.ndarray) -> Array:
    P = np.exp(scores - scores.max(axis=-1, keepdims=True))
    P /= P.sum(axis=-1, keepdims=True)
    P[..., hot] = 0
    P[..., hot] = -P.sum(axis=-1)
    return P


OF_MARGINS = {
    "logistic": (logistic, logistic_slope),
    "exponential": (exponential, exponential_slope),
}
