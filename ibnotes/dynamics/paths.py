"""What a training run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ibnotes.problems.equality import by_value
from ibnotes.problems.validation import Array


@by_value
@dataclass(frozen=True)
class Path:
    """Weights along a run, discrete or continuous.

    Attributes:
        w: (k, d), or (k, B, d) for a batch of B runs; (k, m, n) for matrices.
        steps: (k,) step counts of a discrete run, else None.
        times: (k,) of a flow of matrices, else None.
        log_times: (k,) natural logarithms of the time of a flow, else None.
        residual: (k, d), ``w - reference * log t`` of a logistic flow that was handed one, free of the cancellation
            that subtracting it from ``w`` would cost; else None.
        intercept: (k,) of a logistic flow that has one, else None.
        factors: of a factorized matrix, one (k, ., .) array each, whose product is ``w``; else None.

    Example:
        >>> run = ib.descend(([[2]], [1]), ib.GradientDescent(0.5), steps=1000, records=4)
        >>> run.steps, run.w.shape
        (array([   0,    1,   10,  100, 1000]), (5, 1))
    """

    w: Array
    steps: np.ndarray | None = None
    times: Array | None = None
    log_times: Array | None = None
    residual: Array | None = None
    intercept: Array | None = None
    factors: tuple[Array, ...] | None = None
