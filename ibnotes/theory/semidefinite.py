"""Bounds on norms of matrices that are proved, by the signs of pivots: no spectrum is computed.

First in balls (Arb, Johansson 2017), which is quick and settles what is definite; then in rational arithmetic.
"""

from __future__ import annotations

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat

from ibnotes.problems.rational import as_rational
from ibnotes.problems.validation import Array

BITS, RATIONAL_MAX = 128, 64  # precision of balls, and the order of matrices that rational arithmetic is asked to take
PAD = fmpq(1, 2**40)  # added where floats come too near the boundary of a cone


def is_semidefinite(Q: fmpq_mat) -> bool:
    """Whether the symmetric Q is proved positive semidefinite, by symmetric elimination with the largest pivot."""
    if is_definite(Q):
        return True
    if Q.nrows() > RATIONAL_MAX:
        return False
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


def is_definite(Q: fmpq_mat) -> bool:
    """Whether the symmetric Q is proved positive definite: in balls, all pivots are positive."""
    with ctx.workprec(BITS):
        rows = [[arb(x) for x in row[: i + 1]] for i, row in enumerate(Q.tolist())]
        for k, row in enumerate(rows):
            if not row[k] > 0:
                return False
            column = [below[k] for below in rows[k + 1 :]]
            for i, below in enumerate(rows[k + 1 :]):
                by = column[i] / row[k]
                for j in range(i + 1):
                    below[k + 1 + j] -= by * column[j]
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
