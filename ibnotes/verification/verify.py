"""The check that every theorem goes through: a measurement, a prediction, a tolerance, a control.

A check passes only if the measurement is within the tolerance of the prediction *and* the control,
the same quantity where a hypothesis is broken or the wrong bias is assumed, is clearly outside.
Where theory predicts a bound, only what exceeds it is a deviation.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import ArrayLike

CLEARLY = 10  # a control must miss the prediction by at least this many tolerances
RECORD = "application/vnd.ibnotes.verification+json"
NUMBERS = ("predicted", "measured", "tolerance", "control", "verdict")
COLUMNS = ("claim", "quantity", *NUMBERS)


class VerificationError(AssertionError):
    """A measurement missed its prediction, or a control did not."""


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

    Raises:
        ValueError: where a field is empty, a prediction is not finite, a tolerance is not positive,
            or shapes do not broadcast.
    """

    claims: str
    quantity: str
    measured: ArrayLike
    predicted: ArrayLike
    tolerance: float
    control: ArrayLike
    broken: str
    at_most: bool = False
    _deviation: float = field(init=False, repr=False)
    _control_deviation: float = field(init=False, repr=False)

    def __post_init__(self):
        measured, predicted, control = (
            np.asarray(a, dtype=float) for a in (self.measured, self.predicted, self.control)
        )
        if not (self.claims.split() and self.quantity and self.broken):
            raise ValueError("a check names its claims, its quantity and what its control breaks")
        if not (measured.size and control.size and np.isfinite(predicted).all()):
            raise ValueError("a check needs a measurement, a control and a finite prediction")
        if not 0 < self.tolerance < np.inf:
            raise ValueError(f"tolerance must be positive and finite, found {self.tolerance!r}")
        object.__setattr__(self, "_deviation", float(self._off(measured).max()))
        object.__setattr__(self, "_control_deviation", float(self._off(control).min()))

    def _off(self, values: ArrayLike) -> np.ndarray:
        """Deviations of ``values`` from the prediction; from a bound, how far above it they are."""
        difference = np.asarray(values, dtype=float) - self.predicted
        return np.maximum(difference, 0) if self.at_most else np.abs(difference)

    @property
    def holds(self) -> bool:
        """The measurement is within the tolerance (NaN is not)."""
        return self._deviation <= self.tolerance

    @property
    def could_fail(self) -> bool:
        """The control is clearly outside (inf is, NaN is not)."""
        return self._control_deviation >= CLEARLY * self.tolerance

    @property
    def verdict(self) -> str:
        if not self.holds:
            return "FAILS"
        return "holds" if self.could_fail else "PROVES NOTHING"

    def record(self) -> dict[str, str]:
        """The line as text, to the last digit of the tolerance."""
        measured, predicted = np.atleast_1d(self.measured), np.atleast_1d(self.predicted)
        if np.ptp(predicted) == 0:
            goal = float(predicted.flat[0])
            target = "at most " * self.at_most + _digits(goal, goal, self.tolerance)
            difference = measured - goal
            worst = float(measured.flat[(difference if self.at_most else np.abs(difference)).argmax()])
            value = _digits(worst, goal, self.tolerance) if self.holds else f"{worst:.3g}"
            if abs(worst) < self.tolerance:
                value = f"below {_power(self.tolerance)}"
            many = f" (worst of {measured.size})" if measured.size > 1 else ""
        else:
            target = f"{predicted.size} values, {predicted.min():.3g} to {predicted.max():.3g}"
            value, many = ("all within" if self.holds else f"off by {self._deviation:.2g}"), ""
        control = np.broadcast_arrays(np.asarray(self.control, dtype=float), predicted)[0]
        nearest = float(control.flat[self._off(control).argmin()])
        return {
            "claim": self.claims,
            "quantity": self.quantity,
            "predicted": target,
            "measured": value + many,
            "tolerance": _power(self.tolerance),
            "control": f"{nearest:.3g} ({self.broken})",
            "verdict": self.verdict,
        }


def _digits(value: float, scale: float, tolerance: float) -> str:
    """``value`` to the last digit of ``tolerance``, or to that which is the sixth significant one of ``scale``.

    Two numbers that are ``tolerance`` apart or less are so as printed, too.
    """
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    decimals = -Decimal(_power(tolerance)).as_tuple().exponent
    if scale:
        decimals = min(decimals, 5 - int(np.floor(np.log10(abs(scale)))))
    return f"{value:.{max(0, decimals)}f}"


def _power(tolerance: float) -> str:
    return re.sub("e-0", "e-", f"{tolerance:.2g}")


@dataclass(frozen=True)
class Verification:
    """The checks of one theorem, shown as a table and kept as a record in the cell's output."""

    theorem: str
    checks: tuple[Check, ...]

    @property
    def records(self) -> list[dict[str, str]]:
        return [check.record() for check in self.checks]

    def __repr__(self) -> str:
        lines = [f"{self.theorem}"]
        lines += ["  " + " | ".join(f"{name} {record[name]}" for name in COLUMNS) for record in self.records]
        return "\n".join(lines)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, object]:
        return {
            "text/plain": repr(self),
            "text/html": _table(self.theorem, self.records),
            RECORD: {"theorem": self.theorem, "checks": self.records},
        }


def anchor(theorem: str) -> str:
    """The id of a verification's table on its page."""
    return "verify-" + re.sub("[^a-z0-9]+", "-", theorem.lower()).strip("-")


def _links(claims: str) -> str:
    return " ".join(f'<a href="claims.html#claim-{html.escape(c)}">{html.escape(c)}</a>' for c in claims.split())


def _table(caption: str, records: list[dict[str, str]]) -> str:
    """Two rows a check, one of words and one of numbers, so that it fits a phone."""
    text = html.escape
    head = "".join(f'<th scope="col">{name}</th>' for name in NUMBERS)
    bodies = "".join(
        f'<tbody><tr><th scope="rowgroup" colspan="{len(NUMBERS)}">'
        f'<span class="claims">{_links(record["claim"])}</span>{text(record["quantity"])}</th></tr>'
        "<tr>" + "".join(f'<td class="{name}">{text(record[name])}</td>' for name in NUMBERS) + "</tr></tbody>"
        for record in records
    )
    return (
        f'<div class="verification" id="{anchor(caption)}" tabindex="0" role="region" '
        f'aria-label="Verification: {text(caption)}"><table>'
        f"<caption>{text(caption)}</caption><thead><tr>{head}</tr></thead>{bodies}</table></div>"
    )


def verify(theorem: str, *checks: Check) -> Verification:
    """Pass judgement on a theorem; leave the result as a cell's last expression to show its table.

    Args:
        theorem: its name, the table's caption.
        checks: at least one `Check`.

    Raises:
        VerificationError: where a measurement misses or a control does not; the text is the table.
        ValueError: without a check.
    """
    if not checks:
        raise ValueError("verify needs at least one check")
    verification = Verification(theorem, checks)
    if not all(check.verdict == "holds" for check in checks):
        raise VerificationError(str(verification))
    return verification
