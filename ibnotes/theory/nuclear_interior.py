"""Least nuclear norm by a primal-dual interior-point method.

``min ||W||_* s.t. W = A on the mask`` is ``min tr X / 2`` over the positive semidefinite ``X = [[P, W], [W', Q]]``,
with dual ``Z = [[I, -Y], [-Y', I]]``, Y zero off the mask. A step aims at ``XZ = mu I`` and keeps both feasible; its
linear system has one row per observed entry, where a general solver has one per entry of X.

Source: Helmberg, Rendl, Vanderbei & Wolkowicz 1996, for the direction; Mehrotra 1992, for its two parts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cholesky, eigvalsh, solve_triangular

from ibnotes.problems.validation import Array

SHORT = 0.98  # of the way to the boundary
LITTLE = 1e-14  # on the diagonal, relative to it, where rounding would make the linear system indefinite


def central_path(A: Array, mask: NDArray[np.bool_]) -> Iterator[tuple[Array, Array]]:
    """Pairs (W, Y) on the way; A (m, n) of spectral norm 1, zero off the mask. Ends where rounding leaves no step."""
    m, n = A.shape
    X, Z = 1.5 * np.eye(m + n) + beside(A), np.eye(m + n)
    try:
        while True:
            X, Z = _step(X, Z, A, mask)
            yield X[:m, m:], -Z[:m, m:]
    except LinAlgError:
        return


def _step(X: Array, Z: Array, A: Array, mask: NDArray[np.bool_]) -> tuple[Array, Array]:
    m, mu = len(A), np.vdot(X, Z) / len(Z)
    values, vectors = np.linalg.eigh(Z)  # an inverse that is positive definite, however near to singular Z is
    inverse = (vectors / values) @ vectors.T
    factor = cho_factor(schur(X, inverse, m, mask).T, lower=True, overwrite_a=True, check_finite=False)

    def direction(target: Array) -> tuple[Array, Array]:
        """dX and dZ for ``X + dX + X dZ Z^-1 = target``, its even part, with ``X + dX`` equal to A on the mask."""
        D = np.zeros_like(A)
        D[mask] = cho_solve(factor, (A - target[:m, m:])[mask], check_finite=False)
        dZ = -beside(D)
        return target - X - even(X @ dZ @ inverse), dZ

    dX, dZ = direction(np.zeros_like(X))
    ahead = np.vdot(X + _length(X, dX) * dX, Z + _length(Z, dZ) * dZ) / len(Z)
    dX, dZ = direction(even((ahead / mu) ** 2 * mu * inverse - dX @ dZ @ inverse))
    return X + _length(X, dX) * dX, Z + _length(Z, dZ) * dZ


def schur(X: Array, Z: Array, m: int, mask: NDArray[np.bool_]) -> Array:
    """Entry (ij, kl): what D_kl adds at ij to the even part of ``X [[0, D], [D', 0]] Z``; Z is the dual's inverse."""
    i, j = np.nonzero(mask)

    def pick(S: Array, a: NDArray, b: NDArray) -> Array:
        return S[a].take(b, axis=1)

    S = pick(X[:m, m:], i, j)
    S *= pick(Z[:m, m:], i, j).T
    S += S.T.copy()
    for P, Q in (X[:m, :m], Z[m:, m:]), (Z[:m, :m], X[m:, m:]):
        along = pick(P, i, i)
        along *= pick(Q, j, j)
        S += along
    S /= 2
    S.flat[:: len(S) + 1] *= 1 + LITTLE
    return S


def _length(X: Array, dX: Array) -> float:
    """Of a step along dX that keeps X positive definite."""
    L = cholesky(X, lower=True)
    inner = solve_triangular(L, solve_triangular(L, dX, lower=True).T, lower=True)
    steepest = -eigvalsh(inner, subset_by_index=[0, 0])[0]
    return 1.0 if steepest < SHORT else SHORT / steepest


def beside(D: Array) -> Array:
    """``[[0, D], [D', 0]]``."""
    m, n = D.shape
    return np.block([[np.zeros((m, m)), D], [D.T, np.zeros((n, n))]])


def even(A: Array) -> Array:
    return (A + A.T) / 2
