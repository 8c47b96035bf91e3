"""What the theorem on separable logistic regression predicts, from the oracles alone.

As t grows, w(t) = w_svm log t + w_res + o(1). Matching the flow's two sides gives, with S the
support vectors, (1/n) sum_S exp(-<z_i, w_res>) z_i = w_svm: the summands are a dual solution of the
SVM, the one of maximum entropy where several exist, and they fix w_res in the span of S.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat
from numpy.typing import ArrayLike

from ibnotes.problems.equality import by_value
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Classification, far_offset, intercept_column
from ibnotes.problems.rational import as_array, as_float, as_rational, independent_rows
from ibnotes.problems.scaling import power_of_two, uneven
from ibnotes.problems.validation import Array
from ibnotes.theory.convex_programs import solve_program
from ibnotes.theory.max_margin import max_margin

DEGENERATE = "X, y: a support vector has dual variable zero, so w(t) - w_svm log t has no limit"
BALANCED = 1e-6  # how far, relative to ||w||, the pulls of the limit may be from w


@by_value
@dataclass(frozen=True)
class LogisticAsymptotics:
    """Constants of gradient descent (any stable step size; t = step_size * steps) and flow.

    Attributes:
        residual: (d,) limit of ``w(t) - w_svm log t`` within the span of the support vectors.
        span: (d, d) orthogonal projector onto that span. Off it, the limit is the start's part
            plus what the other points contributed on the way.
        dual: (n,) the dual solution of largest entropy, zero off the support; the gradient's
            shares converge to ``dual / sum(dual)``.
        direction: limit of ``direction_gap(w, w_svm) * log t`` where w(t) has no part off the span: support vectors
            that span R^d, or the data and the start. The ridge path has it, over log(1/lambda), on any data.
        margin: limit of ``(max margin - margin(w)) * log t``.
        loss: limit of ``t * L(w)``, which is ``||w_svm||^2``.
        norm: limit of ``||w|| - ||w_svm|| log t``.
        rate: the residual's error in the span is ``O(t**-rate)``, times log t where two exponents tie.
        intercept: limit of ``b(t) - b_svm log t`` where w(t) has no part off the span; None without an intercept.

    Example:
        >>> constants = ib.logistic_asymptotics([[2]], [1])  # w(t) = log(t) / 2 + log(4) / 2 + o(1)
        >>> constants.residual.round(4), round(constants.loss, 4)
        (array([0.6931]), 0.25)
    """

    residual: Array
    span: Array
    dual: Array
    direction: float
    margin: float
    loss: float
    norm: float
    rate: float
    intercept: float | None = None


def logistic_asymptotics(X: ArrayLike, y: ArrayLike, intercept: bool = False) -> LogisticAsymptotics:
    """Limits for the mean logistic loss on separable data, no support vector degenerate.

    With an intercept these are the limits of ``logistic_flow(..., intercept=True)``. The pulls of the two labels are
    then in balance, and the span is that of the combinations ``sum_i c_i z_i`` of support vectors with
    ``sum_i c_i y_i = 0``.

    Raises:
        ValueError: on bad input, or where a support vector has dual variable zero in every dual
            solution (the residual then grows like log log t).
        NotSeparable: a ValueError with its certificate.
        NotConverged: where a solver gives up.

    Source: Soudry et al. 2018 (residual and rates), extended here to linearly
    dependent support vectors and to the constants; derived in the chapter on the max margin.

    Example:
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> flow, svm = ib.logistic_flow(X, y, log_times=[1e6]), ib.max_margin(X, y)
        >>> measured = (svm.margin - ib.margin(X, y, flow.w)) * flow.log_times
        >>> measured.round(3), round(ib.logistic_asymptotics(X, y).margin, 3)
        (array([0.248]), 0.248)
    """
    problem = Classification(X, y)
    Z, F = problem.Z, intercept_column(problem, intercept)
    svm = max_margin(X, y, intercept=True) if intercept else max_margin(X, y)
    S, size = svm.support, np.linalg.norm(svm.w)
    shift = far_offset(problem.X) if intercept else np.zeros(len(svm.w))
    points = Z - problem.y[:, None] * shift  # the intercept takes it up
    unit = power_of_two(svm.w)  # in which w is of the size of the intercept's column
    since = 2 * np.log(unit)  # time is then in units of its square
    limit = _exactly if uneven(points) else _in_floats
    residual, span, heights, b, curvature = limit(unit * points[S], F[S], svm.w / unit, len(Z))
    b = b - shift @ (unit * residual) - since * (svm.intercept or 0)
    residual, heights = unit * residual - since * svm.w, heights - since
    dual = np.zeros(len(Z))
    dual[S] = np.exp(-heights) / len(Z)
    along = svm.w @ residual / size
    margins = Z @ svm.w + (F[:, 0] * svm.intercept if intercept else 0)
    return LogisticAsymptotics(
        residual=residual,
        span=span,
        dual=dual,
        direction=float(np.linalg.norm(residual - along * svm.w / size) / size),
        margin=float((along / size - heights.min()) / size),
        loss=float(size**2),
        norm=float(along),
        rate=float(min([curvature, *(np.delete(margins, S) - 1)])),
        intercept=float(b[0]) if intercept else None,
    )


Limits = tuple[Array, Array, Array, Array, float]  # the residual, the projector, heights, b's limit, slowest exponent


def _in_floats(Z: Array, F: Array, w: Array, n: int) -> Limits:
    """The residual, the projector onto the span, ``<z_i, residual> + y_i b``, b's limit, and the slowest exponent."""
    size, goal = np.linalg.norm(w), np.append(w, np.zeros(F.shape[1]))
    shares = _max_entropy_shares(np.hstack([Z * size, F]), goal / size)
    rows = np.hstack([Z, F])
    A = rows @ _row_basis(rows)
    heights = A @ _balance(
        A, goal @ _row_basis(rows), n, np.linalg.lstsq(A, -np.log(n * size**2 * shares), rcond=None)[0]
    )
    Q = _row_basis(np.linalg.qr(F, mode="complete")[0][:, F.shape[1] :].T @ Z)
    inside = Z @ Q
    found = np.linalg.lstsq(np.hstack([inside, F]), heights, rcond=None)[0]
    weights = np.exp(-heights) / n
    if np.abs(weights @ rows - goal).max() > BALANCED * size:
        raise NotConverged(
            "the support vectors nearly depend on each other: floats leave no digits of the residual's limit"
        )
    give = F.T @ (inside * weights[:, None])  # what the intercept gives way
    curvature = np.linalg.eigvalsh((inside.T * weights) @ inside - give.T @ give / weights.sum())
    return Q @ found[: Q.shape[1]], Q @ Q.T, heights, found[Q.shape[1] :], float(curvature[0])


def _row_basis(A: Array) -> Array:
    _, singular, rows = np.linalg.svd(A, full_matrices=False)
    return rows[singular > 1e-9 * singular[0]].T


def _exactly(Z: Array, F: Array, w: Array, n: int) -> Limits:
    """The same for columns of any size, in coordinates without units: rows are T times independent ones of them."""
    rows = as_rational(np.hstack([Z, F]))
    chosen = independent_rows(rows)
    basis, points, k = as_rational(np.hstack([Z, F])[chosen]), as_rational(Z[chosen]), len(chosen)
    T = as_array(rows * basis.transpose() * (basis * basis.transpose()).inv()).reshape(len(Z), k)
    solve = _bordered(points, as_rational(F[chosen]))
    block = fmpq_mat([line[:k] for line in solve.tolist()[:k]])
    beta = block * as_rational(np.ones(k))  # w = points' beta: all rows have margin 1
    if k == len(Z):
        heights = -np.log(n * _positive(beta))
    else:
        total, beta = float(w @ w), as_array(beta)
        shares = _max_entropy_shares(T, beta / total)
        heights = _balance(T, beta, n, np.linalg.lstsq(T, -np.log(n * total * shares), rcond=None)[0])
    weights = np.exp(-T @ heights) / n
    # the exponents are the eigenvalues of T' weights T against the inverse of the block, the slowest its largest's
    half = np.linalg.inv(np.linalg.cholesky((T.T * weights) @ T))
    slowest = 1 / np.linalg.eigvalsh(half @ as_array(block).reshape(k, k) @ half.T)[-1]
    found = (solve * as_rational(np.append(heights, np.zeros(F.shape[1])))).entries()
    residual = as_array(points.transpose() * fmpq_mat(k, 1, found[:k]))
    b = np.array([as_float(x) for x in found[k:]])
    return residual, as_array(points.transpose() * block * points).reshape(len(w), -1), T @ heights, b, float(slowest)


def _bordered(points: fmpq_mat, column: fmpq_mat) -> fmpq_mat:
    """The inverse of ``[[points points', column], [column', 0]]``."""
    top = [[*a, *b] for a, b in zip((points * points.transpose()).tolist(), column.tolist(), strict=True)]
    return fmpq_mat(top + [[*line, *[fmpq(0)] * column.ncols()] for line in column.transpose().tolist()]).inv()


def _positive(multipliers: fmpq_mat) -> Array:
    _check_least(as_float(min(multipliers.entries())))
    return np.atleast_1d(as_array(multipliers))


def _check_least(multiplier: float, tolerance: float = 0.0) -> None:
    """Raise where the least multiplier of a support vector is not positive."""
    if multiplier < -tolerance:
        raise NotConverged(
            "X: some margins equal the smallest up to rounding only, so their points pull for longer than can be told; "
            "round X, or leave these points out"
        )
    if multiplier <= tolerance:
        raise ValueError(DEGENERATE)


def _max_entropy_shares(A: Array, u: Array) -> Array:
    """The p > 0 of largest entropy with ``A' p = u``; rows of A have ``<a_i, u> = 1``, so sum(p) = 1."""
    import cvxpy as cp  # here, because it takes half a second, and most answers do without

    p, least = cp.Variable(len(A)), cp.Variable()
    program = cp.Problem(cp.Maximize(least), [A.T @ p == u, p >= least])
    solve_program(program, cp.HIGHS)
    _check_least(float(least.value), 1e-9)
    program = cp.Problem(cp.Maximize(cp.sum(cp.entr(p))), [A.T @ p == u])
    solve_program(program, cp.CLARABEL)
    return np.maximum(p.value, least.value * 1e-3)


def _balance(A: Array, w: Array, n: int, v: Array) -> Array:
    """Solve ``(1/n) sum_i exp(-<a_i, v>) a_i = w`` by Newton's method from a start near the root."""
    for _ in range(50):
        weights = np.exp(-A @ v) / n
        step = np.linalg.solve((A.T * weights) @ A, weights @ A - w)
        v = v + step
        if np.abs(A @ step).max() < 1e-13:
            return v
    raise NotConverged("Newton's method for the residual's limit did not converge")
