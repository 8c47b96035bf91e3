"""Which interpolant? Least squares with fewer equations than weights, from zero; and the same through u^2 - v^2."""

from __future__ import annotations

from functools import cache

import numpy as np

from ibnotes.dynamics.gradients import Objective
from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.runs import linear_loss, path
from ibnotes.problems.validation import Array
from ibnotes.theory.interpolation import min_norm_interpolant

EQUATIONS = [[4, 1, -2, 3, 0, 1, 1, -1], [1, -3, 2, 1, 2, 0, 1, 1], [0, 2, 1, -1, 1, 4, -2, 1]]
TARGETS = [4.0, -2.0, 3.0]
NORMS = {"l1": 1, "l2": 2, "linf": np.inf}
STEPS_AWAY = 300  # so many steps of fixed length lead to the solution
CAUTION = 0.3  # of the step at which descent may diverge
SCALES = (0.1, 1.0)  # of the network's start
PACED = 100


@cache
def problem() -> tuple[Array, Array, dict[str, float]]:
    """X of largest singular value one, y whose shortest interpolant has length one, and the least norms."""
    X, y = np.array(EQUATIONS, dtype=float), np.array(TARGETS)
    X /= np.linalg.norm(X, 2)
    y /= np.linalg.norm(min_norm_interpolant(X, y).w)
    return X, y, {name: float(np.linalg.norm(min_norm_interpolant(X, y, p).w, p)) for name, p in NORMS.items()}


def interpolants(make: MakeOptimizer, steps: int) -> dict[str, float]:
    """Where it ends: the misfit, and how far each norm exceeds the least; the effect of half the step size.

    From u = v = scale the network ends at an l1 norm that exceeds the least by "network l1, scale 0.1" and "... 1".
    """
    X, y, least = problem()
    unit, weight = _units(make, X.shape[1])

    def linear(step):
        return _end(make, _linear(X, y, unit * step, weight), np.zeros(X.shape[1]), steps) * unit * step

    w, half = linear(1.0), linear(2.0)
    found = {"misfit": float(np.linalg.norm(X @ w - y) / np.linalg.norm(y))}
    found |= {name: float(np.linalg.norm(w, p) / least[name] - 1) for name, p in NORMS.items()}
    found["step size"] = float(np.linalg.norm(w - half) / np.linalg.norm(w)) if w.any() else np.nan
    for scale in SCALES:
        start = np.full((2, X.shape[1]), scale / unit)
        u, v = unit * _end(make, _network(X, y, unit, weight), start, steps)
        end = u**2 - v**2
        fits = np.linalg.norm(X @ end - y) < 0.05 * np.linalg.norm(y)
        found[f"network l1, scale {scale:g}"] = float(np.abs(end).sum() / least["l1"] - 1) if fits else np.nan
    return found


def _linear(X: Array, y: Array, unit: float, weight: float) -> Objective:
    """``weight / unit^2`` times half the squared misfit of weights in units of ``unit``."""
    weight = weight / unit**2

    def misfit(w):
        return X @ (unit * w) - y

    return Objective(
        lambda w: np.sum(misfit(w) ** 2) / 2, lambda w: unit * (misfit(w) @ X), (), X.shape[1:], weight=weight
    )


def _network(X: Array, y: Array, unit: float, weight: float) -> Objective:
    """The same of ``w = (unit u)^2 - (unit v)^2``, u and v being rows."""
    weight = weight / unit**2 / 8
    signs = np.array([[1.0], [-1.0]])

    def misfit(uv):
        return X @ np.sum(signs * (unit * uv) ** 2, axis=0) - y

    return Objective(
        lambda uv: np.sum(misfit(uv) ** 2) / 2,
        lambda uv: 2 * unit**2 * signs * uv * (misfit(uv) @ X),
        (),
        (2, X.shape[1]),
        weight=weight,
    )


def _units(make: MakeOptimizer, size: int) -> tuple[float, float]:
    """Of the weights and of the loss: short steps for what steps in proportion, many steps for what does not."""
    g = np.cos(np.arange(size))
    paces = []
    for c in (1.0, 1 / 64):
        w = path(linear_loss(c * g), make, PACED)
        paces.append(np.abs(w[-1] - w[len(w) // 2]).max() / max(len(w) // 2, 1))
    if paces[0] == 0:
        return 1.0, 1.0
    if paces[1] < paces[0] / 8:  # in proportion
        return 1.0, float(CAUTION / paces[0])
    return float(1 / (STEPS_AWAY * paces[0])), 1.0


def _end(make: MakeOptimizer, objective: Objective, start: Array, steps: int) -> Array:
    """Where the run ends, its learning rate falling to zero where there is one; NaN where it diverges."""

    def cooling(k):
        return 1 - (k - 1) / steps

    try:
        run = path(objective, make, steps, w0=start, schedule=cooling)
    except ValueError:  # no learning rate
        run = path(objective, make, steps, w0=start)
    return run[-1] if len(run) > steps else np.full(start.shape, np.nan)
