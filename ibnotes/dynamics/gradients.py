"""Losses of linear models and their gradients, written by hand, as functions of a few rows of data and the weights.

Gradients stay accurate, relative to their size, until exp(-margin) underflows at a margin of about 745: no
``1 - p`` of a probability near one is taken.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp

from ibnotes.problems.instances import Classification, Regression
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.validation import Array


def logistic_loss(Z: Array, w: Array) -> float:
    """Mean of ``log(1 + exp(-<z_i, w>))``."""
    return np.logaddexp(0, -(Z @ w)).mean()


def exponential_loss(Z: Array, w: Array) -> float:
    """Mean of ``exp(-<z_i, w>)``."""
    return np.exp(-(Z @ w)).mean()


def squared_loss(X: Array, y: Array, w: Array) -> float:
    """Mean of ``(<x_i, w> - y_i)^2 / 2``."""
    return np.mean((X @ w - y) ** 2) / 2


def cross_entropy_loss(X: Array, hot: np.ndarray, W: Array) -> float:
    """Mean of ``-log softmax(W x_i)`` at the labels, which are True in ``hot`` (n, K)."""
    scores = X @ W.T
    return np.mean(logsumexp(scores, axis=1) - scores[hot])


def logistic(Z: Array, w: Array) -> Array:
    """Of the mean of ``log(1 + exp(-<z_i, w>))``."""
    return expit(-(Z @ w)) @ Z / -len(Z)


def exponential(Z: Array, w: Array) -> Array:
    """Of the mean of ``exp(-<z_i, w>)``."""
    return np.exp(-(Z @ w)) @ Z / -len(Z)


def squared(X: Array, y: Array, w: Array) -> Array:
    """Of the mean of ``(<x_i, w> - y_i)^2 / 2``."""
    return (X @ w - y) @ X / len(X)


def cross_entropy(X: Array, hot: np.ndarray, W: Array) -> Array:
    """Of the mean of ``-log softmax(W x_i)`` at the labels, which are True in ``hot`` (n, K)."""
    scores = X @ W.T
    P = np.exp(scores - scores.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P[hot] = 0
    P[hot] = -P.sum(axis=1)
    return P.T @ X / len(X)


MARGIN_LOSSES = {"logistic": (logistic_loss, logistic), "exponential": (exponential_loss, exponential)}


@dataclass(frozen=True)
class Objective:
    """A loss on data.

    Attributes:
        value: function of some rows of each of ``data`` and the weights: the mean over the rows.
        gradient: the same of its gradient.
        data: arrays with the n points on their first axis.
        shape: of the weights.
        weight: of the mean in the loss, n for the summed squared loss, else 1.
    """

    value: Callable[..., float]
    gradient: Callable[..., Array]
    data: tuple[np.ndarray, ...]
    shape: tuple[int, ...]
    weight: float = 1.0

    def batches(self, size: int | None, rng: np.random.Generator | None) -> Iterator[list[np.ndarray]]:
        """Rows of ``data`` for ever: all of them, or ``size`` at a time, every epoch in a new order."""
        n = len(self.data[0])
        while size is None:
            yield list(self.data)
        while True:
            order = rng.permutation(n)
            shuffled = [part[order] for part in self.data]
            for start in range(0, n, size):
                yield [part[start : start + size] for part in shuffled]


def objective(problem: Classification | Regression | Multiclass, loss: str) -> Objective:
    """The ``loss`` of a problem."""
    if isinstance(problem, Multiclass):
        return Objective(cross_entropy_loss, cross_entropy, (problem.X, problem.hot), problem.shape)
    d = problem.X.shape[1:]
    if isinstance(problem, Regression):
        return Objective(squared_loss, squared, (problem.X, problem.y), d, weight=float(len(problem.X)))
    return Objective(*MARGIN_LOSSES[loss], (problem.Z,), d)
