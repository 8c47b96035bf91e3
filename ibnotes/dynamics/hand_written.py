"""Runs of linear models and of homogeneous networks, with hand-written gradients and no autograd.

Gradient descent on linear models runs in NumPy. A batch of step sizes and starts is one matrix iteration: the weights
are the columns of a (d, B) array, updated in place, so that 1000 runs cost far less than 1000 times one. An optimizer
of torch finds the gradients, computed in NumPy, in its tensor's ``.grad``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import ArrayLike

from ibnotes.dynamics.gradients import Objective, margin_objective
from ibnotes.dynamics.in_place import STEPS
from ibnotes.dynamics.recording import Run, RunsInTurn
from ibnotes.dynamics.stepper import MakeOptimizer, Options, Stepper
from ibnotes.problems.containers import to_array
from ibnotes.problems.homogeneous import Homogeneous
from ibnotes.problems.instances import Classification, Regression
from ibnotes.problems.validation import Array, as_floats


@dataclass
class DescentRun:
    """Gradient descent: ``step`` moves W, (d,) or (d, B), in place."""

    step: Callable[[], None]
    W: Array
    batched: bool

    def weights(self) -> Array:
        return self.W.T.copy()

    def check_moved(self) -> None:
        """Gradient descent moves wherever floating-point numbers let it."""


def descent_run(
    problem: Classification | Regression, loss: str, step_size: ArrayLike, w0: ArrayLike | None
) -> DescentRun:
    """Gradient descent from w0, (d,) or (B, d), with a step size or (B,) of them."""
    W, eta = _batch(problem.X.shape[1], step_size, w0, "column of X")
    return DescentRun(STEPS[loss](problem, W, eta), W, batched=W.ndim == 2)


def _batch(d: int, step_size: ArrayLike, w0: ArrayLike | None, entry: str) -> tuple[Array, ArrayLike]:
    """Weights (d,) and a step size; or weights as columns (d, B) and step sizes (B,)."""
    eta = np.asarray(step_size, dtype=np.float64)
    start = np.zeros(d) if w0 is None else as_floats("w0", w0, min(to_array("w0", w0).ndim, 2) or 1)
    if start.shape[-1] != d:
        raise ValueError(f"w0 must have one entry per {entry}, found {start.shape[-1]} for {d}")
    if eta.ndim == 0 and start.ndim == 1:
        return start.copy(), float(eta)
    try:
        (size,) = np.broadcast_shapes(eta.shape, start.shape[:-1])
    except ValueError:
        raise ValueError(f"w0 has {len(start)} starts but there are {eta.size} step sizes") from None
    return np.array(np.broadcast_to(start, (size, d)).T, order="C"), np.broadcast_to(eta, size)


class HandWrittenTarget:
    """The loss of a tensor of weights."""

    def __init__(self, objective: Objective, w: torch.Tensor, options: Options):
        self.objective, self.w = objective, w
        self.batches = objective.batches(options.batch_size, options.rng)

    def next_batch(self) -> None:
        self.rows = next(self.batches)

    def set_gradients(self) -> None:
        gradient = self.objective.gradient(*self.rows, self.w.detach().numpy())
        self.w.grad = torch.from_numpy(self.objective.weight * gradient)

    def loss(self) -> torch.Tensor:
        return torch.tensor(self.objective.weight * self.objective.value(*self.rows, self.w.detach().numpy()))


class OptimizerRun:
    """An optimizer on the weights of a linear model."""

    batched = False

    def __init__(self, objective: Objective, make: MakeOptimizer, w0: ArrayLike | None, options: Options):
        start = np.zeros(objective.shape) if w0 is None else as_floats("w0", w0, len(objective.shape))
        if start.shape != objective.shape:
            raise ValueError(f"w0 must have shape {objective.shape}, found {start.shape}")
        w = torch.tensor(start, requires_grad=True)
        self.stepper = Stepper(make, [w], HandWrittenTarget(objective, w, options), options)
        self.step, self.check_moved = self.stepper.step, self.stepper.check_moved

    def weights(self) -> Array:
        return self.stepper.values()[0]


def network_descent_run(network: Homogeneous, loss: str, step_size: ArrayLike, w0: ArrayLike) -> Run:
    """Gradient descent on a network's parameters from w0, (size,) or (B, size)."""
    W, eta = _batch(network.size, step_size, w0, "parameter")
    target = margin_objective(network, loss)
    runs = [
        OptimizerRun(target, partial(torch.optim.SGD, lr=float(rate)), w, Options())
        for rate, w in zip(np.atleast_1d(eta), np.atleast_2d(W.T), strict=True)
    ]
    return runs[0] if W.ndim == 1 else RunsInTurn(runs)
