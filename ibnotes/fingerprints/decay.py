"""Weight decay: where it acts, and the ball or the penalty that its rest points obey.

With a zero gradient a decay outside of all averages multiplies the weights by one factor a step. Along a constant
gradient an optimizer with decay comes to rest; the radius as the gradient, the learning rate and the decay are doubled
says whether it stays in a ball, or balances a penalty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.epsilon import pulls
from ibnotes.fingerprints.runs import linear_loss, path, undecayed
from ibnotes.problems.validation import Array

SHORT, LONG = 20, 300
EXACT, NEAR = 1e-6, 0.02
TURNS = 6  # times that a run is continued where it would come to rest


@dataclass(frozen=True)
class Decay:
    """Of the weights.

    Attributes:
        kind: "none", "decoupled", "coupled", or "undecided".
        normalized: whether it passes through the normalization of the step, None where there is none to tell.
        rate: share of the weights that a step takes, of a decoupled decay.
        radius: largest weight at rest along gradients whose largest entry is one; NaN where no rest was found.
        ball: the set that the rest point lies on: "l1", "l2" or "linf" ball, "penalty" where it grows with the
            gradient, or "".
        law: how the radius goes with the learning rate and the decay, such as "1/λ", or "".
    """

    kind: str
    normalized: bool | None = None
    rate: float = 0.0
    radius: float = np.nan
    ball: str = ""
    law: str = ""


def weight_decay(make: MakeOptimizer, shape: tuple[int, ...]) -> Decay:
    """What the weights do at zero gradient, then where they rest."""
    g, w0 = np.zeros(shape), pulls(shape)
    one, large = (path(linear_loss(g), make, SHORT, w0=size * w0) for size in (1.0, 64.0))
    if len(one) <= SHORT or len(large) <= SHORT:
        return _nearly(make, shape)
    if np.array_equal(one[-1], w0):
        return Decay("none")
    if _same(large, 64 * one, EXACT):
        factors = one[1:] / one[:-1]
        if np.ptp(factors) < EXACT * abs(1 - factors.mean()) + 1e-12:
            return _rest(make, shape, "decoupled", False, float(1 - factors.mean()))
        return _rest(make, shape, "coupled", False, 0.0)
    return _rest(make, shape, "coupled", True, 0.0)


def _nearly(make: MakeOptimizer, shape: tuple[int, ...]) -> Decay:
    """Where a zero gradient makes 0 / 0: against the same optimizer without its decay, at a gradient of one."""
    g, w0 = pulls(shape), 64 * pulls(shape)
    runs = [path(linear_loss(g), each, 1, w0=w0) for each in (make, undecayed(make))]
    if min(map(len, runs)) < 2:
        return Decay("undecided")
    taken = (runs[1][1] - runs[0][1]) / w0
    if np.abs(taken).max() < EXACT * np.abs(runs[1][1] - w0).max() / 64:
        return Decay("none")
    even = np.ptp(taken) < EXACT * np.abs(taken).max()
    return _rest(make, shape, "decoupled" if even else "coupled", not even, float(taken.mean()) if even else 0.0)


def _same(a: Array, b: Array, tolerance: float) -> bool:
    return a.shape == b.shape and bool(np.abs(a - b).max() <= tolerance * np.abs(b).max())


def _rest(make: MakeOptimizer, shape: tuple[int, ...], kind: str, normalized: bool, rate: float) -> Decay:
    """Rest points along a gradient, a doubled one, and with doubled learning rate and decay where these exist."""
    g = pulls(shape)
    w = rest_point(make, g, rate)
    if w is None:
        return Decay(kind, normalized, rate)
    radius = float(np.abs(w).max())
    louder = rest_point(make, 2 * g, rate)
    grows = louder is not None and abs(np.abs(louder).max() / radius - 2) < NEAR * 2
    powers = [_power(make, g, rate, key, radius) for key in ("lr", "weight_decay")]
    return Decay(kind, normalized, rate, radius, "penalty" if grows else _ball(w, g), _law(*powers))


def rest_point(make: MakeOptimizer, g: Array, rate: float) -> Array | None:
    """Where the weights come to rest along the gradient g: a guess, from which a run moves no more; or None.

    A decay that takes the share ``rate`` of w beside steps d rests at d / rate; one inside of the gradient at -g / λ.
    """
    guess = np.zeros(g.shape) if rate else -g / (_declared(make, g.shape) or np.inf)
    for _ in range(TURNS):
        if not np.isfinite(guess).all():
            return None
        run = path(linear_loss(g), make, LONG, w0=guess)
        if len(run) <= LONG:
            return None
        end, size = run[-SHORT:].mean(axis=0), np.abs(run[-1]).max()
        left = end - run[-2 * SHORT : -SHORT].mean(axis=0)
        if rate:
            left = left / -np.expm1(SHORT * np.log1p(-rate))
        near = NEAR if rate else EXACT
        if np.abs(left).max() <= near * size or (not rate and np.abs(run - guess).max() <= NEAR * size):
            return end + left if rate else end
        guess = end + left
    return None


def _declared(make: MakeOptimizer, shape: tuple[int, ...]) -> float:
    """The ``weight_decay`` of the optimizer's group, 0 where it has none."""
    (group, *_) = make([torch.zeros(shape, dtype=torch.float64, requires_grad=True)]).param_groups
    return float(group.get("weight_decay") or 0)


def _power(make: MakeOptimizer, g: Array, rate: float, key: str, radius: float) -> float:
    """Of the radius in the group's ``key``; NaN where there is none or no rest."""
    found = []

    def doubled(parameters):
        optimizer = make(parameters)
        for group in optimizer.param_groups:
            if isinstance(group.get(key), float | int) and group[key]:
                found.append(key)
                group[key] = 2 * group[key]
        return optimizer

    zero = path(linear_loss(np.zeros(g.shape)), doubled, 1, w0=g) if rate else [g, g]
    if not found and len(zero) < 2:
        return np.nan
    w = rest_point(doubled, g, float(1 - (zero[1] / zero[0]).mean()) if rate else 0.0)
    return float(np.log2(np.abs(w).max() / radius)) if found and w is not None else np.nan


def _law(lr: float, decay: float) -> str:
    rounded = (np.round(lr) if abs(lr - np.round(lr)) < NEAR else np.nan, decay)
    if not (np.isfinite(rounded[0]) and abs(decay + 1) < NEAR):
        return ""
    return {0: "1/λ", 1: "lr/λ", -1: "1/(lr λ)"}.get(int(rounded[0]), "")


def _ball(w: Array, g: Array) -> str:
    """On which ball, by which norm's favourite w is for the gradient g."""
    size = np.abs(w) / np.abs(w).max()
    if np.ptp(size) < NEAR:
        return "linf"
    if np.abs(size - np.abs(g) / np.abs(g).max()).max() < NEAR:
        return "l2"
    if np.sort(size.ravel())[-2] < NEAR:
        return "l1"
    if w.ndim == 2 and np.ptp(np.linalg.svd(w, compute_uv=False)) < 0.5 * np.linalg.norm(w, 2):
        return "spectral"
    return ""
