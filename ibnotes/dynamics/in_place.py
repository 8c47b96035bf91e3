"""Steps of gradient descent on linear models, in place: no allocation, no autograd, a matrix for a batch.

Each maker takes a problem, weights W (d,) or (d, B) that its step will move, and a step size or (B,) of them.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.instances import Classification, Regression
from ibnotes.problems.validation import Array


def _classification_step(problem: Classification, W: Array, eta: ArrayLike, logistic: bool) -> Callable[[], None]:
    """``W += eta * mean_i z_i p_i`` with p = 1 / (1 + exp(m)), or p = exp(-m).

    exp(m) = inf gives p = 0 where the true p is below 1e-308.
    """
    Z = problem.Z if logistic else -problem.Z
    scaled, eta = _fold(problem.Z.T / len(Z), eta)
    P, G = np.empty((len(Z), *W.shape[1:])), np.empty_like(W)

    def step():
        np.dot(Z, W, out=P)
        np.exp(P, out=P)
        if logistic:
            np.add(P, 1.0, out=P)
            np.reciprocal(P, out=P)
        np.dot(scaled, P, out=G)
        if eta is not None:
            np.multiply(G, eta, out=G)
        np.add(W, G, out=W)

    return step


def _fold(matrix: Array, eta: ArrayLike) -> tuple[Array, ArrayLike | None]:
    """Multiply one common step size into the matrix: a pass over the weights less in every step."""
    common = np.ptp(eta) == 0
    return np.ascontiguousarray(matrix * np.max(eta) if common else matrix), None if common else eta


def _logistic_step(problem: Classification, W: Array, eta: ArrayLike) -> Callable[[], None]:
    return _classification_step(problem, W, eta, logistic=True)


def _exponential_step(problem: Classification, W: Array, eta: ArrayLike) -> Callable[[], None]:
    return _classification_step(problem, W, eta, logistic=False)


def _squared_step(problem: Regression, W: Array, eta: ArrayLike) -> Callable[[], None]:
    """``W -= eta * X'(XW - y)``."""
    X = problem.X
    scaled, eta = _fold(X.T, eta)
    y = problem.y if W.ndim == 1 else problem.y[:, None]
    R, G = np.empty((len(X), *W.shape[1:])), np.empty_like(W)

    def step():
        np.dot(X, W, out=R)
        np.subtract(y, R, out=R)
        np.dot(scaled, R, out=G)
        if eta is not None:
            np.multiply(G, eta, out=G)
        np.add(W, G, out=W)

    return step


STEPS = {"logistic": _logistic_step, "exponential": _exponential_step, "squared": _squared_step}
