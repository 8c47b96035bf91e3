"""Convex programs with certificates: what an optimizer *should* find, computed without one.

cvxpy solves each program; solving the KKT equations of the active set then takes the solver's
eight digits to machine precision, and the answer carries the residuals that prove it.
"""

from dataclasses import dataclass

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems import Array, Classification, NotSeparable, Regression

NORMS = (1, 2, np.inf)
CERTIFIED = 1e-9  # every residual of an answer that is returned lies below this
SUPPORT_SLACK = 1e-8  # a point is a support vector where its margin is within this of 1


class NotConverged(RuntimeError):
    """A solver or an integrator stopped without an answer that passes its own certificate."""


@dataclass(frozen=True)
class Residuals:
    """Relative KKT residuals, each zero at an exact solution.

    Attributes:
        primal: violation of the constraints.
        dual: violation of ``dual >= 0`` (0 where the multipliers are free).
        complementarity: largest ``dual_i * slack_i``.
        stationarity: distance of ``X' dual`` from the subdifferential of the objective.
    """

    primal: float
    dual: float
    complementarity: float
    stationarity: float

    @property
    def worst(self) -> float:
        return max(self.primal, self.dual, self.complementarity, self.stationarity)


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

    Source: Vapnik 1998, ch. 10; for the norms Rosset, Zhu & Hastie 2004, section 3.
    """
    _check_norm(norm)
    Z = Classification(X, y).Z
    scale = np.linalg.norm(Z, axis=1).max()
    A = Z / scale
    # in units where ||w|| is about 1, so that a thin margin does not cost the solver its digits
    unit = _separation(A)
    b = np.full(len(A), unit)
    w, dual = _solve(A, b, norm, equality=False)
    w, dual = _polish(A, b, w, dual, norm, equality=False)
    residuals = _residuals(A, b, w, dual, norm, equality=False)
    gap = _certified_gap(b, w, dual, norm, residuals)
    support = np.flatnonzero(A @ w <= unit * (1 + SUPPORT_SLACK))
    w /= unit * scale
    dual /= (unit if norm == 2 else 1) * scale * (scale if norm == 2 else 1)
    return MaxMargin(w, float(1 / np.linalg.norm(w, norm)), dual, support, gap, residuals)


def min_norm_interpolant(X: ArrayLike, y: ArrayLike, norm: float = 2) -> Interpolant:
    """The interpolant of smallest norm, ``argmin ||w||_norm s.t. Xw = y``.

    For norm 2 it is ``X^+ y`` and unique. For norms 1 and inf one solution is returned.

    Args:
        X: (n, d).
        y: (n,) real targets.
        norm: 1, 2 or ``np.inf``, the norm of w.

    Raises:
        ValueError: on bad input, or where Xw = y has no solution.
        NotConverged: where a residual of the answer exceeds ``CERTIFIED``.

    Source: Boyd & Vandenberghe 2004, section 6.2.
    """
    _check_norm(norm)
    problem = Regression(X, y)
    scale = np.linalg.norm(problem.X, axis=1).max() or 1.0
    A = problem.X / scale
    unit = _interpolable(A, problem.y)
    if unit == 0:
        exact = Residuals(0.0, 0.0, 0.0, 0.0)
        return Interpolant(np.zeros(A.shape[1]), np.zeros(len(A)), 0.0, exact)
    b = problem.y / unit
    w, dual = _solve(A, b, norm, equality=True)
    w, dual = _polish(A, b, w, dual, norm, equality=True)
    residuals = _residuals(A, b, w, dual, norm, equality=True)
    gap = _certified_gap(b, w, dual, norm, residuals)
    w *= unit / scale
    dual *= unit / scale**2 if norm == 2 else 1 / scale
    return Interpolant(w, dual, gap, residuals)


def _check_norm(norm: float) -> None:
    if isinstance(norm, str) or norm not in NORMS:
        raise ValueError(f"norm must be 1, 2 or numpy.inf, found {norm!r}")


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
    _run(program, cp.HIGHS)
    if (rows @ w.value).min() > 1e-9:
        return float((A @ w.value).min())
    certificate = np.maximum(above.dual_value, 0) / length
    certificate /= certificate.sum()
    if np.abs(certificate @ A).max() > 1e-9:
        raise NotConverged("could neither separate the data nor certify that it is inseparable")
    raise NotSeparable(
        "no hyperplane through the origin separates the data: .certificate holds a convex combination of the y_i x_i that is zero",
        certificate,
    )


def _interpolable(A: Array, y: Array) -> float:
    """Return ``||A^+ y||``, the scale of the answer, or raise where Aw = y has no solution."""
    least = np.linalg.lstsq(A, y, rcond=None)[0]
    misfit = np.abs(A @ least - y).max()
    if misfit > 1e-9 * np.abs(y).max():
        raise ValueError(f"y is not in the range of X: every w leaves a residual of {misfit:.3g} or more")
    return float(np.linalg.norm(least))


def _solve(A: Array, b: Array, norm: float, equality: bool) -> tuple[Array, Array]:
    """Minimize ``||w||^2 / 2`` (norm 2) or ``||w||`` under ``Aw = b`` or ``Aw >= b``."""
    w = cp.Variable(A.shape[1])
    constraint = A @ w == b if equality else A @ w >= b
    if norm == 2:
        _run(cp.Problem(cp.Minimize(cp.sum_squares(w) / 2), [constraint]), cp.CLARABEL)
    else:
        _run(cp.Problem(cp.Minimize(cp.norm(w, norm)), [constraint]), cp.HIGHS)
    # cvxpy's multiplier of an equality enters the Lagrangian with the other sign
    return w.value, -constraint.dual_value if equality else constraint.dual_value


def _run(program: cp.Problem, solver: str) -> None:
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10} if solver == cp.HIGHS else {}
    try:
        program.solve(solver=solver, **options)
    except cp.SolverError as error:
        raise NotConverged(f"{solver}: {error}") from error
    if program.status != cp.OPTIMAL:
        raise NotConverged(f"{solver} stopped with status {program.status!r}")


def _face(w: Array, norm: float) -> tuple[Array, Array]:
    """Basis B (d, k) of the directions in which the norm is linear at w, and its slope B'g there."""
    size = np.abs(w)
    if norm == 1:
        free = size > 1e-9 * size.max()
        return np.eye(len(w))[:, free], np.sign(w[free])
    top = size > (1 - 1e-9) * size.max()
    B = np.column_stack([np.eye(len(w))[:, ~top], np.where(top, np.sign(w), 0)])
    return B, np.eye(B.shape[1])[-1]


def _nearest(A: Array, b: Array, start: Array) -> Array:
    """The solution of Ax = b nearest to ``start`` (least squares where there is none)."""
    return start + np.linalg.lstsq(A, b - A @ start, rcond=None)[0]


def _polish(A: Array, b: Array, w: Array, dual: Array, norm: float, equality: bool) -> tuple[Array, Array]:
    """Solve the KKT equations on the active set, revising the set until no sign is wrong."""
    slack = A @ w - b
    active = np.ones(len(b), dtype=bool) if equality else slack / np.abs(b) < dual / dual.max()
    for _ in range(len(b)):
        if norm == 2:
            w = _nearest(A[active], b[active], np.zeros_like(w))
            dual_active = _nearest(A[active].T, w, dual[active])
        else:
            B, slope = _face(w, norm)
            w = B @ _nearest(A[active] @ B, b[active], np.linalg.lstsq(B, w, rcond=None)[0])
            dual_active = _nearest((A[active] @ B).T, slope, dual[active])
        dual = np.zeros_like(dual)
        dual[active] = dual_active
        if equality:
            return w, dual
        violated = A @ w - b < -1e-12 * b
        negative = dual < -1e-12 * dual.max()
        if not (violated | negative).any():
            break
        active = (active | violated) & ~negative
    return w, np.maximum(dual, 0)


def _residuals(A: Array, b: Array, w: Array, dual: Array, norm: float, equality: bool) -> Residuals:
    slack, gradient, size = A @ w - b, A.T @ dual, np.abs(w)
    primal = np.abs(slack).max() if equality else max(0.0, -slack.min())
    complementarity = 0.0 if equality else np.abs(dual * slack).max()
    if norm == 2:
        stationarity = np.abs(gradient - w).max()
    elif norm == 1:
        flat = size <= 1e-9 * size.max()
        stationarity = np.where(flat, np.maximum(np.abs(gradient) - 1, 0), np.abs(gradient - np.sign(w))).max()
    else:
        top = size > (1 - 1e-9) * size.max()
        wrong = np.where(top, np.maximum(-gradient * np.sign(w), 0), np.abs(gradient))
        stationarity = max(wrong.max(), abs(np.abs(gradient).sum() - 1))
    height, weight = np.abs(b).max(), np.abs(dual).max()
    lowest = 0.0 if equality else max(0.0, -dual.min())
    objective = _objective(w, norm)
    if norm == 2:
        stationarity /= size.max()
    return Residuals(primal / height, lowest / weight, complementarity / objective, float(stationarity))


def _objective(w: Array, norm: float) -> float:
    return float(w @ w) if norm == 2 else float(np.linalg.norm(w, norm))


def _certified_gap(b: Array, w: Array, dual: Array, norm: float, residuals: Residuals) -> float:
    """The relative duality gap, or NotConverged where it or a residual is not small."""
    value = _objective(w, norm)
    gap = abs(value - b @ dual) / value
    if not max(gap, residuals.worst) < CERTIFIED:
        raise NotConverged(f"the answer fails its certificate: duality gap {gap:.1e}, {residuals}")
    return float(gap)
