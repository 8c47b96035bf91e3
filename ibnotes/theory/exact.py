"""Norm minimization under linear constraints in rational arithmetic: nothing is rounded until the answer is.

It costs what rational numbers cost, and is asked where columns of very different size leave floats no digits.
"""

from flint import fmpq, fmpq_mat

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.rational import as_rational, independent_rows
from ibnotes.problems.validation import Array
from ibnotes.theory.exact_simplex import Rows, minimize

ACTIVE_MAX = 300  # constraints that may be active at once


def least_norm(A: Array, b: Array, norm: float, equality: bool) -> tuple[fmpq_mat, fmpq_mat]:
    """The w (d, 1) of least norm with ``Aw = b``, or ``Aw >= b`` with b > 0, and its multipliers (n, 1).

    Raises:
        NotConverged: where it would take too long, or no w satisfies the constraints.
    """
    Q, height = as_rational(A), as_rational(b)
    if norm != 2:
        return _by_simplex(Q, height, norm, equality)
    if not equality:
        return nearest_to_zero(Q, height)
    chosen = independent_rows(Q)
    if len(chosen) > ACTIVE_MAX:
        raise NotConverged(
            f"more than {ACTIVE_MAX} equations, in columns of very different size: bring them to one size"
        )
    rows, targets = _matrix([Q.tolist()[i] for i in chosen], Q.ncols()), _column([height[i, 0] for i in chosen])
    found = dict(zip(chosen, (rows * rows.transpose()).solve(targets).entries(), strict=True))
    dual = _column([found.get(i, fmpq(0)) for i in range(Q.nrows())])
    w = Q.transpose() * dual
    if Q * w != height:
        raise NotConverged("rows of X depend on each other up to rounding only: leave out those that say nothing new")
    return w, dual


def nearest_to_zero(A: fmpq_mat, b: fmpq_mat) -> tuple[fmpq_mat, fmpq_mat]:
    """The w (d, 1) of least Euclidean norm with ``Aw >= b``, b > 0, and its multipliers (n, 1): ``w = A' dual``.

    An active-set method on the multipliers: the constraint that is violated most joins; those whose multiplier would
    turn negative leave on the way to the least norm on the set.

    Source: Lawson & Hanson 1974, chapter 23.
    """
    rows, (n, d) = A.tolist(), (A.nrows(), A.ncols())
    active, dual = [], []
    while True:
        w = _matrix([rows[i] for i in active], d).transpose() * _column(dual)
        slack = (A * w - b).entries()
        worst = min(range(n), key=slack.__getitem__)
        if slack[worst] >= 0:
            multipliers = dict(zip(active, dual, strict=True))
            return w, _column([multipliers.get(i, fmpq(0)) for i in range(n)])
        if len(active) == ACTIVE_MAX:
            raise NotConverged(f"more than {ACTIVE_MAX} points have margin 1: bring the columns of X to one size")
        active, dual = _settle(rows, b, [*active, worst], [*dual, fmpq(0)])


def _settle(rows: Rows, b: fmpq_mat, active: list[int], dual: list[fmpq]) -> tuple[list[int], list[fmpq]]:
    """The active set, whose last member is new, less those that leave it, and the multipliers of least norm on it."""
    while True:
        chosen = _matrix([rows[i] for i in active], len(rows[0]))
        gram, k = chosen * chosen.transpose(), len(active) - 1
        if gram.rank() > k:
            best = gram.solve(_column([b[i, 0] for i in active])).entries()
            towards, whole = [new - old for new, old in zip(best, dual, strict=True)], [fmpq(1)]
        else:  # the new row depends on the others: along the dependence w stays, and the dual objective grows
            block = _matrix([[gram[i, j] for j in range(k)] for i in range(k)], k)
            towards = [*block.solve(_column([-gram[i, k] for i in range(k)])).entries(), fmpq(1)]
            whole = []
        length = min([*whole, *(-old / step for old, step in zip(dual, towards, strict=True) if step < 0)])
        dual = [old + length * step for old, step in zip(dual, towards, strict=True)]
        staying = [i for i, value in enumerate(dual) if value > 0]
        done = length == 1 and bool(whole) and len(staying) == len(active)
        active, dual = [active[i] for i in staying], [dual[i] for i in staying]
        if done:
            return active, dual


def _by_simplex(A: fmpq_mat, b: fmpq_mat, norm: float, equality: bool) -> tuple[fmpq_mat, fmpq_mat]:
    """Norm 1 in ``w = u - v``, norm inf in ``w_j = t - u_j`` with ``u_j <= 2 t``: linear programs, cost >= 0."""
    n, d = A.nrows(), A.ncols()
    rows, height = A.tolist(), b.entries()
    if equality:
        rows, height = rows + [[-x for x in row] for row in rows], height + [-x for x in height]
    if norm == 1:
        program = [[*row, *(-x for x in row)] for row in rows]
        cost = [fmpq(1)] * (2 * d)
    else:
        caps = [[fmpq(2)] + [fmpq(-(j == k)) for k in range(d)] for j in range(d)]
        program, height = [[sum(row, fmpq(0)), *(-x for x in row)] for row in rows] + caps, height + [fmpq(0)] * d
        cost = [fmpq(1)] + [fmpq(0)] * d
    x, multipliers = minimize(cost, program, height)
    w = [x[j] - x[d + j] for j in range(d)] if norm == 1 else [x[0] - x[1 + j] for j in range(d)]
    dual = [multipliers[i] - (multipliers[n + i] if equality else 0) for i in range(n)]
    return _column(w), _column(dual)


def _matrix(rows: Rows, width: int) -> fmpq_mat:
    return fmpq_mat(len(rows), width, [x for row in rows for x in row])


def _column(entries: list[fmpq]) -> fmpq_mat:
    return fmpq_mat(len(entries), 1, entries)
