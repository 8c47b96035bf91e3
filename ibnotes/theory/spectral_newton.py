"""The last digits of a least spectral norm under inequalities, by Newton's method on the equations of its active set.

``min ||W|| s.t. <A_i, W> >= 1`` is ``min t`` where ``Z = [[tI, W], [W', tI]]`` is positive semidefinite. At the minimum
the kernel of Z is spanned by N, the r singular vectors ``(u, -v)`` of the largest singular value; its multiplier is
``X = N S N'``, S (r, r) of trace 1, and ``sum_i p_i A_i = u S v'``. To first order X turns with N by
``-2 even(X dZ Z^+)``: W, p and S solve a linear system, and errors are squared from one to the next.

Source: Overton & Womersley 1995, for eigenvalues.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ibnotes.problems.validation import Array
from ibnotes.theory.nuclear_interior import beside, even, schur

ROUNDS = 4
SINGULAR = 1e-8  # directions that the equations leave open, as where several W are least, are not moved in


def finish(A: Array, W: Array, p: Array) -> Iterator[tuple[Array, Array]]:
    """Better pairs of W (k, d) and multipliers (n,) of the matrices A (n, k, d), from a rough one, ``||W||`` near 1.

    Of two numbers whose product vanishes, the smaller is taken for zero: slack and multiplier, and what a singular
    value lacks to the largest and its share of the pull.
    """
    rows, p = A.reshape(len(A), -1), p / p.sum()
    active = np.flatnonzero(rows @ W.ravel() - 1 < p)
    U, sigma, Vh = np.linalg.svd(W, full_matrices=False)
    S = even(U.T @ np.tensordot(p, A, axes=1) @ Vh.T)
    r = max(1, np.count_nonzero(1 - sigma < S.diagonal()))
    S = S[:r, :r]
    for _ in range(ROUNDS):
        W, multipliers, S = _newton(rows[active], W, S)
        p = np.zeros(len(A))
        p[active] = np.maximum(multipliers, 0)
        yield W, p


def _newton(B: Array, W: Array, S: Array) -> tuple[Array, Array, Array]:
    """The next W, multipliers of the rows of B, and S."""
    (k, d), r, n = W.shape, len(S), len(B)
    U, sigma, Vh = np.linalg.svd(W, full_matrices=False)
    u, v, t = U[:, :r], Vh[:r].T, sigma[:r].mean()
    values, vectors = np.linalg.eigh(t * np.eye(k + d) + beside(W))
    inverse = (vectors[:, r:] / values[r:]) @ vectors[:, r:].T
    N = np.vstack([u, -v]) / np.sqrt(2)
    H = 4 * schur(N @ S @ N.T, inverse, k, np.ones((k, d), dtype=bool))
    i, j = np.triu_indices(r)
    trace = (i == j).astype(float)[None]
    F = (np.einsum("ai,bi->iab", u[:, i], v[:, j]) + np.einsum("ai,bi->iab", u[:, j], v[:, i])).reshape(len(i), -1) / 2
    zero = np.zeros
    system = np.block(
        [  # of dW, dt, p, S
            [H, zero((k * d, 1)), -B.T, F.T * (2 - trace)],  # the pull is u S v', turned
            [zero((1, k * d + 1 + n)), trace],  # S has trace 1
            [B, zero((n, 1 + n + len(i)))],  # margins are 1
            [F, -trace.T, zero((len(i), n + len(i)))],  # the largest singular values are t
        ]
    )
    right = np.concatenate([np.zeros(k * d), [1], 1 - B @ W.ravel(), np.where(i == j, t - sigma[i], 0)])
    dW, _, p, entries = np.split(_solve(system, right), [k * d, k * d + 1, k * d + 1 + n])
    S = np.zeros((r, r))
    S[i, j] = S[j, i] = entries
    return W + dW.reshape(k, d), p, S


def _solve(system: Array, right: Array) -> Array:
    """Least squares, in units in which rows and then columns are of one size."""
    rows = np.abs(system).max(axis=1)
    rows[rows == 0] = 1
    system, right = system / rows[:, None], right / rows
    columns = np.abs(system).max(axis=0)
    columns[columns == 0] = 1
    return np.linalg.lstsq(system / columns, right, rcond=SINGULAR)[0] / columns
