"""Bounds on norms of matrices in rational arithmetic, by the signs of pivots: no spectrum is computed."""

from __future__ import annotations

import numpy as np
from flint import fmpq, fmpq_mat

from ibnotes.problems.rational import as_rational
from ibnotes.problems.validation import Array

PAD = fmpq(1, 2**40)  # added where floats come too near the boundary of a cone


def is_semidefinite(Q: fmpq_mat) -> bool:
    """Whether the symmetric Q is positive semidefinite, by symmetric elimination with the largest pivot."""
    rows = Q.tolist()
    left = list(range(len(rows)))
    while left:
        pivot = max(left, key=lambda i: rows[i][i])
        head = rows[pivot][pivot]
        if head <= 0:
            return head == 0 and all(rows[i][j] == 0 for i in left for j in left)
        left.remove(pivot)
        for i in left:
            by = rows[i][pivot] / head
            if by != 0:
                for j in left:
                    rows[i][j] -= by * rows[pivot][j]
    return True


def is_contraction(Y: fmpq_mat) -> bool:
    """Whether the spectral norm of Y is at most 1: ``I - Y'Y`` is positive semidefinite."""
    return is_semidefinite(identity(Y.ncols()) - Y.transpose() * Y)


def nuclear_norm_is_at_most(W: fmpq_mat, P: fmpq_mat, Q: fmpq_mat) -> bool:
    """Whether ``(tr P + tr Q) / 2`` bounds the nuclear norm of W: ``[[P, W], [W', Q]]`` is positive semidefinite.

    Source: Fazel, Hindi & Boyd 2001.
    """
    (m, n), top = (W.nrows(), W.ncols()), W.tolist()
    turned = W.transpose().tolist()
    rows = [P.tolist()[i] + top[i] for i in range(m)] + [turned[j] + Q.tolist()[j] for j in range(n)]
    return is_semidefinite(fmpq_mat(m + n, m + n, [x for row in rows for x in row]))


def identity(n: int) -> fmpq_mat:
    return fmpq_mat(n, n, [fmpq(int(i == j)) for i in range(n) for j in range(n)])


def simplified(A: Array, denominator: int) -> fmpq_mat:
    """The entries of A, rounded to multiples of ``1 / denominator``."""
    return as_rational(np.round(A * denominator)) / denominator
