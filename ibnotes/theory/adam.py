"""Where a run of Adam stands on separable data: against its cap, in its l-infinity direction, handed over to l2.

Let the gradient fade by a factor e^-d a step. Adam's two averages are then geometric series and its quotient is

    f(d) = (1 - b1) / (1 - b1 e^d) * sqrt((1 - b2 e^2d) / (1 - b2)),

which falls from f(0) = 1 to zero at the cap d = log(1/b2) / 2 if b1 <= b2. A margin gains d = lr * margin * f(d) a
step: the gain is the one fixed point. The average of squares then remembers 1 / (1 - b2 e^2d) steps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.plain import printable
from ibnotes.problems.validation import Array, as_floats, as_nonnegative, check_count, check_scale

FORGETS = (
    10  # after so many memories of the squares, and units of margin, the start is forgotten: an order of magnitude
)
HORIZON = 10**18  # steps, where step sizes are constant
EXACT, PER_DECADE = 1000, 200  # steps one by one, then on a logarithmic grid


@dataclass(frozen=True)
class AdamRegime:
    """Where a run of Adam stands. Steps count from 1 and are floats, inf for what does not happen.

    Attributes:
        steps: the run's length.
        cap: ``log(1/beta2) / 2``, the most that margins can grow a step in the long run, whatever the step size.
        pull: what the sign of the gradient would gain in the last step, ``lr * margin``, over the cap.
        gain: margin gained in the last step while the gradient is above eps: derived for gradients that fade steadily.
        memory: number of steps that the average of squares remembers there, ``1 / (1 - beta2 * exp(2 * gain))``.
        gained: margin gained in all up to the hand-over, which is log(1/loss), both up to a constant.
        under_cap: step from which on ``pull`` is at most 1.
        settled: step from which on the direction is that of the l-infinity max margin: ten memories and ten units of
            margin old, an order of magnitude.
        handover: step at which the loss is eps, up to a constant number of steps; from there on Adam becomes gradient
            descent with steps ``lr / eps``. Where ``pull`` has been above 1, early steps are longer than the cap, and
            it comes earlier, by up to some ``20 / (1 - beta2)`` steps.
        halfway: step before which the l2 part cannot be as long as the l-infinity part, at loss eps^2.

    Example:
        >>> regime = ib.adam_regime(1.0, steps=10_000)  # torch's defaults, largest l-infinity margin 1
        >>> round(regime.pull, 2), round(regime.handover, -2), regime.settled > regime.handover
        (2.0, 44400.0, True)
    """

    steps: int
    cap: float
    pull: float
    gain: float
    memory: float
    gained: float
    under_cap: float
    settled: float
    handover: float
    halfway: float

    def __str__(self) -> str:
        at = "above" if self.pull > 1 else "below"
        return printable(
            f"Step {self.steps}: steps are {at} the cap, with a gain of {self.gain:.2g} a step where {self.cap:.2g} is "
            f"the most, {self.gained:.3g} in all. {self._direction()} {self._handover()}"
        )

    def _direction(self) -> str:
        if self.settled == np.inf:
            return "The ℓ∞ direction is not reached within these steps."
        if self.settled > self.handover:
            return f"The ℓ∞ direction, due at about step {self.settled:.1g}, is not reached: the hand-over comes first."
        done = "is reached" if self.settled <= self.steps else "would be reached"
        return f"The ℓ∞ direction {done} by about step {self.settled:.1g}."

    def _handover(self) -> str:
        if self.handover == np.inf:
            return "There is no hand-over to ℓ2 within these steps."
        begins = "has begun" if self.handover <= self.steps else "begins"
        late = f"; it is not half done before step {self.halfway:.1g}" if self.halfway < np.inf else ""
        return f"The hand-over to ℓ2 {begins} at about step {self.handover:.2g}{late}."


def adam_regime(
    margin: float,
    steps: int,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    schedule: Callable[[int], float] | None = None,
) -> AdamRegime:
    """Where full-batch Adam stands after some steps on separable data with a loss of exponential tail.

    Of the answer the cap is a theorem; gains and the hand-over's first step are derived for gradients that fade
    steadily, and hold up to a constant in the margin; ``settled`` is an order of magnitude, and that the direction is
    reached at all is proved for steps that decay and eps = 0 only; ``halfway`` rests on a conjecture.

    Args:
        margin: largest l-infinity margin, ``ib.max_margin(X, y, np.inf).margin``.
        steps: number of steps; nothing is simulated, any number goes.
        lr, betas, eps: as in ``torch.optim.Adam``, whose defaults they have; ``beta1 <= beta2``.
        schedule: factor of ``lr`` at step k = 1, 2, ..., ``steps``, such as ``lambda k: k**-0.5``; with one, what
            happens after ``steps`` is given as inf.

    Raises:
        ValueError: on bad input, ``beta1 > beta2`` included: the quotient is then not bounded by 1.

    Source: Zhang, Zou & Cao 2024 for the direction, Wang et al. 2022 for eps > 0; the cap, the gain and the memory
    are derived in the chapter on what changes the bias.

    Example:
        >>> decaying = ib.adam_regime(1.0, 10**6, lr=0.1, eps=0, schedule=lambda k: k**-0.5)
        >>> round(decaying.under_cap, -3), round(decaying.pull, 2), decaying.handover
        (40000.0, 0.2, inf)
    """
    check_scale("margin", margin)
    check_count("steps", steps)
    check_scale("lr", lr)
    beta1, beta2 = _betas(betas)
    eps = as_nonnegative("eps", eps)
    cap = -np.log(beta2) / 2
    k = _grid(steps, HORIZON if schedule is None else steps)
    rates = lr * (np.ones(len(k)) if schedule is None else _factors(schedule, k))
    gains = _gain(margin * rates, beta1, beta2)
    with np.errstate(divide="ignore"):
        memories = 1 / (1 - beta2 * np.exp(2 * gains))
        old = k - FORGETS * (memories + 1 / gains)
        total, log_start = _summed(gains, k), -np.log(eps)
    now = np.searchsorted(k, steps)
    handover = _first(k, total - log_start)
    lengths = _summed(rates, k)
    # descent with steps rate / eps has loss eps^2 when the rates add up to 1 / (eps * margin^2), at the earliest
    after = lengths - np.interp(handover, k, lengths) - (1 / eps / margin / margin if eps else np.inf)
    return AdamRegime(
        steps=int(steps),
        cap=float(cap),
        pull=float(margin * rates[now] / cap),
        gain=float(gains[now]),
        memory=float(memories[now]),
        gained=float(min(total[now], log_start)),
        under_cap=_last(k, cap - margin * rates),
        settled=_last(k, old),
        handover=handover,
        halfway=_first(k, after),
    )


def _betas(betas: ArrayLike) -> tuple[float, float]:
    pair = as_floats("betas", betas, 1).tolist()
    if len(pair) != 2 or not 0 <= pair[0] <= pair[1] < 1 or pair[1] == 0:
        raise ValueError(f"betas must be two numbers with 0 <= beta1 <= beta2 < 1 and beta2 > 0, found {betas!r}")
    return pair[0], pair[1]


def _grid(steps: int, last: int) -> Array:
    """Whole steps from 1 to ``last``, with ``steps`` among them."""
    decades = np.log10(max(last / EXACT, 1))
    far = np.round(np.geomspace(EXACT, max(last, EXACT), int(PER_DECADE * decades) + 2))
    k = np.unique(np.concatenate([np.arange(1.0, EXACT + 1), far, [float(steps)]]))
    return k[k <= last]


def _factors(schedule: Callable[[int], float], k: Array) -> Array:
    factors = as_floats("schedule", [schedule(int(each)) for each in k], 1)
    if (factors < 0).any():
        raise ValueError(f"schedule must not be negative, found {factors.min()} at step {int(k[factors.argmin()])}")
    return factors


def _gain(wanted: Array, beta1: float, beta2: float) -> Array:
    """The d with ``d = wanted * f(d)``, by bisection: f falls from 1 to 0 at the cap."""
    low, high = np.zeros(len(wanted)), np.full(len(wanted), -np.log(beta2) / 2)
    for _ in range(80):
        d = (low + high) / 2
        root = np.sqrt(np.maximum(1 - beta2 * np.exp(2 * d), 0) / (1 - beta2))
        above = wanted * (1 - beta1) / (1 - beta1 * np.exp(d)) * root > d
        low, high = np.where(above, d, low), np.where(above, high, d)
    return low


def _summed(values: Array, k: Array) -> Array:
    """Sum over all steps up to each of the grid's, by trapezoids between them."""
    gaps, ends = np.diff(k), values[1:] - values[:-1]
    return np.cumsum(np.append(values[:1], gaps * values[1:] - (gaps - 1) * ends / 2))


def _first(k: Array, excess: Array) -> float:
    """Where ``excess`` is first positive or zero, inf if nowhere."""
    there = np.flatnonzero(excess >= 0)
    if not len(there):
        return np.inf
    i = there[0]
    return float(k[0]) if i == 0 else float(np.interp(0, excess[i - 1 : i + 1], k[i - 1 : i + 1]))


def _last(k: Array, excess: Array) -> float:
    """From where on ``excess`` stays positive or zero, inf if it does not."""
    below = np.flatnonzero(excess < 0)
    if not len(below):
        return float(k[0])
    i = below[-1] + 1
    return np.inf if i == len(k) else float(np.interp(0, excess[i - 1 : i + 1], k[i - 1 : i + 1]))
