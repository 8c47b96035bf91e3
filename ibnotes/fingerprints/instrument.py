"""The instrument: all measurements of one optimizer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

import numpy as np
import torch
from tqdm import tqdm

from ibnotes.dynamics.descent import GradientDescent, descend
from ibnotes.dynamics.stepper import MakeOptimizer, Schedule
from ibnotes.fingerprints import bench, decay, epsilon, geometry, memory, regression, response, symmetries
from ibnotes.fingerprints.bench import Instance
from ibnotes.fingerprints.report import Fingerprint
from ibnotes.fingerprints.runs import affordable, undecayed
from ibnotes.problems.instances import Classification
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.validation import check_count, check_rng

LEAST_STEPS = 200
TRIED = 100  # steps in which what moves late should have moved
STAGES = 6
COMMON = 1e-3  # gradients of this size and more fill a run: what changes its geometry there has two
NO_NORM = "the trace of early gradients does not fade: on losses whose gradients do, the start decides"


def fingerprint(
    make_optimizer: MakeOptimizer | GradientDescent,
    *,
    steps: int = 3000,
    schedule: Schedule | None = None,
    rng: np.random.Generator | None = None,
) -> Fingerprint:
    """What an optimizer does to the solution: symmetries, norm, interpolant, decay, epsilon.

    Measured on separable points and matrices that belong to the package, on which the max margins in the candidate
    norms are far apart and known with certificates, in units in which its steps make headway. The loss is the logarithm
    of the mean exponential loss, whose gradient never fades: what epsilon does is measured apart. So is weight decay,
    which is set to zero wherever the optimizer's groups have a ``weight_decay``.

    A verdict needs a memory that fades, and a share of the max margin that rises to one on every instance (to 0.997, or
    to 0.98 and closing in) while no rival has more than 0.95. "spectral" has a second way: steps along constant
    gradients that are polar factors up to a factor between some c >= 0.5 and one, which does not follow the gradient's
    singular values, and a share of at least c. Then so much of the max spectral margin is meant, not all of it (torch's
    Muon: c = 0.64, share 0.78). All else is "undecided", with the reason.

    A norm that is no candidate but close to one is not told from it. Exact descent in l_p is called "l2" for p = 1.9
    and 2.1, after some numbers of steps between 300 and 5000 for p from 1.85 to 2.2, and "l1" up to p = 1.05, if not
    always; in Schatten norms it is "frobenius" for p = 1.9 and 2.1. For p = 1.07, 1.8, 2.3, 20 and 200 (Schatten 1.8,
    2.2, 20 and 200) it is "undecided".

    Args:
        make_optimizer: as in ``descend``; a GradientDescent of one step size.
        steps: of each run, at least 200; so many fewer as an optimizer takes more than four gradients a step.
        schedule: factor of the learning rate at step k = 1, 2, ...; none by default.
        rng: draws the rotations, permutations and signs.

    Raises:
        ValueError: what ``descend`` refuses, in its words.

    Example:
        >>> import torch
        >>> found = ib.fingerprint(lambda params: torch.optim.RMSprop(params, lr=0.01), steps=1000)
        >>> found.vector_norm, found.matrix_norm
        ('linf', 'max')
    """
    check_count("steps", steps, least=LEAST_STEPS)
    rng = np.random.default_rng(0) if rng is None else rng
    check_rng(rng)
    make = as_function(make_optimizer)
    refusals = refused(make, schedule)
    with _quiet(), tqdm(total=STAGES, desc="fingerprint", delay=2) as bar:
        return _measured(make, refusals, steps, schedule, rng, bar)


def as_function(make_optimizer: MakeOptimizer | GradientDescent) -> MakeOptimizer:
    """A GradientDescent as torch's; anything else as it is."""
    if not isinstance(make_optimizer, GradientDescent):
        return make_optimizer
    sizes = np.ravel(make_optimizer.step_size)
    if len(sizes) != 1:
        raise ValueError(f"make_optimizer must have one step size, found {len(sizes)}")
    return partial(torch.optim.SGD, lr=float(sizes[0]))


def refused(make: MakeOptimizer, schedule: Schedule | None) -> dict[str, str]:
    """What ``descend`` says of it on vectors and on matrices, by kind; raised where it takes neither."""
    problems = {
        "vector": Classification([[2.0, 1.0], [1.0, 3.0]], [1, 1]),
        "matrix": Multiclass([[2.0, 1.0, 0.0], [-1.0, 3.0, 1.0]], [0, 1]),
    }
    errors = {}
    with _quiet():
        for kind, problem in problems.items():
            try:
                descend(problem, make, TRIED, schedule=schedule, divergence="record")
            except Exception as error:
                errors[kind] = error
    if len(errors) == len(problems):
        raise errors["vector"]
    return {kind: f"{type(error).__name__}: {error}" for kind, error in errors.items()}


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _measured(make, refusals, steps, schedule, rng, bar) -> Fingerprint:
    bare, kinds = undecayed(make), {"vector": bench.vectors(), "matrix": bench.matrices()}
    taken = {kind: instances for kind, instances in kinds.items() if kind not in refusals}
    main = next(iter(taken.values()))[-1]
    steps = max(affordable(bare, main.shape, steps), LEAST_STEPS)
    trace = memory.trace_of_the_past(bare, main.shape)
    bar.update()
    found = {}
    for kind, instances in kinds.items():
        if kind in refusals:
            names = list(instances[0].norms)
            found[kind] = {name: np.array([np.nan]) for name in names}, "undecided", f"refused: {refusals[kind]}"
        else:
            found[kind] = _norm(bare, instances, steps, schedule, trace, rng)
        bar.update()
    kept = _symmetries(bare, main, taken.get("matrix", ()), rng)
    bar.update()
    ends = regression.interpolants(bare, steps) if "vector" in taken else {}
    bar.update()
    rests = asdict(decay.weight_decay(make, main.shape))
    size = epsilon.threshold(bare, main.shape)
    step = _hand_over(bare, "vector" in taken, size, steps, schedule)
    bar.update()
    if size >= COMMON:
        found = {kind: _two_geometries(*each, size, step) for kind, each in found.items()}
    name = type(make([torch.zeros(main.shape, dtype=torch.float64, requires_grad=True)])).__name__
    return Fingerprint(
        name, kept, *found["vector"], *found["matrix"], ends, rests, {"threshold": size, "step": step}, trace, steps
    )


def _norm(bare, instances, steps, schedule, trace, rng) -> tuple[dict, str, str]:
    """Shares, verdict and reason, with what shares alone do not tell."""
    shares, name, reason = geometry.geometry(bare, instances, steps, schedule)
    if name == "undecided" and np.isfinite(shares.get("spectral", [np.nan])).all():
        answer = response.to_singular_values(bare, instances[0].shape, rng)
        if answer.flat and shares["spectral"][-1] >= answer.low:
            name = "spectral"
            reason = (
                f"a polar factor up to {answer.low:.2f}: so far singular values of a step differ, whatever the "
                f"gradient's, and so much of the max margin is sure; share {shares['spectral'][-1]:.3f}"
            )
    if not memory.forgets(trace) and not np.isnan(trace[0]):
        instead = "undecided" if name == "undecided" else f"{name} on gradients of constant size, but"
        return shares, "undecided", NO_NORM if name == "undecided" else f"{instead} {NO_NORM}"
    return shares, name, reason


def _two_geometries(shares: dict, name: str, reason: str, size: float, step: int | None) -> tuple[dict, str, str]:
    """A verdict taken back where gradients of usual size are answered in two ways."""
    if name == "undecided":
        return shares, name, reason
    when = f" at about step {step} of a run" if step is not None else ""
    return (
        shares,
        "undecided",
        f"{name} for large gradients alone, hand-over expected{when}, at gradients of {size:.1g}",
    )


def _symmetries(bare: MakeOptimizer, main: Instance, matrices: tuple[Instance, ...], rng) -> dict[str, float]:
    kept = symmetries.vector_symmetries(bare, main, geometry.units(bare, main, geometry.PACES[0]), rng)
    if not matrices:
        return kept | dict.fromkeys(("left", "right", "transposition"), np.nan)
    scale = geometry.units(bare, matrices[-1], geometry.PACES[0])
    return kept | symmetries.matrix_symmetries(bare, matrices[-1], scale, rng)


def _hand_over(bare, vector: bool, size: float, steps: int, schedule: Schedule | None) -> int | None:
    """The step at which a run on the logistic loss of the first instance reaches ``size``."""
    if not size or not vector:
        return None
    Z = bench.vectors()[0].Z
    path = descend((Z, np.ones(len(Z))), bare, steps, schedule=schedule, divergence="record")
    margins = np.clip(path.w @ Z.T, -700, 700)
    sizes = np.abs((1 / (1 + np.exp(margins))) @ Z / len(Z)).max(axis=1)
    return epsilon.hand_over(sizes, path.steps, size)
