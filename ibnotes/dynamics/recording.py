"""A run, step by step, and what is kept of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from tqdm import tqdm

from ibnotes.dynamics.paths import Path
from ibnotes.problems.errors import NotConverged
from ibnotes.problems.validation import Array

PATIENCE = 1000  # steps after which weights should have moved


class Run(Protocol):
    """What is stepped and looked at."""

    batched: bool

    def step(self) -> None:
        """One step."""
        ...

    def weights(self) -> Array:
        """A copy of the weights as they are now; the runs of a batch on the first axis."""
        ...

    def check_moved(self) -> None:
        """Called where the weights are still as they were: raise if they should not be."""
        ...


class RunsInTurn:
    """Several runs of any kind, of as many parameters."""

    batched = True

    def __init__(self, runs: Sequence[Run]):
        self.runs = runs

    def step(self) -> None:
        for run in self.runs:
            run.step()

    def weights(self) -> Array:
        return np.stack([run.weights() for run in self.runs])

    def check_moved(self) -> None:
        for run in self.runs:
            run.check_moved()


def log_spaced(steps: int, records: int) -> np.ndarray:
    """0 and at most ``records`` step counts up to ``steps``, evenly spaced in their logarithm, the last one always."""
    return np.unique(np.append(0, np.geomspace(steps, 1, records).round().astype(int)))


def record(run: Run, steps: int, records: int, keep_divergence: bool) -> Path:
    """The weights of ``run`` at log-spaced step counts.

    Raises:
        NotConverged: with what was recorded, where weights are not finite, unless ``keep_divergence``.
    """
    marks, w, step, moved = log_spaced(steps, records), [run.weights()], run.step, False
    piece = -(-steps // 100)  # the bar moves by a percent
    with (
        np.errstate(over="ignore", under="ignore", invalid="ignore"),
        tqdm(total=steps, delay=10, desc="descend") as bar,
    ):
        for done, mark in zip(marks[:-1].tolist(), marks[1:].tolist(), strict=True):
            for begin in range(done, mark, piece):
                count = min(piece, mark - begin)
                for _ in range(count):
                    step()
                bar.update(count)
            w.append(run.weights())
            if not (keep_divergence or np.isfinite(w[-1]).all()):
                path = Path(w=np.array(w), steps=marks[: len(w)])
                raise NotConverged(_divergence(w[-1], run.batched, done, mark), best=path)
            moved = moved or not np.array_equal(w[-1], w[0])
            if not moved and mark >= min(steps, PATIENCE):
                run.check_moved()
    return Path(w=np.array(w), steps=marks)


def _divergence(w: Array, batched: bool, finite: int, mark: int) -> str:
    which = f" of run {int(np.argwhere(~np.isfinite(w))[0][0])}" if batched else ""
    return (
        f"descend diverged: the weights{which} are finite at step {finite} and not at step {mark}; take a smaller "
        "step size, or divergence='record' to have inf and NaN in the path"
    )
