"""Norm minimization under linear constraints, certified by KKT residuals.

Least distance (norm 2) and linear programs (norms 1 and inf) find the active set and some digits; the KKT equations of
that set give the rest. An answer leaves this module only with residuals below ``CERTIFIED``.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.rational import as_array, as_rational
from ibnotes.problems.scaling import uneven
from ibnotes.problems.validation import Array
from ibnotes.theory.convex_programs import solve_program
from ibnotes.theory.exact import least_norm
from ibnotes.theory.least_distance import shortest
from ibnotes.theory.residuals import Residuals

CERTIFIED = 1e-9  # every residual of an answer that is returned lies below this
EXACT_SIZE = 100_000  # entries of A that it takes
REVISIONS_MAX = 100  # of an active set
INDEPENDENT = 0.03  # a row's distance from the span of those before it, relative to the largest
TIE = 1e-7  # entries of w this close, relative to the largest, are zero (norm 1) or tied (norm inf)


@dataclass(frozen=True)
class Program:
    """Minimize ``||w||`` (norm 2: ``||w||^2 / 2``) subject to ``Aw + Fc = b``, or ``Aw + Fc >= b`` with b > 0.

    F (n, k) is the column of an intercept, k = 1, which costs nothing, or empty, k = 0. B holds the rows of A in an
    orthonormal basis of their span (d, n) where that makes them shorter: all that norm 2 knows of them. Else B is A.
    """

    A: Array
    b: Array
    norm: float
    equality: bool
    F: Array
    B: Array
    basis: Array | None = None

    def lifted(self, w: Array, dual: Array) -> Array:
        """w (d,), from its coordinates in the basis, or from the multipliers where the basis was not needed."""
        if self.B is self.A:
            return w
        return self.A.T @ dual if self.basis is None else self.basis @ w

    def slack(self, w: Array, c: Array) -> Array:
        return self.A @ w + self.F @ c - self.b

    def objective(self, w: Array) -> float:
        return float(w @ w) if self.norm == 2 else float(np.linalg.norm(w, self.norm))


def with_margins(A: Array, norm: float, F: Array) -> Program:
    """Minimize ``||w||`` subject to ``Aw + Fc >= 1``."""
    b = np.ones(len(A))
    if norm != 2 or len(A) >= A.shape[1] or uneven(A):
        return Program(A, b, norm, False, F, A)
    with suppress(np.linalg.LinAlgError):
        L = np.linalg.cholesky(A @ A.T)
        if L.diagonal().min() > INDEPENDENT * L.diagonal().max():
            return Program(A, b, norm, False, F, L)
    Q, R = np.linalg.qr(A.T)  # the product has lost digits of rows that nearly depend on each other
    return Program(A, b, norm, False, F, R.T, Q)


def with_values(A: Array, b: Array, norm: float) -> Program:
    """Minimize ``||w||`` subject to ``Aw = b``."""
    return Program(A, b, norm, True, np.empty((len(A), 0)), A)


@dataclass(frozen=True)
class LeastNorm:
    """A certified minimizer: w (d,), c (k,), multipliers (n,), slack ``Aw + Fc - b`` (n,), relative gap, residuals."""

    w: Array
    c: Array
    dual: Array
    slack: Array
    gap: float
    residuals: Residuals


Point = tuple[Array, Array, Array]  # w (d,), c (k,) and the multipliers (n,), not certified


def minimize_norm(program: Program, start: Point | None = None) -> LeastNorm:
    """The solution, from a rough one if there is any.

    Columns of very different size, which leave the small ones no digits in floats, and answers that fail their
    certificate are left to rational arithmetic.

    Raises:
        NotConverged: where no answer was found that passes its certificate.
    """
    A = program.A
    if not uneven(A):
        try:
            return _in_floats(program, start)
        except NotConverged:
            if A.size > EXACT_SIZE:
                raise
    if A.size > EXACT_SIZE:
        raise NotConverged(
            "the columns of X differ in size by more than a thousand, and are too many for rational arithmetic: "
            "bring them to one size (for the l2 norm that changes the problem: it measures w in other units)"
        )
    w, c, dual = least_norm(A, program.b, program.norm, program.equality, program.F)
    slack = as_rational(A) * w + as_rational(program.F) * c - as_rational(program.b)
    return _rounded(program, *(as_array(Q) for Q in (w, c, dual, slack)))


def _in_floats(program: Program, start: Point | None) -> LeastNorm:
    w, c, dual = _polish(program, *(start or _solve(program)))
    residuals = _residuals(program, w, c, dual)
    return LeastNorm(w, c, dual, program.slack(w, c), _certified_gap(program, w, dual, residuals), residuals)


def _rounded(program: Program, w: Array, c: Array, dual: Array, slack: Array) -> LeastNorm:
    """An exact answer, rounded, with what the rounding leaves of each condition, relative to the terms of its sums."""
    A, b, norm = program.A, program.b, program.norm
    terms, weights = np.abs(A) @ np.abs(w) + np.abs(program.F) @ np.abs(c) + np.abs(b), np.abs(A).T @ np.abs(dual)
    off, gradient = program.slack(w, c), A.T @ dual
    primal = np.max((np.abs(off) if program.equality else np.maximum(-off, 0)) / terms)
    if norm == 2:
        stationarity = np.abs(gradient - w) / (weights + np.abs(w) + (weights == 0))
    elif norm == 1:
        stationarity = np.where(w == 0, np.maximum(np.abs(gradient) - 1, 0), np.abs(gradient - np.sign(w)))
        stationarity = stationarity / (1 + weights)
    else:
        stationarity = np.abs(np.abs(gradient).sum() - 1) / (1 + weights.sum())
    complementarity = 0.0 if program.equality else np.abs(dual * slack).max() / program.objective(w)
    stationarity = max(np.max(stationarity), _imbalance(program, dual))
    residuals = Residuals(float(primal), 0.0, float(complementarity), float(stationarity))
    return LeastNorm(w, c, dual, slack, _certified_gap(program, w, dual, residuals), residuals)


def _solve(program: Program) -> Point:
    """A rough answer: good digits of the active set, and some of the rest."""
    A, b, F, (n, d) = program.A, program.b, program.F, program.A.shape
    if program.norm == 2:
        if program.equality:  # the set is known, and least squares needs no start
            return np.zeros(d), np.zeros(0), np.zeros(n)
        return tuple(b[0] * part for part in shortest(program.B, F, b[0]))
    import cvxpy as cp  # here, because it takes half a second, and most answers do without

    w, c = cp.Variable(d), cp.Variable(F.shape[1]) if F.size else cp.Constant([])
    left = A @ w + F @ c if F.size else A @ w
    constraint = left == b if program.equality else left >= b
    solve_program(cp.Problem(cp.Minimize(cp.norm(w, program.norm)), [constraint]), cp.HIGHS)
    # cvxpy's multiplier of an equality enters the Lagrangian with the other sign
    return w.value, c.value, -constraint.dual_value if program.equality else constraint.dual_value


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


def _polish(program: Program, w: Array, c: Array, dual: Array) -> Point:
    """Solve the KKT equations on the active set, revising the set until no sign is wrong."""
    b, F = program.b, program.F
    rows = program.B  # w lives in their coordinates until the end
    active = np.ones(len(b), dtype=bool) if program.equality else dual > 0
    if program.norm != 2 and not program.equality:
        active = program.slack(w, c) / b < dual / dual.max()
    for _ in range(REVISIONS_MAX):
        w, c, dual_active = _on_active(rows[active], b[active], F[active], w, dual[active], program.norm)
        dual = np.zeros_like(dual)
        dual[active] = dual_active
        if program.equality:
            break
        violated = rows @ w + F @ c - b < -1e-12 * b
        negative = dual < -1e-12 * dual.max()
        if not (violated | negative).any():
            break
        active = (active | violated) & ~negative
    if not program.equality:
        dual = np.maximum(dual, 0)
    return program.lifted(w, dual), c, dual


def _on_active(A: Array, b: Array, F: Array, w: Array, dual: Array, norm: float) -> Point:
    """The point where all constraints are equations; what an intercept could absorb is taken out of them first."""
    if F.size:
        Q = np.linalg.qr(F, mode="complete")[0][:, F.shape[1] :]
        w, _, rest = _on_active(Q.T @ A, Q.T @ b, F[:0, :0], w, Q.T @ dual, norm)
        return w, np.linalg.lstsq(F, b - A @ w, rcond=None)[0], Q @ rest
    if norm == 2:
        w = _nearest(A, b, np.zeros_like(w))
        return w, np.zeros(0), _nearest(A.T, w, dual)
    B, slope = _face(w, norm)
    w = B @ _nearest(A @ B, b, np.linalg.lstsq(B, w, rcond=None)[0])
    return w, np.zeros(0), _nearest((A @ B).T, slope, dual)


def _residuals(program: Program, w: Array, c: Array, dual: Array) -> Residuals:
    slack, gradient, size = program.slack(w, c), program.A.T @ dual, np.abs(w)
    primal = np.abs(slack).max() if program.equality else max(0.0, -slack.min())
    complementarity = 0.0 if program.equality else np.abs(dual * slack).max()
    if program.norm == 2:
        stationarity = np.abs(gradient - w).max() / size.max()
    elif program.norm == 1:
        flat = size <= TIE * size.max()
        stationarity = np.where(flat, np.maximum(np.abs(gradient) - 1, 0), np.abs(gradient - np.sign(w))).max()
    else:
        top = size > (1 - TIE) * size.max()
        wrong = np.where(top, np.maximum(-gradient * np.sign(w), 0), np.abs(gradient))
        stationarity = max(wrong.max(), abs(np.abs(gradient).sum() - 1))
    height, weight = np.abs(program.b).max(), np.abs(dual).max()
    lowest = 0.0 if program.equality else max(0.0, -dual.min())
    stationarity = max(stationarity, _imbalance(program, dual))
    return Residuals(primal / height, lowest / weight, complementarity / program.objective(w), float(stationarity))


def _imbalance(program: Program, dual: Array) -> float:
    """How far ``F' dual`` is from zero: the intercept's own equation."""
    return float(np.abs(program.F.T @ dual).max(initial=0) / np.abs(dual).sum())


def _certified_gap(program: Program, w: Array, dual: Array, residuals: Residuals) -> float:
    """The relative duality gap, or NotConverged where it or a residual is not small."""
    value = program.objective(w)
    gap = abs(value - program.b @ dual) / value
    if not max(gap, residuals.worst) < CERTIFIED:
        raise NotConverged(f"the answer fails its certificate: duality gap {gap:.1e}, {residuals}")
    return float(gap)
