"""Losses on data with their gradients: in the weights of a linear model, in the outputs of any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ibnotes.dynamics.outputs import OF_MARGINS, cross_entropy, cross_entropy_slope
from ibnotes.problems.homogeneous import Homogeneous
from ibnotes.problems.instances import Classification, Completion, Regression, Sensing
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.validation import Array


@dataclass(frozen=True)
class Objective:
    """A loss on data, as a function of a variable: weights, or a model's outputs.

    Attributes:
        value: function of some rows of each of ``data`` and the variable: the mean over the rows.
        gradient: the same of its gradient in the variable.
        data: arrays with the n points on their first axis; none where the loss is of a matrix.
        shape: of the variable.
        weight: of the mean in the loss, n for the summed squared loss, else 1.
    """

    value: Callable[..., Array]
    gradient: Callable[..., Array]
    data: tuple[np.ndarray, ...]
    shape: tuple[int, ...]
    weight: float = 1.0

    def batches(self, size: int | None, rng: np.random.Generator | None) -> Iterator[list[np.ndarray]]:
        """Rows of ``data`` for ever: all of them, or ``size`` at a time, every epoch in a new order."""
        everything = list(self.data)
        while size is None:
            yield everything
        n = len(self.data[0])
        while True:
            order = rng.permutation(n)
            shuffled = [part[order] for part in self.data]
            for start in range(0, n, size):
                yield [part[start : start + size] for part in shuffled]


def objective(problem: Classification | Regression | Multiclass, loss: str) -> Objective:
    """The ``loss`` of a linear model, as a function of its weights, (d,) or (K, d)."""
    if isinstance(problem, Multiclass):
        return Objective(
            lambda X, hot, W: cross_entropy(X @ W.T, hot).mean(),
            lambda X, hot, W: cross_entropy_slope(X @ W.T, hot).T @ X / len(X),
            (problem.X, problem.hot),
            problem.shape,
        )
    if isinstance(problem, Regression):
        return Objective(
            lambda X, y, w: np.mean((X @ w - y) ** 2) / 2,
            lambda X, y, w: (X @ w - y) @ X / len(X),
            (problem.X, problem.y),
            problem.X.shape[1:],
            weight=float(len(problem.X)),
        )
    value, slope = OF_MARGINS[loss]
    return Objective(
        lambda Z, w: value(Z @ w).mean(), lambda Z, w: slope(Z @ w) @ Z / len(Z), (problem.Z,), problem.X.shape[1:]
    )


def margin_objective(network: Homogeneous, loss: str) -> Objective:
    """The ``loss`` of a network, as a function of its parameters (size,), by its own jacobian."""
    value, slope = OF_MARGINS[loss]

    def gradient(theta: Array) -> Array:
        q = network.margins(theta)
        return slope(q) @ network.jacobian(theta) / len(q)

    return Objective(lambda theta: value(network.margins(theta)).mean(), gradient, (), (network.size,))


def output_objective(problem: Classification | Regression | Multiclass | Completion | Sensing, loss: str) -> Objective:
    """The ``loss`` as a function of a model's outputs f, (..., n) or (..., n, K); or of its matrix, (..., m, n)."""
    if isinstance(problem, Completion | Sensing):
        count = problem.mask.sum() if isinstance(problem, Completion) else len(problem.y)
        return Objective(lambda W: count * problem.mean_squared_error(W) / 2, problem.gradient, (), problem.shape)
    if isinstance(problem, Multiclass):
        return Objective(
            lambda X, hot, f: cross_entropy(f, hot).mean(axis=-1),
            lambda X, hot, f: cross_entropy_slope(f, hot) / len(X),
            (problem.X, problem.hot),
            problem.hot.shape,
        )
    data, shape = (problem.X, problem.y), problem.y.shape
    if isinstance(problem, Regression):
        mean = lambda X, y, f: np.mean((f - y) ** 2, axis=-1) / 2  # noqa: E731
        return Objective(mean, lambda X, y, f: (f - y) / len(X), data, shape, weight=float(len(problem.X)))
    value, slope = OF_MARGINS[loss]
    return Objective(lambda X, y, f: value(y * f).mean(axis=-1), lambda X, y, f: y * slope(y * f) / len(X), data, shape)
