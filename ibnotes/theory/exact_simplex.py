"""Linear programs in rational arithmetic."""

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.optimize import linprog

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.rational import as_array
from ibnotes.problems.scaling import equilibrate

TAKES_PART = 1e-9  # variables and multipliers above this, relative to the largest, are not zero
PIVOTS_MAX, GREEDY = 2_000, 500  # pivots; so many first ones take the sign that is most wrong
Rows = list[list[fmpq]]
Solution = tuple[list[fmpq], list[fmpq]]


def minimize(cost: list[fmpq], A: Rows, b: list[fmpq]) -> Solution:
    """The x >= 0 of least ``cost @ x``, cost >= 0, with ``Ax >= b``, and the multipliers of the constraints."""
    return at_a_vertex(cost, A, b) or by_pivots(cost, A, b)


def at_a_vertex(cost: list[fmpq], A: Rows, b: list[fmpq]) -> Solution | None:
    """The same, where HiGHS names the vertex: its equations are solved exactly, and it is proved; None if it is not."""
    Q, price, height = fmpq_mat(A), fmpq_mat(len(cost), 1, cost), fmpq_mat(len(b), 1, b)
    scaled, rows, columns = equilibrate(as_array(Q).reshape(len(A), -1))
    goals = (np.atleast_1d(as_array(part)) / unit for part, unit in ((price, columns), (height, rows)))
    costs, heights = (goal / (np.abs(goal).max() or 1.0) for goal in goals)
    near = linprog(costs, -scaled, -heights)
    if near.status != 0:
        return None
    basic, active = (np.flatnonzero(part > TAKES_PART * part.max()) for part in (near.x, -near.ineqlin.marginals))
    if not len(basic) == len(active) > 0:
        return None
    system = fmpq_mat([[A[i][j] for j in basic] for i in active])
    if system.rank() < len(basic):
        return None
    x, dual = fmpq_mat(len(cost), 1), fmpq_mat(len(b), 1)
    for j, value in zip(basic, system.solve(fmpq_mat([[b[i]] for i in active])).entries(), strict=True):
        x[j, 0] = value
    for i, value in zip(active, system.transpose().solve(fmpq_mat([[cost[j]] for j in basic])).entries(), strict=True):
        dual[i, 0] = value
    signed = (x, dual, Q * x - height, price - Q.transpose() * dual)
    if any(value < 0 for part in signed for value in part.entries()):
        return None
    return x.entries(), dual.entries()


def by_pivots(cost: list[fmpq], A: Rows, b: list[fmpq]) -> Solution:
    """The same by the dual simplex method from x = 0.

    The cost never falls, and at last Bland's rule keeps it from going in circles.

    Source: Lemke 1954; Bland 1977.
    """
    m, k = len(A), len(cost)
    basic, free = [k + i for i in range(m)], list(range(k))  # variables k, ..., k + m - 1 are the slacks
    value, slope, price = [-height for height in b], [list(row) for row in A], list(cost)
    for pivot in range(PIVOTS_MAX):
        wrong = [i for i in range(m) if value[i] < 0]
        if not wrong:
            x, dual = [fmpq(0)] * (k + m), [fmpq(0)] * (k + m)
            for i, variable in enumerate(basic):
                x[variable] = value[i]
            for j, variable in enumerate(free):
                dual[variable] = price[j]
            return x[:k], dual[k:]
        r = min(wrong, key=(value if pivot < GREEDY else basic).__getitem__)
        entering = [j for j in range(k) if slope[r][j] > 0]
        if not entering:
            raise NotConverged("no w satisfies the constraints")
        s = min(entering, key=lambda j: (price[j] / slope[r][j], free[j]))
        _pivot(r, s, value, slope, price)
        basic[r], free[s] = free[s], basic[r]
    raise NotConverged(f"the simplex method did not end within {PIVOTS_MAX} pivots: bring the columns of X to one size")


def _pivot(r: int, s: int, value: list[fmpq], slope: Rows, price: list[fmpq]) -> None:
    """Exchange basic variable r, ``value_r + sum_j slope_rj free_j``, for the free variable s, in place."""
    head = slope[r][s]
    row = [-x / head for x in slope[r]]
    row[s] = 1 / head
    level = -value[r] / head
    for i, line in enumerate(slope):
        by = line[s]
        if i == r or by == 0:
            continue
        value[i] += by * level
        slope[i] = [x + by * y if y != 0 else x for x, y in zip(line, row, strict=True)]
        slope[i][s] = by * row[s]
    by = price[s]
    price[:] = [x + by * y for x, y in zip(price, row, strict=True)]
    price[s] = by * row[s]
    value[r], slope[r] = level, row
