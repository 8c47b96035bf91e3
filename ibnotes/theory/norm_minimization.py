"""Norm minimization under linear constraints, solved by cvxpy and certified by its KKT residuals.

cvxpy gets the active set and about eight digits; the KKT equations of that set give the rest. Where all
constraints are equations and the norm is Euclidean the set is known, and least squares does without cvxpy.
An answer leaves this module only with residuals below ``CERTIFIED``.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import cvxpy as cp
import numpy as np

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.rational import as_array, as_rational
from ibnotes.problems.scaling import uneven
from ibnotes.problems.validation import Array
from ibnotes.theory.exact import least_norm
from ibnotes.theory.residuals import Residuals

CERTIFIED = 1e-9  # every residual of an answer that is returned lies below this
EXACT_SIZE = 100_000  # entries of A that it takes
TIE = 1e-7  # entries of w this close, relative to the largest, are zero (norm 1) or tied (norm inf)


@dataclass(frozen=True)
class LeastNorm:
    """A certified minimizer: w (d,), multipliers (n,), ``Aw - b`` (n,), relative duality gap, residuals."""

    w: Array
    dual: Array
    slack: Array
    gap: float
    residuals: Residuals


def minimize_norm(A: Array, b: Array, norm: float, equality: bool) -> LeastNorm:
    """Minimize ``||w||`` (norm 2: ``||w||^2 / 2``) subject to ``Aw = b``, or ``Aw >= b`` with b > 0.

    Columns of very different size, which leave the small ones no digits in floats, and answers that fail their
    certificate are left to rational arithmetic.

    Raises:
        NotConverged: where no answer was found that passes its certificate.
    """
    if not uneven(A):
        for whiten in (False, True) if norm == 2 else (False,):
            # Whitened coordinates help the solver where a margin is thin and hurt it elsewhere: they come second.
            try:
                return _in_floats(A, b, norm, equality, _whitening(A) if whiten else None)
            except NotConverged as error:
                refused = error
        if A.size > EXACT_SIZE:
            raise refused
    if A.size > EXACT_SIZE:
        raise NotConverged(
            "the columns of X differ in size by more than a thousand, and are too many for rational arithmetic: "
            "bring them to one size (for the l2 norm that changes the problem: it measures w in other units)"
        )
    w, dual = least_norm(A, b, norm, equality)
    slack = as_rational(A) * w - as_rational(b)
    return _rounded(A, b, norm, equality, *(as_array(Q) for Q in (w, dual, slack)))


def _whitening(A: Array) -> Array:
    _, singular, rows = np.linalg.svd(A, full_matrices=False)
    kept = singular > 1e-12 * singular[0]
    return rows[kept].T / singular[kept]


def _in_floats(A: Array, b: Array, norm: float, equality: bool, T: Array | None) -> LeastNorm:
    least_squares = norm == 2 and equality
    w, dual = (np.zeros(A.shape[1]), np.zeros(len(A))) if least_squares else _solve(A, b, norm, equality, T)
    w, dual = _polish(A, b, w, dual, norm, equality)
    residuals = _residuals(A, b, w, dual, norm, equality)
    return LeastNorm(w, dual, A @ w - b, _certified_gap(b, w, dual, norm, residuals), residuals)


def _rounded(A: Array, b: Array, norm: float, equality: bool, w: Array, dual: Array, slack: Array) -> LeastNorm:
    """An exact answer, rounded, with what the rounding leaves of each condition, relative to the terms of its sums."""
    terms, weights = np.abs(A) @ np.abs(w) + np.abs(b), np.abs(A).T @ np.abs(dual)
    off, gradient = A @ w - b, A.T @ dual
    primal = np.max((np.abs(off) if equality else np.maximum(-off, 0)) / terms)
    if norm == 2:
        stationarity = np.abs(gradient - w) / (weights + np.abs(w) + (weights == 0))
    elif norm == 1:
        stationarity = np.where(w == 0, np.maximum(np.abs(gradient) - 1, 0), np.abs(gradient - np.sign(w)))
        stationarity = stationarity / (1 + weights)
    else:
        stationarity = np.abs(np.abs(gradient).sum() - 1) / (1 + weights.sum())
    complementarity = 0.0 if equality else np.abs(dual * slack).max() / _objective(w, norm)
    residuals = Residuals(float(primal), 0.0, float(complementarity), float(np.max(stationarity)))
    return LeastNorm(w, dual, slack, _certified_gap(b, w, dual, norm, residuals), residuals)


def _solve(A: Array, b: Array, norm: float, equality: bool, T: Array | None) -> tuple[Array, Array]:
    """Minimize ``||w||^2 / 2`` (norm 2) or ``||w||`` under ``Aw = b`` or ``Aw >= b``; in w = T v, if T is given."""
    if T is None:
        w, unit = cp.Variable(A.shape[1]), 1.0
        left = A @ w
    else:
        v, unit = cp.Variable(T.shape[1]), np.abs(b).max()
        w, left = (unit * T) @ v, (A @ T) @ v
    constraint = left == b / unit if equality else left >= b / unit
    if norm == 2:
        solve_program(cp.Problem(cp.Minimize(cp.sum_squares(w) / 2), [constraint]), cp.CLARABEL)
    else:
        solve_program(cp.Problem(cp.Minimize(cp.norm(w, norm)), [constraint]), cp.HIGHS)
    # cvxpy's multiplier of an equality enters the Lagrangian with the other sign
    return w.value, (-constraint.dual_value if equality else constraint.dual_value) / unit


def solve_program(program: cp.Problem, solver: str) -> None:
    """Solve in place.

    Raises:
        NotConverged: unless the solver reports an optimal solution.
    """
    options = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10} if solver == cp.HIGHS else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an inaccurate solution, which is refused below
            program.solve(solver=solver, **options)
    except cp.SolverError as error:
        raise NotConverged(f"{solver}: {error}") from error
    if program.status != cp.OPTIMAL:
        raise NotConverged(f"{solver} stopped with status {program.status!r}")


def _face(w: Array, norm: float) -> tuple[Array, Array]:
    """Basis B (d, k) of the directions in which the norm is linear at w, and its slope B'g there."""
    size = np.abs(w)
    if norm == 1:
        free = size > TIE * size.max()
        return np.eye(len(w))[:, free], np.sign(w[free])
    top = size > (1 - TIE) * size.max()
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
        flat = size <= TIE * size.max()
        stationarity = np.where(flat, np.maximum(np.abs(gradient) - 1, 0), np.abs(gradient - np.sign(w))).max()
    else:
        top = size > (1 - TIE) * size.max()
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
