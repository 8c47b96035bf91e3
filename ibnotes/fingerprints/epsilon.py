"""The gradient size below which an optimizer changes its geometry, and the step at which a run gets there."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq, nnls

from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.runs import linear_loss, path
from ibnotes.problems.validation import Array

STEPS, LAST = 100, 10
EXPONENTS = np.arange(12, -109, -6)  # of two, which no floating-point number's digits notice
CHANGED = 0.05  # in the step's direction, a change that counts
BISECTIONS = 12
LEAST_SEEN, FORETOLD = 1000, 50  # steps from which, and multiples of a run up to which its hand-over is foretold


def pulls(shape: tuple[int, ...]) -> Array:
    """A gradient whose entries differ by up to four, the largest one being 1."""
    size = int(np.prod(shape))
    return (np.linspace(1, 0.25, size) * np.sign(np.cos(np.arange(size) ** 2.0))).reshape(shape)


def along(make: MakeOptimizer, gradient: Array) -> Array | None:
    """Direction of the last steps along a constant gradient; None where there is none."""
    w = path(linear_loss(gradient), make, STEPS)
    if len(w) <= STEPS:
        return None
    step = w[-1] - w[-1 - LAST]
    size = float(np.abs(step).max())
    return None if size == 0 else step / size / np.linalg.norm(step / size)


def threshold(make: MakeOptimizer, shape: tuple[int, ...]) -> float:
    """The epsilon of ``g / (|g| + epsilon)`` that turns where this does, from 4096 down to 1e-32; or 0."""
    g = pulls(shape)
    usual = along(make, 2.0 ** EXPONENTS[0] * g)
    if usual is None:
        return 0.0

    def off(exponent, g=g):
        return _distance(usual, along(make, 2.0**exponent * g))

    distances = np.array([off(exponent) for exponent in EXPONENTS])
    known = np.flatnonzero(np.isfinite(distances))
    if len(known) == 0 or distances[known].max() < CHANGED:
        return 0.0
    half = distances[known[-1]] / 2 if distances[known[-1]] >= CHANGED else distances[known].max() / 2
    first = int(known[np.argmax(distances[known] >= half)])
    low, high = float(EXPONENTS[first]), float(EXPONENTS[max(first - 1, 0)])
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if off(middle) >= half else (low, middle)
    return float(2 ** ((low + high) / 2) / _of_the_quotient(g, half))


def _distance(usual: Array, other: Array | None) -> float:
    return np.nan if other is None else float(np.linalg.norm(usual - other))


def _of_the_quotient(g: Array, half: float) -> float:
    """The size of gradient at which ``g / (|g| + 1)`` has turned by ``half``, or by half of all that it turns."""

    def unit(v):
        return v / np.linalg.norm(v)

    def turned(exponent):
        return np.linalg.norm(unit(np.sign(g)) - unit(g / (np.abs(g) + 10.0**-exponent)))

    half = min(half, turned(-8.0) / 2)
    low, high = -8.0, 8.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if turned(middle) >= half else (low, middle)
    return 10 ** ((low + high) / 2)


def hand_over(sizes: Array, steps: np.ndarray, epsilon: float) -> int | None:
    """The step at which gradients of these sizes fall below ``epsilon``: seen, or foretold, or None.

    Foretold in two digits by ``e^(-rho t) t^-p``, which has both the exponential of steps of fixed length and the power
    of descent and of sums, fitted to the second half. From 1000 steps of Adam, RAdam, Adamax and RMSprop it came to
    0.58 to 1.35 of the true step, from 3000 to 0.92 to 1.37; from fewer, and beyond `FORETOLD` runs, it is None.

    Args:
        sizes: (k,) largest entries of the gradient along a run.
        steps: (k,) their step counts.
        epsilon: as `threshold` has it.
    """
    if not epsilon > 0:
        return None
    below = np.flatnonzero(sizes < epsilon)
    if len(below):
        return int(steps[below[0]])
    late = steps >= steps[-1] / 2
    if late.sum() < 3 or not sizes[-1] > 0 or steps[-1] < LEAST_SEEN:
        return None
    end, t = float(steps[-1]), steps[late] / steps[-1]
    rho, power = nnls(np.column_stack([1 - t, -np.log(t)]), np.log(sizes[late] / sizes[-1]))[0]

    def missing(x):
        return np.log(sizes[-1] / epsilon) - rho * (x - 1) - power * np.log(x)

    return int(float(f"{end * brentq(missing, 1, FORETOLD):.1e}")) if missing(FORETOLD) < 0 else None
