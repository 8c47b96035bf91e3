"""Does an optimizer forget? One that sums or keeps the largest of old gradients has no norm: its start decides."""

from __future__ import annotations

from collections import deque

import numpy as np

from ibnotes.dynamics.gradients import Objective
from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.runs import affordable, walk
from ibnotes.problems.validation import Array

FIRST, SECOND = 100, 4000  # steps along a first gradient, and along a second
FORGETS = 0.35  # of the first gradient's trace, what may be left of it when the second's time doubles
TRACE = 0.01  # of a step's direction, what is none: Muon, in bfloat16, has 0.006
SHORT = 20  # steps that show a direction
ROUNDING = 1e-12


def trace_of_the_past(make: MakeOptimizer, shape: tuple[int, ...]) -> tuple[float, float]:
    """How far the step's direction is off after `SECOND` / 2 and `SECOND` steps because of `FIRST` steps before.

    A gradient g that was ten times as large in half of its entries, and then is g for good; against one that is g
    from the start. Averages over a window forget it exponentially, sums like one over the time, a maximum never.
    What has faded to rounding after `SECOND` / 4 steps is not followed further.
    """
    size = int(np.prod(shape))
    g = (np.cos(np.arange(1, size + 1)) + 1.2).reshape(shape)
    first = g * np.where(np.arange(size) % 2, 10.0, 1.0).reshape(shape)
    second = affordable(make, shape, SECOND)
    runs = [walk(changing(begin, g), make, FIRST + second) for begin in (first, g)]
    recent, traces = deque(maxlen=SHORT + 1), []
    for k, pair in enumerate(zip(*runs, strict=False)):
        recent.append(pair)
        if k - FIRST in (second // 4, second // 2, second):
            traces.append(_apart(*np.subtract(recent[-1], recent[0])))
            if traces[0] <= ROUNDING:
                return traces[0], traces[0]
    return (traces[1], traces[2]) if len(traces) == 3 else (np.nan, np.nan)


def _apart(one: Array, other: Array) -> float:
    """Of two directions."""
    one, other = (step / max(np.linalg.norm(step), np.finfo(float).tiny) for step in (one, other))
    return float(np.linalg.norm(one - other))


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
