"""Max margins of several classes, in matrix norms."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import cvxpy as cp
import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.norms import check_matrix_norm, dual_norm, matrix_norm
from ibnotes.problems.validation import Array
from ibnotes.theory.max_margin import max_margin

ACCEPTED = 1e-6  # largest relative duality gap of an answer


@dataclass(frozen=True)
class MulticlassMargin:
    """Solution of ``min ||W|| s.t. <W_{y_i} - W_k, x_i> >= 1`` for every i and every k other than y_i.

    Attributes:
        W: (K, d), its smallest margin is 1.
        margin: ``1 / ||W||``.
        dual: (n, K) non-negative, zero at the labels: ``sum_ik dual_ik (e_{y_i} - e_k) x_i'`` has dual norm 1, so
            that ``sum(dual)`` bounds ``||V||`` from below for every V that satisfies the constraints.
        gap: ``(||W|| - sum(dual)) / ||W||``.

    Example:
        >>> answer = ib.max_margin_multiclass([[1, 0], [0, 1]], [0, 1])
        >>> answer.W.round(3), round(answer.margin, 3)
        (array([[ 0.5, -0.5],
               [-0.5,  0.5]]), 1.0)
    """

    W: Array
    margin: float
    dual: Array
    gap: float


def max_margin_multiclass(X: ArrayLike, labels: ArrayLike, norm: str = "frobenius") -> MulticlassMargin:
    """The max margin over weights W (K, d) of several classes, without intercept.

    Unique in the Frobenius norm only; in the others one solution is returned.

    Args:
        X: (n, d) points.
        labels: (n,) integers 0, ..., K - 1.
        norm: of W: "spectral" (largest singular value), "frobenius", or "max" (largest entry in size).

    Raises:
        ValueError: on bad input.
        NotSeparable: a ValueError with the certificate, over all pairs of a point and a wrong class.
        NotConverged: where the relative duality gap exceeds 1e-6.

    Source: Crammer & Singer 2001 for the constraints.

    Example:
        >>> X, labels = [[1, 0], [0, 1], [-1, -1]], [0, 1, 2]
        >>> norms = ("spectral", "frobenius", "max")
        >>> [round(ib.max_margin_multiclass(X, labels, norm).margin, 3) for norm in norms]
        [1.0, 0.866, 2.0]
    """
    check_matrix_norm(norm)
    problem = Multiclass(X, labels)
    A = problem.differences
    # each difference is a point of R^(K d) with label +1: the binary oracle also tells whether they are separable
    binary = max_margin(A.reshape(len(A), -1), np.ones(len(A)), np.inf if norm == "max" else 2)
    W, dual, gap = binary.w.reshape(problem.shape), binary.dual, binary.gap
    if norm == "frobenius":
        dual = dual * binary.margin
    if norm == "spectral":
        W, dual = _spectral(A)
        W = W / problem.margins(W).min()
        dual = dual / dual_norm(np.tensordot(dual, A, axes=1), norm)
        gap = float(1 - dual.sum() / matrix_norm(W, norm))
    if not abs(gap) <= ACCEPTED:
        raise NotConverged(f"the answer fails its certificate: relative duality gap {gap:.1e}")
    full = np.zeros(problem.hot.shape)
    full[~problem.hot] = dual
    return MulticlassMargin(W, float(1 / matrix_norm(W, norm)), full, gap)


def _spectral(A: Array) -> tuple[Array, Array]:
    """W and multipliers, up to scale, of the max margin over the spectral unit ball; the certificate judges them."""
    rows = A.reshape(len(A), -1) / np.abs(A).max()
    W, margin = cp.Variable(A.shape[1:]), cp.Variable()
    above = rows @ cp.vec(W, order="C") >= margin
    program = cp.Problem(cp.Maximize(margin), [above, cp.sigma_max(W) <= 1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an inaccurate solution
            program.solve(solver=cp.CLARABEL)
    except cp.SolverError as error:
        raise NotConverged(f"CLARABEL: {error}") from error
    if W.value is None:
        raise NotConverged(f"CLARABEL stopped with status {program.status!r}")
    return W.value, np.maximum(above.dual_value, 0)
