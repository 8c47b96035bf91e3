"""Sizes in which narrow factors turn as the whole ones do that they stand for."""

from __future__ import annotations

import numpy as np
from scipy.special import hyp2f1

from ibnotes.problems.validation import Array


def tilt(s: Array, left: float, right: float, depth: int) -> tuple[Array, Array, Array]:
    """Sizes for the first, for those between and for the last of ``depth`` factors, where all had s.

    Let x^2 be the mean square size of what is left out. A kept direction turns towards it at s^(2L-2) + s^(2L-4) x^2
    + ... for each unit of pull; kept factors alone have the first term. They have both, and pull each other as they
    did, to first order in x^2, if the squares are s^2 - x^2 in the first and the last and s^2 + 2 x^2 / (L-2) in
    those between. The flow conserves the difference d of the squares, so it is enough to start so: at the a from
    which a' = p a (a^2 + d)^(L/2-1) takes as long to blow up as s' = p s^(L-1) from s. In y = d/a^2 that is
    equal(y) = d/s^2. Where x differs, on the ``left`` and on the ``right``, so do the first and the last.
    """
    k, mean = depth / 2 - 1, (left + right) / 2
    if mean == 0:
        return s, s, s
    d = depth * mean / (depth - 2)
    y = d / s**2
    for _ in range(8):  # Newton, from below
        z = y / (1 + y)
        equal = z * hyp2f1(k, 1, k + 1, z) ** (1 / k)
        y = y + (d / s**2 - equal) * (equal / y) ** (k - 1) * (1 + y) ** k
    return np.sqrt(d / y - (left - mean)), np.sqrt(d / y + d), np.sqrt(d / y - (right - mean))
