"""Losses of what a model puts out for each point, and their slopes in it, by hand.

Slopes stay accurate, relative to their size, until exp(-margin) underflows at a margin of about 745: no ``1 - p`` of a
probability near one is taken. Outputs are (..., n), or (..., n, K) for K classes; y (n,) are labels or targets.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logsumexp

from ibnotes.problems.validation import Array


def logistic(f: Array, y: Array) -> Array:
    """``log(1 + exp(-y f))``, (..., n)."""
    return np.logaddexp(0, -y * f)


def logistic_slope(f: Array, y: Array) -> Array:
    return -y * expit(-y * f)


def exponential(f: Array, y: Array) -> Array:
    """``exp(-y f)``, (..., n)."""
    return np.exp(-y * f)


def exponential_slope(f: Array, y: Array) -> Array:
    return -y * np.exp(-y * f)


def squared(f: Array, y: Array) -> Array:
    """``(f - y)^2 / 2``, (..., n)."""
    return (f - y) ** 2 / 2


def squared_slope(f: Array, y: Array) -> Array:
    return f - y


def cross_entropy(f: Array, hot: np.ndarray) -> Array:
    """``-log softmax f`` at the labels, which are True in ``hot`` (n, K): (..., n)."""
    return logsumexp(f, axis=-1) - f[..., hot]


def cross_entropy_slope(f: Array, hot: np.ndarray) -> Array:
    P = np.exp(f - f.max(axis=-1, keepdims=True))
    P /= P.sum(axis=-1, keepdims=True)
    P[..., hot] = 0
    P[..., hot] = -P.sum(axis=-1)
    return P


LOSSES = {
    "logistic": (logistic, logistic_slope),
    "exponential": (exponential, exponential_slope),
    "squared": (squared, squared_slope),
    "cross-entropy": (cross_entropy, cross_entropy_slope),
}
