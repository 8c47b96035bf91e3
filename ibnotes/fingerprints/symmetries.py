"""Which transformations of the problem a run follows exactly: they decide which norms its limit can be largest in."""

from __future__ import annotations

from collections.abc import Callable

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
    """Largest difference of two paths over the largest weight; infinite where one ends earlier."""
    if len(run) != len(other):
        return np.inf
    return float(np.abs(run - other).max() / max(np.abs(run).max(), np.finfo(float).tiny))


def _runs(make: MakeOptimizer, shape: tuple[int, ...]) -> Callable[[Array], Array]:
    return lambda Z: path(log_loss(Z, shape), make, STEPS).reshape(-1, Z.shape[1])


def vector_symmetries(
    make: MakeOptimizer, instance: Instance, scale: float, rng: np.random.Generator
) -> dict[str, float]:
    """Deviation by name: of the run on transformed points from the transformed run, over all steps."""
    Z, size, run = scale * instance.Z, instance.Z.shape[1], _runs(make, instance.shape)
    Q, order, signs, columns = (
        orthogonal(rng, size),
        rng.permutation(size),
        rng.choice([-1.0, 1.0], size),
        rng.uniform(0.5, 2, size),
    )
    plain = run(Z)
    louder = path(log_loss(Z, instance.shape, LOSS_SCALE), make, STEPS).reshape(-1, size)
    return {
        "rotation": deviation(plain @ Q, run(Z @ Q)),
        "permutation": deviation(plain[:, order], run(Z[:, order])),
        "sign flips": deviation(plain * signs, run(Z * signs)),
        "loss scale": deviation(plain, louder),
        "column scale": deviation(plain / columns, run(Z * columns)),
        "history": deviation(plain, path(log_loss(Z, instance.shape), forgetful(make), STEPS).reshape(-1, size)),
    }  # fmt: skip


def matrix_symmetries(
    make: MakeOptimizer, instance: Instance, scale: float, rng: np.random.Generator
) -> dict[str, float]:
    """The same of orthogonal maps from the left and from the right, and of the transposition."""
    m, n = instance.shape
    A = scale * instance.Z.reshape(-1, m, n)
    left, right = orthogonal(rng, m), orthogonal(rng, n)

    def run(A):
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
