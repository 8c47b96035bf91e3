"""Which transformations of the problem a run follows exactly: they decide which norms its limit can be largest in."""

from __future__ import annotations

import numpy as np

from ibnotes.dynamics.stepper import MakeOptimizer, takes_closure
from ibnotes.fingerprints.bench import Instance
from ibnotes.fingerprints.runs import log_loss, path
from ibnotes.problems.validation import Array

STEPS = 200
LOSS_SCALE = 8.0


def orthogonal(rng: np.random.Generator, n: int) -> Array:
    """An orthogonal matrix."""
    return np.linalg.qr(rng.standard_normal((n, n)))[0]


def deviation(run: Array, other: Array) -> float:
    """Largest difference of two paths over the largest weight; infinite where one ends earlier, NaN at rest at zero."""
    if len(run) != len(other):
        return np.inf
    if not (run.any() or other.any()):
        return np.nan
    return float(np.abs(run - other).max() / max(np.abs(run).max(), np.finfo(float).tiny))


def vector_symmetries(
    make: MakeOptimizer, instance: Instance, scale: float, rng: np.random.Generator
) -> dict[str, float]:
    """Deviation by name: of the run on transformed points from the transformed run, over all steps."""
    Z, size = scale * instance.Z, instance.Z.shape[1]

    def run(Z: Array, make: MakeOptimizer = make, loss_scale: float = 1.0, **how) -> Array:
        return path(log_loss(Z, instance.shape, loss_scale), make, STEPS, **how).reshape(-1, size)

    def single(seed: int) -> Array:
        return run(Z, batch_size=1, rng=np.random.default_rng(seed))

    Q, order = orthogonal(rng, size), rng.permutation(size)
    signs, columns = rng.choice([-1.0, 1.0], size), rng.uniform(0.5, 2, size)
    plain, batches = run(Z), single(0)
    return {
        "rotation": deviation(plain @ Q, run(Z @ Q)),
        "permutation": deviation(plain[:, order], run(Z[:, order])),
        "sign flips": deviation(plain * signs, run(Z * signs)),
        "loss scale": deviation(plain, run(Z, loss_scale=LOSS_SCALE)),
        "column scale": deviation(plain / columns, run(Z * columns)),
        "history": deviation(plain, run(Z, make=forgetful(make))),
        "batch": deviation(plain, batches),
        "order": deviation(batches, single(1)),
    }


def matrix_symmetries(
    make: MakeOptimizer, instance: Instance, scale: float, rng: np.random.Generator
) -> dict[str, float]:
    """The same of orthogonal maps from the left and from the right, and of the transposition."""
    m, n = instance.shape
    A = scale * instance.Z.reshape(-1, m, n)
    left, right = orthogonal(rng, m), orthogonal(rng, n)

    def run(A: Array) -> Array:
        return path(log_loss(A.reshape(len(A), -1), A.shape[1:]), make, STEPS)

    plain = run(A)
    return {
        "left": deviation(left @ plain, run(left @ A)),
        "right": deviation(plain @ right, run(A @ right)),
        "transposition": deviation(plain.mT, run(np.ascontiguousarray(A.mT))),
    }


def forgetful(make: MakeOptimizer) -> MakeOptimizer:
    """The optimizer made anew for every step."""

    class Anew:
        def __init__(self, parameters):
            self.parameters, self.first = parameters, make(parameters)
            self.param_groups = self.first.param_groups

        def step(self, closure):
            optimizer = make(self.parameters)
            return optimizer.step(closure) if takes_closure(optimizer) else optimizer.step()

    return Anew
