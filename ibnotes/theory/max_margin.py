"""The max margin in three norms: where an optimizer on separable data *should* go, computed without one.

Each answer is good to 1e-9, mostly to rounding, and carries the residuals that prove it (see ``norm_minimization``).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.equality import by_value
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.instances import Classification, far_offset, intercept_column
from ibnotes.problems.norms import check_norm
from ibnotes.problems.scaling import in_units, power_of_two, uneven
from ibnotes.problems.separability import all_positive, separator
from ibnotes.problems.validation import Array
from ibnotes.theory.least_distance import shortest
from ibnotes.theory.norm_minimization import Point, Program, minimize_norm, with_margins
from ibnotes.theory.residuals import Residuals

SUPPORT_SLACK = 1e-8  # a point is a support vector where its margin is within this of 1


@by_value
@dataclass(frozen=True)
class MaxMargin:
    """Solution of ``min ||w|| s.t. y_i (<x_i, w> + b) >= 1``, with b = 0 unless an intercept was asked for.

    Attributes:
        w: (d,), the smallest ``y_i (<x_i, w> + b)`` is 1.
        margin: ``1 / ||w||`` in the norm asked for.
        dual: (n,) non-negative. Norm 2: ``w = sum_i dual_i y_i x_i``, so ``sum(dual) = ||w||^2``.
            Norms 1 and inf: ``sum_i dual_i y_i x_i`` has dual norm 1 and ``sum(dual) = ||w||``.
            With an intercept ``sum_i dual_i y_i = 0`` besides.
        support: indices of the points whose margin is 1, *by margin*: a support vector may have
            ``dual_i = 0``.
        gap: relative duality gap.
        residuals: the certificate.
        problem: what was asked, or None for an answer made by hand.
        norm: that of w.
        intercept: b, or None where none was asked for.

    Example:
        >>> X, y = [[2, 0], [0, 1], [3, 3]], [1, 1, 1]
        >>> svm = ib.max_margin(X, y)
        >>> (svm.dual @ X).round(6), round(float(sum(svm.dual)), 6)  # w and ||w||^2
        (array([0.5, 1. ]), 1.25)
    """

    w: Array
    margin: float
    dual: Array
    support: np.ndarray
    gap: float
    residuals: Residuals
    problem: Classification | None = field(default=None, repr=False)
    norm: float = 2
    intercept: float | None = None


def max_margin(X: ArrayLike, y: ArrayLike, norm: float = 2, intercept: bool = False) -> MaxMargin:
    """The hard-margin SVM, ``argmin ||w||_norm s.t. y_i (<x_i, w> + b) >= 1``: b is zero, or free.

    For norm 2 w is unique. For norms 1 and inf it need not be; one solution is returned.

    The free intercept is that of scikit-learn's ``SVC``: b does not enter the norm. A column of constants g appended to
    X is something else: there ``||w||^2 + (b / g)^2`` is least, which tends to the free intercept as g grows.

    Norm 2 is solved by non-negative least squares, on few points that those violated join; norms 1 and inf by linear
    programs, with cvxpy and HiGHS. The equations of the active set give the last digits; columns that differ in size by
    more than a thousand are left to rational arithmetic.

    Args:
        X: (n, d) points.
        y: (n,) labels -1 or +1.
        norm: 1, 2 or ``np.inf``, the norm of w.
        intercept: whether the hyperplane may miss the origin. Needs both labels.

    Raises:
        ValueError: on bad input.
        NotSeparable: a ValueError with the certificate.
        NotConverged: where a residual of the answer exceeds 1e-9.

    Source: Vapnik 1998, ch. 10; for the norms Rosset, Zhu & Hastie 2003; Lawson & Hanson 1974, ch. 23.

    Example:
        >>> svm = ib.max_margin([[2, 0], [0, 1], [3, 3]], [1, 1, 1])
        >>> svm.w.round(6), svm.support
        (array([0.5, 1. ]), array([0, 1]))
    """
    check_norm(norm)
    problem = Classification(X, y)
    F = intercept_column(problem, intercept)
    Z, shift = problem.Z, far_offset(problem.X) if intercept else np.zeros(problem.X.shape[1])
    if shift.any():  # the intercept takes it up
        Z -= F * shift
    scale = power_of_two(Z)
    # in units where ||w|| is about 1, so that a thin margin does not cost the solver its digits
    program, start, unit = _in_its_units(with_margins(Z / scale, norm, F))
    found = minimize_norm(program, start)
    support = np.flatnonzero(found.slack <= unit * SUPPORT_SLACK)
    w, margin = in_units(found.w, unit, scale), scale / np.linalg.norm(found.w / unit, norm)
    dual = in_units(found.dual, unit, scale, scale) if norm == 2 else in_units(found.dual, scale)
    b = float(found.c[0] / unit - w @ shift) if intercept else None
    return MaxMargin(w, float(margin), dual, support, found.gap, found.residuals, problem, norm, b)


def _in_its_units(program: Program) -> tuple[Program, Point | None, float]:
    """The program with the margin, roughly, in place of 1 as b, and a start where there is one; or NotSeparable."""
    start, rows = None, np.hstack([program.A, program.F]) if program.F.size else program.A
    if program.norm == 2 and not uneven(program.A):
        with suppress(NotConverged):  # which is no proof that there is none
            start = shortest(program.B, program.F)
    found = None if start is None else np.append(program.lifted(start[0], start[2]), start[1])
    if found is None or not all_positive(rows, found):
        start, found = None, separator(rows)
    unit = float((rows @ found).min() / np.linalg.norm(found[: program.A.shape[1]], program.norm))
    start = None if start is None else tuple(unit * part for part in start)
    return replace(program, b=np.full(len(rows), unit)), start, unit
