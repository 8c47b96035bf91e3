"""What a proof in exact arithmetic consists of. ``certify`` and ``newton_schulz_range`` make it."""

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Proof:
    """What was proved.

    Attributes:
        statement: in words.
        lower: exact lower bound on the minimum of ``||w||``, for norm 2 of ``||w||^2``; 0 for inseparable points; for a
            range, on its values.
        upper: exact upper bound, equal to it where the minimum is known exactly.
        w: the exact minimizer, for matrices a completion below the upper bound; empty for inseparable points, ranges.
        dual: its multipliers, for matrices the dual that gives the lower bound; for inseparable points the
            combination that is zero; empty for ranges.

    Example:
        >>> proof = ib.certify(ib.max_margin([[3, 0], [0, 1]], [1, 1]))
        >>> proof.statement, proof.lower == proof.upper
        ('the least ‖w‖₂² is 10/9, in exact arithmetic', True)
    """

    statement: str
    lower: Fraction
    upper: Fraction
    w: tuple[Fraction, ...] = field(repr=False)
    dual: tuple[Fraction, ...] = field(repr=False)
