"""In which norm is the margin largest at the end? Shares of the max margins along runs, and what they prove.

A run is long enough to tell where it goes only in units that suit the optimizer's steps: the points are scaled until a
step adds about `PACE` to the margins. What is measured is the margin of what the run *adds*, window by window: the
share of the sum lags behind by the logarithm of the number of points over the margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ibnotes.dynamics.stepper import MakeOptimizer, Schedule
from ibnotes.fingerprints.bench import Instance
from ibnotes.fingerprints.runs import log_loss, path, walk
from ibnotes.problems.validation import Array

PACES = (0.1, 0.02)  # what a step adds to the margins; where the longer decides nothing the shorter is tried
PROBE, TRIALS, NEAR = 64, 12, np.log(1.5)
REACHED, RIVAL = 0.997, 0.95  # shares that a verdict needs, and that no rival may have
ARRIVING, NEARER = 0.98, 0.7  # or such a share, if so little of what was missing a window before is missing
SETTLED = 0.005  # a share that changes by less from one window to the next has come to rest
WINDOWS = (0.125, 0.25, 0.5, 1.0)  # ends of the windows, as parts of the run


@dataclass(frozen=True)
class Course:
    """A run on one instance.

    Attributes:
        shares: (windows, norms) of what each window adds.
        margin: the smallest at the end, in units of the loss.
        steps: how many led to finite weights.
        asked: how many were asked for.
        moved: whether the last window moved the weights.
    """

    shares: Array
    margin: float
    steps: int
    asked: int
    moved: bool


def units(make: MakeOptimizer, instance: Instance, pace: float, schedule: Schedule | None = None) -> float:
    """The scale of the points at which a step adds about ``pace`` to the margins, as near as some trials come."""
    scale, before, nearest = 1.0, None, (np.inf, 1.0)
    for _ in range(TRIALS):
        w = path(log_loss(scale * instance.Z, instance.shape), make, PROBE, schedule=schedule)
        if len(w) <= PROBE:
            scale, before = scale / 30, None
            continue
        added = scale * instance.Z @ (w[-1] - w[PROBE // 2]).ravel()
        found = float(np.linalg.norm(added)) / np.sqrt(len(added)) / (PROBE - PROBE // 2)
        if found == 0:
            scale, before = scale * 30, None
            continue
        nearest = min(nearest, (abs(np.log(found / pace)), scale))
        if nearest[0] < NEAR:
            break
        power = 1.5  # of the scale in the pace: 1 for steps of fixed length, 2 for descent
        if before is not None and abs(np.log(before[0] / scale)) > 0.1:
            power = float(np.clip(np.log(found / before[1]) / np.log(scale / before[0]), 0.7, 3))
        before, scale = (scale, found), scale * (pace / found) ** (1 / power)
    return nearest[1]


def course(
    make: MakeOptimizer, instance: Instance, pace: float, steps: int, schedule: Schedule | None = None
) -> Course:
    """Run and measure."""
    scale = units(make, instance, pace, schedule)
    marks = dict.fromkeys([0, *(int(part * steps) for part in WINDOWS)])
    k, w = 0, np.zeros(instance.shape)
    for k, w in enumerate(walk(log_loss(scale * instance.Z, instance.shape), make, steps, schedule=schedule)):
        if k in marks:
            marks[k] = w
    known = [w for w in marks.values() if w is not None]
    added = [later - earlier for earlier, later in pairwise(known)]
    shares = np.array([instance.shares(difference) for difference in added]).reshape(-1, len(instance.norms))
    moved = bool(added) and bool(np.abs(added[-1]).max() > 1e-9 * np.abs(known[-1]).max())
    return Course(shares, float(scale * (instance.Z @ w.ravel()).min()), k, steps, moved)


def verdict(courses: list[Course], names: list[str]) -> tuple[str, str]:
    """The norm and why, or "undecided" and why: a share that rises to one on every instance, rivals far below."""
    for run in courses:
        if run.steps < run.asked:
            return "undecided", f"diverges: its weights are not finite after step {run.steps}"
        if not run.moved:
            return "undecided", "stalls: it does not move the weights any more"
    last = np.array([run.shares[-1] for run in courses])
    before = np.array([run.shares[-2] for run in courses])
    top = int(last.min(axis=0).argmax())
    rivals = np.delete(last, top, axis=1).max()
    worst = int(last[:, top].argmin())
    trend = f"{names[top]} {before[worst, top]:.3f} → {last[worst, top]:.3f}"
    reached = (last[:, top] >= REACHED) | (
        (last[:, top] >= ARRIVING) & (1 - last[:, top] <= NEARER * (1 - before[:, top]))
    )
    if reached.all() and rivals <= RIVAL:
        return names[top], f"shares of the max margin {trend}, no rival above {rivals:.2f}"
    if min(run.margin for run in courses) <= 0:
        return "undecided", f"not separated yet: the smallest margin is {min(run.margin for run in courses):.2g}"
    if np.abs(last - before).max() > SETTLED:
        return "undecided", f"still moving: {trend}"
    shown = ", ".join(f"{name} {share:.3f}" for name, share in zip(names, last[worst], strict=True))
    return "undecided", f"between norms, at rest at {shown} of the max margins"


def geometry(
    make: MakeOptimizer, instances: tuple[Instance, ...], steps: int, schedule: Schedule | None
) -> tuple[dict[str, Array], str, str]:
    """Shares by norm, of the instance that is furthest behind, window by window; the verdict; its reason."""
    names = list(instances[0].norms)
    for pace in PACES:
        courses = [course(make, instance, pace, steps, schedule) for instance in instances]
        name, reason = verdict(courses, names)
        if name != "undecided":
            break
    rows = [run.shares for run in courses if len(run.shares)]
    behind = min(rows, key=lambda shares: shares[-1].max(), default=np.full((1, len(names)), np.nan))
    return dict(zip(names, behind.T, strict=True)), name, reason
