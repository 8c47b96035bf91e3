"""Nesterov's momentum on the dual of the max-margin problem."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.dynamics.paths import Path
from ibnotes.dynamics.recording import log_spaced
from ibnotes.problems.instances import Classification
from ibnotes.problems.scaling import in_units, power_of_two
from ibnotes.problems.validation import check_count


@np.errstate(under="ignore")
def margin_momentum(X: ArrayLike, y: ArrayLike, steps: int, *, records: int = 100) -> Path:
    """Momentum on the gradient of the *log* of the exponential loss: l2 margin gap O(log k / k^2).

    With ``q`` the softmax of minus the margins and R the largest ``||x_i||``, from w = m = 0, for k = 0, 1, ...,

        u = sum_i q_i y_i x_i,    m <- k / (k + 1) * (m + u),    w <- w + (m + u) / R^2.

    The weights grow like ``k^2``; only their direction has a limit. Data that are not separable are not noticed.

    Args:
        X: (n, d) points.
        y: (n,) labels -1 or +1.
        steps: number of steps, at least 1.
        records: at most so many step counts are recorded besides 0, the last one always.

    Returns:
        Path with ``steps`` (k,) and ``w`` (k, d).

    Raises:
        ValueError: on bad input, or where X is zero, or so small or large that w leaves the range of floats.

    Source: Ji, Srebro & Telgarsky 2021.

    Example:
        >>> X, y = [[2, 0], [0, -1]], [1, -1]
        >>> run = ib.margin_momentum(X, y, steps=1000)
        >>> round(float(ib.margin(X, y, run.w[-1])), 4), round(ib.max_margin(X, y).margin, 4)
        (0.8944, 0.8944)
    """
    Z = Classification(X, y).Z
    check_count("steps", steps)
    check_count("records", records)
    if not Z.any():
        raise ValueError("X must not be zero")
    unit = power_of_two(Z)
    Z /= unit  # w is in units of 1 / unit until the end
    radius2 = np.sum(Z**2, axis=1).max()
    w, m = np.zeros((2, Z.shape[1]))
    marks = log_spaced(steps, records)
    out, at = np.zeros((len(marks), Z.shape[1])), 1
    for k in range(steps):
        margins = Z @ w
        q = np.exp(margins.min() - margins)
        u = q @ Z / q.sum()
        m = k / (k + 1) * (m + u)
        w = w + (m + u) / radius2
        if k + 1 == marks[at]:
            out[at], at = w, at + 1
    return Path(w=in_units(out, unit) if out.any() else out, steps=marks)
