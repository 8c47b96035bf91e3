"""Norm minimization under linear constraints in rational arithmetic: nothing is rounded until the answer is.

It costs what rational numbers cost, and is asked where columns of very different size leave floats no digits.
"""

from flint import fmpq, fmpq_mat

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.rational import as_rational, independent_rows
from ibnotes.problems.validation import Array
from ibnotes.theory.exact_simplex import Rows, minimize

ACTIVE_MAX = 300  # constraints that may be active at once


def least_norm(A: Array, b: Array, norm: float, equality: bool, F: Array) -> tuple[fmpq_mat, fmpq_mat, fmpq_mat]:
    """The w (d, 1) of least norm with ``Aw = b``, or ``Aw + Fc >= b`` with b > 0; its c (k, 1) and multipliers (n, 1).

    F (n, k) is the column of an intercept, of signs, or empty.

    Raises:
        NotConverged: where it would take too long, or no w satisfies the constraints.
    """
    Q, height, column = as_rational(A), as_rational(b), as_rational(F)
    if norm != 2:
        return _by_simplex(Q, height, norm, equality, column)
    if not equality:
        return nearest_to_zero(Q, height, column)
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
    return w, _column([]), dual


def nearest_to_zero(A: fmpq_mat, b: fmpq_mat, F: fmpq_mat) -> tuple[fmpq_mat, fmpq_mat, fmpq_mat]:
    """The w (d, 1) of least Euclidean norm with ``Aw + Fc >= b``, b > 0, its c (k, 1), and its multipliers (n, 1).

    An active-set method on the multipliers, ``w = A' dual`` and ``F' dual = 0``: the constraint that is violated most
    joins; those whose multiplier would turn negative leave on the way to the least norm on the set. With an intercept
    it starts from one point of either label, between which the plane lies in the middle.

    Source: Lawson & Hanson 1974, chapter 23.
    """
    rows, signs, (n, d), k = A.tolist(), F.tolist(), (A.nrows(), A.ncols()), F.ncols()
    active, dual, c = [], [], _column([])
    if k:
        one, other = next(i for i in range(n) if signs[i][0] > 0), next(i for i in range(n) if signs[i][0] < 0)
        active, dual, c = _settle(rows, b, signs, [one, other], [fmpq(0), fmpq(0)])
    while True:
        w = _matrix([rows[i] for i in active], d).transpose() * _column(dual)
        slack = (A * w + F * c - b).entries()
        worst = min(range(n), key=slack.__getitem__)
        if slack[worst] >= 0:
            multipliers = dict(zip(active, dual, strict=True))
            return w, c, _column([multipliers.get(i, fmpq(0)) for i in range(n)])
        if len(active) == ACTIVE_MAX:
            raise NotConverged(f"more than {ACTIVE_MAX} points have margin 1: bring the columns of X to one size")
        active, dual, c = _settle(rows, b, signs, [*active, worst], [*dual, fmpq(0)])


def _settle(
    rows: Rows, b: fmpq_mat, signs: Rows, active: list[int], dual: list[fmpq]
) -> tuple[list[int], list[fmpq], fmpq_mat]:
    """The active set, whose last member is new, less those that leave it; its multipliers of least norm, and c."""
    while True:
        # the equations of (dual, c) on the set, bordered by the intercept's, which come first
        chosen, k = _matrix([rows[i] for i in active], len(rows[0])), len(signs[0])
        gram, m = (chosen * chosen.transpose()).tolist(), len(active)
        border = [[signs[i][j] for i in active] for j in range(k)]
        system = [[fmpq(0)] * k + line for line in border] + [[*signs[i], *gram[r]] for r, i in enumerate(active)]
        whole = _matrix(system, k + m)
        if whole.rank() == k + m:
            best = whole.solve(_column([fmpq(0)] * k + [b[i, 0] for i in active])).entries()
            c, towards, limit = best[:k], [new - old for new, old in zip(best[k:], dual, strict=True)], [fmpq(1)]
        else:  # the new row depends on the others: along the dependence w stays, and the dual objective grows
            block = _matrix([line[:-1] for line in system[:-1]], k + m - 1)
            towards = [*block.solve(_column([-line[-1] for line in system[:-1]])).entries()[k:], fmpq(1)]
            c, limit = [], []
        length = min([*limit, *(-old / step for old, step in zip(dual, towards, strict=True) if step < 0)])
        dual = [old + length * step for old, step in zip(dual, towards, strict=True)]
        staying = [i for i, value in enumerate(dual) if value > 0]
        done = length == 1 and bool(limit) and len(staying) == len(active)
        active, dual = [active[i] for i in staying], [dual[i] for i in staying]
        if done:
            return active, dual, _column(c)


def _by_simplex(
    A: fmpq_mat, b: fmpq_mat, norm: float, equality: bool, F: fmpq_mat
) -> tuple[fmpq_mat, fmpq_mat, fmpq_mat]:
    """Norm 1 in ``w = u - v``, norm inf in ``w_j = t - u_j`` with ``u_j <= 2 t``: linear programs, cost >= 0.

    An intercept is a difference too, whose parts cost nothing.
    """
    n, d, k = A.nrows(), A.ncols(), F.ncols()
    rows, height = A.tolist(), b.entries()
    beside = [[*line, *(-x for x in line)] for line in F.tolist()]
    if equality:
        rows, height = rows + [[-x for x in row] for row in rows], height + [-x for x in height]
        beside = beside + beside
    if norm == 1:
        program = [[*row, *(-x for x in row)] for row in rows]
        cost = [fmpq(1)] * (2 * d)
    else:
        program, cost = [[sum(row, fmpq(0)), *(-x for x in row)] for row in rows], [fmpq(1)] + [fmpq(0)] * d
    program = [[*row, *line] for row, line in zip(program, beside, strict=True)]
    if norm != 1:
        caps = [[fmpq(2)] + [fmpq(-(j == i)) for i in range(d)] + [fmpq(0)] * (2 * k) for j in range(d)]
        program, height = program + caps, height + [fmpq(0)] * d
    x, multipliers = minimize(cost + [fmpq(0)] * (2 * k), program, height)
    w = [x[j] - x[d + j] for j in range(d)] if norm == 1 else [x[0] - x[1 + j] for j in range(d)]
    c = [x[len(cost) + j] - x[len(cost) + k + j] for j in range(k)]
    dual = [multipliers[i] - (multipliers[n + i] if equality else 0) for i in range(n)]
    return _column(w), _column(c), _column(dual)


def _matrix(rows: Rows, width: int) -> fmpq_mat:
    return fmpq_mat(len(rows), width, [x for row in rows for x in row])


def _column(entries: list[fmpq]) -> fmpq_mat:
    return fmpq_mat(len(entries), 1, entries)
