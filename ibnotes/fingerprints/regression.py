"""Which interpolant? Least squares with fewer equations than weights; and the same through u^2 - v^2.

Held against the interpolants of least norm, and for the network against the minimizer of its potential, where gradient
flow ends. Half the step, and another start, say whether these matter.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from ibnotes.dynamics.gradients import Objective
from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.runs import linear_loss, path
from ibnotes.problems.validation import Array
from ibnotes.theory.interpolation import min_norm_interpolant
from ibnotes.theory.potentials import min_potential_interpolant

EQUATIONS = [[4, 1, -2, 3, 0, 1, 1, -1], [1, -3, 2, 1, 2, 0, 1, 1], [0, 2, 1, -1, 1, 4, -2, 1]]
TARGETS = [4.0, -2.0, 3.0]
NORMS = {"l1": 1, "l2": 2, "linf": np.inf}
STEPS_AWAY = 300  # so many steps of fixed length lead to the solution
CAUTION = 0.3  # of the step at which descent may diverge
SCALES = (0.1, 1.0)  # of the network's start
PACED = 100
FITS = 0.05  # of the targets, the misfit of what counts as an interpolant


@cache
def problem() -> tuple[Array, Array, dict[str, float]]:
    """X of largest singular value one, y whose shortest interpolant has length one, and the least norms."""
    X, y = np.array(EQUATIONS, dtype=float), np.array(TARGETS)
    X /= np.linalg.norm(X, 2)
    y /= np.linalg.norm(min_norm_interpolant(X, y).w)
    return X, y, {name: float(np.linalg.norm(min_norm_interpolant(X, y, p).w, p)) for name, p in NORMS.items()}


@cache
def of_the_potential(scale: float) -> Array:
    """The interpolant that gradient flow on the network goes to from u = v = ``scale``."""
    X, y, _ = problem()
    return min_potential_interpolant(X, y, scale, depth=2).w


def interpolants(make: MakeOptimizer, steps: int) -> dict[str, float]:
    """Where it ends on the linear model, and through the network; distances are relative to the end.

    From zero, the misfit, and by norm how far the end's exceeds the least; "step size", how far half of it moves the
    end; "start, scale 0.1" and "... 1", what is left at the end of a start of equal weights, relative to that start.
    """
    X, y, least = problem()
    unit, weight = _units(make, X.shape[1])

    def end(part, start):
        return _end(make, _linear(X, y, unit * part, weight * part), start / unit / part, steps) * unit * part

    zero, ones = np.zeros(X.shape[1]), np.ones(X.shape[1])
    w = end(1.0, zero)
    found = {"misfit": float(np.linalg.norm(X @ w - y) / np.linalg.norm(y))}
    found |= {name: float(np.linalg.norm(w, p) / least[name] - 1) for name, p in NORMS.items()}
    found["step size"] = _apart(w, end(0.5, zero))
    for scale in SCALES:
        left = end(1.0, scale * ones) - w
        found[f"start, scale {scale:g}"] = float(np.linalg.norm(left) / np.linalg.norm(scale * ones))
    return found | _through_the_network(make, unit, weight, steps)


def reached(make: MakeOptimizer | None, shape: tuple[int, ...], steps: float) -> Objective:
    """The linear model's loss for weights of a shape, in units in which so many steps of fixed length solve it."""
    X, y, _ = problem()
    unit, weight = _units(make, X.shape[1]) if make else (1.0, 1.0)
    flat = _linear(X, y, unit * STEPS_AWAY / steps, weight)
    return Objective(
        lambda w: flat.value(w.ravel()), lambda w: flat.gradient(w.ravel()).reshape(shape), (), shape, flat.weight
    )


def _through_the_network(make: MakeOptimizer, unit: float, weight: float, steps: int) -> dict[str, float]:
    """From u = v = scale: two norms' excess, the distance from the potential's minimizer, the effect of half the step.

    "network scale" is how far apart the ends from both scales are; NaN where a run ends at no interpolant.
    """
    X, y, least = problem()

    def end(part, scale):
        objective, start = _network(X, y, unit * part, weight * part), np.full((2, X.shape[1]), scale / unit / part)
        u, v = unit * part * _end(make, objective, start, steps)
        w = u**2 - v**2
        return w if np.linalg.norm(X @ w - y) < FITS * np.linalg.norm(y) else np.full(w.shape, np.nan)

    ends = {scale: end(1.0, scale) for scale in SCALES}
    found = {}
    for scale, w in ends.items():
        found |= {
            f"network l1, scale {scale:g}": float(np.abs(w).sum() / least["l1"] - 1),
            f"network linf, scale {scale:g}": float(np.abs(w).max() / least["linf"] - 1),
            f"network potential, scale {scale:g}": _apart(of_the_potential(scale), w),
            f"network step size, scale {scale:g}": _apart(w, end(0.5, scale)),
        }
    return found | {"network scale": _apart(*ends.values())}


def _apart(one: Array, other: Array) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(one)) if one.any() else np.nan


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
