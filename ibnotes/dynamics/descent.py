"""Discrete training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import ArrayLike

from ibnotes.dynamics.gradients import margin_objective, objective, output_objective
from ibnotes.dynamics.hand_written import OptimizerRun, descent_run, network_descent_run
from ibnotes.dynamics.module_runs import ModuleRun, descend_modules, train_modules
from ibnotes.dynamics.paths import Path
from ibnotes.dynamics.recording import Run, record
from ibnotes.dynamics.stepper import MakeOptimizer, Options, Schedule
from ibnotes.problems.equality import by_value
from ibnotes.problems.homogeneity import check_declared
from ibnotes.problems.homogeneous import Homogeneous
from ibnotes.problems.instances import Classification, Completion, Regression, Sensing
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.validation import as_floats, check_count

Linear = Classification | Regression | Multiclass
Problem = Linear | Completion | Sensing | Homogeneous
LOSSES = {
    Classification: ("logistic", "exponential"),
    Regression: ("squared",),
    Multiclass: ("cross-entropy",),
    Completion: ("squared",),
    Sensing: ("squared",),
}


@by_value
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
    module: torch.nn.Module | Sequence[torch.nn.Module] | None = None,
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
            Classification unless ``loss`` is "squared"; with a ``module`` also a Completion or a Sensing. Or a
            homogeneous network, such as a TwoLayer, that holds its data.
        optimizer: GradientDescent, where an array of step sizes makes a batch of runs; or a function from
            ``[weights]`` to an optimizer of torch or of your own, such as
            ``lambda params: torch.optim.Adam(params, lr=0.01)``. Some 10 000 steps of these take a second.
            Gradients are set before each step; a ``step`` with a parameter ``closure`` gets one that sets them anew
            and returns the loss.
        steps: number of steps, at least 1.
        module: a network in torch that takes the place of the linear model, from X (n, d) to (n,) or (n, 1), or to
            (n, K) for a Multiclass; from nothing to the matrix of a Completion or a Sensing. Its parameters are the
            start. It is copied, to the CPU and to float64. A list of them makes a batch of runs; where they differ
            in their parameters' values alone, a batch costs little more than one.
        loss: mean "logistic" (the default of a Classification) or mean "exponential" loss;
            "squared", ``||Xw - y||^2 / 2`` (the only one of a Regression); mean "cross-entropy" (of a Multiclass).
        w0: (d,) start, zero by default; (K, d) for a Multiclass; (B, d) starts for GradientDescent; the parameters
            (size,) of a homogeneous network.
        records: at most so many step counts are recorded besides 0, the last one always.
        schedule: factor of the optimizer's learning rate at step k = 1, 2, ..., such as ``lambda k: k**-0.5``.
        batch_size: points a step, drawn without replacement, all of them by default. The gradient of the squared
            loss is scaled up to be that of the sum. Where it does not divide n, an epoch's last batch is smaller.
        rng: shuffles the points, once an epoch; needed with ``batch_size``. All runs of a batch see the same order.
        recorded: of an optimizer that averages its weights and has ``train()`` and ``eval()``, such as the
            schedule-free ones: the averages, "eval", or the weights where gradients are taken, "train".
        divergence: "record" leaves inf and NaN in the path, where by default they raise.

    Returns:
        Path with ``steps`` (k,) and ``w`` (k, d); (k, B, d) for a batch; (k, K, d) for a Multiclass; for modules d
        is their number of trainable parameters, in the order of ``module.parameters()``, so that
        ``torch.nn.utils.vector_to_parameters`` puts them back.

    Raises:
        ValueError: on bad input; where schedule or batch_size come with GradientDescent, which is full batch and
            constant except on modules, or a Multiclass without one (``torch.optim.SGD`` takes all); where the
            optimizer cannot step these weights, or the first 1000 steps, or all, leave them as they were though their
            gradient is not zero; where the module does not fit the problem.
        NotConverged: where weights become infinite or NaN; ``best`` is the path up to there.

    Example:
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> run = ib.descend((X, y), ib.GradientDescent(0.5), steps=10_000)
        >>> ib.margin(X, y, run.w[[1, -1]]).round(3), round(ib.max_margin(X, y).margin, 3)
        (array([0.447, 0.862]), 0.894)
        >>> networks = [ib.DiagonalNetwork(features=2, depth=2, scale=scale) for scale in (0.1, 1.0)]
        >>> ib.descend((X, y), ib.GradientDescent(0.5), steps=1000, module=networks).w.shape
        (76, 2, 4)
    """
    check_count("steps", steps)
    check_count("records", records)
    _check_choice("recorded", recorded, ("eval", "train"))
    _check_choice("divergence", divergence, ("raise", "record"))
    if not isinstance(optimizer, GradientDescent) and (not callable(optimizer) or optimizer is GradientDescent):
        raise ValueError(
            f"optimizer must be a GradientDescent, found {optimizer!r}, which makes no torch.optim.Optimizer either"
        )
    problem, loss = _problem_and_loss(problem, loss)
    _check_batches(problem, batch_size, rng)
    options = Options(schedule, batch_size, rng, averaged=recorded == "eval")
    make_run = _weights_run if module is None else partial(_module_run, module)
    run = make_run(problem, loss, optimizer, w0, options)
    return record(run, steps, records, keep_divergence=divergence == "record")


def _weights_run(problem: Problem, loss: str, optimizer, w0: ArrayLike | None, options: Options) -> Run:
    """Of a linear model, or of a network that knows its gradients."""
    if isinstance(problem, Completion | Sensing):
        raise ValueError(
            f"module is needed for a {type(problem).__name__}: what makes the matrix, such as ibnotes.DeepLinear"
        )
    network = not isinstance(problem, Linear)
    if network and w0 is None:
        raise ValueError("w0 is needed: at zero a homogeneous network stays where it is")
    if not isinstance(optimizer, GradientDescent):
        return OptimizerRun((margin_objective if network else objective)(problem, loss), optimizer, w0, options)
    if isinstance(problem, Multiclass) or (options.schedule, options.batch_size, options.rng) != (None, None, None):
        raise ValueError("optimizer: schedules, mini-batches and Multiclass take one of torch's, such as SGD")
    return (network_descent_run if network else descent_run)(problem, loss, optimizer.step_size, w0)


def _module_run(
    module: torch.nn.Module | Sequence[torch.nn.Module],
    problem: Problem,
    loss: str,
    optimizer: GradientDescent | MakeOptimizer,
    w0: ArrayLike | None,
    options: Options,
) -> Run:
    if w0 is not None:
        raise ValueError("w0: a module starts at its own parameters")
    if not isinstance(problem, Linear | Completion | Sensing):
        raise ValueError(f"problem must be data where there is a module, found {type(problem).__name__}")
    several = isinstance(module, list | tuple | torch.nn.ModuleList)
    modules, target = list(module) if several else [module], output_objective(problem, loss)
    if not modules:
        raise ValueError("module is empty")
    descent = isinstance(optimizer, GradientDescent)
    sizes = np.asarray(optimizer.step_size if descent else 0.0, dtype=np.float64)
    if not several and sizes.ndim == 0:
        make = partial(torch.optim.SGD, lr=float(sizes)) if descent else optimizer
        return ModuleRun(module, make, target, options)
    if not descent:
        return train_modules(modules, optimizer, target, options)
    if 1 != len(modules) != sizes.size != 1:
        raise ValueError(f"module holds {len(modules)} networks but there are {sizes.size} step sizes")
    count = max(len(modules), sizes.size)
    return descend_modules(modules * (count // len(modules)), np.broadcast_to(sizes, count), target, options)


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"{name} must be one of {allowed}, found {value!r}")


def _check_batches(problem: Problem, batch_size: int | None, rng: np.random.Generator | None) -> None:
    if batch_size is not None:
        if not isinstance(problem, Linear):
            raise ValueError(f"batch_size needs points to draw, and a {type(problem).__name__} has none")
        check_count("batch_size", batch_size, most=len(problem.X))
        if not isinstance(rng, np.random.Generator):
            raise ValueError(f"rng must be a numpy.random.Generator where there is a batch_size, found {rng!r}")


def _problem_and_loss(problem, loss: str | None) -> tuple[Problem, str]:
    if hasattr(problem, "jacobian"):
        check_declared(problem)
        allowed = LOSSES[Classification]
    else:
        if not isinstance(problem, tuple(LOSSES)):
            problem = _from_pair(problem, loss)
        allowed = LOSSES[type(problem)]
    loss = allowed[0] if loss is None else loss
    _check_choice(f"loss of a {type(problem).__name__}", loss, allowed)
    return problem, loss


def _from_pair(problem, loss: str | None) -> Classification | Regression:
    try:
        X, y = problem
    except (TypeError, ValueError):
        raise ValueError("problem must be a Classification, a Regression, a Multiclass or a pair (X, y)") from None
    return Regression(X, y) if isinstance(loss, str) and loss == "squared" else Classification(X, y)
