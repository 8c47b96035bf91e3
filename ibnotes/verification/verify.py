"""The judgement on a theorem: its checks in a table, and their records in the cell's output."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

from ibnotes.problems.equality import by_value
from ibnotes.problems.plain import printable
from ibnotes.verification.check import CLEARLY, COLUMNS, Check
from ibnotes.verification.table import proved, table

RECORD = "application/vnd.ibnotes.verification+json"


class LooseTolerance(UserWarning):
    """Hardly any of a tolerance is used, and no reason is given."""


class VerificationError(AssertionError):
    """A measurement missed its prediction, or a control did not.

    Example:
        >>> same = ib.Check("I1", "pi", 22 / 7, np.pi, 2e-3, control=22 / 7, broken="nothing at all")
        >>> try:
        ...     ib.verify("Archimedes", same)
        ... except ib.VerificationError as error:
        ...     print("PROVES NOTHING" in str(error))
        True
    """

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: which rows failed and what that says. Where, is in `traceback.print_last()`."""
        return [*str(self).splitlines(), "", "where in the code: import traceback; traceback.print_last()"]


@by_value
@dataclass(frozen=True)
class Verification:
    """The checks of one theorem, shown as a table and kept as a record in the cell's output.

    Example:
        >>> check = ib.Check("I1", "pi", 22 / 7, np.pi, 2e-3, control=3.0, broken="an older value")
        >>> [record["verdict"] for record in ib.verify("Archimedes", check).records]
        ['holds']
    """

    theorem: str
    checks: tuple[Check, ...]

    @property
    def records(self) -> list[dict]:
        return [check.record() for check in self.checks]

    def __repr__(self) -> str:
        lines = [self.theorem]
        for record in self.records:
            lines.append("  " + " | ".join([*(f"{name} {record[name]}" for name in COLUMNS), *proved(record)]))
        return printable("\n".join(lines))

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, object]:
        return {
            "text/plain": repr(self),
            "text/html": table(self.theorem, self.checks),
            RECORD: {"theorem": self.theorem, "checks": self.records},
        }


def _said(check: Check) -> str:
    """What a row that does not hold says, in words."""
    if not check.holds:
        off = check.worst.deviation / check.tolerance
        return f"✗ {check.quantity}: off by {off:.2g} tolerances: theory, run and tolerance do not fit together"
    if not check.could_fail:
        near = check.nearest.deviation / check.tolerance
        return (
            f"✗ {check.quantity}: it holds, and all but holds without the hypothesis too ({check.broken}): the control "
            f"is {near:.2g} tolerances off; from {CLEARLY} on the row would show that the hypothesis matters"
        )
    return f"✓ {check.quantity}"


def verify(theorem: str, *checks: Check) -> Verification:
    """Pass judgement on a theorem; leave the result as a cell's last expression to show its table.

    Args:
        theorem: its name, the table's caption.
        checks: at least one `Check`.

    Raises:
        VerificationError: where a measurement misses or a control does not; the text is the table.
        ValueError: without a check.

    Example:
        >>> check = ib.Check("I1", "pi", 22 / 7, np.pi, 2e-3, control=3.0, broken="an older value")
        >>> ib.verify("Archimedes", check).checks[0].verdict
        'holds'
    """
    if not checks:
        raise ValueError("verify needs at least one check")
    verification = Verification(theorem, checks)
    if not all(check.verdict == "holds" for check in checks):
        raise VerificationError(printable("\n".join([str(verification), "", *map(_said, checks)]).rstrip()))
    for check in checks:
        if check.loose:
            message = f"{theorem}, {check.quantity}: tighten the tolerance, or say why it is so wide (slack=...)"
            warnings.warn(message, LooseTolerance, stacklevel=2)
    return verification
