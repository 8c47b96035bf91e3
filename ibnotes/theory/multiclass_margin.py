"""Max margins of several classes, in matrix norms."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.equality import by_value
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.multiclass import Multiclass
from ibnotes.problems.norms import check_matrix_norm, dual_norm, matrix_norm
from ibnotes.problems.rational import as_array, as_rational, independent_rows
from ibnotes.problems.scaling import uneven
from ibnotes.problems.validation import Array
from ibnotes.theory.exact import ACTIVE_MAX
from ibnotes.theory.max_margin import max_margin
from ibnotes.theory.spectral_newton import finish

ACCEPTED = 1e-8  # largest relative duality gap of an answer
ENTRIES_MAX = 100_000  # of the differences that rational arithmetic is asked to take
TAKES_PART = 1e-7  # multipliers above this share of the largest one belong to points of margin 1
NEWTON_MAX = 2000  # entries of W, up to which its linear systems take seconds
TIGHT = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-10)


@by_value
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
        NotConverged: where the relative duality gap exceeds 1e-8.

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
    rows = A.reshape(len(A), -1)
    binary = max_margin(rows, np.ones(len(A)), np.inf if norm == "max" else 2)
    W, dual, gap = binary.w.reshape(problem.shape), binary.dual, binary.gap
    if norm == "frobenius" or (norm == "spectral" and problem.classes == 2):  # W is of rank one: the norms agree
        dual = dual * binary.margin
    if norm == "spectral" and problem.classes > 2:
        # as columns of each A_i sum to zero, so do those of W, which lowers its norm: they have K - 1 coordinates
        basis = np.linalg.svd(np.ones((problem.classes, 1)))[0][:, 1:]
        W, dual, gap = least_spectral_norm(np.einsum("kc,ikd->icd", basis, A), basis.T @ W)
        W = basis @ W
    if not abs(gap) <= ACCEPTED:
        raise NotConverged(f"the answer fails its certificate: relative duality gap {gap:.1e}; {_remedy(A)}")
    full = np.zeros(problem.hot.shape)
    full[~problem.hot] = dual
    return MulticlassMargin(W, float(1 / matrix_norm(W, norm)), full, gap)


def least_spectral_norm(A: Array, frobenius: Array) -> tuple[Array, Array, float]:
    """Of W with ``<A_i, W> >= 1`` for every matrix of A (n, K, d): W, multipliers of dual norm 1, and their gap."""
    rough = _spectral(A, frobenius)
    best = _in_floats(A, *rough[:2])
    if np.isfinite(best[2]) and best[0].size <= NEWTON_MAX:
        unit = matrix_norm(best[0], "spectral")
        for W, dual in finish(A * unit, best[0] / unit, best[1]):
            best = min(best, _in_floats(A, W, dual), key=lambda answer: abs(answer[2]))
    if not abs(best[2]) <= ACCEPTED and _uneven(A):
        best = _in_fractions(A, *rough)
    return best


def _spectral(A: Array, frobenius: Array) -> tuple[Array, Array, Array]:
    """The least spectral norm: W, multipliers of the points, and what these pull W to, ``sum_i dual_i A_i``.

    With the units of W's columns taken from the least Frobenius norm, the program has entries of order one.
    """
    import cvxpy as cp  # here, because it takes half a second, and most answers do without

    length, reach = matrix_norm(frobenius, "spectral"), np.abs(A).max(axis=(0, 1))
    unit = np.minimum(np.abs(frobenius * reach).max() / np.where(reach > 0, reach, np.inf), length)
    unit[unit == 0] = length  # a column of zeros
    W, M = cp.Variable(A.shape[1:]), cp.Variable(A.shape[1:])
    above = (A * unit).reshape(len(A), -1) @ cp.vec(W, order="C") >= 1
    scaled = cp.multiply(W, np.tile(unit / length, (len(frobenius), 1))) == M
    program = cp.Problem(cp.Minimize(cp.sigma_max(M)), [above, scaled])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of an inaccurate solution
            program.solve(solver=cp.CLARABEL, **TIGHT)
    except cp.SolverError as error:
        raise NotConverged(f"CLARABEL: {error}; {_remedy(A)}") from error
    if W.value is None:
        raise NotConverged(f"CLARABEL stopped with status {program.status!r}; {_remedy(A)}")
    return W.value * unit, np.maximum(above.dual_value, 0), scaled.dual_value / length


def _in_floats(A: Array, W: Array, dual: Array) -> tuple[Array, Array, float]:
    """W of smallest margin 1, multipliers of dual norm 1, and their gap; infinite where there are none."""
    smallest, size = np.tensordot(A, W).min(), dual_norm(np.tensordot(dual, A, axes=1), "spectral")
    if not (smallest > 0 and size > 0):
        return W, dual, np.inf
    W, dual = W / smallest, dual / size
    return W, dual, float(1 - dual.sum() / matrix_norm(W, "spectral"))


def _in_fractions(A: Array, W: Array, dual: Array, pull: Array) -> tuple[Array, Array, float]:
    """The same where a column of large entries multiplies the rounding of the multipliers: those that fit the pull."""
    part = np.flatnonzero(dual > TAKES_PART * dual.max())
    if A.size > ENTRIES_MAX or len(part) > ACTIVE_MAX:
        raise NotConverged(f"{A.size} entries in columns of very different size are too many; {_remedy(A)}")
    rows = as_rational(A.reshape(len(A), -1))
    W = W / as_array(rows * as_rational(W.ravel())).min()
    part = part[independent_rows(as_rational(A[part].reshape(len(part), -1)))]
    active = as_rational(A[part].reshape(len(part), -1))
    exact = (active * active.transpose()).solve(active * as_rational(pull.ravel()))
    dual = np.zeros(len(A))
    dual[part] = as_array(exact)
    size = dual_norm(as_array(active.transpose() * exact).reshape(W.shape), "spectral")
    if dual.min() < 0:
        raise NotConverged(f"no multipliers were found that prove the answer; {_remedy(A)}")
    return W, dual / size, float(1 - dual.sum() / size / matrix_norm(W, "spectral"))


def _uneven(A: Array) -> bool:
    return uneven(A.reshape(len(A), -1))


def _remedy(A: Array) -> str:
    return "bring the columns of X to one size, or " * int(_uneven(A)) + "ask for norm='frobenius'"
