"""The exact implicit bias of diagonal networks: which interpolant gradient flow selects, from a convex program.

With weights ``w = a - b``, ``a = u^D`` and ``b = v^D``, and every u and v started at alpha, the flow on the
squared loss ends at the interpolant that minimizes ``sum_j Phi(a_j) + Phi(b_j)``, where
``Phi'(a) = phi(log(a / alpha^D))``, ``phi(x) = (1 - exp(-theta x)) / theta``, ``theta = (D - 2) / D``, and
``phi(x) = x`` for D = 2. (Woodworth et al. 2020, Theorems 1 and 3, in other variables; derived in the
chapter on deep linear networks.)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.kkt import CERTIFIED, NotConverged, Residuals
from ibnotes.problems import Array, Regression, check_count, check_scale

STEPS = 1000
LONGEST = 1.0  # largest change of log a or log b in one Newton step


@dataclass(frozen=True)
class PotentialMinimizer:
    """Solution of ``min Q(w) s.t. Xw = y`` for the potential Q of a diagonal network.

    Attributes:
        w: (d,).
        dual: (n,), ``X' dual`` is the gradient of Q, scaled by ``D^2 scale^(D-2)``.
        residuals: the certificate.
    """

    w: Array
    dual: Array
    residuals: Residuals


def min_potential_interpolant(X: ArrayLike, y: ArrayLike, scale: float, depth: int) -> PotentialMinimizer:
    """The interpolant that a diagonal network of ``depth`` D >= 2, started at ``scale``, converges to.

    Newton's method on the KKT equations in log a and log b, which stay well scaled as the start shrinks.

    Args:
        X: (n, d) of full row rank. y: (n,).
        scale: alpha, the start of every u and v. Where ``scale^(D-2)`` falls below the spacing of
            floating-point numbers, 1e-16, no digits may be left, and the answer is refused.

    Raises:
        ValueError: on bad input.
        NotConverged: where a residual of the answer exceeds ``CERTIFIED``.
    """
    problem = Regression(X, y)
    check_count("depth", depth, least=2)
    check_scale("scale", scale)
    unit = np.linalg.norm(problem.X, 2)
    X, y = problem.X / unit, problem.y / unit
    if np.linalg.matrix_rank(X) < len(X):
        raise ValueError("X must have full row rank")
    theta, height = (depth - 2) / depth, scale**depth
    phi = (lambda x: -np.expm1(-theta * x) / theta) if theta else (lambda x: x)
    weights = lambda x: height * (np.expm1(x[0]) - np.expm1(x[1]))  # noqa: E731
    signs = np.array([[1.0], [-1.0]])
    x, mu = np.zeros((2, X.shape[1])), np.zeros(len(X))  # log(a / height), log(b / height); X' mu = phi(a) = -phi(b)
    for _ in range(STEPS):
        misfit, slack = y - X @ weights(x), signs * (X.T @ mu) - phi(x)
        stretch = np.exp(theta * x)  # 1 / phi'
        mass = height * np.exp(x) * stretch
        try:
            d_mu = np.linalg.solve((X * mass.sum(axis=0)) @ X.T, misfit - X @ (signs * mass * slack).sum(axis=0))
        except np.linalg.LinAlgError as error:
            raise NotConverged(f"the KKT equations at scale {scale:g} and depth {depth} are singular") from error
        d_x = stretch * (signs * (X.T @ d_mu) + slack)
        length = min(1.0, LONGEST / max(np.abs(d_x).max(), LONGEST))
        x, mu = x + length * d_x, mu + length * d_mu
        moved = length * np.abs(height * np.exp(x) * d_x).max()
        if length == 1 and moved <= 1e-14 * max(np.abs(weights(x)).max(), height):
            break
    return _certified(X, y, weights(x), mu / unit, signs * (X.T @ mu) - phi(x))


def _certified(X: Array, y: Array, w: Array, dual: Array, slack: Array) -> PotentialMinimizer:
    primal = np.abs(X @ w - y).max() / (np.abs(y).max() or 1.0)
    residuals = Residuals(float(primal), 0.0, 0.0, float(np.abs(slack).max()))
    if not residuals.worst < CERTIFIED:
        raise NotConverged(f"the answer fails its certificate: {residuals}")
    return PotentialMinimizer(w, dual, residuals)
