"""Units in which the data of a factored problem are of order one: powers of two, so that nothing is rounded."""

from __future__ import annotations

import numpy as np

from ibnotes.problems.instances import Completion, Sensing
from ibnotes.problems.scaling import power_of_two


def of_order_one(problem: Completion | Sensing, depth: int) -> tuple[Completion | Sensing, int, int]:
    """The problem for ``depth`` factors in units of ``2^size`` and time in units of ``2^-pace``, size and pace."""
    measured = 0 if isinstance(problem, Completion) else int(np.log2(power_of_two(problem.A)))
    data = problem.observed if isinstance(problem, Completion) else problem.y
    size = round((np.log2(np.abs(data).max()) - measured) / depth) if data.any() else 0
    pace = 2 * measured + 2 * size * (depth - 1)
    if isinstance(problem, Completion):
        return Completion(np.ldexp(problem.M, -size * depth), problem.mask), size, pace
    return Sensing(np.ldexp(problem.A, -measured), np.ldexp(problem.y, -measured - size * depth)), size, pace
