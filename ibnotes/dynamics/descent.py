"""Discrete training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.dynamics.gradients import objective
from ibnotes.dynamics.linear_runs import OptimizerRun, descent_run
from ibnotes.dynamics.paths import Path
from ibnotes.dynamics.recording import record
from ibnotes.dynamics.stepper import MakeOptimizer, Schedule
from ibnotes.problems.instances import Classification, Regression
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.validation import as_floats, check_count

Problem = Classification | Regression | Multiclass
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


def descend(
    problem: Problem | tuple[ArrayLike, ArrayLike],
    optimizer: GradientDescent | MakeOptimizer,
    steps: int,
    *,
    loss: str | None = None,
    w0: ArrayLike | None = None,
    records: int = 100,
    schedule: Schedule | None = None,
    batch_size: int | None = None,
    rng: np.random.Generator | None = None,
    recorded: str = "eval",
    divergence: str = "raise",
) -> Path:
    """Run ``optimizer`` for ``steps`` steps and record the weights at log-spaced step counts.

    Args:
        problem: a Classification, a Regression, a Multiclass, or a pair (X, y) that is taken as a
            Classification unless ``loss`` is "squared".
        optimizer: GradientDescent, where an array of step sizes makes a batch of runs; or a function from
            ``[weights]`` to an optimizer of torch or of your own, such as
            ``lambda params: torch.optim.Adam(params, lr=0.01)``. Some 10 000 steps of these take a second.
            Gradients are set before each step; a ``step`` with a parameter ``closure`` gets one that sets them anew
            and returns the loss.
        steps: number of steps, at least 1.
        loss: mean "logistic" (the default of a Classification) or mean "exponential" loss;
            "squared", ``||Xw - y||^2 / 2`` (the only one of a Regression); mean "cross-entropy" (of a Multiclass).
        w0: (d,) start, zero by default; (K, d) for a Multiclass; (B, d) starts for GradientDescent.
        records: at most so many step counts are recorded besides 0, the last one always.
        schedule: factor of the optimizer's learning rate at step k = 1, 2, ..., such as ``lambda k: k**-0.5``.
        batch_size: points a step, drawn without replacement, all of them by default. The gradient of the squared
            loss is scaled up to be that of the sum. Where it does not divide n, an epoch's last batch is smaller.
        rng: shuffles the points, once an epoch; needed with ``batch_size``.
        recorded: of an optimizer that averages its weights and has ``train()`` and ``eval()``, such as the
            schedule-free ones: the averages, "eval", or the weights where gradients are taken, "train".
        divergence: "record" leaves inf and NaN in the path, where by default they raise.

    Returns:
        Path with ``steps`` (k,) and ``w`` (k, d); (k, B, d) for a batch; (k, K, d) for a Multiclass.

    Raises:
        ValueError: on bad input; where schedule, batch_size or a Multiclass come with GradientDescent, which is
            full batch, constant and binary (``torch.optim.SGD`` is not); where the optimizer cannot step these
            weights, or 1000 steps leave them as they were though their gradient is not zero.
        NotConverged: where weights become infinite or NaN; ``best`` is the path up to there.

    Example:
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> run = ib.descend((X, y), ib.GradientDescent(0.5), steps=10_000)
        >>> ib.margin(X, y, run.w[[1, -1]]).round(3), round(ib.max_margin(X, y).margin, 3)
        (array([0.447, 0.862]), 0.894)
    """
    problem, loss = _problem_and_loss(problem, loss)
    check_count("steps", steps)
    check_count("records", records)
    _check_choice("recorded", recorded, ("eval", "train"))
    _check_choice("divergence", divergence, ("raise", "record"))
    if isinstance(optimizer, GradientDescent):
        if isinstance(problem, Multiclass) or (schedule, batch_size, rng) != (None, None, None):
            raise ValueError("optimizer: schedules, mini-batches and Multiclass take one of torch's, such as SGD")
        run = descent_run(problem, loss, optimizer.step_size, w0)
    elif callable(optimizer) and optimizer is not GradientDescent:
        _check_batches(len(problem.X), batch_size, rng)
        options = schedule, batch_size, rng, recorded == "eval"
        run = OptimizerRun(objective(problem, loss), optimizer, w0, *options)
    else:
        raise ValueError(
            f"optimizer must be a GradientDescent, found {optimizer!r}, which makes no torch.optim.Optimizer either"
        )
    return record(run, steps, records, keep_divergence=divergence == "record")


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {allowed}, found {value!r}")


def _check_batches(n: int, batch_size: int | None, rng: np.random.Generator | None) -> None:
    if batch_size is not None:
        check_count("batch_size", batch_size, most=n)
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"rng must be a numpy.random.Generator where there is a batch_size, found {rng!r}")


def _problem_and_loss(problem, loss: str | None) -> tuple[Problem, str]:
    if not isinstance(problem, Problem):
        try:
            X, y = problem
        except (TypeError, ValueError):
            raise ValueError("problem must be a Classification, a Regression, a Multiclass or a pair (X, y)") from None
        problem = Regression(X, y) if loss == "squared" else Classification(X, y)
    allowed = LOSSES[type(problem)]
    loss = loss or allowed[0]
    _check_choice(f"loss of a {type(problem).__name__}", loss, allowed)
    return problem, loss
