"""Discrete full-batch training of linear models, with hand-written gradients and no autograd.

A batch of step sizes and starts runs as one matrix iteration: the weights are the columns of a
(d, B) array, updated in place, so that 1000 runs cost far less than 1000 times one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from tqdm import tqdm

from ibnotes.checks import Array, as_floats, check_count
from ibnotes.paths import Path
from ibnotes.problems import Classification, Regression

Problem = Classification | Regression


@dataclass(frozen=True)
class GradientDescent:
    """``w <- w - step_size * grad L(w)``, with one step size or a (B,) array of them.

    Raises:
        ValueError: where a step size is not positive and finite.
    """

    step_size: ArrayLike

    def __post_init__(self):
        step_size = as_floats("step_size", np.atleast_1d(self.step_size), 1)
        if (step_size <= 0).any():
            raise ValueError(f"step_size must be positive, found {step_size.min():g}")


def descend(
    problem: Problem | tuple[ArrayLike, ArrayLike],
    optimizer: GradientDescent,
    steps: int,
    *,
    loss: str | None = None,
    w0: ArrayLike | None = None,
    records: int = 100,
) -> Path:
    """Run ``optimizer`` for ``steps`` steps and record the weights at log-spaced step counts.

    Args:
        problem: a Classification, a Regression, or a pair (X, y) that is taken as a Classification
            unless ``loss`` is "squared".
        optimizer: GradientDescent; an array of step sizes makes a batch.
        steps: number of steps, at least 1.
        loss: mean "logistic" (the default of a Classification) or mean "exponential" loss;
            "squared", ``||Xw - y||^2 / 2`` (the only one of a Regression).
        w0: (d,) or (B, d) starts, zero by default.
        records: at most so many step counts are recorded besides 0, the last one always.

    Returns:
        Path with ``steps`` (k,) and ``w`` (k, d), or (k, B, d) for a batch. A run that diverges
        leaves inf or NaN there: that is an answer too.

    Raises:
        ValueError: on bad input.
    """
    problem, loss = _problem_and_loss(problem, loss)
    if not isinstance(optimizer, GradientDescent):
        raise ValueError(f"optimizer must be a GradientDescent, found {optimizer!r}")
    check_count("steps", steps)
    check_count("records", records)
    W, eta = _batch(problem, optimizer.step_size, w0)
    marks = np.unique(np.append(0, np.geomspace(steps, 1, records).round().astype(int)))
    out = np.empty((len(marks), *W.shape))
    step = STEPS[loss](problem, W, eta)
    with np.errstate(over="ignore", invalid="ignore"), tqdm(total=steps, delay=5, desc="descend") as bar:
        out[0] = W
        for k, count in enumerate(np.diff(marks), start=1):
            for _ in range(count):
                step()
            out[k] = W
            bar.update(count)
    return Path(w=np.moveaxis(out, 1, -1), steps=marks)


def _problem_and_loss(problem, loss: str | None) -> tuple[Problem, str]:
    if not isinstance(problem, Classification | Regression):
        try:
            X, y = problem
        except (TypeError, ValueError):
            raise ValueError("problem must be a Classification, a Regression or a pair (X, y)") from None
        problem = Regression(X, y) if loss == "squared" else Classification(X, y)
    allowed = ("squared",) if isinstance(problem, Regression) else ("logistic", "exponential")
    loss = loss or allowed[0]
    if loss not in allowed:
        raise ValueError(f"loss of a {type(problem).__name__} must be one of {allowed}, found {loss!r}")
    return problem, loss


def _batch(problem: Problem, step_size: ArrayLike, w0: ArrayLike | None) -> tuple[Array, ArrayLike]:
    """Weights (d,) and a step size; or weights as columns (d, B) and step sizes (B,)."""
    d = problem.X.shape[1]
    eta = np.asarray(step_size, dtype=np.float64)
    start = np.zeros(d) if w0 is None else as_floats("w0", w0, min(np.ndim(w0), 2) or 1)
    if start.shape[-1] != d:
        raise ValueError(f"w0 must have one entry per column of X, found {start.shape[-1]} for {d}")
    if eta.ndim == 0 and start.ndim == 1:
        return start.copy(), float(eta)
    try:
        (size,) = np.broadcast_shapes(eta.shape, start.shape[:-1])
    except ValueError:
        raise ValueError(f"w0 has {len(start)} starts but there are {eta.size} step sizes") from None
    return np.array(np.broadcast_to(start, (size, d)).T, order="C"), np.broadcast_to(eta, size)


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
