"""Proofs in exact arithmetic of what the oracles answer in floats.

Every float is a rational number, so the data are exact. What is sought again here, over the rationals, is checked line
by line below: feasibility, the multipliers' signs, and that primal and dual values agree.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
from flint import fmpq, fmpq_mat

from ibnotes.problems.errors import NotConverged, NotSeparable
from ibnotes.problems.instances import intercept_column
from ibnotes.problems.rational import as_fraction, as_rational
from ibnotes.problems.separability import combine_to_zero
from ibnotes.theory.exact import least_norm
from ibnotes.theory.interpolation import Interpolant
from ibnotes.theory.max_margin import MaxMargin
from ibnotes.theory.nuclear import NuclearMinimizer
from ibnotes.theory.proofs import Proof
from ibnotes.theory.semidefinite import PAD, identity, is_contraction, nuclear_norm_is_at_most, simplified

AGREES = 1e-8  # relative distance of the float answer's norm from the exact one
ENTRIES_MAX, ORDER_MAX = 100_000, 400  # of data, and m + n of a matrix, that exact arithmetic is asked to take
MINIMIZED = {1: "‖w‖₁", 2: "‖w‖₂²", np.inf: "‖w‖∞"}
DENOMINATORS = (1, 2, 3, 4, 6, 8, 12, 16, 24)  # of duals and factors that may be meant exactly


def certify(answer: MaxMargin | Interpolant | NuclearMinimizer | NotSeparable) -> Proof:
    """A proof in exact arithmetic of an oracle's answer, or of the error that says that there is none.

    In rationals; for matrices in balls (Arb) too, and where no simple fractions are the minimizer, what is proved is an
    interval, from ``lower`` to ``upper``.

    Args:
        answer: of ``max_margin``, ``min_norm_interpolant`` or ``min_nuclear_norm``, or a caught ``NotSeparable``.

    Raises:
        ValueError: where ``answer`` is none of these, or was made by hand and does not know its problem.
        NotConverged: where the problem is too large or too degenerate for rational arithmetic (it says which), or the
            answer does not agree with what is proved.

    Source: duality for convex programs, Boyd & Vandenberghe 2004, chapter 5; Gordan 1873.

    Example:
        >>> ib.certify(ib.max_margin([[3, 0], [0, 1]], [1, 1])).upper  # ||w||^2
        Fraction(10, 9)
    """
    if isinstance(answer, NotSeparable) and answer.points is not None:
        return _inseparable(answer)
    if not isinstance(answer, MaxMargin | Interpolant | NuclearMinimizer) or answer.problem is None:
        raise ValueError(f"answer must come from an oracle, and know its problem, found {answer!r}")
    if isinstance(answer, NuclearMinimizer):
        return _completion(answer)
    equality = isinstance(answer, Interpolant)
    A, b = (answer.problem.X, answer.problem.y) if equality else (answer.problem.Z, np.ones(len(answer.problem.y)))
    if A.size > ENTRIES_MAX:
        raise NotConverged(f"{A.size} entries of data are too many for rational arithmetic, {ENTRIES_MAX} are taken")
    F = np.empty((len(b), 0)) if equality else intercept_column(answer.problem, answer.intercept is not None)
    w, c, dual = least_norm(A, b, answer.norm, equality, F)
    value = _proved_value(*(as_rational(M) for M in (A, b, F)), w, c, dual, answer.norm, equality)
    size = float(np.sqrt(float(value)) if answer.norm == 2 else value)
    if abs(np.linalg.norm(answer.w, answer.norm) - size) > AGREES * size:
        raise NotConverged(f"the answer has norm {np.linalg.norm(answer.w, answer.norm)!r}, the least norm is {size!r}")
    return Proof(
        f"the least {MINIMIZED[answer.norm]} is {_words(value)}, in exact arithmetic",
        value,
        value,
        _entries(w),
        _entries(dual),
    )


def _proved_value(
    A: fmpq_mat, b: fmpq_mat, F: fmpq_mat, w: fmpq_mat, c: fmpq_mat, dual: fmpq_mat, norm: float, equality: bool
) -> Fraction:
    """The norm of w (norm 2: its square), after a look at every condition of optimality."""
    slack, pull = (A * w + F * c - b).entries(), (A.transpose() * dual).entries()
    size, weight = [abs(x) for x in w.entries()], [abs(x) for x in pull]
    feasible = all(x == 0 if equality else x >= 0 for x in slack)
    signs = equality or all(x >= 0 for x in dual.entries())
    balanced = not any((F.transpose() * dual).entries())
    if norm == 2:
        value, bound = sum((x * x for x in size), fmpq(0)), pull == w.entries()
    elif norm == 1:
        value, bound = sum(size, fmpq(0)), max(weight) <= 1
    else:
        value, bound = max(size), sum(weight, fmpq(0)) <= 1
    if not (feasible and signs and balanced and bound and (b.transpose() * dual)[0, 0] == value):
        raise NotConverged("the exact answer fails its own check")
    return as_fraction(value)


def _inseparable(error: NotSeparable) -> Proof:
    p = combine_to_zero(error.points, error.certificate)
    if p is None:
        raise NotConverged("the certificate holds up to rounding only, or is too large for rational arithmetic")
    dual = fmpq_mat(len(p), 1, p)
    if not (all(x >= 0 for x in p) and any(x > 0 for x in p)) or any(
        (as_rational(error.points).transpose() * dual).entries()
    ):
        raise NotConverged("the exact certificate fails its own check")
    return Proof(
        "no hyperplane separates the points, in exact arithmetic", Fraction(0), Fraction(0), (), _entries(dual)
    )


def _completion(answer: NuclearMinimizer) -> Proof:
    if sum(answer.W.shape) > ORDER_MAX:
        raise NotConverged(f"matrices with m + n above {ORDER_MAX} are too large for exact arithmetic")
    lower, dual = _bound_from_below(answer)
    upper, W = _bound_from_above(answer)
    if float(upper - lower) > (2 * answer.gap + AGREES) * float(upper):
        raise NotConverged(
            f"the answer claims a gap of {answer.gap:.1e}, and {float((upper - lower) / upper):.1e} is proved"
        )
    found = _words(lower)
    if lower < upper:  # how far from each other is the solver's affair, and differs between machines
        found = f"{found if len(found) < 25 else f'≈{float(lower):.8g}'} up to ≈{float(upper - lower):.0e}"
    statement = f"the least nuclear norm is {found}, in exact arithmetic"
    return Proof(statement, lower, upper, _entries(W), _entries(dual))


def _bound_from_below(answer: NuclearMinimizer) -> tuple[Fraction, fmpq_mat]:
    """``<Y, M>`` for a Y of spectral norm at most one: simple fractions near the dual, or the dual a little shrunk."""
    M = as_rational(answer.problem.observed)
    shrunk = as_rational(answer.dual) * (1 - PAD)
    for Y in (*(simplified(answer.dual, k) for k in DENOMINATORS), shrunk):
        value = sum((x * y for x, y in zip(Y.entries(), M.entries(), strict=True)), fmpq(0))
        close = abs(float(as_fraction(value)) - np.sum(answer.dual * answer.problem.observed))
        if close <= (AGREES + answer.gap) * np.linalg.norm(answer.W, "nuc") and is_contraction(Y):
            return as_fraction(value), Y
    raise NotConverged("no rational dual of spectral norm at most 1 was found near the answer's")


def _bound_from_above(answer: NuclearMinimizer) -> tuple[Fraction, fmpq_mat]:
    """``(tr P + tr Q) / 2`` for a completion W, P near ``(WW')^(1/2)`` and Q near ``(W'W)^(1/2)``."""
    U, sigma, Vh = np.linalg.svd(answer.W, full_matrices=False)
    P, Q, mask = (U * sigma) @ U.T, (Vh.T * sigma) @ Vh, answer.problem.mask
    simple = [tuple(simplified(A, k) for A in (answer.W, P, Q)) for k in DENOMINATORS]
    pad = PAD * fmpq(*float(sigma[0]).as_integer_ratio())
    symmetric = (P + P.T) / 2, (Q + Q.T) / 2
    near = tuple(as_rational(A) + pad * identity(len(A)) for A in symmetric)
    for W, P, Q in (*simple, (as_rational(answer.W), *near)):
        fits = all(
            W[i, j] == fmpq(*answer.problem.M[i, j].as_integer_ratio())
            for i, j in product(*map(range, mask.shape))
            if mask[i, j]
        )
        trace = as_fraction(sum((A[i, i] for A in (P, Q) for i in range(A.nrows())), fmpq(0)) / 2)
        close = float(trace) <= (1 + AGREES + answer.gap) * sigma.sum()
        if fits and close and nuclear_norm_is_at_most(W, P, Q):
            return trace, W
    raise NotConverged("no rational factors were found near the answer's")


def _words(value: Fraction) -> str:
    """The value, or as many of its digits as do not depend on the last bits of data that a machine computed."""
    return str(value) if len(str(value)) < 25 else f"a fraction near {float(value):.8g}"


def _entries(Q: fmpq_mat) -> tuple[Fraction, ...]:
    return tuple(as_fraction(x) for x in Q.entries())
