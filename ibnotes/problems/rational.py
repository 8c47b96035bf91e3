"""Exact arithmetic on float data: every float is a rational number, and sums and products of them are too.

Rounding decides nothing here: not the sign of a margin, not whether a combination of points is zero.
"""

from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat

from ibnotes.problems.validation import Array


def as_rational(A: Array) -> fmpq_mat:
    """The matrix A (m, n), or the vector (m,) as a column, with its entries as rational numbers."""
    A = np.atleast_2d(A.T).T
    return fmpq_mat(*A.shape, [fmpq(*entry.as_integer_ratio()) for entry in A.ravel().tolist()])


def as_fraction(x: fmpq) -> Fraction:
    return Fraction(int(x.p), int(x.q))


def as_float(x: fmpq) -> float:
    """The float nearest to x."""
    return float(as_fraction(x))


def as_array(Q: fmpq_mat) -> Array:
    """The floats nearest to the entries of Q, (m, n); of a column, (m,)."""
    A = np.array([[as_float(x) for x in row] for row in Q.tolist()]).reshape(Q.nrows(), Q.ncols())
    return A[:, 0] if Q.ncols() == 1 else A


def independent_rows(Q: fmpq_mat) -> list[int]:
    """Indices of the first rows of Q that span all of them."""
    reduced, rank = Q.transpose().rref()
    return [_first(row) for row in reduced.tolist()[:rank]]


def _first(row: list[fmpq]) -> int:
    return next(j for j, x in enumerate(row) if x != 0)


def kernel(Q: fmpq_mat) -> fmpq_mat:
    """A basis, as columns, of the x with ``Q x = 0``: (n, k), from the reduced row echelon form."""
    reduced, rank = Q.rref()
    rows, n = reduced.tolist()[:rank], Q.ncols()
    pivots = [_first(row) for row in rows]
    free = [j for j in range(n) if j not in set(pivots)]
    basis = [[fmpq(0)] * len(free) for _ in range(n)]
    for k, j in enumerate(free):
        basis[j][k] = fmpq(1)
        for row, pivot in zip(rows, pivots, strict=True):
            basis[pivot][k] = -row[j]
    return fmpq_mat(n, len(free), [x for row in basis for x in row])
