"""The exact implicit bias of diagonal networks: which interpolant gradient flow selects, from a convex program.

With weights ``w = a - b``, ``a = u^D`` and ``b = v^D``, and every u and v started at alpha, the flow on the
squared loss ends at the interpolant that minimizes ``sum_j Phi(a_j) + Phi(b_j)``, where
``Phi'(a) = phi(log(a / alpha^D))``, ``phi(x) = (1 - exp(-theta x)) / theta``, ``theta = (D - 2) / D``, and
``phi(x) = x`` for D = 2. (Woodworth et al. 2020, in other variables; derived in the chapter on deep linear networks.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.equality import by_value
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Regression
from ibnotes.problems.validation import Array, power_of_scale
from ibnotes.theory.norm_minimization import CERTIFIED
from ibnotes.theory.residuals import Residuals

EPS = np.finfo(np.float64).eps
STEPS = 1000
DRAWS = 10  # signs of rounding errors; where all of one draw agree, the multipliers may absorb them
LONGEST = 1.0  # largest change of log a or log b in one Newton step


@by_value
@dataclass(frozen=True)
class PotentialMinimizer:
    """Solution of ``min Q(w) s.t. Xw = y`` for the potential Q of a diagonal network.

    Attributes:
        w: (d,).
        dual: (n,), ``X' dual`` is the gradient of Q, scaled by ``D^2 scale^(D-2)``.
        residuals: the certificate; its stationarity is the largest of the KKT equations' residual, the last
            Newton step relative to w, and the change of w that the residual's rounding can hide.

    Example:
        >>> ib.min_potential_interpolant([[1, 2]], [5], scale=0.1, depth=3).residuals.worst < 1e-9
        True
    """

    w: Array
    dual: Array
    residuals: Residuals


@np.errstate(over="ignore", under="ignore", invalid="ignore")  # what has left the floats fails the certificate
def min_potential_interpolant(X: ArrayLike, y: ArrayLike, scale: float, depth: int) -> PotentialMinimizer:
    """The interpolant that a diagonal network of ``depth`` D >= 2, started at ``scale``, converges to.

    Newton's method on the KKT equations in log a and log b, which stay well scaled as the start shrinks.

    Args:
        X: (n, d) of full row rank.
        y: (n,) real targets.
        scale: alpha, the start of every u and v. Where ``scale^(D-2)`` falls below the spacing of
            floating-point numbers, 1e-16, no digits may be left, and the answer is refused.

    Raises:
        ValueError: on bad input.
        NotConverged: where a residual of the answer exceeds 1e-9.

    Example:
        >>> scales = (1e-6, 1, 1e3)
        >>> [ib.min_potential_interpolant([[1, 2]], [5], scale, depth=2).w.round(3).tolist() for scale in scales]
        [[0.0, 2.5], [0.925, 2.038], [1.0, 2.0]]
    """
    problem = Regression(X, y)
    height, theta = power_of_scale(scale, depth, least=2), (depth - 2) / depth
    if np.linalg.matrix_rank(problem.X) < len(problem.X):
        raise ValueError(f"X must have full row rank, found rank {np.linalg.matrix_rank(problem.X)}")
    unit = np.linalg.norm(problem.X, 2)
    X, y = problem.X / unit, problem.y / unit
    phi = (lambda x: -np.expm1(-theta * x) / theta) if theta else (lambda x: x)
    weights = lambda x: height * (np.expm1(x[0]) - np.expm1(x[1]))  # noqa: E731
    signs = np.array([[1.0], [-1.0]])
    x, mu = np.zeros((2, X.shape[1])), np.zeros(len(X))  # log(a / height), log(b / height); X' mu = phi(a) = -phi(b)

    def newton(misfit, slack):
        """Changes of x and mu, and the largest change of w relative to w."""
        stretch = np.exp(theta * x)  # 1 / phi'
        mass = height * np.exp(x) * stretch
        d_mu = np.linalg.solve((X * mass.sum(axis=0)) @ X.T, misfit - X @ (signs * mass * slack).sum(axis=0))
        d_x = stretch * (signs * (X.T @ d_mu) + slack)
        d_w = height * np.exp(x) * d_x
        return d_x, d_mu, np.abs(d_w).max() / (np.abs(weights(x) + d_w[0] - d_w[1]).max() or height)

    try:
        for _ in range(STEPS):
            slack = signs * (X.T @ mu) - phi(x)
            d_x, d_mu, moved = newton(y - X @ weights(x), slack)
            length = min(1.0, LONGEST / max(np.abs(d_x).max(), LONGEST))
            x, mu = x + length * d_x, mu + length * d_mu
            if length == 1 and moved <= 1e-14:
                break
        # from depth three on phi may be too flat for the slack to show an error: what can its rounding hide?
        rounding = EPS * np.abs(phi(x)) * np.random.default_rng(0).choice([-1, 1], (DRAWS, *x.shape))
        hidden = max(newton(0.0, draw)[2] for draw in rounding)
    except np.linalg.LinAlgError as error:
        raise NotConverged(f"the KKT equations at scale {scale:g} and depth {depth} are singular") from error
    return _certified(X, y, weights(x), mu / unit, max(np.abs(slack).max(), moved, hidden))


def _certified(X: Array, y: Array, w: Array, dual: Array, stationarity: float) -> PotentialMinimizer:
    primal = np.abs(X @ w - y).max() / (np.abs(y).max() or 1.0)
    residuals = Residuals(float(primal), 0.0, 0.0, float(stationarity))
    if not residuals.worst < CERTIFIED:
        raise NotConverged(f"the answer fails its certificate: {residuals}")
    return PotentialMinimizer(w, dual, residuals)
