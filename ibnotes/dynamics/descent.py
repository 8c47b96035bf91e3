"""Discrete training of linear models, with hand-written gradients and no autograd.

Gradient descent runs in NumPy. A batch of step sizes and starts is one matrix iteration: the weights are the
columns of a (d, B) array, updated in place, so that 1000 runs cost far less than 1000 times one. Any optimizer
of torch runs on a tensor that shares its memory with NumPy arrays, where the gradients are computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from tqdm import tqdm

from ibnotes.dynamics.gradients import Objective, objective
from ibnotes.dynamics.in_place import STEPS
from ibnotes.dynamics.paths import Path
from ibnotes.problems.instances import Classification, Regression
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.validation import Array, as_floats, check_count

Problem = Classification | Regression | Multiclass
MakeOptimizer = Callable[[list[torch.Tensor]], torch.optim.Optimizer]
LOSSES = {
    Classification: ("logistic", "exponential"),
    Regression: ("squared",),
    Multiclass: ("cross-entropy",),
}


@dataclass(frozen=True)
class GradientDescent:
    """``w <- w - step_size * grad L(w)``, with one step size or a (B,) array of them.

    Raises:
        ValueError: where a step size is not positive and finite.

    Example:
        >>> sweep = ib.GradientDescent([0.1, 1.0])
        >>> ib.descend(([[2]], [1]), sweep, steps=100).w[-1].round(3)  # a row each
        array([[1.818],
               [3.005]])
    """

    step_size: ArrayLike

    def __post_init__(self):
        step_size = as_floats("step_size", np.atleast_1d(self.step_size), 1)
        if (step_size <= 0).any():
            raise ValueError(f"step_size must be positive, found {step_size.min():g}")


def log_spaced(steps: int, records: int) -> np.ndarray:
    """0 and at most ``records`` step counts up to ``steps``, evenly spaced in their logarithm, the last one always."""
    return np.unique(np.append(0, np.geomspace(steps, 1, records).round().astype(int)))


def descend(
    problem: Problem | tuple[ArrayLike, ArrayLike],
    optimizer: GradientDescent | MakeOptimizer,
    steps: int,
    *,
    loss: str | None = None,
    w0: ArrayLike | None = None,
    records: int = 100,
    schedule: Callable[[int], float] | None = None,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
) -> Path:
    """Run ``optimizer`` for ``steps`` steps and record the weights at log-spaced step counts.

    Args:
        problem: a Classification, a Regression, a Multiclass, or a pair (X, y) that is taken as a
            Classification unless ``loss`` is "squared".
        optimizer: GradientDescent, where an array of step sizes makes a batch of runs; or a function from
            ``[weights]`` to an optimizer of torch, such as
            ``lambda params: torch.optim.Adam(params, lr=0.01)``. Some 10 000 steps of these take a second.
        steps: number of steps, at least 1.
        loss: mean "logistic" (the default of a Classification) or mean "exponential" loss;
            "squared", ``||Xw - y||^2 / 2`` (the only one of a Regression); mean "cross-entropy" (of a Multiclass).
        w0: (d,) start, zero by default; (K, d) for a Multiclass; (B, d) starts for GradientDescent.
        records: at most so many step counts are recorded besides 0, the last one always.
        schedule: factor of the optimizer's learning rate at step k = 1, 2, ..., such as ``lambda k: k**-0.5``.
        batch_size: points a step, drawn without replacement, all of them by default. The gradient of the squared
            loss is scaled up to be that of the sum. Where it does not divide n, an epoch's last batch is smaller.
        rng: shuffles the points, once an epoch; needed with ``batch_size``.

    Returns:
        Path with ``steps`` (k,) and ``w`` (k, d); (k, B, d) for a batch; (k, K, d) for a Multiclass. A run that
        diverges leaves inf or NaN there: that is an answer too.

    Raises:
        ValueError: on bad input; where schedule, batch_size or a Multiclass come with GradientDescent, which is
            full batch, constant and binary (``torch.optim.SGD`` is not).

    Example:
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> run = ib.descend((X, y), ib.GradientDescent(0.5), steps=10_000)
        >>> ib.margin(X, y, run.w[[1, -1]]).round(3), round(ib.max_margin(X, y).margin, 3)
        (array([0.447, 0.862]), 0.894)
    """
    problem, loss = _problem_and_loss(problem, loss)
    check_count("steps", steps)
    check_count("records", records)
    marks = log_spaced(steps, records)
    if isinstance(optimizer, GradientDescent):
        if isinstance(problem, Multiclass) or (schedule, batch_size, rng) != (None, None, None):
            raise ValueError("optimizer: schedules, mini-batches and Multiclass take one of torch's, such as SGD")
        W, eta = _batch(problem, optimizer.step_size, w0)
        step = STEPS[loss](problem, W, eta)
    elif callable(optimizer) and optimizer is not GradientDescent:
        target = objective(problem, loss)
        W = np.zeros(target.shape) if w0 is None else as_floats("w0", w0, len(target.shape))
        step = _torch_step(target, W, optimizer, schedule, batch_size, rng)
    else:
        raise ValueError(
            f"optimizer must be a GradientDescent, found {optimizer!r}, which makes no torch.optim.Optimizer either"
        )
    out = _run(step, W, marks)
    columns = isinstance(optimizer, GradientDescent)
    return Path(w=np.moveaxis(out, 1, -1) if columns else out, steps=marks)


def _run(step: Callable[[], None], W: Array, marks: np.ndarray) -> Array:
    """Call ``step``, which moves W in place, and record W at the step counts ``marks``."""
    out = np.empty((len(marks), *W.shape))
    with np.errstate(over="ignore", invalid="ignore"), tqdm(total=int(marks[-1]), delay=10, desc="descend") as bar:
        out[0] = W
        for k, count in enumerate(np.diff(marks), start=1):
            for _ in range(count):
                step()
            out[k] = W
            bar.update(count)
    return out


def _torch_step(
    target: Objective,
    W: Array,
    make_optimizer: MakeOptimizer,
    schedule: Callable[[int], float] | None,
    batch_size: int | None,
    rng: np.random.Generator | None,
) -> Callable[[], None]:
    """A step of the optimizer on a tensor that shares W's memory."""
    n = len(target.data[0])
    if W.shape != target.shape:
        raise ValueError(f"w0 must have shape {target.shape}, found {W.shape}")
    if batch_size is not None:
        check_count("batch_size", batch_size, most=n)
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"rng must be a numpy.random.Generator where there is a batch_size, found {rng!r}")
    weights, G = torch.from_numpy(W), np.zeros_like(W)
    optimizer = make_optimizer([weights])
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise ValueError(
            f"optimizer must be a GradientDescent, found a function that makes {optimizer!r}, no torch.optim.Optimizer"
        )
    weights.grad = torch.from_numpy(G)
    bases = [(group, group["lr"]) for group in optimizer.param_groups]
    batches, count = target.batches(batch_size, rng), 0

    def step():
        nonlocal count
        count += 1
        if schedule is not None:
            for group, base in bases:
                group["lr"] = base * schedule(count)
        np.multiply(target.gradient(*next(batches), W), target.weight, out=G)
        optimizer.step()

    return step


def _problem_and_loss(problem, loss: str | None) -> tuple[Problem, str]:
    if not isinstance(problem, Problem):
        try:
            X, y = problem
        except (TypeError, ValueError):
            raise ValueError("problem must be a Classification, a Regression, a Multiclass or a pair (X, y)") from None
        problem = Regression(X, y) if loss == "squared" else Classification(X, y)
    allowed = LOSSES[type(problem)]
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
