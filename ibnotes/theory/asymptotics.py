"""What the theorem on separable logistic regression predicts, from the oracles alone.

As t grows, w(t) = w_svm log t + w_res + o(1). Matching the flow's two sides gives, with S the
support vectors, (1/n) sum_S exp(-<z_i, w_res>) z_i = w_svm: the summands are a dual solution of the
SVM, the one of maximum entropy where several exist, and they fix w_res in the span of S.
"""

from __future__ import annotations

from dataclasses import dataclass

import cvxpy as cp
import numpy as np
from flint import fmpq_mat
from numpy.typing import ArrayLike

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Classification
from ibnotes.problems.rational import as_array, as_float, as_rational, independent_rows
from ibnotes.problems.scaling import uneven
from ibnotes.problems.validation import Array
from ibnotes.theory.max_margin import max_margin
from ibnotes.theory.norm_minimization import solve_program

DEGENERATE = "X, y: a support vector has dual variable zero, so w(t) - w_svm log t has no limit"


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


def logistic_asymptotics(X: ArrayLike, y: ArrayLike) -> LogisticAsymptotics:
    """Limits for the mean logistic loss on separable data, no support vector degenerate.

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
    Z = Classification(X, y).Z
    svm = max_margin(X, y)
    S, size = svm.support, np.linalg.norm(svm.w)
    limit = _exactly if uneven(Z) else _in_floats
    residual, span, heights, curvature = limit(Z[S], svm.w, len(Z))
    dual = np.zeros(len(Z))
    dual[S] = np.exp(-heights) / len(Z)
    along = svm.w @ residual / size
    beyond = np.delete(Z @ svm.w, S) - 1
    return LogisticAsymptotics(
        residual=residual,
        span=span,
        dual=dual,
        direction=float(np.linalg.norm(residual - along * svm.w / size) / size),
        margin=float((along / size - heights.min()) / size),
        loss=float(size**2),
        norm=float(along),
        rate=float(min([curvature, *beyond])),
    )


def _in_floats(Z: Array, w: Array, n: int) -> tuple[Array, Array, Array, float]:
    """The residual, the projector onto the support vectors' span, ``Z @ residual``, and the slowest exponent."""
    size = np.linalg.norm(w)
    shares = _max_entropy_shares(Z * size, w / size)
    _, singular, rows = np.linalg.svd(Z, full_matrices=False)
    Q = rows[singular > 1e-9 * singular[0]].T
    A = Z @ Q
    start = np.linalg.lstsq(A, -np.log(n * size**2 * shares), rcond=None)[0]
    residual = Q @ _balance(A, w @ Q, n, start)
    heights = Z @ residual
    return residual, Q @ Q.T, heights, float(np.linalg.eigvalsh((A.T * np.exp(-heights) / n) @ A)[0])


def _exactly(Z: Array, w: Array, n: int) -> tuple[Array, Array, Array, float]:
    """The same for columns of any size, with coordinates that have no units: ``Z = T @ basis``, T for the heights."""
    rows = as_rational(Z)
    chosen = independent_rows(rows)
    basis = as_rational(Z[chosen])
    inverse = (basis * basis.transpose()).inv()
    T = as_array(rows * basis.transpose() * inverse).reshape(len(Z), -1)
    beta = inverse * as_rational(np.ones(len(chosen)))  # w = basis' beta, all rows have margin 1
    if len(chosen) == len(Z):
        heights = -np.log(n * _positive(beta))
    else:
        total = float(w @ w)
        shares = _max_entropy_shares(T, as_array(beta) / total)
        start = np.linalg.lstsq(T, -np.log(n * total * shares), rcond=None)[0]
        heights = _balance(T, as_array(beta), n, start)
    residual = as_array(basis.transpose() * (inverse * as_rational(heights)))
    weights = np.exp(-T @ heights) / n
    # the exponents are the eigenvalues of T' weights T @ basis @ basis', the slowest the largest of the inverse
    half = np.linalg.inv(np.linalg.cholesky((T.T * weights) @ T))
    slowest = 1 / np.linalg.eigvalsh(half @ as_array(inverse).reshape(T.shape[1], -1) @ half.T)[-1]
    span = as_array(basis.transpose() * inverse * basis).reshape(len(w), -1)
    return residual, span, T @ heights, float(slowest)


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
