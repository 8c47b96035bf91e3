"""Rademacher complexity of classes of linear functions, and the margin bound that it gives.

The empirical Rademacher complexity of a class F on n points is the average, over uniform signs s, of the best
correlation that a member of F has with them: ``E_s sup_f (1/n) sum_i s_i f(x_i)``. It belongs to a class.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.instances import Classification
from ibnotes.problems.validation import Array, as_floats, check_count, check_rng, check_scale


@dataclass(frozen=True)
class Rademacher:
    """A Monte-Carlo average over signs: each supremum is exact. ``error`` is the standard error of ``mean``.

    Example:
        >>> one = ib.rademacher_of_finite([[1, -1]], 10_000, np.random.default_rng(0))
        >>> abs(one.mean) < 3 * one.error  # a single function fits no signs
        True
    """

    mean: float
    error: float


def rademacher_of_ball(X: ArrayLike, radius: float, draws: int, rng: np.random.Generator) -> Rademacher:
    """Complexity of ``{x -> <x, w> : ||w||_2 <= radius}`` on the rows of X (n, d).

    The supremum is ``radius / n ||sum_i s_i x_i||``, by Cauchy-Schwarz.

    Raises:
        ValueError: on bad input.

    Example:
        >>> ib.rademacher_of_ball(np.eye(4), radius=1, draws=100, rng=np.random.default_rng(0))
        Rademacher(mean=0.5, error=0.0)
    """
    X = as_floats("X", X, 2)
    check_scale("radius", radius)
    suprema = np.linalg.norm(_signs(rng, draws, len(X)) @ X, axis=1)
    return _average(radius / len(X) * suprema)


def rademacher_of_finite(values: ArrayLike, draws: int, rng: np.random.Generator) -> Rademacher:
    """Complexity of k functions given by their ``values`` (k, n) on n points; zero for k = 1.

    Raises:
        ValueError: on bad input.

    Example:
        >>> values = [[1, 1], [1, -1], [-1, 1], [-1, -1]]  # all signs of two points
        >>> ib.rademacher_of_finite(values, draws=100, rng=np.random.default_rng(0))
        Rademacher(mean=1.0, error=0.0)
    """
    values = as_floats("values", values, 2)
    return _average((_signs(rng, draws, values.shape[1]) @ values.T).max(axis=1) / values.shape[1])


def ball_bound(X: ArrayLike, radius: float) -> float:
    """``radius sqrt(sum_i ||x_i||^2) / n``, at least the complexity of the ball, at most sqrt(2) times it.

    Raises:
        ValueError: on bad input.

    Source: Bartlett & Mendelson 2002; the lower bound is Khintchine's inequality with Szarek's constant.

    Example:
        >>> ib.ball_bound(np.eye(4), radius=1)
        0.5
    """
    X = as_floats("X", X, 2)
    check_scale("radius", radius)
    return float(radius * np.linalg.norm(X) / len(X))


def margin_bound(X: ArrayLike, y: ArrayLike, w: ArrayLike, confidence: float = 0.95) -> float:
    """Upper bound on the error of ``sign <x, w>`` on fresh data, from the sample X (n, d), y (n,) alone.

    Mean ramp loss + 2 * complexity of the ball that w lies in + 3 sqrt(log(2 / delta_k) / 2n): holds with
    probability at least ``confidence`` for *all* w at once, hence for one chosen with the data in view. The balls
    have radius 2^k for all integers k, and ``delta_k = (2/3) (1 - confidence) / ((|k| + 1) (|k| + 2))``, which sums to
    1 - confidence. Above 1 the bound says nothing. Scaling w trades the first term for the second.

    Raises:
        ValueError: on bad input.

    Source: Bartlett & Mendelson 2002; Mohri, Rostamizadeh & Talwalkar 2018, section 5.4; derived in the chapter on the
        full picture.

    Example:
        >>> problem = ib.make_separable(np.random.default_rng(0), n=4000, d=2, margin=2)
        >>> w = ib.max_margin(problem.X, problem.y).w
        >>> round(ib.margin_bound(problem.X, problem.y, w), 2)
        0.13
    """
    problem, w = Classification(X, y), as_floats("w", w, 1)
    if len(w) != problem.X.shape[1]:
        raise ValueError(f"w must have one entry per column of X, found {len(w)} for {problem.X.shape[1]}")
    if not isinstance(confidence, Real) or not 0 < confidence < 1:
        raise ValueError(f"confidence must lie between 0 and 1, found {confidence!r}")
    ramp = np.clip(1 - problem.Z @ w, 0, 1).mean()
    check_scale("the norm of w", float(np.linalg.norm(w)))
    k = int(np.ceil(np.log2(np.linalg.norm(w))))
    delta = 2 / 3 * (1 - confidence) / ((abs(k) + 1) * (abs(k) + 2))
    return float(ramp + 2 * ball_bound(problem.X, 2.0**k) + 3 * np.sqrt(np.log(2 / delta) / (2 * len(problem.X))))


def _signs(rng: np.random.Generator, draws: int, n: int) -> Array:
    check_count("draws", draws, least=2)
    check_rng(rng)
    return rng.choice([-1.0, 1.0], size=(draws, n))


def _average(suprema: Array) -> Rademacher:
    return Rademacher(float(suprema.mean()), float(suprema.std(ddof=1) / np.sqrt(len(suprema))))
