"""What a Newton-Schulz iteration makes of singular values, proved in interval arithmetic.

A step takes every singular value s to p(s) = a s + b s^3 + c s^5. It takes an interval to that between the least and
the largest of p at its ends and at the critical points within, where a + 3 b s^2 + 5 c s^4 = 0; steps do so in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from flint import arb, ctx, fmpq

from ibnotes.problems.errors import NotConverged
from ibnotes.problems.rational import as_fraction
from ibnotes.problems.validation import as_floats, check_count, check_scale
from ibnotes.theory.proofs import Proof

TORCH = (3.4445, -4.775, 2.0315)  # of torch.optim.Muon
BITS, ACCURATE, LARGE = 512, 2.0**-64, arb(2) ** 1000


def newton_schulz_range(least: float, steps: int = 5, coefficients: Sequence[float] = TORCH) -> Proof:
    """The interval onto which Newton-Schulz steps map the singular values in ``[least, 1]``, in exact arithmetic.

    torch's Muon divides a matrix by its Frobenius norm first, which leaves no singular value above 1; it then computes
    in bfloat16, whose rounding comes on top.

    Args:
        least: above 0, at most 1.
        steps: number of steps.
        coefficients: a, b and c of ``a s + b s^3 + c s^5``; by default those of ``torch.optim.Muon``.

    Returns:
        Proof, whose ``lower`` and ``upper`` enclose the interval and come within 2^-64 of its ends.

    Raises:
        ValueError: on bad input.
        NotConverged: where values leave the range of floats, or 512 bits cannot follow them.

    Source: Jordan et al. 2024 for the iteration and its coefficients; the interval is ours.

    Example:
        >>> proof = ib.newton_schulz_range(0.05)
        >>> round(float(proof.lower), 4), round(float(proof.upper), 4)
        (0.6818, 1.1344)
    """
    check_scale("least", least)
    if least > 1:
        raise ValueError(f"least must be at most 1, found {least!r}")
    check_count("steps", steps)
    given = as_floats("coefficients", coefficients, 1).tolist()
    if len(given) != 3:
        raise ValueError(f"coefficients must be the three of s, s^3 and s^5, found {len(given)}")
    p = [_rational(x) for x in given]
    with ctx.workprec(BITS):
        low, high = arb(_rational(least)), arb(1)
        for _ in range(steps):
            low, high = _image(p, low, high)
        if not all((0 in end or 1 / LARGE < abs(end) < LARGE) and end.rad() <= ACCURATE for end in (low, high)):
            raise NotConverged(
                f"{steps} steps with coefficients {given} take singular values beyond what can be followed"
            )
        lower, upper = as_fraction(low.lower().fmpq()), as_fraction(high.upper().fmpq())
    statement = (
        f"{steps} steps of s → {_polynomial(given)} map [{least:g}, 1] onto [{float(lower):.6f}, {float(upper):.6f}] "
        "to six digits, in exact arithmetic"
    )
    return Proof(statement, lower, upper, (), ())


def _image(p: list[fmpq], low: arb, high: arb) -> tuple[arb, arb]:
    """Balls around the ends of the image of an interval under the polynomial."""
    a, b, c = p
    # a critical point that may lie in or out is so near to an end that both say the same
    points = [low, high, *(s for s in _critical(p) if not (s < low or s > high))]
    values = [s * (a + s**2 * (b + c * s**2)) for s in points]
    return reduce(arb.min, values), reduce(arb.max, values)


def _critical(p: list[fmpq]) -> list[arb]:
    """The s > 0 with ``a + 3 b s^2 + 5 c s^4 = 0``."""
    a, b, c = p
    if c == 0:
        squares = [-a / (3 * b)] if b != 0 else []
    else:
        discriminant = 9 * b**2 - 20 * a * c
        root = arb(discriminant).sqrt() if discriminant >= 0 else None
        squares = [] if root is None else [(-3 * b + sign * root) / (10 * c) for sign in (-1, 1)]
    return [arb(square).sqrt() for square in squares if square > 0]


def _rational(x: float) -> fmpq:
    return fmpq(*float(x).as_integer_ratio())


def _polynomial(coefficients: list[float]) -> str:
    """Such as 2 s − 1.5 s³ + 0.5 s⁵."""
    words = " ".join(
        f"{'−' if x < 0 else '+'} {abs(x):g} {s}" for x, s in zip(coefficients, ("s", "s³", "s⁵"), strict=True)
    )
    return words.removeprefix("+ ")
