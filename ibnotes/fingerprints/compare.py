"""Can two implementations be told apart? Step by step, in settings that bring out the differences that happen."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from numbers import Real

import numpy as np

from ibnotes.dynamics.gradients import Objective
from ibnotes.dynamics.stepper import MakeOptimizer
from ibnotes.fingerprints import bench, geometry, regression
from ibnotes.fingerprints.epsilon import pulls
from ibnotes.fingerprints.instrument import _quiet, as_function, refused
from ibnotes.fingerprints.runs import linear_loss, log_loss, walk
from ibnotes.problems.validation import Array, check_count

AWAY = 30.0  # start of a run whose decay shows
TINY = (1e-4, 1e-8, 1e-12, 1e-16)


@dataclass(frozen=True)
class Comparison:
    """Of two optimizers.

    Attributes:
        same: whether they agree in all settings, to the tolerance: not told apart here, which proves no more.
        deviation: largest difference of their weights, over the largest weight; infinite where one refuses or diverges.
        setting: the first in which they part, or "".
        step: the first step of it at which they do, or None.
        table: by setting, the largest deviation and the first step beyond the tolerance, or None.

    Example:
        >>> import torch
        >>> adam = lambda **how: lambda params: torch.optim.Adam(params, lr=0.01, **how)
        >>> ib.compare_optimizers(adam(foreach=True), adam(foreach=False)).same
        True
    """

    same: bool
    deviation: float
    setting: str
    step: int | None
    table: dict[str, tuple[float, int | None]]

    def __str__(self) -> str:
        parts = f"they part at step {self.step}: {self.setting}" if not self.same else "the same in every setting"
        lines = [
            f"  {name:38} {off:8.1e}{f'  from step {step}' if step is not None else ''}"
            for name, (off, step) in self.table.items()
        ]
        return "\n".join([parts, *lines])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


@dataclass(frozen=True)
class Setting:
    """A run that both do."""

    name: str
    objective: Callable[[], Objective]
    w0: Array | None = None
    batch_size: int | None = None


def compare_optimizers(a: MakeOptimizer, b: MakeOptimizer, *, steps: int = 200, tolerance: float = 1e-9) -> Comparison:
    """Run both in settings that differ in shape, start, decay, loss scale, gradient size and batch, and compare.

    The losses have no minimum, but for two least squares problems, which steps of fixed length reach after a quarter of
    the run. Options that none of this brings into play, such as a largest step that is never made, make no difference.

    Args:
        a: as in ``descend``.
        b: the other.
        steps: of each run.
        tolerance: largest deviation, relative to the largest weight, that counts as rounding.

    Raises:
        ValueError: what ``descend`` refuses, in its words.

    Example:
        >>> import torch
        >>> decays = [lambda params, each=each: each(params, lr=0.01, weight_decay=0.1) for each in
        ...           (torch.optim.Adam, torch.optim.AdamW)]
        >>> found = ib.compare_optimizers(*decays)
        >>> found.same, found.setting, found.step
        (False, 'plain', 2)
    """
    check_count("steps", steps)
    if not isinstance(tolerance, Real) or not 0 < tolerance < 1:
        raise ValueError(f"tolerance must be between 0 and 1, found {tolerance!r}")
    a, b = as_function(a), as_function(b)
    taken = [refused(each, None) for each in (a, b)]
    table = {}
    with _quiet():
        for setting in settings(a if "vector" not in taken[0] else None, steps):
            table[setting.name] = _deviations(a, b, setting, steps, tolerance)
    table = {name: found for name, found in table.items() if found is not None}
    parted = [(name, step) for name, (_, step) in table.items() if step is not None]
    setting, step = parted[0] if parted else ("", None)
    return Comparison(not parted, max(off for off, _ in table.values()), setting, step, table)


def settings(make: MakeOptimizer | None, steps: int) -> Iterator[Setting]:
    """From the plain run on; ``make`` chooses the units, None is for optimizers that take matrices only."""
    vector, matrix = bench.vectors()[-1], bench.matrices()[-1]
    scale = geometry.units(make, vector, geometry.PACES[0]) if make else 1.0
    Z, A, away = scale * vector.Z, scale * matrix.Z, AWAY * pulls(vector.shape)
    yield Setting("plain", lambda: log_loss(Z, vector.shape))
    yield Setting("shape: a matrix", lambda: log_loss(A, matrix.shape))
    yield Setting("shape: one weight", lambda: log_loss(Z[:, :1], (1,)))
    yield Setting("shape: four axes", lambda: log_loss(A[:, :24], (4, 3, 2, 1)))
    yield Setting("decay: a start far from zero", lambda: log_loss(Z, vector.shape), away)
    yield Setting("decay: a matrix far from zero", lambda: log_loss(A, matrix.shape), AWAY * pulls(matrix.shape))
    yield Setting("decay: zero gradients", lambda: linear_loss(np.zeros(vector.shape)), away)
    for power in (6, -6):
        yield Setting(f"loss scale: 1e{power}", lambda power=power: log_loss(Z, vector.shape, 10.0**power))
    for size in TINY:
        yield Setting(f"eps: gradients of {size:g}", lambda size=size: linear_loss(size * pulls(vector.shape)))
        yield Setting(f"eps: a matrix of {size:g}", lambda size=size: linear_loss(size * pulls(matrix.shape)))
    yield Setting("batch: one point a step", lambda: log_loss(Z, vector.shape), None, 1)
    for name, shape in {"weights": (8,), "a matrix": (2, 4)}.items():
        yield Setting(f"minimum: {name}", lambda shape=shape: regression.reached(make, shape, steps / 4))


def _deviations(a, b, setting: Setting, steps: int, tolerance: float) -> tuple[float, int | None] | None:
    """Largest deviation and the first step beyond the tolerance; None where both refuse."""
    runs = []
    for make in (a, b):
        rng = np.random.default_rng(0) if setting.batch_size else None
        try:
            runs.append(list(walk(setting.objective(), make, steps, setting.w0, None, setting.batch_size, rng)))
        except Exception:
            runs.append(None)
    if None in runs:
        return None if runs == [None, None] else (np.inf, 0)
    largest, first = 0.0, None
    for k, (one, other) in enumerate(zip(*runs, strict=False)):
        size = max(np.abs(one).max(), np.abs(other).max())
        off = float(np.abs(one - other).max() / size) if size else 0.0
        largest, first = max(largest, off), k if first is None and off > tolerance else first
    if len(runs[0]) != len(runs[1]):
        return np.inf, first if first is not None else min(map(len, runs))
    return largest, first
