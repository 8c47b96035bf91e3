"""Whether a hyperplane through the origin separates the data: a question about the problem, not about its solution.

It does not change when columns or rows of the data are scaled, so it is put to the linear program in units where all
are of one size. What the program answers is then proved: a separator by the signs of its margins, a certificate of the
opposite in rational arithmetic.
"""

import numpy as np
from flint import fmpq
from scipy.optimize import linprog
from scipy.sparse import eye_array, hstack

from ibnotes.problems.errors import NotConverged, NotSeparable
from ibnotes.problems.rational import as_array, as_float, as_rational, kernel
from ibnotes.problems.scaling import equilibrate
from ibnotes.problems.validation import Array

EPS = np.finfo(np.float64).eps
TAKES_PART = 1e-9  # multipliers above this, of a largest one of order 1, belong to the certificate
JOINING = 20  # rows taken at a time, for each column
UNDECIDED = (
    "X can neither be separated nor be proved inseparable: float64 does not decide it; "
    "are there points, or columns, that should be equal or proportional, and are so up to rounding only?"
)
EXACT_SIZE = 200_000  # entries of the data that rational arithmetic is asked to take


def separator(Z: Array) -> Array:
    """Some w (d,) with ``<z_i, w> > 0`` for every row of Z (n, d), whatever the units of the columns.

    Few rows are separated, in scaled units; those that come out much nearer to the plane, or on its wrong side, join.

    Raises:
        NotSeparable: with the certificate, of which every column is zero relative to its own terms.
        NotConverged: where neither could be proved: the data are separable, or fail to be, by less than float64 tells.
    """
    n, d = Z.shape
    zero = np.flatnonzero(~Z.any(axis=1))
    if len(zero):
        raise NotSeparable(f"row {zero[0]} of X is zero: no w separates it", np.eye(n)[zero[0]], Z)
    some = JOINING * (d + 1)
    few = np.unique(np.linspace(0, n - 1, min(n, some)).astype(int))
    while True:
        w = _separator_of_few(Z, few)
        if len(few) == n:
            break
        near = (Z @ w) / (np.abs(Z) @ np.abs(w))
        joining = np.flatnonzero(near < near[few].min() / 2)
        if not len(joining):
            break
        few = np.append(few, joining[np.argsort(near[joining])[:some]])
    if not all_positive(Z, w):
        raise NotConverged(UNDECIDED)
    return w


def _separator_of_few(Z: Array, few: np.ndarray) -> Array:
    """What the whole needs, for few of its rows: a separator, proved, or the certificate, which is one of all rows.

    In scaled units w maximizes the smallest margin over ``||w||_inf <= 1``; the multipliers of that linear program are
    Gordan's certificate where the maximum is zero.
    """
    rows, lengths, columns = equilibrate(Z if len(few) == len(Z) else Z[few])
    k, d = rows.shape
    if k <= d:  # independent rows may have any margins, such as one
        w = rows.T @ np.linalg.lstsq(rows @ rows.T, np.ones(k), rcond=None)[0]
        if all_positive(rows, w):
            return w / columns
    # over (w, t): maximize t subject to t - <row_i, w> <= 0
    w, multipliers = _solve(-np.eye(d + 1)[d], np.column_stack([-rows, np.ones(k)]), [(-1, 1)] * d + [(None, None)])
    if all_positive(rows, w[:d]):
        return w[:d] / columns
    for candidate in (lambda: multipliers, lambda: _most_even(rows)):
        exact = combine_to_zero(rows, candidate())
        if exact is not None:
            certificate = np.zeros(len(Z))
            certificate[few] = np.array([as_float(p) for p in exact]) / lengths
            raise NotSeparable(
                "no hyperplane through the origin separates the data: "
                "the certificate holds a convex combination of the y_i x_i that is zero",
                certificate / certificate.sum(),
                Z,
            )
    raise NotConverged(UNDECIDED)


def _solve(cost: Array, above: Array, bounds: list, equal: Array | None = None) -> tuple[Array, Array]:
    """Minimize ``cost @ x`` where ``above @ x <= 0``, and ``equal @ x`` is zero but for its last entry, one."""
    equalities = {} if equal is None else {"A_eq": equal, "b_eq": np.eye(len(equal))[-1]}
    tolerances = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    program = linprog(cost, A_ub=above, b_ub=np.zeros(above.shape[0]), bounds=bounds, options=tolerances, **equalities)
    if program.status != 0:
        raise NotConverged(f"HiGHS, asked whether the data are separable: {program.message}")
    return program.x, np.maximum(-program.ineqlin.marginals, 0)


def _most_even(A: Array) -> Array:
    """The convex combination of all rows that is zero and whose smallest multiplier is largest: it bears rounding.

    Over (p, t): maximize t subject to ``t - p_i <= 0``, ``A'p = 0`` and ``sum(p) = 1``.
    """
    n, d = A.shape
    equal = np.vstack([np.column_stack([A.T, np.zeros(d)]), np.append(np.ones(n), 0)])
    above = hstack([-eye_array(n), np.ones((n, 1))])
    return _solve(-np.eye(n + 1)[n], above, [(0, None)] * (n + 1), equal)[0][:n]


def all_positive(A: Array, w: Array) -> bool:
    """Whether ``Aw > 0``, proved: by bounds on its rounding, or where they do not tell in rational arithmetic."""
    margins, factor = A @ w, (A.shape[1] + 2) * EPS
    if margins.min() > factor * max(A.max(), -A.min()) * np.abs(w).sum():
        return bool(np.isfinite(margins).all())
    rounding = factor * (np.abs(A) @ np.abs(w))
    if (margins <= -rounding).any() or not np.isfinite(margins).all():
        return False
    close = margins <= rounding
    exact = as_rational(A[close]) * as_rational(w) if close.any() and w.any() else None
    return not close.any() or (exact is not None and all(x > 0 for x in exact.entries()))


def combine_to_zero(A: Array, multipliers: Array) -> list[fmpq] | None:
    """The multipliers, moved by rounding so that they combine the rows of A to exactly zero; None if they cannot be."""
    part = np.flatnonzero(multipliers > TAKES_PART * multipliers.max(initial=0))
    if len(part) == 0 or A[part].size > EXACT_SIZE:
        return None
    basis = kernel(as_rational(A[part]).transpose())
    if basis.ncols() == 0:
        return None
    along = np.linalg.lstsq(as_array(basis).reshape(len(part), -1), multipliers[part], rcond=None)[0]
    p = dict(zip(part.tolist(), (basis * as_rational(along)).entries(), strict=True))
    if min(p.values()) < 0 or max(p.values()) == 0:
        return None
    return [p.get(i, fmpq(0)) for i in range(len(A))]
