"""The interpolants of least norm."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.equality import by_value
from ibnotes.problems.instances import Regression, check_in_range
from ibnotes.problems.norms import check_norm
from ibnotes.problems.scaling import in_units, power_of_two
from ibnotes.problems.validation import Array
from ibnotes.theory.norm_minimization import minimize_norm, with_values
from ibnotes.theory.residuals import Residuals


@by_value
@dataclass(frozen=True)
class Interpolant:
    """Solution of ``min ||w|| s.t. Xw = y``.

    Attributes:
        w: (d,).
        dual: (n,). Norm 2: ``w = X' dual``. Norms 1 and inf: ``X' dual`` has dual norm at most 1
            and ``<y, dual> = ||w||``.
        gap: relative duality gap.
        residuals: the certificate.
        problem: what was asked, or None for an answer made by hand.
        norm: that of w.

    Example:
        >>> answer = ib.min_norm_interpolant([[1, 2]], [5])
        >>> answer.dual.round(6), answer.gap < 1e-9  # w = X' dual = (1, 2)
        (array([1.]), True)
    """

    w: Array
    dual: Array
    gap: float
    residuals: Residuals
    problem: Regression | None = field(default=None, repr=False)
    norm: float = 2


def min_norm_interpolant(X: ArrayLike, y: ArrayLike, norm: float = 2) -> Interpolant:
    """The interpolant of smallest norm, ``argmin ||w||_norm s.t. Xw = y``.

    For norm 2 it is ``X^+ y``, unique, and found by least squares. For norms 1 and inf one solution of a linear
    program is returned. All come with multipliers that prove them.

    Args:
        X: (n, d).
        y: (n,) real targets.
        norm: 1, 2 or ``np.inf``, the norm of w.

    Raises:
        ValueError: on bad input, or where Xw = y has no solution.
        NotConverged: where a residual of the answer exceeds 1e-9.

    Source: Boyd & Vandenberghe 2004, section 6.2.

    Example:
        >>> [ib.min_norm_interpolant([[1, 2]], [5], norm).w.round(3).tolist() for norm in (1, 2, np.inf)]
        [[0.0, 2.5], [1.0, 2.0], [1.667, 1.667]]
    """
    check_norm(norm)
    problem = Regression(X, y)
    scale, height = power_of_two(problem.X), power_of_two(problem.y)
    A, y = problem.X / scale, problem.y / height
    check_in_range(A, y, height)
    unit = float(np.linalg.norm(np.linalg.lstsq(A, y, rcond=None)[0]))
    if not y.any():
        exact = Residuals(0.0, 0.0, 0.0, 0.0)
        return Interpolant(np.zeros(A.shape[1]), np.zeros(len(A)), 0.0, exact, problem, norm)
    found = minimize_norm(with_values(A, y / unit, norm))
    w = in_units(found.w * unit, scale / height)
    dual = in_units(found.dual * unit, scale / height, scale) if norm == 2 else in_units(found.dual, scale)
    return Interpolant(w, dual, found.gap, found.residuals, problem, norm)
