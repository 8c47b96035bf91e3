"""Does an optimizer forget? One that sums or keeps the largest of old gradients has no norm: its start decides."""

from __future__ import annotations

import numpy as np

from ibnotes.dynamics.gradients import Objective
from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.runs import path
from ibnotes.problems.validation import Array

FIRST, SECOND = 100, 4000  # steps along a first gradient, and along a second
FORGETS = 0.35  # of the first gradient's trace, what may be left of it when the second's time doubles
TRACE = 0.01  # of a step's direction, what is none: Muon, in bfloat16, has 0.006
SHORT = 20  # steps that show a direction


def trace_of_the_past(make: MakeOptimizer, shape: tuple[int, ...]) -> tuple[float, float]:
    """How far the step's direction is off after `SECOND` / 2 and `SECOND` steps because of `FIRST` steps before.

    A gradient g that was ten times as large in half of its entries, and then is g for good; against one that is g
    from the start. Averages over a window forget it exponentially, sums like one over the time, a maximum never.
    """
    size = int(np.prod(shape))
    g = (np.cos(np.arange(1, size + 1)) + 1.2).reshape(shape)
    first = g * np.where(np.arange(size) % 2, 10.0, 1.0).reshape(shape)
    directions = []
    for begin in (first, g):
        w = path(changing(begin, g), make, FIRST + SECOND)
        ends = [FIRST + SECOND // 2, FIRST + SECOND]
        if len(w) <= ends[-1]:
            return np.nan, np.nan
        steps = [w[end] - w[end - SHORT] for end in ends]
        directions.append([step / max(np.linalg.norm(step), np.finfo(float).tiny) for step in steps])
    early, late = (float(np.linalg.norm(a - b)) for a, b in zip(*directions, strict=True))
    return early, late


def changing(first: Array, then: Array) -> Objective:
    """A linear loss whose gradient is ``first`` for `FIRST` steps."""
    count = iter(range(10**9))
    return Objective(
        lambda w: np.sum(then * w), lambda w: (first if next(count) < FIRST else then).copy(), (), then.shape
    )


def forgets(trace: tuple[float, float]) -> bool:
    """Whether the past fades as fast as in an average over a window."""
    early, late = trace
    return late <= TRACE or late <= FORGETS * early
