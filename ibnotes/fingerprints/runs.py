"""Runs of an optimizer on the bench: the engine of ``descend``, on losses of which a few thousand steps show the limit.

The logistic loss's gradient fades, so that descent needs e^k steps for what this takes k steps for: the *logarithm* of
the mean exponential loss, of which the gradient ``-sum_i q_i z_i`` is a mean of the points with shares q, and never
shorter than the max margin. It is convex, has the same max margins as limits, and no bottom.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ibnotes.dynamics.gradients import Objective
from ibnotes.dynamics.hand_written import OptimizerRun
from ibnotes.dynamics.stepper import MakeOptimizer, Options, Schedule
from ibnotes.problems.validation import Array

GRADIENTS, TRIED = 4, 10


def log_loss(Z: Array, shape: tuple[int, ...], scale: float = 1.0) -> Objective:
    """``scale * log mean_i exp(-<z_i, w>)``, w of any shape, rows of Z (n, size) with labels folded in."""

    def gradient(Z: Array, w: Array) -> Array:
        margins = Z @ w.ravel()
        q = np.exp(margins.min() - margins)
        return -(q @ Z / q.sum()).reshape(shape)

    def value(Z: Array, w: Array) -> Array:
        return np.logaddexp.reduce(-Z @ w.ravel()) - np.log(len(Z))  # a thirtieth of scipy's logsumexp's time

    return Objective(value, gradient, (Z,), shape, weight=scale)


def linear_loss(gradient: Array) -> Objective:
    """``<gradient, w>``: the same gradient at every step."""
    return Objective(lambda w: np.sum(gradient * w), lambda w: gradient.copy(), (), gradient.shape)


def affordable(make: MakeOptimizer, shape: tuple[int, ...], steps: int) -> int:
    """Of the steps, as many as `GRADIENTS` gradients each pay for: fewer where a step is a search that takes more."""
    evaluated = 0

    def ones(w: Array) -> Array:
        nonlocal evaluated
        evaluated += 1
        return np.ones(shape)

    made = len(path(Objective(np.sum, ones, (), shape), make, TRIED)) - 1
    return min(steps, max(steps * GRADIENTS * made // max(evaluated, 1), 1))


def undecayed(make: MakeOptimizer) -> MakeOptimizer:
    """The optimizer with every ``weight_decay`` of its groups set to zero."""

    def made(parameters):
        optimizer = make(parameters)
        for group in getattr(optimizer, "param_groups", ()):
            if group.get("weight_decay"):
                group["weight_decay"] = 0.0
        return optimizer

    return made


def walk(
    objective: Objective,
    make: MakeOptimizer,
    steps: int,
    w0: Array | None = None,
    schedule: Schedule | None = None,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
) -> Iterator[Array]:
    """The weights at the start and after each step, up to the last that are finite."""
    run = OptimizerRun(objective, make, w0, Options(schedule, batch_size, rng))
    with np.errstate(all="ignore"):
        yield run.weights()
        for _ in range(steps):
            run.step()
            w = run.weights()
            if not np.isfinite(w).all():
                return
            yield w


def path(*arguments, **options) -> Array:
    """All of a walk, (at most steps + 1, *shape)."""
    return np.array(list(walk(*arguments, **options)))
