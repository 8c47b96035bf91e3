"""A check: a measurement, a prediction, a tolerance, a control; its verdict and its record.

It passes only if the measurement is within the tolerance of the prediction *and* the control, the same quantity where a
hypothesis is broken, is clearly outside. Where theory predicts a bound, only what exceeds it is a deviation.

The record says how sharp the check is. A figure after ``≈`` is for the reader: it may differ between machines, by what
rounding leaves open, and is not compared when a notebook is run anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ibnotes.problems.equality import by_value
from ibnotes.problems.validation import read_real
from ibnotes.theory.proofs import Proof

CLEARLY = 10  # a control must miss the prediction by at least this many tolerances
LOOSE = 1e-3  # where less of the tolerance is used, a reason is wanted
FIGURE = r"≈[-−]?(inf|nan|[\d.]+(e-?\d+|(·10)?<sup>−?\d+</sup>)?)"  # as text, as HTML
COLUMNS = ("claim", "quantity", "predicted", "measured", "tolerance", "control", "verdict")


class Entry(NamedTuple):
    """One value, its own prediction and how far off it is."""

    value: float
    goal: float
    deviation: float


@by_value
@dataclass(frozen=True)
class Check:
    """One line of a verification.

    Attributes:
        claims: numbers of the post's claims it speaks to, separated by spaces, such as "C5 C14".
        quantity: what is measured, in words, with its unit if it has one.
        measured: a number, or an array over seeds, instances or times; the worst counts.
        predicted: from theory or an oracle; broadcasts against ``measured``.
        tolerance: largest absolute deviation allowed, positive.
        control: the quantity where it must come out different; an array's *nearest* entry counts.
        broken: what the control breaks, in words.
        at_most: whether ``predicted`` is an upper bound.
        slack: why less than a thousandth of the tolerance is used, such as "rounding".
        proof: what ``certify`` made of the oracle's answer that is predicted, or several of these; the row says so.

    Raises:
        ValueError: where a field is empty, a prediction is not finite, a tolerance is not positive,
            or shapes do not broadcast, or a proof is none.

    Example:
        >>> check = ib.Check("I1", "pi", 22 / 7, np.pi, 2e-3, control=3.0, broken="an older value")
        >>> check.holds, check.could_fail
        (True, True)
    """

    claims: str
    quantity: str
    measured: ArrayLike
    predicted: ArrayLike
    tolerance: float
    control: ArrayLike
    broken: str
    at_most: bool = False
    slack: str = ""
    proof: Proof | Sequence[Proof] = ()

    def __post_init__(self):
        if not all(isinstance(text, str) and text.strip() for text in (self.claims, self.quantity, self.broken)):
            raise ValueError("a check names its claims, its quantity and what its control breaks")
        for name in "measured", "predicted", "control":  # tensors and data frames too
            values = read_real(name, getattr(self, name))
            object.__setattr__(self, name, values if values.ndim else float(values))
        if not (np.size(self.measured) and np.size(self.control) and np.isfinite(self.predicted).all()):
            raise ValueError("a check needs a measurement, a control and a finite prediction")
        if not isinstance(self.tolerance, Real) or not 0 < self.tolerance < np.inf:
            raise ValueError(f"tolerance must be positive and finite, found {self.tolerance!r}")
        if not all(isinstance(proof, Proof) for proof in self.proofs):
            raise ValueError(f"proof must come from certify, found {self.proof!r}")
        _ = self.worst, self.nearest  # shapes broadcast

    @property
    def proofs(self) -> tuple[Proof, ...]:
        return tuple(self.proof) if isinstance(self.proof, Sequence) else (self.proof,)

    @cached_property
    def worst(self) -> Entry:
        """The measurement that is furthest from its prediction, or highest against its bound."""
        return self._entry(self.measured, np.argmax)

    @cached_property
    def nearest(self) -> Entry:
        """The control that is nearest to its prediction, or lowest against its bound."""
        return self._entry(self.control, np.argmin)

    def _entry(self, values: ArrayLike, pick: Callable[[np.ndarray], int]) -> Entry:
        values, goals = np.broadcast_arrays(values, self.predicted)
        off = values - goals if self.at_most else np.abs(values - goals)
        i = pick(off)
        return Entry(float(values.flat[i]), float(goals.flat[i]), float(np.maximum(off.flat[i], 0)))

    @property
    def holds(self) -> bool:
        """The measurement is within the tolerance (NaN is not, nor are infinities)."""
        return bool(np.isfinite(self.measured).all()) and self.worst.deviation <= self.tolerance

    @property
    def could_fail(self) -> bool:
        """The control is clearly outside (inf is, NaN is not)."""
        return self.nearest.deviation >= CLEARLY * self.tolerance

    @property
    def verdict(self) -> str:
        if not self.holds:
            return "FAILS"
        return "holds" if self.could_fail else "PROVES NOTHING"

    @property
    def loose(self) -> bool:
        """Hardly any of the tolerance is used and no reason is given. (A bound may be kept by far.)"""
        return self.worst.deviation < LOOSE * self.tolerance and not self.at_most and not self.slack

    def record(self) -> dict[str, str | bool | list[str] | dict[str, float | None]]:
        """The line as text, to the last digit of the tolerance, and its ``figures`` as numbers, None if not finite.

        What is ``proved`` in exact arithmetic stands in the record only where there is a proof.
        """
        value, goal, deviation = self.worst
        control, _, missed = self.nearest
        used, missed = deviation / self.tolerance, missed / self.tolerance
        reason = f": {self.slack}" if self.slack else ""
        figures = {
            "worst": value,
            "its_prediction": goal,
            "deviation_over_tolerance": used,
            "control_over_tolerance": missed,
        }
        return {
            "claim": self.claims,
            "quantity": self.quantity,
            "predicted": self._predicted(),
            "measured": self._measured(),
            "tolerance": f"{_short(self.tolerance)} (≈{_short(used)} used{reason})",
            "control": f"{control:.3g} ({self.broken}; ≈{_short(missed)} tolerances off)",
            "verdict": self.verdict,
            "loose": self.loose,
            "figures": {name: float(f"{x:.6g}") if np.isfinite(x) else None for name, x in figures.items()},
        } | ({"proved": [proof.statement for proof in self.proofs]} if self.proofs else {})

    def _predicted(self) -> str:
        if np.ptp(self.predicted) > 0:
            return f"{np.size(self.predicted)} values, {np.min(self.predicted):.3g} to {np.max(self.predicted):.3g}"
        return "at most " * self.at_most + _digits(self.worst.goal, self.worst.goal, self.tolerance)

    def _measured(self) -> str:
        value, goal, _ = self.worst
        shown = _digits(value, goal, self.tolerance) if self.holds else f"{value:.3g}"
        if abs(value) < self.tolerance:  # no digit is above the tolerance
            shown = f"≈{_short(value)}"
        if np.ptp(self.predicted) > 0:  # rounding may choose another entry
            shown = f"≈{shown.removeprefix('≈')} for ≈{_digits(goal, goal, self.tolerance)}"
        many = np.size(self.measured)
        return shown + (f" (worst of {many})" if many > 1 else "")


def _digits(value: float, scale: float, tolerance: float) -> str:
    """``value`` to the last digit of ``tolerance``, or to that which is the sixth significant one of ``scale``.

    Two numbers that are ``tolerance`` apart or less are so as printed, too, or one apart in the sixth digit.
    """
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    decimals = -Decimal(_short(tolerance)).as_tuple().exponent
    if scale:
        decimals = min(decimals, 5 - int(np.floor(np.log10(abs(scale)))))
    return f"{value:.{max(0, decimals)}f}"


def _short(number: float) -> str:
    """Two digits, such as 3.2e-9."""
    return f"{float(f'{number:.2g}'):g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
