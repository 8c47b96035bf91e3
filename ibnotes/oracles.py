"""Convex programs with certificates: what an optimizer *should* find, computed without one.

Each answer is accurate to rounding and carries the residuals that prove it (see ``kkt``).
"""

from dataclasses import dataclass

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike

from ibnotes.checks import Array
from ibnotes.kkt import NotConverged, Residuals, check_norm, minimize_norm, solve_program
from ibnotes.problems import Classification, NotSeparable, Regression, solve_in_range

SUPPORT_SLACK = 1e-8  # a point is a support vector where its margin is within this of 1


@dataclass(frozen=True)
class MaxMargin:
    """Solution of ``min ||w|| s.t. y_i <x_i, w> >= 1``.

    Attributes:
        w: (d,), the smallest of its ``y_i <x_i, w>`` is 1.
        margin: ``1 / ||w||`` in the norm asked for.
        dual: (n,) non-negative. Norm 2: ``w = sum_i dual_i y_i x_i``, so ``sum(dual) = ||w||^2``.
            Norms 1 and inf: ``sum_i dual_i y_i x_i`` has dual norm 1 and ``sum(dual) = ||w||``.
        support: indices of the points whose margin is 1, *by margin*: a support vector may have
            ``dual_i = 0``.
        gap: relative duality gap.
        residuals: the certificate.
    """

    w: Array
    margin: float
    dual: Array
    support: np.ndarray
    gap: float
    residuals: Residuals


@dataclass(frozen=True)
class Interpolant:
    """Solution of ``min ||w|| s.t. Xw = y``.

    Attributes:
        w: (d,).
        dual: (n,). Norm 2: ``w = X' dual``. Norms 1 and inf: ``X' dual`` has dual norm at most 1
            and ``<y, dual> = ||w||``.
        gap: relative duality gap.
        residuals: the certificate.
    """

    w: Array
    dual: Array
    gap: float
    residuals: Residuals


def max_margin(X: ArrayLike, y: ArrayLike, norm: float = 2) -> MaxMargin:
    """The hard-margin SVM without intercept, ``argmin ||w||_norm s.t. y_i <x_i, w> >= 1``.

    For norm 2 the answer is unique. For norms 1 and inf it need not be; one solution is returned.

    Args:
        X: (n, d) points.
        y: (n,) labels -1 or +1.
        norm: 1, 2 or ``np.inf``, the norm of w.

    Raises:
        ValueError: on bad input.
        NotSeparable: a ValueError with the certificate.
        NotConverged: where a residual of the answer exceeds ``CERTIFIED``.

    Source: Vapnik 1998, ch. 10; for the norms Rosset, Zhu & Hastie 2003.
    """
    check_norm(norm)
    Z = Classification(X, y).Z
    scale = np.abs(Z).max() or 1.0
    A = Z / scale
    # in units where ||w|| is about 1, so that a thin margin does not cost the solver its digits
    unit = _separation(A)
    b = np.full(len(A), unit)
    w, dual, gap, residuals = minimize_norm(A, b, norm, equality=False)
    support = np.flatnonzero(A @ w <= unit * (1 + SUPPORT_SLACK))
    with np.errstate(over="ignore"):
        w = w / unit / scale
        dual = dual / unit / scale / scale if norm == 2 else dual / scale
    _representable(w, dual)
    return MaxMargin(w, float(1 / np.linalg.norm(w, norm)), dual, support, gap, residuals)


def min_norm_interpolant(X: ArrayLike, y: ArrayLike, norm: float = 2) -> Interpolant:
    """The interpolant of smallest norm, ``argmin ||w||_norm s.t. Xw = y``.

    For norm 2 it is ``X^+ y``, unique, and found by least squares. For norms 1 and inf one solution of a linear
    program is returned. All come with multipliers that prove them.

    Args:
        X: (n, d).
        y: (n,) real targets.
        norm: 1, 2 or ``np.inf``, the norm of w.

    Raises:
        ValueError: on bad input, or where Xw = y has no solution.
        NotConverged: where a residual of the answer exceeds ``CERTIFIED``.

    Source: Boyd & Vandenberghe 2004, section 6.2.
    """
    check_norm(norm)
    problem = Regression(X, y)
    scale, height = np.abs(problem.X).max() or 1.0, np.abs(problem.y).max() or 1.0
    A, y = problem.X / scale, problem.y / height
    unit = float(np.linalg.norm(solve_in_range(A, y)))
    if unit == 0:
        exact = Residuals(0.0, 0.0, 0.0, 0.0)
        return Interpolant(np.zeros(A.shape[1]), np.zeros(len(A)), 0.0, exact)
    w, dual, gap, residuals = minimize_norm(A, y / unit, norm, equality=True)
    with np.errstate(over="ignore"):
        w = w * unit * (height / scale)
        dual = dual * unit * (height / scale) / scale if norm == 2 else dual / scale
    _representable(w, dual)
    return Interpolant(w, dual, gap, residuals)


def _representable(*answer: Array) -> None:
    if not all(np.isfinite(part).all() for part in answer):
        raise ValueError("X is too small: the answer overflows; rescale it")


def _separation(A: Array) -> float:
    """Largest t with ``<a_i, w> >= t`` for all i and ``||w||_inf <= 1``; raise if it is not positive.

    Rows are normalized first (that changes no sign), so t is judged on the scale 1. The multipliers
    of the linear program are Gordan's certificate where t = 0.
    """
    length = np.linalg.norm(A, axis=1)
    if not length.all():
        zero = np.flatnonzero(length == 0)[0]
        raise NotSeparable(f"row {zero} of X is zero: no w separates it", np.eye(len(A))[zero])
    rows = A / length[:, None]
    w, t = cp.Variable(A.shape[1]), cp.Variable()
    above = rows @ w >= t
    program = cp.Problem(cp.Maximize(t), [above, cp.norm(w, "inf") <= 1])
    solve_program(program, cp.HIGHS)
    if (rows @ w.value).min() > 1e-9:
        return float((A @ w.value).min())
    certificate = np.maximum(above.dual_value, 0) / length
    certificate /= certificate.sum()
    if np.abs(certificate @ A).max() > 1e-9:
        raise NotConverged("could neither separate the data nor certify that it is inseparable")
    raise NotSeparable(
        "no hyperplane through the origin separates the data: "
        "the certificate holds a convex combination of the y_i x_i that is zero",
        certificate,
    )
