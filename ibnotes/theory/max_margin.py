"""The max margin in three norms: where an optimizer on separable data *should* go, computed without one.

Each answer is accurate to rounding and carries the residuals that prove it (see ``norm_minimization``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.instances import Classification
from ibnotes.problems.norms import check_norm
from ibnotes.problems.scaling import in_units, power_of_two
from ibnotes.problems.separability import separator
from ibnotes.problems.validation import Array
from ibnotes.theory.norm_minimization import minimize_norm
from ibnotes.theory.residuals import Residuals

SUPPORT_SLACK = 1e-8  # a point is a support vector where its margin is within this of 1


@dataclass(frozen=True)
class MaxMargin:
    """Solution of ``min ||w|| s.t. y_i <x_i, w> >= 1``.

    Attributes:
        w: (d,), the smallest of its ``y_i <x_i, w>`` is 1.
        margin: ``1 / ||w||`` in the norm asked for.
        dual: (n,) non-negative. Norm 2: ``w = sum_i dual_i y_i x_i``, so ``sum(dual) = ||w||^2``.
            Norms 1 and inf: ``sum_i dual_i y_i x_i`` has dual norm 1 and ``sum(dual) = ||w||``.
        support: indices of the points whose margin is 1, *by margin*: a support vector may have
            ``dual_i = 0``.
        gap: relative duality gap.
        residuals: the certificate.
        problem: what was asked, or None for an answer made by hand.
        norm: that of w.

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


def max_margin(X: ArrayLike, y: ArrayLike, norm: float = 2) -> MaxMargin:
    """The hard-margin SVM without intercept, ``argmin ||w||_norm s.t. y_i <x_i, w> >= 1``.

    For norm 2 the answer is unique. For norms 1 and inf it need not be; one solution is returned.

    Args:
        X: (n, d) points.
        y: (n,) labels -1 or +1.
        norm: 1, 2 or ``np.inf``, the norm of w.

    Raises:
        ValueError: on bad input.
        NotSeparable: a ValueError with the certificate.
        NotConverged: where a residual of the answer exceeds 1e-9.

    Source: Vapnik 1998, ch. 10; for the norms Rosset, Zhu & Hastie 2003.

    Example:
        >>> svm = ib.max_margin([[2, 0], [0, 1], [3, 3]], [1, 1, 1])
        >>> svm.w.round(6), svm.support
        (array([0.5, 1. ]), array([0, 1]))
    """
    check_norm(norm)
    problem = Classification(X, y)
    Z = problem.Z
    scale = power_of_two(Z)
    A = Z / scale
    # in units where ||w|| is about 1, so that a thin margin does not cost the solver its digits
    unit = float((A @ separator(A)).min())
    b = np.full(len(A), unit)
    found = minimize_norm(A, b, norm, equality=False)
    support = np.flatnonzero(found.slack <= unit * SUPPORT_SLACK)
    w, margin = in_units(found.w, unit, scale), scale / np.linalg.norm(found.w / unit, norm)
    dual = in_units(found.dual, unit, scale, scale) if norm == 2 else in_units(found.dual, scale)
    return MaxMargin(w, float(margin), dual, support, found.gap, found.residuals, problem, norm)
