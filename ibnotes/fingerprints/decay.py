"""Weight decay: where it acts, and the ball or the penalty that its rest points obey.

With a zero gradient a decay outside of all averages takes one share of the weights a step, beside what the optimizer
does without decay. Along a constant gradient an optimizer with decay comes to rest; the radius as the gradient, the
learning rate and the decay are doubled says whether it stays in a ball, or balances a penalty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch

from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints.epsilon import pulls
from ibnotes.fingerprints.runs import linear_loss, path, undecayed
from ibnotes.problems.validation import Array

SHORT, LONG = 20, 300
EXACT, NEAR = 1e-6, 0.02
OTHER = -64.0  # a second start, over the first
TURNS = 6  # times that a run is continued where it would come to rest


@dataclass(frozen=True)
class Decay:
    """Of the weights.

    Attributes:
        kind: "none", "decoupled", "coupled", or "undecided".
        normalized: whether it passes through the normalization of the step, None where there is none to tell.
        rate: share of the weights that a step takes, of a decoupled decay.
        radius: of the rest point along gradients whose largest entry is one, in the ball's norm, or the largest entry
            where there is no ball; NaN where no rest was found.
        ball: the set that the rest point lies on: "l1", "l2", "linf" or "spectral" ball, "penalty" where it grows with
            the gradient, or "".
        law: what the radius is in proportion to as learning rate and decay change: "1/λ", "lr/λ", "1/(lr λ)", or "".
        factor: the radius over the law's value, one where they are equal; NaN without a law.
    """

    kind: str
    normalized: bool | None = None
    rate: float = 0.0
    radius: float = np.nan
    ball: str = ""
    law: str = ""
    factor: float = np.nan


def weight_decay(make: MakeOptimizer, shape: tuple[int, ...]) -> Decay:
    """What the weights do at zero gradient, then where they rest."""
    acts = _acts(make, shape)
    return acts if acts.kind in ("none", "undecided") else _rest(make, shape, acts)


def _acts(make: MakeOptimizer, shape: tuple[int, ...]) -> Decay:
    """Kind and rate, by what the weights do at zero gradient from two starts beyond what they do there undecayed."""
    starts, still = np.multiply.outer([1.0, OTHER], pulls(shape)), linear_loss(np.zeros(shape))
    runs = [path(still, make, SHORT, w0=w0) for w0 in starts]
    bare = [path(still, undecayed(make), SHORT, w0=w0) for w0 in starts]
    if min(map(len, runs + bare)) <= SHORT:
        return _nearly(make, shape)
    runs, drifts = np.array(runs), np.array(bare) - starts[:, None]
    if _same(runs[1], OTHER * runs[0], EXACT):
        drifts = 0 * drifts  # all is in proportion to the weights, and decay by whatever name
    elif not (_declared(make, shape, "weight_decay") and _same(*drifts, EXACT)):
        return Decay("undecided")
    left = runs - drifts
    if np.array_equal(left[0, -1], starts[0]):
        return Decay("none")
    w, taken = runs[:, :-1], -np.diff(left, axis=1)
    rate = float(np.vdot(taken[0], w[0]) / np.vdot(w[0], w[0]))
    if w.all() and _same(taken[0], rate * w[0], EXACT) and _same(taken[1], rate * w[1], EXACT):
        return Decay("decoupled", False, rate)
    return Decay("coupled", not _same(left[1], OTHER * left[0], EXACT))


def _nearly(make: MakeOptimizer, shape: tuple[int, ...]) -> Decay:
    """Where a zero gradient makes 0 / 0: against the same optimizer without its decay, at a gradient of one."""
    g, w0 = pulls(shape), 64 * np.flip(pulls(shape))
    runs = [path(linear_loss(g), each, 1, w0=w0) for each in (make, undecayed(make))]
    if min(map(len, runs)) < 2:
        return Decay("undecided")
    taken = (runs[1][1] - runs[0][1]) / w0
    if np.abs(taken).max() < EXACT * np.abs(runs[1][1] - w0).max() / 64:
        return Decay("none")
    even = np.ptp(taken) < EXACT * np.abs(taken).max()
    return Decay("decoupled", False, float(taken.mean())) if even else Decay("coupled", True)


def _same(a: Array, b: Array, tolerance: float) -> bool:
    return a.shape == b.shape and bool(np.abs(a - b).max() <= tolerance * np.abs(b).max())


def _rest(make: MakeOptimizer, shape: tuple[int, ...], acts: Decay) -> Decay:
    """Rest points along a gradient, a doubled one, and with doubled learning rate and decay where these exist."""
    g = pulls(shape)
    w, louder = (rest_point(make, size * g, acts.rate) for size in (1, 2))
    if w is None:
        return acts
    grows = louder is not None and abs(np.abs(louder).max() / np.abs(w).max() - 2) < NEAR * 2
    ball = "penalty" if grows else _ball(w, g)
    radius = _size(w, ball)
    powers = [_power(make, g, acts.rate, key, ball, radius) for key in ("lr", "weight_decay")]
    law = _law(*powers)
    lr, decay = (_declared(make, shape, key) for key in ("lr", "weight_decay"))
    factor = radius * decay / lr ** np.round(powers[0]) if law else np.nan
    return replace(acts, radius=radius, ball=ball, law=law, factor=float(factor))


def _size(w: Array, ball: str) -> float:
    """Of the rest point in its ball's norm; its largest entry where it has none."""
    order = {"l1": 1, "l2": 2}.get(ball, np.inf)
    return float(np.linalg.norm(w, 2) if ball == "spectral" else np.linalg.norm(w.ravel(), order))


def rest_point(make: MakeOptimizer, g: Array, rate: float) -> Array | None:
    """Where the weights come to rest along the gradient g: a guess, from which a run moves no more; or None.

    A decay that takes the share ``rate`` of w beside steps d rests at d / rate; one inside of the gradient at -g / λ.
    """
    guess = np.zeros(g.shape) if rate else -g / (_declared(make, g.shape, "weight_decay") or np.inf)
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


def _declared(make: MakeOptimizer, shape: tuple[int, ...], key: str) -> float:
    """What the optimizer's group has under the key, 0 where there is none."""
    (group, *_) = make([torch.zeros(shape, dtype=torch.float64, requires_grad=True)]).param_groups
    return float(group.get(key) or 0)


def _power(make: MakeOptimizer, g: Array, rate: float, key: str, ball: str, radius: float) -> float:
    """Of the radius in the group's ``key``; NaN where there is none or no rest."""
    if not _declared(make, g.shape, key):
        return np.nan

    def doubled(parameters):
        optimizer = make(parameters)
        for group in optimizer.param_groups:
            if isinstance(group.get(key), float | int) and group[key]:
                group[key] = 2 * group[key]
        return optimizer

    w = rest_point(doubled, g, _acts(doubled, g.shape).rate if rate else 0.0)
    return float(np.log2(_size(w, ball) / radius)) if w is not None else np.nan


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
